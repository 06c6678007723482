"""Alerts of a server that is killed repeatedly with `kill -9` while alerts begin and end."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.dashboard import Process, process
from support.floors import SPAN, alert_file, send
from support.hooks import Hook, hook
from support.programs import SERVERS
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.long

__all__ = ["hook"]

SEED = int(os.environ.get("KILLS_SEED", "1"))
KILLING_S = 60
LEAST_KILLS = 5  # on a slow machine
LONGEST_LIFE_S = 1.5  # of a connected server
EVERY_S = 0.02  # between two messages


def kills(server: Process, source: Stream, chance: random.Random) -> Iterator[None]:
    """Send random nets, and kill the server repeatedly at random moments."""
    end = time.monotonic() + KILLING_S
    while time.monotonic() < end:
        if not server.running:
            server.launch()
        if chance.random() < 0.8:  # otherwise it may be killed during its start
            until(lambda: source.clients, 30, "the server is connected")
        dies_at = time.monotonic() + chance.uniform(0, LONGEST_LIFE_S)
        while time.monotonic() < dies_at:
            send(source, chance.randrange(SPAN))
            time.sleep(EVERY_S)  # the rate of the source, not a wait for a condition
        server.stop(signal.SIGKILL)
        until(lambda: not source.clients, 10, "its connection is closed")
        yield


def stored(file: Path) -> list[tuple[str, bool]]:
    """Return the number of each event that had to be sent, and whether it was."""
    query = "SELECT event, result = 'delivered' FROM deliveries ORDER BY at"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [(event, bool(done)) for event, done in connection.execute(query)]


def test_killed_while_alerts_begin_and_end(
    free_port: int, source: Stream, hook: Hook, tmp_path: Path
) -> None:
    """No event is lost, and only those in delivery at a kill are repeated.

    A repeated event has the same number. The begin and end of each rule alternate.
    """
    file, chance = tmp_path / "history.db", random.Random(SEED)  # noqa: S311 (nothing secret)
    alerts = tmp_path / "alerts.toml"
    alerts.write_text(alert_file(hook.url))
    configured = ["--ws-url", source.url, "--db", str(file), "--alerts", str(alerts)]
    script = SERVERS / "quick_alerts.py"
    send(source, SPAN)
    with process(free_port, *configured, script=script) as server:
        count = sum(1 for _ in kills(server, source, chance))
        server.start()
        until(lambda: source.clients)
        send(source, SPAN)
        until(lambda: server.get("/api/alerts")["alerts"] == [], what="all alerts have ended")
        until(lambda: all(done for _, done in stored(file)), 30, "everything is sent")
        server.stop()

    assert count >= LEAST_KILLS
    assert len(stored(file)) > 10 * count  # most kills were during events
    received = {number for _, number in hook.events}
    assert received == {number for number, _ in stored(file)}
    assert repetitions(hook) <= count
    assert all(alternate(kinds) for kinds in kinds_by_rule(hook).values())


def repetitions(hook: Hook) -> int:
    """Return the number of messages with an event that was sent before."""
    known: set[str] = set()
    count = 0
    for message in hook.messages:
        events = {event["id"] for event in message["events"]}
        count += not events.isdisjoint(known)
        known |= events
    return count


def kinds_by_rule(hook: Hook) -> dict[str, list[str]]:
    """Return the kinds of each rule's events in order of time, each event once."""
    events = {each["id"]: each for message in hook.messages for each in message["events"]}
    found: dict[str, list[str]] = {}
    for event in sorted(events.values(), key=lambda each: str(each["at"])):
        found.setdefault(event["rule"], []).append(event["kind"])
    return found


def alternate(kinds: list[str]) -> bool:
    """Return whether begin and end alternate, from a begin to an end."""
    return kinds == ["began", "over"] * (len(kinds) // 2)
