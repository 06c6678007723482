"""Explanation of every number in a chart's panel: what it covers, since when, and its computation.

The panel is sent when it is opened. Each number in it is a slot that names the element of the page
with the same number. The browser writes into it what that element shows, unless that is still the
number which the slot has with every digit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import NamedTuple, TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.domain.arithmetic import percentage, total
from northstar.domain.day import Moment
from northstar.domain.intraday import Intraday
from northstar.domain.messages import EXACT
from northstar.domain.shares import contributions
from northstar.domain.snapshot import Snapshot, today
from northstar.reports.parts import PartKind
from northstar.view.live.agents import list_of
from northstar.view.live.costs import grouped_costs
from northstar.view.live.earners import earners
from northstar.view.live.pictures import HEADINGS
from northstar.view.live.steps import UNEXPLAINED, steps
from northstar.view.live.trend import AVERAGE_DAYS, averages, means, whole_days
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN, Notation

Line: TypeAlias = Sequence[str | Component]


class Explained(NamedTuple):
    """A number or several: their name, what they are of, and the lines that compute them."""

    name: str
    rule: str
    lines: Sequence[Line]


def slot(of: str, shown: str, exact: str = "", **where: str) -> Component:
    """Return a number that the browser takes from the element with the id `of`.

    `shown` is the text of that element, `exact` the number with every digit. For a row of a list,
    `where` names the list and the row (`_row`), and `of` is the end of the element's id.
    """
    place = {"data-of": of, "data-shown": shown, **where}
    return html.Span(exact or shown, className="number", **place)


def explain_panel(chart: Id, snapshot: Snapshot, write: Notation) -> Sequence[Component]:
    """Return the explanations of the numbers in a chart's panel."""
    return [
        html.Div(
            [
                html.H4(name),
                html.P(rule, className="rule"),
                html.Div([html.P(line) for line in lines], className="formula"),
            ],
            className="explained",
        )
        for name, rule, lines in PANELS[chart](snapshot, write)
    ]


