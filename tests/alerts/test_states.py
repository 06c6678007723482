"""The states of an alert: pending, firing, clearing and over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.alerts.evaluation import CHANGED, REMOVED, Evaluator, Key
from northstar.alerts.rules import Rule, Severity
from northstar.alerts.states import Event, Phase, Remark, Silence
from northstar.domain.messages import AgentMetrics
from support.readings import NOON, Readings, rule, snapshot

DESK = ("desk",)
KEY = Key("rule", "")
ANN = Remark("Ann", NOON, "looking")


class Run:
    """One rule evaluated once a second; `events` are those of the last call."""

    def __init__(self, watched: Rule, **parts: object) -> None:
        self.evaluator = Evaluator([watched], DESK, **parts)  # type: ignore[arg-type]
        self.readings = Readings()
        self.events: Sequence[Event] = ()

    def see(self, *nets: int, passed_s: float = 1.0, feed: str = "live") -> list[str]:
        """Evaluate successive nets; return the kinds of the events, with "!" if sent."""
        changes = [
            self.evaluator.evaluate(self.readings.read(net, passed_s, feed=feed)) for net in nets
        ]
        self.events = [event for each in changes for event in each.events]
        return [f"{event.kind}{'!' if event.to else ''}" for event in self.events]

    def phase(self) -> Phase | None:
        """Return the phase of the alert."""
        alert = self.evaluator.alerts.get(KEY)
        return alert.phase if alert else None


def test_states_of_an_alert() -> None:
    """A rule fires after holding for `for`, and ends after not holding for `keep`."""
    run = Run(rule("net_below", limit=0, clear=5, **{"for": "2s", "keep": "2s"}))
    assert run.see(-1) == []
    assert run.phase() is Phase.PENDING
    assert run.see(-1, -1) == ["began!"]
    assert run.see(3) == []
    assert run.phase() is Phase.FIRING
    assert run.see(5) == []
    assert run.phase() is Phase.CLEARING
    assert run.see(4) == []
    assert run.phase() is Phase.FIRING
    assert run.see(5, 5, 5) == ["over!"]
    assert run.phase() is None


def test_pending_needs_no_break() -> None:
    """A moment within the limit restarts the time."""
    run = Run(rule("net_below", limit=0, **{"for": "3s"}))
    assert run.see(-1, -1, -1, 0, -1, -1, -1) == []
    assert run.see(-1) == ["began!"]


def test_frozen_while_the_data_is_not_live() -> None:
    """Data that is not live neither fires nor ends an alert, and its time does not count."""
    run = Run(rule("net_below", limit=0, **{"for": "2s"}))
    assert run.see(-1) == []
    assert run.see(*[-1] * 60, feed="stale") == []
    assert run.see(-1, -1) == ["began!"]
    assert run.see(*[9] * 60, feed="offline") == []
    assert run.phase() is Phase.FIRING
    assert run.see(9) == ["over!"]


def test_flapping_source() -> None:
    """A value that crosses the limit 1,000 times causes two messages."""
    run = Run(rule("net_below", limit=0, clear=5, keep="1m"))
    assert run.see(*[-1, 4] * 500, *[9] * 62) == ["began!", "over!"]


def test_clock_that_is_set() -> None:
    """A jump of the steady clock, as after a sleep, does not count as time in violation."""
    run = Run(rule("net_below", limit=0, **{"for": "30s"}))
    assert run.see(-1) == []
    assert run.see(-1, passed_s=86_400) == []
    assert run.see(-1, passed_s=-3_600) == []


def test_reminders_until_acknowledged() -> None:
    """A firing alert is repeated until it is acknowledged."""
    run = Run(rule("net_below", limit=0, repeat="1m"))
    assert run.see(*[-1] * 122) == ["began!", "reminder!", "reminder!"]
    (event,) = run.evaluator.acknowledge(KEY, ANN).events
    assert (event.kind, event.to, event.reason) == ("acknowledged", (), "looking")
    assert run.see(*[-1] * 200) == []
    assert run.see(1) == ["over!"]


def test_acknowledged_alert_that_rises() -> None:
    """A rising severity is sent again, even for an acknowledged alert."""
    run = Run(rule("net_below", limit=0))
    run.see(-1)
    run.evaluator.acknowledge(KEY, ANN)
    run.evaluator.rules = [rule("net_below", limit=0, severity="critical")]
    assert run.see(-1) == ["still!"]
    assert run.evaluator.alerts[KEY].severity is Severity.CRITICAL


def test_silenced_alert() -> None:
    """A silenced alert is not sent; if it still fires when the silence ends, it is sent then."""
    run = Run(rule("net_below", limit=0))
    assert run.see(-1) == ["began!"]
    until = run.readings.at + timedelta(seconds=5)
    (event,) = run.evaluator.silence(KEY, Silence(until, ANN)).events
    assert (event.kind, event.to) == ("silenced", ())
    assert run.see(1, -1) == ["over", "began"]
    assert run.see(-1, -1, -1) == ["still!"]
    assert run.see(1) == ["over!"]


def test_end_goes_to_those_who_know() -> None:
    """The end is sent to exactly those who got the begin."""
    night = rule("net_below", limit=0, hours="13:00-14:00")
    run = Run(night)
    assert run.see(-1, 1) == ["began", "over"]
    assert run.see(-1) == ["began"]
    assert run.see(-1, passed_s=3600) == ["still!"]
    assert run.see(1, passed_s=3600) == ["over!"]


@pytest.mark.parametrize(
    ("hours", "days", "local", "may", "opens"),
    [
        ("08:00-18:00", "all", "02T07:59", False, "02T08:00"),
        ("08:00-18:00", "all", "02T08:00", True, "02T08:00"),
        ("08:00-18:00", "all", "02T18:00", False, "03T08:00"),
        ("08:00-18:00", "mon-fri", "06T18:00", False, "09T08:00"),
        ("22:00-06:00", "fri", "07T05:59", True, "07T05:59"),
        ("22:00-06:00", "fri", "06T05:59", False, "06T22:00"),
        (None, "sat,sun", "02T12:00", False, "07T00:00"),
    ],
)
def test_hours_and_days(hours: str | None, days: str, local: str, opens: str, *, may: bool) -> None:
    """Hours across midnight belong to the day on which they start."""
    fields = {"days": days} | ({"hours": hours} if hours else {})
    calling = rule("net_below", limit=0, **fields)
    zone = ZoneInfo("Europe/Berlin")
    at, first = (
        datetime.fromisoformat(f"2026-11-{each}").replace(tzinfo=zone) for each in (local, opens)
    )
    assert calling.may_call(at) is may
    assert calling.next_call(at) == first


def test_restart_while_firing() -> None:
    """After a restart a firing alert is not sent again, and its end is."""
    watched = rule("net_below", limit=0)
    run = Run(watched)
    run.see(-1)
    later = Run(watched)
    changes = later.evaluator.restore(run.evaluator.alerts.values(), {}, NOON)
    assert not changes
    assert later.see(-1) == []
    assert later.see(1) == ["over!"]


@pytest.mark.parametrize(
    ("rules", "reason"), [([rule("net_below", limit=-5)], CHANGED), ([], REMOVED)]
)
def test_rule_that_was_changed(rules: list[Rule], reason: str) -> None:
    """An alert of a changed or removed rule ends with that reason."""
    run = Run(rule("net_below", limit=0))
    run.see(-1)
    later = Evaluator(rules, DESK)
    changes = later.restore(run.evaluator.alerts.values(), {}, NOON)
    assert changes.alerts == {KEY: None}
    assert [(each.kind, each.reason, each.to) for each in changes.events] == [
        ("ended", reason, DESK)
    ]
    assert not later.alerts


def test_rule_whose_calls_were_changed() -> None:
    """Changed receivers, hours or severity do not end a rule's alert."""
    run = Run(rule("net_below", limit=0))
    run.see(-1)
    later = Evaluator([rule("net_below", limit=0, to=[], days="mon")], DESK)
    assert not later.restore(run.evaluator.alerts.values(), {}, NOON)
    assert [*later.alerts] == [KEY]


