"""A small line of the running day beside the values of an alert, with its limit."""

from collections.abc import Iterator
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from northstar.alerts.rules import (
    BaseRule,
    Basis,
    Drawdown,
    ExpensesAbove,
    LossOfDay,
    MarginBelow,
    NetAbove,
    NetBelow,
)
from northstar.alerts.states import Alert
from northstar.domain.intraday import Intraday
from northstar.domain.limits import Limit
from northstar.view.shared.sparklines import drawing, sparkline


def day_line(alert: Alert, rule: BaseRule | None, day: Intraday | None) -> Iterator[Component]:
    """Yield the line of what a rule is about, if the day has one.

    It has no number, so that none differs from that of a card.
    """
    if day is None or alert.limit is None:
        return
    figure, level = _shown(rule, alert.limit, day)
    limits = {} if level is None else {"": Limit(alert.rule, level, is_floor=True)}
    line = sparkline(day, figure, figure.capitalize(), limits) if figure else {}
    if line.get("points"):
        named = {name: line[name] for name in ("aria-label", "data-since")}
        yield html.Div(drawing(line), className="spark", role="img", **named)


def _shown(rule: BaseRule | None, limit: Decimal, day: Intraday) -> tuple[str, Decimal | None]:
    """Return the figure of the day that a rule is about, "" if none, and its limit if known."""
    shown: tuple[str, Decimal | None] = ("", None)
    match rule:
        case NetBelow() | NetAbove():
            shown = ("net", limit)
        case LossOfDay():
            shown = ("net", -limit)
        case Drawdown(basis=Basis.DAY_PEAK):
            shown = ("net", day.high.amounts.net - limit)
        case Drawdown(basis=Basis.DAY_START):
            shown = ("net", day.first.amounts.net - limit)
        case Drawdown():
            shown = ("net", None)
        case MarginBelow():
            shown = ("margin", limit)
        case ExpensesAbove():
            shown = ("expenses", limit)
    return shown
