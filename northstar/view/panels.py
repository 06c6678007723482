"""What a snapshot puts into the page's text: component id → properties.

Dash rebuilds everything below a component whose children are set, at half a millisecond each.
So every number is a leaf of its own, and a list of rows is set apart from the numbers in it: it
changes only when a name comes, goes or moves. A list stands before its numbers.

Names and reasons come from the stream. They are children, so they are text and never markup.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.books import Place, Residual, audit
from northstar.ledger import Snapshot, average, change, percentage, total
from northstar.messages import AgentMetrics
from northstar.view import theme
from northstar.view.ids import Id, part
from northstar.view.money import (
    UNKNOWN,
    day,
    isolated,
    money,
    percent,
    signed_money,
    signed_percent,
    signed_points,
    time_of_day,
)

Props: TypeAlias = Mapping[str, Any]
Texts: TypeAlias = dict[str, Props]

RESIDUALS_SHOWN = 2
BOOKS = {
    Place.NET: Id.BOOKS_NET,
    Place.TREND: Id.BOOKS_TREND,
    Place.COSTS: Id.BOOKS_COSTS,
    Place.AGENTS: Id.BOOKS_AGENTS,
}


def texts(snapshot: Snapshot) -> Texts:
    """Return every text of the page that depends on the data."""
    return {
        Id.AS_OF: {
            "children": time_of_day(snapshot.as_of),
            "dateTime": snapshot.as_of.isoformat(timespec="seconds"),
        },
        Id.AS_OF_DAY: {"children": day(snapshot.as_of)},
        **_kpis(snapshot),
        **_trend(snapshot),
        **_costs(snapshot),
        **_agents(snapshot),
        **_books(audit(snapshot)),
    }


def stat(label: str, number_id: str, key: str = "") -> Component:
    """Return a labelled number that is not known yet; `key` gives it a chart's colour."""
    number = html.Dd(UNKNOWN, id=number_id)
    return html.Div([html.Dt(label), number], className=f"stat {key}".strip())


def _kpis(snapshot: Snapshot) -> Texts:
    before = snapshot.state
    return {
        **_money_kpi(Id.KPI_NET, snapshot.net, snapshot.previous_net),
        **_money_kpi(Id.KPI_REVENUE, snapshot.revenue, before.previous_revenue),
        **_money_kpi(
            Id.KPI_EXPENSES, snapshot.expenses, before.previous_expenses, more_is_good=False
        ),
        **_margin_kpi(snapshot),
    }


def _money_kpi(
    kpi: Id, now: Decimal, before: Decimal | None, *, more_is_good: bool = True
) -> Texts:
    moved = change(now, before)
    text = f"{signed_money(moved.amount)} ({signed_percent(moved.percent)})"
    return _kpi(
        kpi,
        value=money(now),
        loss=now < 0,
        change_text=UNKNOWN if moved.amount is None else text,
        movement=moved.amount,
        more_is_good=more_is_good,
        before="" if before is None else f"was {money(before)}",
        bar=_bar(now, before),
    )


def _margin_kpi(snapshot: Snapshot) -> Texts:
    now, before = snapshot.margin, snapshot.previous_margin
    moved = None if now is None or before is None else now - before
    return _kpi(
        Id.KPI_MARGIN,
        value=percent(now),
        loss=now is not None and now < 0,
        change_text=signed_points(moved),
        movement=moved,
        more_is_good=True,
        before="" if before is None else f"was {percent(before)}",
        bar=_bar_of(now, before, Decimal(100)),
    )


def _kpi(  # noqa: PLR0913 (a card is its parts)
    kpi: Id,
    *,
    value: str,
    loss: bool,
    change_text: str,
    movement: Decimal | None,
    more_is_good: bool,
    before: str,
    bar: Props,
) -> Texts:
    return {
        part(kpi, "value"): {
            "children": value,
            "className": "kpi-value loss" if loss else "kpi-value",
            "style": {"--letters": len(value)},
        },
        part(kpi, "change"): {
            "children": f"{_arrow(movement)} {change_text}".strip(),
            "className": f"kpi-change {_tone(movement, more_is_good=more_is_good)}",
        },
        part(kpi, "before"): {"children": before},
        part(kpi, "bar"): {"style": bar, "className": "kpi-bar loss" if loss else "kpi-bar"},
    }


def _bar(now: Decimal, before: Decimal | None) -> Props:
    """Return a bar for this period and a mark for the previous one, the longer being 100 %."""
    longest = max(abs(now), abs(before or Decimal(0)))
    return _bar_of(abs(now), before and abs(before), longest)


