"""Compute the value that each kind of rule compares with its limit."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import singledispatch

from msgspec import Struct
from msgspec.structs import replace

from northstar.alerts.quantities import Percent
from northstar.alerts.readings import Aggregates, Reading
from northstar.alerts.rules import (
    EVERY,
    AgentBelow,
    AgentSilent,
    BaseRule,
    Basis,
    Books,
    CategoryAbove,
    Change,
    Drawdown,
    ExpensesAbove,
    Gap,
    HistoryPaused,
    LimitRule,
    LossOfDay,
    MarginBelow,
    NetAbove,
    NetBelow,
    Offline,
    RejectedShare,
    Restated,
    Spike,
    Stale,
)
from northstar.domain.freshness import LinkState
from northstar.domain.messages import EXACT


class Measure(Struct, frozen=True):
    """A value against a rule's limit.

    `subject` is the agent, category or day, "" for the whole. `holds` is whether the value is
    beyond the limit, `is_over` whether it is back at the value that ends an alert. `value` and
    `limit` are in the rule's unit, None of a state.
    """

    subject: str
    holds: bool
    is_over: bool
    value: Decimal | None = None
    limit: Decimal | None = None


Measures = Sequence[Measure] | None


@singledispatch
def measure(rule: BaseRule, _: Reading, __: Aggregates) -> Measures:
    """Return what a rule measures, one measure a subject; None if that is unknown now."""
    raise TypeError(f"no rule: {rule!r}")


def _state(*, holds: bool) -> Measures:
    return (Measure("", holds, not holds),)


def _limited(
    rule: LimitRule, value: Decimal | None, previous: Decimal | None = None, subject: str = ""
) -> Measure | None:
    """Return a value against a rule's limit; a percentage is of the `previous` period's amount."""
    limit = resolved(rule.limit, previous)
    clear = limit if rule.clear is None else resolved(rule.clear, previous)
    if value is None or limit is None or clear is None:
        return None
    return _compared(rule, subject, value, limit, clear)


def _compared(
    rule: LimitRule, subject: str, value: Decimal, limit: Decimal, clear: Decimal
) -> Measure:
    if rule.above:
        return Measure(subject, value > limit, value <= clear, value, limit)
    return Measure(subject, value < limit, value >= clear, value, limit)


def resolved(limit: Decimal | Percent, previous: Decimal | None) -> Decimal | None:
    """Return a limit as an amount; None for a percentage of an amount that is not known."""
    if not isinstance(limit, Percent):
        return limit
    return None if previous is None else limit.of(previous)


def _one(found: Measure | None) -> Measures:
    return None if found is None else (found,)


def _share(rule: MarginBelow | RejectedShare, value: Decimal | None) -> Measures:
    """Return a percentage against a rule's limit, which is one too."""
    if value is None:
        return None
    limit, clear = rule.limit.value, (rule.clear or rule.limit).value
    return (_compared(rule, "", value, limit, clear),)


def _lasting(subject: str, seconds: float, limit_s: float) -> Measure:
    holds = seconds > limit_s
    return Measure(subject, holds, not holds, Decimal(int(seconds)), Decimal(int(limit_s)))


def _of_net(rule: LimitRule, reading: Reading, value: Decimal) -> Measures:
    return _one(_limited(rule, value, reading.previous_net))


@measure.register(NetBelow)
@measure.register(NetAbove)
def _(rule: NetBelow | NetAbove, reading: Reading, _: Aggregates) -> Measures:
    return _of_net(rule, reading, reading.net)


@measure.register
def _(rule: Drawdown, reading: Reading, _: Aggregates) -> Measures:
    basis = _basis(rule.basis, reading)
    if basis is None:
        return None
    return _of_net(rule, reading, EXACT.subtract(basis, reading.net))