def test_subject_that_is_gone() -> None:
    """The alert of an agent that is no longer sent ends."""
    evaluator = Evaluator([rule("agent_below", agent="*", limit=0)], DESK)
    ann = AgentMetrics(agent="Ann", revenue=Decimal(1), expenses=Decimal(2))
    readings = Readings()
    evaluator.evaluate(readings.read(snapshot=snapshot(-1, agent_attribution=[ann])))
    assert [*evaluator.alerts] == [Key("rule", "Ann")]
    events = evaluator.evaluate(readings.read(5)).events
    assert [each.kind for each in events] == ["over"]
    assert not evaluator.alerts


def test_events_have_numbers_of_their_own() -> None:
    """Each event has a unique number."""
    run = Run(rule("net_below", limit=0, repeat="1m"))
    run.see(*[-1] * 130, 1, -1, 1)
    numbers = [event.number for event in run.events]
    assert len(set(numbers)) == len(numbers) == 6


LIMIT, CLEAR = 0, 3


def expected(nets: Sequence[int], for_s: int, keep_s: int) -> list[tuple[int, str]]:
    """Return when an alert begins and ends, computed from the whole series every second."""
    found: list[tuple[int, str]] = []
    second = 0
    while second < len(nets):
        begins = next(
            (
                at
                for at in range(second + for_s, len(nets))
                if all(net < LIMIT for net in nets[at - for_s : at + 1])
            ),
            None,
        )
        if begins is None:
            return found
        found.append((begins, "began"))
        ends = next(
            (
                at
                for at in range(begins + 1 + keep_s, len(nets))
                if all(net >= CLEAR for net in nets[at - keep_s : at + 1])
            ),
            None,
        )
        if ends is None:
            return found
        found.append((ends, "over"))
        second = ends + 1
    return found


@given(
    st.lists(st.integers(-3, 6), max_size=60),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_states_against_the_whole_series(nets: list[int], for_s: int, keep_s: int) -> None:
    """An alert begins and ends as computed from the whole series."""
    fields = {"for": f"{for_s}s", "keep": f"{keep_s}s"}
    run = Run(rule("net_below", limit=LIMIT, clear=CLEAR, **fields))
    start = run.readings.at + timedelta(seconds=1)
    run.see(*nets)
    found = [(int((event.at - start).total_seconds()), str(event.kind)) for event in run.events]
    assert found == expected(nets, for_s, keep_s)


def test_local_hours_are_of_the_zone() -> None:
    """The hours of a rule are local times of the configured zone."""
    run = Run(rule("net_below", limit=0, hours="13:00-14:00"), zone=ZoneInfo("Europe/Berlin"))
    assert run.readings.at.astimezone(UTC).hour == 12
    assert run.see(-1) == ["began!"]