def _bar_of(now: Decimal | None, before: Decimal | None, full: Decimal) -> Props:
    known = {"--now": now, "--before": before}
    return {
        name: _share_of_bar(amount, full) for name, amount in known.items() if amount is not None
    }


def _share_of_bar(amount: Decimal, full: Decimal) -> str:
    share = percentage(amount, full)
    return f"{min(max(share or Decimal(0), Decimal(0)), Decimal(100)):.1f}%"


def _arrow(movement: Decimal | None) -> str:
    return "" if not movement else "▲" if movement > 0 else "▼"


def _tone(movement: Decimal | None, *, more_is_good: bool = True) -> str:
    if not movement:
        return "flat"
    return "gain" if (movement > 0) == more_is_good else "loss"


def _trend(snapshot: Snapshot) -> Texts:
    days = snapshot.trend
    return _numbers(
        Id.TREND_SUMMARY,
        revenue=money(average(day.revenue for day in days)),
        expenses=money(average(day.expenses for day in days)),
        net=money(average(day.net for day in days)),
    )


def _costs(snapshot: Snapshot) -> Texts:
    spent = total(cost.value for cost in snapshot.costs)
    content: Texts = {
        Id.COSTS_TOTAL: {
            "children": UNKNOWN if snapshot.state.cost_breakdown is None else money(spent)
        },
        Id.COSTS_LEGEND: {
            "children": [_cost_row(row, cost.name) for row, cost in enumerate(snapshot.costs)]
        },
    }
    for row, cost in enumerate(snapshot.costs):
        share = percent(percentage(cost.value, spent))
        content |= _numbers(Id.COSTS_LEGEND, row, amount=money(cost.value), share=share)
    return content


def _cost_row(row: int, name: str) -> Component:
    return html.Li(
        [
            html.I(className="swatch", style={"background": theme.cost_colour(row)}),
            html.Span(name, className="name", title=name),
            html.Span(id=part(Id.COSTS_LEGEND, row, "amount"), className="amount"),
            html.Span(id=part(Id.COSTS_LEGEND, row, "share"), className="share"),
        ]
    )


def _agents(snapshot: Snapshot) -> Texts:
    agents = snapshot.agents
    names = [agent.agent for agent in agents]
    content: Texts = {
        **_agents_summary(agents, known=snapshot.state.agent_attribution is not None),
        Id.AGENT_CARDS: {"children": [_agent_card(row, name) for row, name in enumerate(names)]},
    }
    net_of_all = total(agent.net for agent in agents)
    for row, agent in enumerate(agents):
        content[part(Id.AGENT_CARDS, row, "net")] = {
            "children": money(agent.net),
            "className": "loss" if agent.net < 0 else "gain",
        }
        content |= _numbers(
            Id.AGENT_CARDS,
            row,
            revenue=money(agent.revenue),
            expenses=money(agent.expenses),
            contribution=percent(percentage(agent.net, net_of_all)),
            margin=percent(percentage(agent.net, agent.revenue)),
        )
    return content


def _agents_summary(agents: Sequence[AgentMetrics], *, known: bool) -> Texts:
    earned = total(agent.revenue for agent in agents)
    spent = total(agent.expenses for agent in agents)
    return _numbers(
        Id.AGENTS_SUMMARY,
        revenue=money(earned if known else None),
        expenses=money(spent if known else None),
        net=money(earned - spent if known else None),
        margin=percent(percentage(earned - spent, earned)) if known else UNKNOWN,
    )


def _agent_card(row: int, name: str) -> Component:
    def number(label: str) -> Component:
        return stat(label, part(Id.AGENT_CARDS, row, label.lower()))

    return html.Li(
        [
            html.H3(name, title=name),
            html.Strong(id=part(Id.AGENT_CARDS, row, "net")),
            html.Dl(list(map(number, ("Revenue", "Expenses", "Contribution", "Margin")))),
        ],
        className="agent",
    )


def _numbers(whole: Id, *row: int, **texts_by_name: str) -> Texts:
    return {part(whole, *row, name): {"children": text} for name, text in texts_by_name.items()}


def _books(residuals: Sequence[Residual]) -> Texts:
    return {
        target: {"children": _disagreements([r for r in residuals if r.place is place])}
        for place, target in BOOKS.items()
    }


def _disagreements(residuals: Sequence[Residual]) -> str:
    """Return what does not add up in one place; nothing where it does."""
    told = list(map(_disagreement, residuals[:RESIDUALS_SHOWN]))
    more = len(residuals) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])


def _disagreement(residual: Residual) -> str:
    write = percent if residual.unit == "%" else money
    side = "over" if residual.amount > 0 else "short"
    subject = isolated(residual.subject)
    return f"{subject} {write(residual.stated)}, {write(abs(residual.amount))} {side}"
