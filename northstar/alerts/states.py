"""The state of an alert, and how it changes: ok → pending → firing → clearing → ok.

Pure: times are passed in. Each evaluation makes new states; structures of msgspec are made in a
tenth of the time that frozen dataclasses take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from northstar.alerts.measures import Measure
from northstar.alerts.quantities import Percent
from northstar.alerts.rules import BaseRule, Severity


class Phase(StrEnum):
    """The phase of an alert; a rule that is ok has none."""

    PENDING = "pending"
    FIRING = "firing"
    CLEARING = "clearing"


class Kind(StrEnum):
    """What happened to an alert.

    BEGAN, OVER: it began, is over. STILL: its beginning is sent late, as nothing could be sent
    then. REMINDER: it lasts. ENDED: its rule was changed or removed. ACKNOWLEDGED, SILENCED: by
    somebody.
    """

    BEGAN = "began"
    STILL = "still"
    REMINDER = "reminder"
    OVER = "over"
    ENDED = "ended"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"


@dataclass(frozen=True, slots=True)
class Remark:
    """Somebody has seen an alert: who, when, and what they wrote."""

    who: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """No messages about an alert are sent `until` a time."""

    until: datetime
    remark: Remark


class Alert(Struct, frozen=True):
    """One rule, about one subject, that does not hold only for a moment.

    `number` identifies it from its beginning to its end. `since` is when it began to hold, `held_s`
    how long the present phase has lasted, without times in which the data was not live. `first` is
    the value when it began, `worst` the one farthest beyond the limit. `notified` are the receivers
    that were notified of it, `quiet_s` is the time since their last message. `condition` is that of
    its rule.
    """

    number: str
    rule: str
    subject: str
    phase: Phase
    since: datetime
    severity: Severity
    condition: Mapping[str, Any]
    held_s: float = 0.0
    value: Decimal | None = None
    limit: Decimal | None = None
    worst: Decimal | None = None
    notified: tuple[str, ...] = ()
    quiet_s: float = 0.0
    acknowledged: Remark | None = None
    first: Decimal | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has begun and is not over."""
        return self.phase is not Phase.PENDING


class Event(Struct, frozen=True):
    """Something that happened to an alert, and the receivers that are notified.

    `alert` is its state then. By its `number`, a receiver can detect a repetition.
    `as_of` is the timestamp of the data then, `age_s` its age; None without any data. `who` has
    acknowledged or silenced it.
    """

    number: str
    kind: Kind
    at: datetime
    alert: Alert
    to: tuple[str, ...] = ()
    reason: str = ""
    as_of: datetime | None = None
    age_s: float | None = None
    who: str = ""


class Step(Struct, frozen=True):
    """The time of one evaluation, and how much of it counts.

    `passed_s` is the time since the evaluation before. `to` are the receivers that the rule may
    notify now, none outside its hours or if it is silenced. `number` is for an alert that begins.
    """

    at: datetime
    passed_s: float
    number: str
    to: tuple[str, ...] = ()
    is_silenced: bool = False


def advance(
    alert: Alert | None, rule: BaseRule, measure: Measure, step: Step
) -> tuple[Alert | None, Event | None]:
    """Return the state of an alert after a measure of its rule, and what happened."""
    if alert is None:
        return _begin(rule, measure, step) if measure.holds else (None, None)
    alert = _measured(alert, rule, measure, step)
    if alert.phase is Phase.PENDING:
        return _wait(alert, rule, measure, step)
    if not measure.is_over:
        return _go_on(alert, rule, step)
    if alert.phase is Phase.FIRING:
        alert = replace(alert, phase=Phase.CLEARING, held_s=0.0)
    return _clear(alert, rule, step)


def _begin(rule: BaseRule, measure: Measure, step: Step) -> tuple[Alert | None, Event | None]:
    alert = _pending(rule, measure, step)
    return _fire(alert, step) if not rule.for_s else (alert, None)


def _pending(rule: BaseRule, measure: Measure, step: Step) -> Alert:
    return Alert(
        step.number,
        rule.name,
        measure.subject,
        Phase.PENDING,
        step.at,
        rule.severity,
        rule.condition,
        value=measure.value,
        limit=measure.limit,
        worst=measure.value,
    )


