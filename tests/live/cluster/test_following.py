"""Followers: what an instance knows before its first viewer, and what it receives."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from websockets.sync.client import connect

from northstar.coordination.truths import NEVER
from northstar.errors import ConfigurationError, StoreError
from northstar.history.database import DatabaseUrl
from northstar.live.cluster import following
from northstar.live.cluster.pipeline import Clustered
from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.wiring import create_pipeline
from support import guide
from support.databases import Postgres, empty_database
from support.inprocess import next_frame, running
from support.pipelines import running as run
from support.programs import unused_port
from support.sources import stream
from support.waiting import eventually


def instance(settings: Settings) -> Clustered:
    """Return the pipeline of an instance."""
    pipeline = create_pipeline(settings)
    assert isinstance(pipeline, Clustered)
    return pipeline


async def test_first_frame(postgres: Postgres) -> None:
    """The first viewer of a new instance gets the numbers that the others show."""
    with stream() as source, empty_database(postgres) as db:
        settings = Settings(
            ws_url=source.url, db=db, cluster=True, port=unused_port(), stale_after=60
        )
        leader = instance(settings)
        async with run(leader):
            await eventually(lambda: leader.leading)
            source.send(guide.text(timestamp=datetime.now(UTC).isoformat()))
            await eventually(lambda: leader.shown.snapshot)
            frame = await asyncio.to_thread(first_frame, settings)
        leader.history.store.close()

    assert frame["truth"]
    assert frame["feed"]["age_s"] is not None


def first_frame(settings: Settings) -> dict[str, Any]:
    """Start an instance and return the first frame of its first viewer."""
    with (
        running(create_server(settings)) as address,
        connect(f"ws://{address}/view-stream") as viewer,
    ):
        return next_frame(viewer)


async def test_other_settings(postgres: Postgres) -> None:
    """An instance with another time zone is refused with the reason while one leads."""
    with stream() as source, empty_database(postgres) as db:
        settings = Settings(ws_url=source.url, db=db, cluster=True, port=unused_port())
        other = settings.model_copy(update={"timezone": ZoneInfo("Asia/Tokyo")})
        leader = instance(settings)
        async with run(leader):
            await eventually(lambda: leader.replica.version > NEVER)
            with pytest.raises(ConfigurationError, match="NORTHSTAR_TIMEZONE is 'Asia/Tokyo' here"):
                await asyncio.to_thread(create_pipeline, other)
        leader.history.store.close()


async def test_database_without_notifications(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The loss of notifications is logged once, and so is their return."""
    caplog.set_level("INFO")
    monkeypatch.setattr(following, "READ_EVERY_S", 0)
    tries = 0

    async def listen(_: DatabaseUrl, __: object, began: Callable[[], None]) -> None:
        nonlocal tries
        tries += 1
        if tries > 3:
            began()
            await asyncio.Event().wait()
        raise StoreError("the database is starting up")

    monkeypatch.setattr(following, "listen", listen)
    with empty_database(postgres) as db:
        pipeline = instance(Settings(ws_url="ws://127.0.0.1:9/", db=db, cluster=True))
        listening = asyncio.create_task(pipeline.following.listen())
        await eventually(lambda: tries > 3)
        listening.cancel()
        await asyncio.wait([listening])
        pipeline.history.store.close()

    ours = [each.message for each in caplog.records if "notifications" in each.message]
    assert ours == [
        "no notifications from the database: the database is starting up",
        "notifications from the database again",
    ]
