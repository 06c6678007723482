"""Alerts in a cluster: one instance evaluates them, all show them, and any accepts changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock

import pytest
from sqlalchemy import text

from northstar.domain.notes import Author
from northstar.errors import Refused
from northstar.history.audit import Change
from northstar.history.requests import Requests
from northstar.live.cluster import alerts as followed
from northstar.live.cluster.pipeline import Clustered
from northstar.settings.table import Settings
from northstar.web.auth.sessions import Sessions
from northstar.wiring import create_pipeline
from support import guide
from support.databases import Postgres, empty_database
from support.pipelines import running
from support.programs import unused_port
from support.sources import Stream, stream
from support.waiting import eventually

RULES = """
[rules.floor]
kind = "net_below"
limit = 0
severity = "critical"
"""
ANN = Author("ann", "password")


def instance(db: str, source: Stream, folder: Path) -> Clustered:
    """Return an instance with one rule."""
    file = folder / "alerts.toml"
    file.write_text(RULES)
    settings = Settings(
        ws_url=source.url, db=db, cluster=True, alerts=file, port=unused_port(), stale_after=60
    )
    pipeline = create_pipeline(settings)
    assert isinstance(pipeline, Clustered)
    return pipeline


def now() -> Change:
    """Return a change by a user at the current time."""
    return Change(ANN, "127.0.0.1", datetime.now(UTC))


def has_alerts(pipeline: Clustered) -> bool:
    """Return whether an instance shows an alert."""
    return bool(pipeline.alerts and pipeline.alerts.alert_status.open)


@asynccontextmanager
async def two(postgres: Postgres, folder: Path) -> AsyncIterator[tuple[Clustered, Clustered]]:
    """Run a leader and a follower that both show an alert."""
    async with AsyncExitStack() as stack:
        source = stack.enter_context(stream())
        db = stack.enter_context(empty_database(postgres))
        leader = instance(db, source, folder)
        stack.callback(leader.history.store.close)
        await stack.enter_async_context(running(leader))
        await eventually(lambda: leader.leading)
        follower = instance(db, source, folder)
        stack.callback(follower.history.store.close)
        await stack.enter_async_context(running(follower))
        source.send(guide.text(revenue=-5, timestamp=datetime.now(UTC).isoformat()))
        for each in (leader, follower):
            await eventually(partial(has_alerts, each))
        yield leader, follower


async def test_asked_of_a_follower(postgres: Postgres, tmp_path: Path) -> None:
    """An alert acknowledged and silenced on one instance is so on all, and audited once."""
    async with two(postgres, tmp_path) as (leader, follower):
        assert follower.alerts
        assert leader.alerts
        assert follower.evaluated is None
        [alert] = follower.alerts.alert_status.open
        assert alert.value == leader.alerts.alert_status.open[0].value

        await follower.alerts.acknowledge(alert, "on it", now())

        [seen] = follower.alerts.alert_status.open
        assert seen.acknowledged is not None
        assert (seen.acknowledged.who, seen.acknowledged.note) == ("ann", "on it")
        until = datetime.now(UTC) + timedelta(hours=1)
        await follower.alerts.silence(alert, until, "lunch", now())
        assert leader.alerts.alert_status.lasting(datetime.now(UTC))
        requests = Requests(leader.history.store.engine, Lock())
        await eventually(lambda: not requests.waiting())
        with leader.history.store.engine.connect() as connection:
            audit = connection.execute(text("SELECT action FROM audit ORDER BY number")).all()
        assert [action.split(" until")[0] for (action,) in audit] == [
            "alert acknowledged",
            "alert silenced",
        ]


async def test_leader_that_does_not_answer(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is not answered in time is refused with the reason."""
    monkeypatch.setattr(followed, "ANSWER_S", 0.2)
    async with two(postgres, tmp_path) as (leader, follower):
        await follower.hand_over()
        await leader.hand_over()
        assert follower.alerts
        [alert] = follower.alerts.alert_status.open
        with pytest.raises(Refused, match="has not answered yet"):
            await asyncio.wait_for(follower.alerts.acknowledge(alert, "", now()), timeout=60)


async def test_session_that_ends(postgres: Postgres, tmp_path: Path) -> None:
    """A sign-out on one instance reaches the others, without the cookie itself."""
    async with two(postgres, tmp_path) as (leader, follower):
        sessions = Sessions()
        sessions.ended.subscribe(leader.announce_end)
        elsewhere = Sessions()
        follower.session_ended.subscribe(elsewhere.end_here)
        heard: list[str] = []
        follower.session_ended.subscribe(heard.append)

        sessions.end("a cookie")

        await eventually(lambda: elsewhere.has_ended("a cookie"))
        assert not elsewhere.has_ended("another cookie")
        assert "cookie" not in heard[0]


async def test_notes(postgres: Postgres, tmp_path: Path) -> None:
    """A note written on one instance appears on the pages of the others."""
    async with two(postgres, tmp_path) as (leader, follower):
        day = datetime.now(UTC).date()
        await asyncio.to_thread(leader.history.notebook.write, day, None, "Fees halved", now())
        leader.history.notebook.publish()
        await eventually(lambda: follower.history.notebook.newest)
        assert [note.text for note in follower.history.notebook.newest] == ["Fees halved"]


async def test_request_of_another_version(
    postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An unreadable request is logged and dropped, and does not block others."""
    async with two(postgres, tmp_path) as (leader, follower):
        store = leader.history.store
        await asyncio.to_thread(Requests(store.engine, Lock()).add, '{"of": "another version"}')
        assert follower.alerts
        [alert] = follower.alerts.alert_status.open
        await follower.alerts.acknowledge(alert, "", now())
    assert "another version" in caplog.text


async def test_clock_of_a_follower(postgres: Postgres, tmp_path: Path) -> None:
    """An instance uses the database's clock instead of its own."""
    async with two(postgres, tmp_path) as (_, follower):
        now = datetime.now(UTC)
        follower.clock.note(now + timedelta(hours=1), now)
        assert follower.history.now() > now + timedelta(minutes=59)
        await eventually(lambda: follower.history.now() < now + timedelta(minutes=1))


async def test_only_the_leader_leads(postgres: Postgres, tmp_path: Path) -> None:
    """Tasks such as the alive signal run on the leader only."""
    async with two(postgres, tmp_path) as (leader, follower):
        assert (leader.leads, follower.leads) == (True, False)
