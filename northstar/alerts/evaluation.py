"""Evaluate all rules on a reading, and keep the states of their alerts."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from northstar.alerts.measures import Measure, Measures, measure
from northstar.alerts.readings import Aggregates, Extremes, MinuteMedian, Reading, RefusedShare
from northstar.alerts.rules import AgentSilent, BaseRule, Change, RejectedShare, Rule, Spike
from northstar.alerts.states import (
    Alert,
    Event,
    Kind,
    Phase,
    Remark,
    Silence,
    Step,
    acknowledged,
    advance,
    ended,
    silenced,
)
from northstar.domain.day import Moment

# A longer gap between two evaluations does not count as time that a rule held: the machine slept.
LONGEST_STEP_S = 5.0
LONGEST_SILENCE = timedelta(days=7)
LONGEST_NOTE = 300  # characters of what somebody writes about an alert
CHANGED, REMOVED = "rule changed", "rule removed"


Measuring: TypeAlias = Callable[[Any, Reading, Aggregates], Measures]


def new_number() -> str:
    """Return a unique number for an alert."""
    return secrets.token_hex(6)


class Key(NamedTuple):
    """What an alert is about: a rule and a subject."""

    rule: str
    subject: str


class Changes(NamedTuple):
    """What an evaluation changed: the new state of each alert, None if over, and the events.

    New values and times alone do not count as a change.
    """

    alerts: dict[Key, Alert | None]
    events: list[Event]

    def note(self, key: Key, alert: Alert | None, event: Event | None) -> None:
        """Add the new state of an alert, and what happened."""
        self.alerts[key] = alert
        if event:
            self.events.append(event)

    def __bool__(self) -> bool:
        return bool(self.alerts or self.events)


@dataclass(slots=True)
class Evaluator:
    """The rules of a file, and the alerts of each.

    `zone` is that of the rules' hours, `receivers` are all there are. Times of states are those of
    the readings.
    """

    rules: Sequence[Rule]
    receivers: Sequence[str] = ()
    zone: tzinfo = UTC
    new_number: Callable[[], str] = new_number
    alerts: dict[Key, Alert] = field(default_factory=dict)
    silences: dict[Key, Silence] = field(default_factory=dict)
    _subjects: dict[str, set[str]] = field(default_factory=dict)  # of alerts, by rule
    _measures: dict[type[BaseRule], Measuring] = field(default_factory=dict)
    _aggregates: Aggregates = field(default_factory=Aggregates)
    _last_s: float | None = None
    _watches_agents: bool = False

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._subjects[rule.name] = set()
            self._measures[type(rule)] = measure.dispatch(type(rule))
            match rule:
                case Change():
                    self._aggregates.windows[rule.name] = Extremes(rule.window)
                case Spike():
                    self._aggregates.medians[rule.name] = MinuteMedian(rule.minutes)
                case RejectedShare():
                    self._aggregates.shares[rule.name] = RefusedShare(rule.window)
                case AgentSilent():
                    self._watches_agents = True

    def restore(
        self, alerts: Iterable[Alert], silences: Mapping[Key, Silence], at: datetime
    ) -> Changes:
        """Restore the states of an earlier run; end alerts whose rule was changed or removed."""
        rules = {rule.name: rule for rule in self.rules}
        self.silences = dict(silences)
        changes = Changes({}, [])
        for alert in alerts:
            key, rule = Key(alert.rule, alert.subject), rules.get(alert.rule)
            if rule and rule.condition == alert.condition:
                self._keep(key, alert)
                continue
            step = Step(at, 0.0, alert.number, is_silenced=self.is_silenced(key, at))
            event = ended(alert, step, Kind.ENDED, CHANGED if rule else REMOVED)
            changes.note(key, None, event)
        return changes

    def seed(self, moments: Iterable[Moment], now: datetime) -> None:
        """Fill the windows with the states of the history, oldest first."""
        for moment in moments:
            self._note_net(-(now - moment.at).total_seconds(), moment.amounts.net)

    def evaluate(self, reading: Reading) -> Changes:
        """Evaluate all rules; return what changed."""
        passed_s = self._pass(reading)
        is_live, changes = reading.is_live, Changes({}, [])
        for rule in self.rules:
            if rule.follows_data and not is_live:
                continue
            found = self._measures[type(rule)](rule, reading, self._aggregates)
            if found is None:
                continue
            subjects = self._subjects[rule.name]
            for each in (*found, *_gone(subjects, found)) if subjects else found:
                if each.holds or each.subject in subjects:
                    self._advance(rule, each, reading.at, passed_s, changes)
        as_of = reading.snapshot.as_of if reading.snapshot else None
        events = [replace(each, as_of=as_of, age_s=reading.age_s) for each in changes.events]
        return Changes(changes.alerts, events)

    def acknowledge(self, key: Key, remark: Remark) -> Changes:
        """Acknowledge an alert. Raises `KeyError` if there is none."""
        alert, event = acknowledged(self.alerts[key], remark)
        self.alerts[key] = alert
        return Changes({key: alert}, [event])

    def silence(self, key: Key, silence: Silence) -> Changes:
        """Silence an alert for a time. Raises `KeyError` if there is none."""
        event = silenced(self.alerts[key], silence)
        self.silences[key] = silence
        return Changes({}, [event])

    def is_silenced(self, key: Key, at: datetime) -> bool:
        """Return whether somebody has silenced an alert."""
        silence = self.silences.get(key)
        return silence is not None and at < silence.until

    def next_call(self, name: str, at: datetime) -> datetime:
        """Return the first time from `at` on at which a rule may notify; `at` if it is gone."""
        found = (
            rule.next_call(at.astimezone(self.zone)) for rule in self.rules if rule.name == name
        )
        return next(found, at)

    def _pass(self, reading: Reading) -> float:
        """Advance the clocks, note what later evaluations need, and return the time that counts."""
        last_s = reading.steady_s if self._last_s is None else self._last_s
        self._last_s = reading.steady_s
        passed_s = min(max(reading.steady_s - last_s, 0.0), LONGEST_STEP_S)
        aggregates = self._aggregates
        for share in aggregates.shares.values():
            share.add(reading.steady_s, reading.accepted, reading.refused)
        if reading.is_live:
            aggregates.live_s += passed_s
            self._note_net(aggregates.live_s, reading.net)
            if self._watches_agents:
                figures = {each.agent: (each.revenue, each.expenses) for each in reading.agents}
                aggregates.note_agents(figures)
        return passed_s

    def _note_net(self, at_s: float, net: Decimal) -> None:
        for window in self._aggregates.windows.values():
            window.add(at_s, net)
        for middle in self._aggregates.medians.values():
            middle.add(at_s, net)

    def _advance(
        self, rule: Rule, found: Measure, at: datetime, passed_s: float, changes: Changes
    ) -> None:
        """Advance the alert of a rule about a subject."""
        key = Key(rule.name, found.subject)
        before = self.alerts.get(key)
        after, event = advance(before, rule, found, self._step(rule, key, at, passed_s))
        self._keep(key, after)
        if event or _phase(before) != _phase(after):
            changes.note(key, after, event)

    def _keep(self, key: Key, alert: Alert | None) -> None:
        """Store the state of an alert; None ends it."""
        if alert:
            self.alerts[key] = alert
            self._subjects[key.rule].add(key.subject)
        elif self.alerts.pop(key, None):
            self._subjects[key.rule].remove(key.subject)

    def _step(self, rule: Rule, key: Key, at: datetime, passed_s: float) -> Step:
        is_silenced = self.is_silenced(key, at)
        calls = rule.calls_always or rule.may_call(at.astimezone(self.zone))
        receivers = tuple(self.receivers) if rule.to is None else rule.to
        to = receivers if calls and not is_silenced else ()
        number = "" if key in self.alerts else self.new_number()
        return Step(at, passed_s, number, to, is_silenced)


def _gone(subjects: set[str], found: Sequence[Measure]) -> Sequence[Measure]:
    """Return measures that clear the alerts of subjects that do not exist any more."""
    gone = subjects.difference([each.subject for each in found])
    return [Measure(subject, holds=False, is_over=True) for subject in gone]


def _phase(alert: Alert | None) -> Phase | None:
    return alert.phase if alert else None
