"""A dashboard restarted on its history: what it shows and what it refuses."""

import signal
import urllib.request
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from northstar.domain.messages import decode
from support import guide, today
from support.dashboard import Process, process
from support.feeding import feed, kept
from support.sources import stream
from support.states import ZONE
from support.waiting import SLOWNESS, until


@pytest.mark.long
def test_restarted_without_its_source(database: str, free_port: int) -> None:
    """Killed and restarted without its source, it shows the last state and its age."""
    message = today.now()
    with (
        stream() as source,
        process(free_port, "--ws-url", source.url, "--db", database) as server,
    ):
        source.send(message)
        until(lambda: kept(database))
        before = server.get("/api/pnl")
        server.stop(signal.SIGKILL)

    arguments = ("--ws-url", source.url, "--stale-after", "1")
    with process(free_port, *arguments, "--db", database) as server:
        assert server.get("/api/pnl") == before
        assert len(before["trendsData"]) == 30
        assert feed(server)["state"] in {"connecting", "reconnecting", "stale", "offline"}
        until(lambda: feed(server)["state"] == "offline")
        sent_at = decode(message, ZONE).timestamp
        age_s = (datetime.now(UTC) - sent_at).total_seconds()
        assert abs(feed(server)["age_s"] - age_s) < 2
        page = html(server)
        assert "$125,450.00" in page
        assert "last data" in page
        assert ">Offline<" in page
        assert 'class="live"' not in page


def test_old_message_after_a_restart(database: str, free_port: int) -> None:
    """After a restart, a message of a restated closed day is out of order and changes nothing."""
    now = datetime.now(UTC)
    yesterday = datetime.combine(now.date(), time(), UTC) - timedelta(seconds=1)
    noon = yesterday.replace(hour=12)
    alone: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}
    restated = {"date": yesterday.date().isoformat(), "revenue": 700, "expenses": 100}

    def message(at: datetime, **fields: Any) -> str:
        return guide.text(timestamp=at.isoformat(), **{**alone, **fields})

    with stream() as source:
        arguments = ("--ws-url", source.url, "--db", database)
        with process(free_port, *arguments) as server:
            source.send(message(yesterday, revenue=500, expenses=100))
            until(lambda: server.get("/api/feed")["tally"]["accepted"] == 1)
            source.send(message(now, revenue=9, expenses=1, trendsData=[restated]))
            until(lambda: len(server.get("/api/days")) == 2)
            days, state = server.get("/api/days"), server.get("/api/pnl")
            server.stop()
        source.send(message(noon, revenue=1, expenses=1))
        with process(free_port, *arguments) as server:
            until(lambda: server.get("/api/feed")["tally"]["out_of_order"] == 1)
            source.send(message(datetime.now(UTC), revenue=9, expenses=1))
            until(lambda: server.get("/api/feed")["tally"]["accepted"] == 1)

            assert server.get("/api/pnl")["revenue"] == state["revenue"] == 9
            assert server.get("/api/days")[0] == days[0]
            assert (days[0]["net"], days[0]["closed"]["net"]) == (600, 400)


def html(server: Process) -> str:
    """Return the page as sent."""
    with urllib.request.urlopen(server.url, timeout=5 * SLOWNESS) as response:  # noqa: S310
        return str(response.read().decode())
