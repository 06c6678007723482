"""Alerts of a server whose clocks run fast or are set while alerts begin and end."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from support.clocks import SetClock, fast_clock
from support.dashboard import Process, process
from support.floors import FLOORS, LIMITS, SPAN, alert_file, send
from support.hooks import Hook, hook
from support.programs import SERVERS
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.long

__all__ = ["hook"]

ATTEMPTS_OF_AN_HOUR = 13  # the last one after at least 5 + 10 + … + 320 + 5 · 600 s
HOUR_MS = 3_600_000
NONE, BACK, FORWARD = timedelta(0), timedelta(hours=-1), timedelta(days=1)
STALE = '[rules.stale]\nkind = "stale"\n'


def configured(folder: Path, source: Stream, hook: Hook, rules: str) -> list[str]:
    """Return the options of a server with these rules."""
    alerts = folder / "alerts.toml"
    alerts.write_text(alert_file(hook.url, rules))
    file = str(folder / "history.db")
    return ["--ws-url", source.url, "--db", file, "--alerts", str(alerts)]


class Sent(NamedTuple):
    """The delivery of an event, with times in ms since 1970.

    It happened at `at` and was delivered at `sent_at`; it is `due` again, or None if not.
    """

    at: int
    due: int | None
    sent_at: int | None
    attempts: int


def sent(folder: Path) -> dict[str, Sent]:
    """Return the delivery of each event that had to be sent, by its number."""
    query = "SELECT event, at, due, sent_at, attempts FROM deliveries"
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        return {event: Sent(*fields) for event, *fields in connection.execute(query)}


def test_receiver_that_refuses_for_an_hour(
    free_port: int, source: Stream, hook: Hook, tmp_path: Path
) -> None:
    """A receiver that refuses for an hour is retried less and less often, and gets one message."""
    hook.status = 503
    send(source, 0)
    options = configured(tmp_path, source, hook, STALE)
    with process(free_port, *options, under=fast_clock(100)) as server:
        until(lambda: hook.attempts == ATTEMPTS_OF_AN_HOUR, 90, "an hour of attempts is over")
        hook.status = 200
        until(lambda: hook.messages, what="the message is delivered")
        server.stop()

    assert [kind for kind, _ in hook.events] == ["began"]
    ((_, event),) = sent(tmp_path).items()
    assert event.due is None
    assert event.attempts > ATTEMPTS_OF_AN_HOUR  # some attempts may have failed earlier
    assert event.sent_at is not None
    assert event.sent_at - event.at > HOUR_MS


def test_clock_that_is_set(free_port: int, source: Stream, hook: Hook, tmp_path: Path) -> None:
    """Although the clock is set back by an hour and forward by a day, each event is sent once."""
    clock = SetClock(tmp_path)
    options = configured(tmp_path, source, hook, FLOORS)
    send(source, SPAN)
    script = SERVERS / "quick_alerts.py"
    with process(free_port, *options, script=script, under=clock.under) as server:
        for offset, net in ((NONE, 70), (BACK, 40), (FORWARD, 20), (BACK, 60), (FORWARD, SPAN)):
            clock.set(offset)
            expect_clock(server, offset)
            expect_alerts(server, source, net)
        until(
            lambda: [each.due for each in sent(tmp_path).values()] == [None] * 16, what="all sent"
        )
        server.stop()

    assert sorted(number for _, number in hook.events) == sorted(sent(tmp_path))
    assert hook.kinds.count("began") == hook.kinds.count("over") == 8


def expect_clock(server: Process, offset: timedelta) -> None:
    """Wait until a server's clock has this offset."""

    def is_set() -> bool:
        if (at := server.get("/api/alerts")["evaluatedAt"]) is None:
            return False
        return abs(datetime.fromisoformat(at) - offset - datetime.now(UTC)) < timedelta(minutes=1)

    until(is_set, what=f"its clock is off by {offset}")


def expect_alerts(server: Process, source: Stream, net: int) -> None:
    """Send a net until exactly the rules with a limit above it fire."""
    expected = {f"floor-{limit}" for limit in LIMITS if net < limit}

    def fires() -> bool:
        send(source, net)
        return {each["rule"] for each in server.get("/api/alerts")["alerts"]} == expected

    until(fires, what=f"the rules above {net} fire")
