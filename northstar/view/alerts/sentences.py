"""A rule as one plain sentence."""

from decimal import Decimal
from functools import singledispatch

from northstar.alerts.quantities import Percent
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
    SizeRule,
    Spike,
    Stale,
    Unit,
)
from northstar.domain.weekdays import EVERY_WEEKDAY
from northstar.view.shared.money import Notation, isolated

BASES = {
    Basis.DAY_PEAK: "today's peak",
    Basis.DAY_START: "its value at the start of the day",
    Basis.PREVIOUS_CLOSE: "the previous day's close",
}


def sentence(rule: BaseRule, notation: Notation) -> str:
    """Return when a rule holds, when its alert is over, and whom it notifies."""
    return "; ".join(
        filter(None, (_begin(rule, notation), _end(rule, notation), _calls(rule), _hours(rule)))
    )


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: `1 min 30 s`, `2 h`."""
    rest, parts = int(seconds), []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def quantity(rule: BaseRule, value: Decimal | Percent | float, notation: Notation) -> str:
    """Return a value or limit of a rule in its unit."""
    if isinstance(value, Percent):
        of = "" if rule.unit == "percent" else " of the previous period's"
        return f"{notation.percent(value.value)}{of}"
    return in_unit(rule.unit, value, notation)


def in_unit(unit: Unit, value: Decimal | float, notation: Notation) -> str:
    """Return a value in a unit of rules."""
    match unit:
        case "percent":
            return notation.percent(Decimal(value))
        case "seconds":
            return duration(float(value))
        case _:
            return notation.money(Decimal(value))


def _begin(rule: BaseRule, notation: Notation) -> str:
    lasts = f" for {duration(rule.for_s)}" if rule.for_s else ""
    return f"{rule.severity} when {condition(rule, notation)}{lasts}"


def _end(rule: BaseRule, notation: Notation) -> str:
    if rule.momentary:
        return f"on the page for {duration(rule.keep_s)}"
    clear = rule.clear if isinstance(rule, LimitRule) else None
    lasting = f" for {duration(rule.keep_s)}" if rule.keep_s else ""
    if clear is None:
        return f"over when that has ended{lasting}" if lasting else ""
    side = "within" if isinstance(rule, SizeRule) else "at most" if rule.above else "at least"
    return f"over when it is {side} {quantity(rule, clear, notation)}{lasting}"


def _calls(rule: BaseRule) -> str:
    repeats = f", again every {duration(rule.repeat_s)}" if rule.repeat_s else ""
    if rule.to is None:
        return f"to all receivers{repeats}"
    names = " and ".join(rule.to)
    return f"to {names}{repeats}" if names else "on the page only"


def _hours(rule: BaseRule) -> str:
    days = "" if rule.days == EVERY_WEEKDAY else f" on {rule.days}"
    return f"calls {rule.hours or 'all day'}{days}" if rule.hours or days else ""


@singledispatch
def condition(rule: BaseRule, _: Notation) -> str:
    """Return when a rule holds, without what it compares with time."""
    raise TypeError(f"no rule: {rule!r}")


@condition.register
def _(rule: NetBelow, notation: Notation) -> str:
    return f"net is below {quantity(rule, rule.limit, notation)}"


@condition.register
def _(rule: NetAbove, notation: Notation) -> str:
    return f"net is above {quantity(rule, rule.limit, notation)}"


@condition.register
def _(rule: Drawdown, notation: Notation) -> str:
    return f"net falls more than {quantity(rule, rule.limit, notation)} below {BASES[rule.basis]}"


@condition.register
def _(rule: LossOfDay, notation: Notation) -> str:
    return f"the day's loss is more than {quantity(rule, rule.limit, notation)}"


@condition.register
def _(rule: MarginBelow, notation: Notation) -> str:
    return f"margin is below {quantity(rule, rule.limit, notation)}"


@condition.register
def _(rule: ExpensesAbove, notation: Notation) -> str:
    return f"expenses are above {quantity(rule, rule.limit, notation)}"


@condition.register
def _(rule: Change, notation: Notation) -> str:
    limit = quantity(rule, rule.limit, notation)
    return f"net moves by more than {limit} within {duration(rule.window)}"


@condition.register
def _(rule: Spike, notation: Notation) -> str:
    limit = quantity(rule, rule.limit, notation)
    return f"net differs by more than {limit} from its median of {rule.minutes} minutes"


@condition.register
def _(rule: AgentBelow, notation: Notation) -> str:
    limit = quantity(rule, rule.limit, notation)
    return f"the net of {_name(rule.agent, 'any agent')} is below {limit}"


@condition.register
def _(rule: AgentSilent, _: Notation) -> str:
    agent = _name(rule.agent, "any agent")
    return f"the figures of {agent} do not change for more than {duration(rule.limit)}"


@condition.register
def _(rule: CategoryAbove, notation: Notation) -> str:
    limit = quantity(rule, rule.limit, notation)
    return f"the costs of {_name(rule.category, 'any category')} are above {limit}"


@condition.register
def _(rule: Books, notation: Notation) -> str:
    return f"the books do not balance by more than {quantity(rule, rule.limit, notation)}"


@condition.register
def _(_: Restated, __: Notation) -> str:
    return "the source changes the figures of a closed day"


@condition.register
def _(rule: Gap, _: Notation) -> str:
    return f"no message comes for more than {duration(rule.limit)} while connected"


@condition.register
def _(rule: RejectedShare, notation: Notation) -> str:
    limit = quantity(rule, rule.limit, notation)
    return f"more than {limit} of the messages within {duration(rule.window)} are refused"


@condition.register
def _(_: Stale, __: Notation) -> str:
    return "the data is stale"


@condition.register
def _(_: Offline, __: Notation) -> str:
    return "the source is offline"


@condition.register
def _(_: HistoryPaused, __: Notation) -> str:
    return "the history cannot be written"


def _name(name: str, every: str) -> str:
    return every if name == EVERY else isolated(name)
