"""Stored states of a clock that was ahead, at the next start."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from northstar.domain.messages import PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.history.store import Accepted
from northstar.settings.loading import load
from northstar.wiring import create_pipeline
from support.states import opened

URL = "ws://127.0.0.1:9/stream"


@pytest.mark.parametrize(
    ("ahead", "is_shown"),
    [(timedelta(), True), (timedelta(hours=23), True), (timedelta(days=100), False)],
    ids=["now", "another zone", "100 days"],
)
def test_start(tmp_path: Path, ahead: timedelta, is_shown: bool) -> None:  # noqa: FBT001
    """A stored state in the future is not restored, because today's would be out of order."""
    db = str(tmp_path / "history.db")
    settings = load(["--ws-url", URL, "--db", db])
    at = datetime.now(UTC) + ahead
    update = PnLUpdate(timestamp=at, revenue=Decimal(2), expenses=Decimal(1))
    with opened(db) as store:
        store.source = settings.stream_name
        store.write([Accepted(Snapshot(update), at)])

    pipeline = create_pipeline(settings)
    pipeline.history.store.close()

    assert (pipeline.shown.snapshot is not None) is is_shown
