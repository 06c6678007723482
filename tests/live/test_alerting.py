"""Alerts of a running pipeline: evaluated, stored, sent and restored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from northstar.alerts.evaluation import Key
from northstar.alerts.states import Remark
from northstar.domain.calendar import Calendar
from northstar.domain.notes import Author
from northstar.errors import StoreError
from northstar.feeds import Source
from northstar.history.audit import Change
from northstar.history.database import open_database, read_url
from northstar.history.outbox import Outbox
from northstar.history.store import Store
from northstar.history.writer import History
from northstar.live import alerting as module
from northstar.live import delivery as delivery_module
from northstar.live.alerts import Alerts
from northstar.live.pipeline import Standalone
from northstar.settings.alert_file import parse_alert_file
from support.empty_history import RETENTION
from support.pipelines import AT, FAST, Clock, HandFeed, running
from support.senders import Sink, compose
from support.waiting import eventually

RULES = """
[receivers.desk]
webhook = "http://127.0.0.1"

[rules.floor]
kind = "net_below"
limit = 0

[rules.offline]
kind = "offline"
"""
FLOOR = Key("floor", "")
ANN = Remark("Ann", AT, "on it")
BY_ANN = Change(Author("Ann", "user"), "203.0.113.9", AT)


@pytest.fixture(autouse=True)
def _shorter_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "GROUP_S", 0.01)
    monkeypatch.setattr(module, "GROUP_S", 0.01)
    monkeypatch.setattr(delivery_module, "LEAST_GAP_S", 0.01)
    monkeypatch.setattr(module, "RETRY_S", 0.01)


class World:
    """A pipeline with alerts on a database file, which can be restarted."""

    def __init__(self, folder: Path, rules: str = RULES, source: Source = Source.LIVE) -> None:
        self.clock = Clock()
        self.sink = Sink()
        self.feed = HandFeed()
        self.feed.source = source
        engine = open_database(read_url(str(folder / "history.db")))
        store = Store(engine, Calendar(UTC))
        history = History(store, RETENTION, self.clock.now)
        parts: dict[str, Any] = {"clock": self.clock.monotonic, "now": self.clock.now}
        self.pipeline = Standalone(self.feed, FAST, history, **parts)
        file = parse_alert_file(rules)
        intake = self.pipeline.intake
        self.alerts = Alerts.of(intake, file, {"desk": self.sink}, compose, UTC)
        self.pipeline.evaluate(self.alerts)
        self.outbox = Outbox(engine, Lock())

    def send(self, net: int, **changes: Any) -> None:
        """Send a message with this net, one second after the previous one."""
        self.clock.passed_s += 1
        at = AT + timedelta(seconds=self.clock.passed_s)
        self.feed.send(timestamp=at.isoformat(), revenue=net + 100, expenses=100, **changes)

    @property
    def firing(self) -> list[Key]:
        return [*self.alerts.alerting.evaluator.alerts]


@asynccontextmanager
async def world(
    folder: Path, rules: str = RULES, source: Source = Source.LIVE
) -> AsyncIterator[World]:
    """Run a pipeline with alerts while the context is open."""
    made = World(folder, rules, source)
    async with running(made.pipeline):
        await eventually(lambda: made.feed.accept)
        made.feed.link.opened()
        yield made
    made.pipeline.history.store.close()


async def test_alert_that_begins_and_is_over(tmp_path: Path) -> None:
    """The begin and the end of an alert are each sent once."""
    async with world(tmp_path) as at:
        at.send(5)
        at.send(-5)
        await eventually(lambda: at.sink.kinds == [["began"]])
        at.send(-6)
        at.send(5)
        await eventually(lambda: at.sink.kinds == [["began"], ["over"]])
        assert at.firing == []


async def test_every_state_is_evaluated(tmp_path: Path) -> None:
    """A loss in a single message of a burst is noticed."""
    async with world(tmp_path) as at:
        for net in [5] * 100 + [-5] + [5] * 100:
            at.send(net)
        await eventually(lambda: [*chain(*at.sink.kinds)] == ["began", "over"])


async def test_restart_while_firing(tmp_path: Path) -> None:
    """After a restart a firing alert is not sent again, and its end is sent."""
    async with world(tmp_path) as at:
        at.send(-5)
        await eventually(lambda: at.sink.kinds == [["began"]])
        await eventually(lambda: not at.outbox.load(AT).due)
    async with world(tmp_path) as later:
        assert later.firing == [FLOOR]
        later.clock.passed_s = 60
        later.send(-5)
        later.send(5)
        await eventually(lambda: later.sink.kinds == [["over"]])


async def test_rule_changed_between(tmp_path: Path) -> None:
    """An alert whose rule was changed during a downtime ends with a notification."""
    async with world(tmp_path) as at:
        at.send(-5)
        await eventually(lambda: at.sink.kinds == [["began"]])
        await eventually(lambda: not at.outbox.load(AT).due)
    async with world(tmp_path, RULES.replace("limit = 0", "limit = -50")) as later:
        await eventually(lambda: later.sink.kinds == [["ended"]])
        assert later.firing == []


async def test_acknowledged_and_silenced_over_a_restart(tmp_path: Path) -> None:
    """Acknowledgements and silences, with their users, survive a restart."""
    async with world(tmp_path) as at:
        at.send(-5)
        await eventually(lambda: at.firing)
        alerting = at.alerts.alerting
        alert = alerting.evaluator.alerts[FLOOR]
        alerting.acknowledge(alert, "on it", BY_ANN)
        alerting.silence(alert, AT + timedelta(hours=1), "", BY_ANN)
        await eventually(lambda: at.outbox.load(AT).silences)
    async with world(tmp_path) as later:
        evaluator = later.alerts.alerting.evaluator
        assert evaluator.alerts[FLOOR].acknowledged == ANN
        assert evaluator.is_silenced(FLOOR, AT)


async def test_database_away_while_a_rule_fires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alert that cannot be stored is reported, and is sent once it is stored."""
    write = Outbox.write

    def fails(*_: object) -> None:
        raise StoreError("the disk is full")

    async with world(tmp_path) as at:
        monkeypatch.setattr(Outbox, "write", fails)
        at.send(-5)
        await eventually(lambda: at.alerts.alerting.problem == "the disk is full")
        assert at.firing == [FLOOR]
        assert at.sink.messages == []
        monkeypatch.setattr(Outbox, "write", write)
        await eventually(lambda: at.sink.kinds == [["began"]])
        assert at.alerts.alerting.problem is None