def _measured(alert: Alert, rule: BaseRule, measure: Measure, step: Step) -> Alert:
    """Return the alert with the newest value, and the time that has passed."""
    worst, value = alert.worst, measure.value
    if value is not None and (worst is None or _is_worse(rule, value, worst)):
        worst = value
    rises = rule.severity != alert.severity and rule.severity.rank > alert.severity.rank
    return replace(
        alert,
        value=value,
        limit=measure.limit,
        worst=worst,
        held_s=alert.held_s + step.passed_s,
        quiet_s=alert.quiet_s + step.passed_s,
        severity=rule.severity,
        acknowledged=None if rises else alert.acknowledged,
        notified=() if rises else alert.notified,
    )


def _is_worse(rule: BaseRule, value: Decimal, worst: Decimal) -> bool:
    return abs(value) > abs(worst) if rule.above else value < worst


def _fire(alert: Alert, step: Step) -> tuple[Alert, Event]:
    alert = replace(
        alert, phase=Phase.FIRING, held_s=0.0, quiet_s=0.0, notified=step.to, first=alert.value
    )
    return alert, _event(alert, Kind.BEGAN, step.at, step.to)


def _event(
    alert: Alert, kind: Kind, at: datetime, to: tuple[str, ...] = (), reason: str = ""
) -> Event:
    """Return an event with a number that no other has."""
    return Event(f"{alert.number}-{kind}-{at:%y%m%dT%H%M%S.%f}", kind, at, alert, to, reason)


def _wait(
    alert: Alert, rule: BaseRule, measure: Measure, step: Step
) -> tuple[Alert | None, Event | None]:
    """Fire once the rule has held for long enough without a break."""
    if not measure.holds:
        return None, None
    return _fire(alert, step) if alert.held_s >= rule.for_s else (alert, None)


def _go_on(alert: Alert, rule: BaseRule, step: Step) -> tuple[Alert, Event | None]:
    """Send a beginning that could not be sent before, or a reminder."""
    if alert.phase is Phase.CLEARING:
        alert = replace(alert, phase=Phase.FIRING, held_s=0.0)
    if not step.to or alert.acknowledged:
        return alert, None
    if not alert.notified:
        kind = Kind.STILL
    elif rule.repeat_s and alert.quiet_s >= rule.repeat_s:
        kind = Kind.REMINDER
    else:
        return alert, None
    alert = replace(alert, notified=step.to, quiet_s=0.0)
    return alert, _event(alert, kind, step.at, step.to)


def _clear(alert: Alert, rule: BaseRule, step: Step) -> tuple[Alert | None, Event | None]:
    if alert.held_s < rule.keep_s:
        return alert, None
    return None, ended(alert, step, Kind.OVER, is_news=not rule.momentary)


def ended(
    alert: Alert, step: Step, kind: Kind, reason: str = "", *, is_news: bool = True
) -> Event | None:
    """Return the event of an alert's end, for the notified receivers; None if it had not begun."""
    if not alert.is_open:
        return None
    to = alert.notified if is_news and not step.is_silenced else ()
    return _event(alert, kind, step.at, to, reason)


def acknowledged(alert: Alert, remark: Remark) -> tuple[Alert, Event]:
    """Return an alert as acknowledged: it sends no reminders until it is over."""
    alert = replace(alert, acknowledged=remark)
    event = _event(alert, Kind.ACKNOWLEDGED, remark.at, reason=remark.note)
    return alert, replace(event, who=remark.who)


def silenced(alert: Alert, silence: Silence) -> Event:
    """Return the event of an alert that somebody has silenced."""
    remark = silence.remark
    return replace(_event(alert, Kind.SILENCED, remark.at, reason=remark.note), who=remark.who)


def trial_event(rule: BaseRule, at: datetime) -> Event:
    """Return the event of a rule that fires beyond its limit, for a test of its receivers."""
    limit = getattr(rule, "limit", None)
    value = None
    if limit is not None:
        limit = Decimal(str(limit.value if isinstance(limit, Percent) else limit))
        beyond = abs(limit) / 10 or Decimal(1)
        value = limit + beyond if rule.above else limit - beyond
    measure = Measure("", holds=True, is_over=False, value=value, limit=limit)
    step = Step(at, 0.0, "test")
    _, event = _fire(_pending(rule, measure, step), step)
    return event