def _row(whole: Id | str, kind: PartKind, names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Yield where the browser finds each row: rows move, and two can have the same name."""
    for place, name in enumerate(names):
        nth = names[:place].count(name)
        yield {"data-list": whole, "data-row": f"{kind} {name}", "data-nth": str(nth)}


def _money(of: str, amount: Decimal | None, write: Notation, **where: str) -> Component:
    return slot(of, write.money(amount), write.exact(amount), **where)


def _today(snapshot: Snapshot, write: Notation) -> Iterator[Explained]:
    day = snapshot.day
    if day is None:
        return
    start = day.line.start.astimezone(day.line.zone)
    since = f"of all messages since {start:%H:%M} ({start.tzname()})"
    yield _extreme("High", f"The highest net {since}", day.high, day, write)
    yield _extreme("Low", f"The lowest net {since}", day.low, day, write)
    if day.before and day.same_time:
        then = day.same_time.at.astimezone(day.line.zone)
        rule = f"The last state on {write.short_day(day.before.day)} up to the time now"
        line = _state("before", day.same_time, then, write)
        yield Explained("Day before, same time", rule, [line])


def _extreme(name: str, rule: str, at: Moment, day: Intraday, write: Notation) -> Explained:
    line = _state(name.lower(), at, at.at.astimezone(day.line.zone), write)
    return Explained(name, rule, [line])


def _state(name: str, moment: Moment, at: datetime, write: Notation) -> Line:
    """Return how the net of a moment follows; the page has its time beside an extreme."""
    amounts = moment.amounts
    sides = f"{write.exact(amounts.revenue)} − {write.exact(amounts.expenses)} = "
    time = f"{at:%H:%M}"
    shown = write.money(amounts.net) + ("" if name == "before" else f" · {time}")
    of = part(Id.TODAY_SUMMARY, name)
    return [sides, slot(of, shown, f"{write.exact(amounts.net)} · {at:%H:%M:%S}")]


def _trend(snapshot: Snapshot, write: Notation) -> Iterator[Explained]:
    days = whole_days(snapshot)
    if not days:
        return
    ends = f"{write.short_day(days[0].date)} to {write.short_day(days[-1].date)}"
    rule = f"Mean of the {len(days)} whole days from {ends}; the running day is not one"
    for name, mean in zip(("revenue", "expenses", "net"), means(snapshot), strict=True):
        whole = write.exact(total(getattr(day, name) for day in days))
        number = slot(part(Id.TREND_SUMMARY, f"{name}-all"), write.money(mean))
        yield Explained(f"Average {name}", rule, [[f"{whole} ÷ {len(days)} = ", number]])
    yield _week(snapshot, write)


def _week(snapshot: Snapshot, write: Notation) -> Explained:
    running = today(snapshot)
    ended = [
        (row, mean)
        for row, mean in zip(snapshot.trend, averages(snapshot, write.unit), strict=True)
        if row is not running
    ]
    mean = ended[-1][1] if ended else None
    rule = f"Mean of net over the {AVERAGE_DAYS} trading days that have ended last"
    number = slot(part(Id.TREND_SUMMARY, "average"), write.money(mean))
    if mean is None:
        return Explained("7-day average", f"{rule}; one is missing or incomplete", [[number]])
    nets = [day.net for day in whole_days(snapshot)[-AVERAGE_DAYS:]]
    line = [f"{write.exact(total(nets))} ÷ {len(nets)} = ", number]
    return Explained("7-day average", rule, [line])


def _waterfall(snapshot: Snapshot, write: Notation) -> Iterator[Explained]:
    bars = steps(snapshot, write.tolerance)
    ids = (part(Id.CHART_WATERFALL, "labels", row, "amount") for row in count())
    whole = part(Id.CHART_WATERFALL, "labels")
    rows = _row(whole, PartKind.CATEGORY, [bar.name for bar in bars[1:-1]])
    stated = "As stated in the message"
    yield Explained("Revenue", stated, [[_money(next(ids), bars[0].amount, write)]])
    for bar, row in zip(bars[1:-1], rows, strict=True):
        rule = "Expenses − the sum of all categories" if bar.name == UNEXPLAINED else stated
        yield Explained(bar.name, rule, [[_money("-amount", bar.amount, write, **row)]])
    sides = f"{write.exact(snapshot.revenue)} − {write.exact(snapshot.expenses)} = "
    last = part(Id.CHART_WATERFALL, "labels", len(bars) - 1, "amount")
    line = [sides, _money(last, snapshot.net, write)]
    yield Explained("Net P&L", "Revenue − expenses", [line])


def _costs(snapshot: Snapshot, write: Notation) -> Iterator[Explained]:
    shown = grouped_costs(snapshot)
    whole = total(cost.amount for cost in shown)
    sum_of_all = _money(Id.COSTS_TOTAL, whole, write)
    rows = _row(Id.COSTS_LEGEND, PartKind.CATEGORY, [cost.name for cost in shown])
    for cost, row in zip(shown, rows, strict=True):
        amount = _money("-amount", cost.amount, write, **row)
        share = slot("-share", write.percent(cost.share), **row)
        rule = "As stated in the message; its share is of the total of all categories"
        yield Explained(cost.name, rule, [[amount, " ÷ ", sum_of_all, " = ", share]])
    rule = "The sum of all categories; whether it is the expenses is one of the checks"
    yield Explained("Total", rule, [[_money(Id.COSTS_TOTAL, whole, write)]])


def _agents(snapshot: Snapshot, write: Notation) -> Iterator[Explained]:
    agents = earners(snapshot)
    parts = contributions([agent.net for agent in agents])
    net_of_all = total(agent.net for agent in agents)
    rows = _row(list_of(snapshot), PartKind.AGENT, [agent.name for agent in agents])
    rule = "Net; contribution to the net of all; margin"
    for agent, share, row in zip(agents, parts, rows, strict=True):
        revenue, expenses, net = (
            _money(f"-{name}", getattr(agent, name), write, **row)
            for name in ("revenue", "expenses", "net")
        )
        contribution = slot("-contribution", write.percent(share), **row)
        margin = slot("-margin", write.percent(percentage(agent.net, agent.revenue)), **row)
        whole = _money(part(Id.AGENTS_SUMMARY, "net"), net_of_all, write)
        lines = [
            [revenue, " − ", expenses, " = ", net],
            [net, " ÷ ", whole, " = ", contribution],
            [net, " ÷ ", revenue, " = ", margin],
        ]
        yield Explained(agent.name, rule, lines)
    yield _all_agents(snapshot, write)


def _all_agents(snapshot: Snapshot, write: Notation) -> Explained:
    known = snapshot.state.agent_attribution is not None
    earned = total(agent.revenue for agent in snapshot.agents)
    spent = total(agent.expenses for agent in snapshot.agents)
    amounts = {"revenue": earned, "expenses": spent, "net": EXACT.subtract(earned, spent)}
    revenue, expenses, net = (
        _money(part(Id.AGENTS_SUMMARY, name), amount if known else None, write)
        for name, amount in amounts.items()
    )
    share = write.percent(percentage(amounts["net"], earned)) if known else UNKNOWN
    margin = slot(part(Id.AGENTS_SUMMARY, "margin"), share)
    rule = "The sums of all agents; average margin: net of all ÷ revenue of all"
    lines = [[revenue, " − ", expenses, " = ", net], [net, " ÷ ", revenue, " = ", margin]]
    return Explained("All agents", rule, lines)


TITLES: Mapping[Id, str] = {Id.CHART_TODAY: "Today's net P&L", **HEADINGS}
PANELS: Mapping[Id, Callable[[Snapshot, Notation], Iterator[Explained]]] = {
    Id.CHART_TODAY: _today,
    Id.CHART_TREND: _trend,
    Id.CHART_WATERFALL: _waterfall,
    Id.CHART_COSTS: _costs,
    Id.CHART_AGENTS: _agents,
}