async def test_demo_sends_nothing(tmp_path: Path) -> None:
    """A demo records what it would have sent, and sends nothing."""
    async with world(tmp_path, source=Source.DEMO) as at:
        at.send(-5)
        await eventually(lambda: at.alerts.deliveries.couriers["desk"].result)
        assert at.sink.attempts == 0


async def test_silent_source(tmp_path: Path) -> None:
    """Rules are evaluated without messages, too: an offline source is notified once."""
    async with world(tmp_path) as at:
        at.send(-5)
        await eventually(lambda: at.sink.kinds == [["began"]])
        at.feed.link.lost("connection refused", retry_at=1)
        at.clock.passed_s += 60
        await eventually(lambda: len(at.sink.messages) == 2)
        assert sorted(at.firing) == [FLOOR, Key("offline", "")]


async def test_restated_day(tmp_path: Path) -> None:
    """A restated closed day is notified once, with the difference."""
    rules = '[receivers.desk]\nwebhook = "http://127.0.0.1"\n[rules.changed]\nkind = "restated"'
    yesterday = {"date": "2026-02-24", "revenue": 100, "expenses": 40, "net": 60}
    async with world(tmp_path, rules) as at:
        at.send(5, trendsData=[yesterday])
        await eventually(lambda: at.pipeline.history.days)
        at.send(5, trendsData=[{**yesterday, "revenue": 90, "net": 50}])
        await eventually(lambda: at.sink.kinds == [["began"]])
        assert at.firing == [Key("changed", "2026-02-24")]
        assert at.alerts.alerting.evaluator.alerts[at.firing[0]].value == -10


async def test_fault_in_a_rule_does_not_stop_the_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed evaluation is counted, and page and history are not affected."""
    monkeypatch.setattr("northstar.live.supervision.RESTART_DELAY_S", 0.01)
    async with world(tmp_path) as at:
        evaluate = at.alerts.alerting.evaluator.evaluate
        broken = iter([True])

        def breaks(reading: Any) -> Any:
            if next(broken, False):
                raise RuntimeError("a fault")
            return evaluate(reading)

        monkeypatch.setattr(type(at.alerts.alerting.evaluator), "evaluate", lambda _, r: breaks(r))
        at.send(-5)
        await eventually(lambda: at.pipeline.faults == 1)
        assert at.pipeline.intake.snapshot
        await eventually(lambda: at.sink.kinds == [["began"]])
