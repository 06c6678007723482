"""Short phrases for an alert, while it lasts and once it is over."""

from datetime import date
from typing import NamedTuple

from northstar.alerts.rules import (
    AgentBelow,
    AgentSilent,
    BaseRule,
    Books,
    CategoryAbove,
    Change,
    Drawdown,
    ExpensesAbove,
    Gap,
    HistoryPaused,
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
from northstar.alerts.states import Alert
from northstar.view.alerts.names import plain
from northstar.view.alerts.sentences import BASES, duration, quantity
from northstar.view.shared.money import Notation


class Phrase(NamedTuple):
    """`now` is a clause with the value, `topic` what it is about, without one."""

    now: str
    topic: str


# {value} and {limit} are in the rule's unit, {name} is an agent, a category or a day, {basis} and
# {window} are fields of the rule.
PHRASES: dict[type[BaseRule], Phrase] = {
    NetBelow: Phrase("net {value} is below {limit}", "net below {limit}"),
    NetAbove: Phrase("net {value} is above {limit}", "net above {limit}"),
    Drawdown: Phrase(
        "net is {value} below {basis}, limit {limit}", "net more than {limit} below {basis}"
    ),
    LossOfDay: Phrase("the day's loss {value} is above {limit}", "the day's loss above {limit}"),
    MarginBelow: Phrase("margin {value} is below {limit}", "margin below {limit}"),
    ExpensesAbove: Phrase("expenses {value} are above {limit}", "expenses above {limit}"),
    Change: Phrase(
        "net moved by {value} within {window}, limit {limit}",
        "net moving by more than {limit} within {window}",
    ),
    Spike: Phrase(
        "net is {value} off its median of {window}, limit {limit}",
        "net more than {limit} off its median of {window}",
    ),
    AgentBelow: Phrase("net of {name} {value} is below {limit}", "net of {name} below {limit}"),
    AgentSilent: Phrase(
        "figures of {name} have not changed for {value}, limit {limit}",
        "figures of {name} unchanged for more than {limit}",
    ),
    CategoryAbove: Phrase(
        "costs of {name} {value} are above {limit}", "costs of {name} above {limit}"
    ),
    Books: Phrase(
        "the books do not balance by {value}, limit {limit}", "books off by more than {limit}"
    ),
    Restated: Phrase("the source changed the net of {name} by {value}", "restatement of {name}"),
    Gap: Phrase("no message for {value}, limit {limit}", "no message for more than {limit}"),
    RejectedShare: Phrase(
        "{value} of the messages within {window} are refused, limit {limit}",
        "more than {limit} of the messages refused",
    ),
    Stale: Phrase("the data is stale", "data stale"),
    Offline: Phrase("the source is offline", "source offline"),
    HistoryPaused: Phrase("the history cannot be written", "history not written"),
}
SIGNED = Change | Spike | Restated


def now(alert: Alert, rule: BaseRule | None, notation: Notation) -> str:
    """Return the current condition: `net -$5,120 is below -$5,000`."""
    if rule is None:
        return _unknown(alert)
    return PHRASES[type(rule)].now.format(**_words(alert, rule, notation))


def topic(alert: Alert, rule: BaseRule | None, notation: Notation) -> str:
    """Return what the alert is about: `net below -$5,000`."""
    if rule is None:
        return _unknown(alert)
    return PHRASES[type(rule)].topic.format(**_words(alert, rule, notation))


def _unknown(alert: Alert) -> str:
    """Return the name of a rule that is not in the file any more."""
    return f"{alert.rule} {plain(alert.subject)}".strip()


def _words(alert: Alert, rule: BaseRule, notation: Notation) -> dict[str, str]:
    """Return the values of the placeholders."""

    def written(value: object) -> str:
        return "" if value is None else quantity(rule, value, notation)  # type: ignore[arg-type]

    is_signed = isinstance(rule, SIGNED) and alert.value is not None
    return {
        "value": notation.signed_money(alert.value) if is_signed else written(alert.value),
        "limit": written(alert.limit),
        "name": _name(alert, rule, notation),
        "basis": BASES[rule.basis] if isinstance(rule, Drawdown) else "",
        "window": _window(rule),
    }


def _window(rule: BaseRule) -> str:
    match rule:
        case Spike():
            return duration(rule.minutes * 60)
        case Change() | RejectedShare():
            return duration(rule.window)
        case _:
            return ""


def _name(alert: Alert, rule: BaseRule, notation: Notation) -> str:
    if isinstance(rule, Restated):
        return notation.full_day(date.fromisoformat(alert.subject))
    return plain(alert.subject)