def _basis(basis: Basis, reading: Reading) -> Decimal | None:
    """Return the net from which a drawdown counts; None if it is not known."""
    if (day := reading.day) is None:
        return None
    match basis:
        case Basis.DAY_PEAK:
            return day.high.amounts.net
        case Basis.DAY_START:
            return day.first.amounts.net
        case Basis.PREVIOUS_CLOSE:
            earlier = [row for row in reading.data.trend if row.date < day.line.day]
            return earlier[-1].net if earlier else None


@measure.register
def _(rule: LossOfDay, reading: Reading, _: Aggregates) -> Measures:
    return _of_net(rule, reading, EXACT.minus(reading.net))


@measure.register
def _(rule: MarginBelow, reading: Reading, _: Aggregates) -> Measures:
    return _share(rule, reading.data.margin)


@measure.register
def _(rule: ExpensesAbove, reading: Reading, _: Aggregates) -> Measures:
    data = reading.data
    return _one(_limited(rule, data.expenses, data.state.previous_expenses))


@measure.register
def _(rule: Change, reading: Reading, aggregates: Aggregates) -> Measures:
    return _of_move(rule, reading, aggregates.windows[rule.name].farthest(reading.net))


@measure.register
def _(rule: Spike, reading: Reading, aggregates: Aggregates) -> Measures:
    middle = aggregates.medians[rule.name].value
    if middle is None:
        return None
    return _of_move(rule, reading, EXACT.subtract(reading.net, middle))


def _of_move(rule: LimitRule, reading: Reading, move: Decimal) -> Measures:
    """Return the size of a move against the limit; its value keeps the sign."""
    found = _limited(rule, abs(move), reading.previous_net)
    return _one(found and replace(found, value=move))


@measure.register
def _(rule: AgentBelow, reading: Reading, _: Aggregates) -> Measures:
    return _of_each(rule, rule.agent, ((each.agent, each.net) for each in reading.agents))


@measure.register
def _(rule: CategoryAbove, reading: Reading, _: Aggregates) -> Measures:
    return _of_each(rule, rule.category, ((cost.name, cost.value) for cost in reading.data.costs))


def _of_each(
    rule: AgentBelow | CategoryAbove, wanted: str, values: Iterable[tuple[str, Decimal]]
) -> Measures:
    """Return a measure for each name that the rule is about."""
    limit, clear = rule.limit, rule.limit if rule.clear is None else rule.clear
    return [
        _compared(rule, name, value, limit, clear)
        for name, value in values
        if wanted in (EVERY, name)
    ]


@measure.register
def _(rule: AgentSilent, _: Reading, aggregates: Aggregates) -> Measures:
    agents = [*aggregates.changed] if rule.agent == EVERY else [rule.agent]
    return tuple(_lasting(agent, aggregates.silent_s(agent), rule.limit) for agent in agents)


@measure.register
def _(rule: Books, reading: Reading, _: Aggregates) -> Measures:
    return _one(_limited(rule, reading.imbalance))


@measure.register
def _(_: Restated, reading: Reading, __: Aggregates) -> Measures:
    return tuple(
        Measure(each.day.isoformat(), holds=True, is_over=False, value=each.by)
        for each in reading.restated
    )


@measure.register
def _(rule: Gap, reading: Reading, _: Aggregates) -> Measures:
    if reading.link is not LinkState.OPEN:
        return None
    return (_lasting("", reading.since_message_s, rule.limit),)


@measure.register
def _(rule: RejectedShare, reading: Reading, aggregates: Aggregates) -> Measures:
    return _share(rule, aggregates.shares[rule.name].percent(reading.accepted, reading.refused))


@measure.register
def _(_: Stale, reading: Reading, __: Aggregates) -> Measures:
    return None if reading.feed == "offline" else _state(holds=reading.feed == "stale")


@measure.register
def _(_: Offline, reading: Reading, __: Aggregates) -> Measures:
    return _state(holds=reading.feed == "offline")


@measure.register
def _(_: HistoryPaused, reading: Reading, __: Aggregates) -> Measures:
    return _state(holds=reading.history_problem is not None)
