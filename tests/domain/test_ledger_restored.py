"""A ledger that starts from a restored state."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from support import guide

ALONE: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}


def test_first_update_after_a_restart() -> None:
    """An older message is out of order after a restored state; a newer one keeps its sections."""
    before = Ledger(Calendar(UTC))
    assert before.receive(guide.text(timestamp="2026-02-25T10:00:00Z")).accepted
    assert before.snapshot
    after = Ledger(Calendar(UTC), snapshot=before.snapshot)

    assert not after.receive(guide.text(timestamp="2026-02-24T10:00:00Z", revenue=1), BACK).accepted
    assert after.snapshot == before.snapshot
    assert after.tally.out_of_order == 1

    newer = guide.text(timestamp="2026-02-25T10:00:01Z", revenue=1, **ALONE)
    assert after.receive(newer, BACK).accepted
    assert (after.snapshot.revenue, after.snapshot.trend) == (Decimal(1), before.snapshot.trend)
    assert after.snapshot.agents == before.snapshot.agents


BACK = datetime(2026, 2, 25, 10, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "accepted"),
    [
        ("2026-02-25T10:00:02Z", True),
        ("2026-02-25T09:59:02Z", True),  # late, as messages may be
        ("2026-02-25T10:00:08Z", False),  # still ahead
        ("2026-02-25T08:00:00Z", False),  # as far from our clock as the restored state
        ("2026-02-24T10:00:02Z", False),
    ],
)
def test_clock_put_right_while_we_were_away(stamp: str, accepted: bool) -> None:  # noqa: FBT001
    """A restored state an hour ahead of our clock is replaced by a time nearer to it."""
    before = Ledger(Calendar(UTC))
    assert before.receive(guide.text(timestamp="2026-02-25T11:00:02Z")).accepted
    after = Ledger(Calendar(UTC), snapshot=before.snapshot)

    for second in range(4):
        later = timedelta(seconds=second)
        text = guide.text(timestamp=(datetime.fromisoformat(stamp) + later).isoformat())
        last = after.receive(text, BACK + later).accepted

    assert last is accepted
