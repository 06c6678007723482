"""What a snapshot puts into the page's text: component id → properties.

Names and reasons come from the stream. They are children, so they are text and never markup.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.books import Place, Residual, audit
from northstar.ledger import AgentMetrics, Snapshot, average, change, percentage, total
from northstar.view import theme
from northstar.view.ids import Id, part
from northstar.view.money import (
    UNKNOWN,
    moment,
    money,
    percent,
    signed_money,
    signed_percent,
    signed_points,
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
            "children": moment(snapshot.as_of),
            "dateTime": snapshot.as_of.isoformat(timespec="seconds"),
        },
        **_kpis(snapshot),
        Id.TREND_SUMMARY: {"children": _trend_summary(snapshot)},
        Id.COSTS_LEGEND: {"children": _costs_legend(snapshot)},
        Id.COSTS_TOTAL: {"children": _costs_total(snapshot)},
        Id.AGENTS_SUMMARY: {"children": _agents_summary(snapshot)},
        Id.AGENT_CARDS: {"children": _agent_cards(snapshot)},
        **_books(audit(snapshot)),
    }


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
        before=money(before),
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
        before=UNKNOWN if before is None else percent(before),
        bar=[_share_of_bar(now, Decimal(100)), _share_of_bar(before, Decimal(100))],
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
    bar: Sequence[str],
) -> Texts:
    return {
        part(kpi, "value"): {
            "children": value,
            "className": "kpi-value loss" if loss else "kpi-value",
        },
        part(kpi, "change"): {
            "children": f"{_arrow(movement)} {change_text}".strip(),
            "className": f"kpi-change {_tone(movement, more_is_good=more_is_good)}",
        },
        part(kpi, "before"): {"children": f"was {before}"},
        part(kpi, "bar"): {"style": {"width": bar[0]}, "className": "loss" if loss else ""},
        part(kpi, "mark"): {"style": {"left": bar[1]}},
    }


def _bar(now: Decimal, before: Decimal | None) -> Sequence[str]:
    """Return how long the bar is, and where on it the previous period's mark stands."""
    longest = max(abs(now), abs(before or Decimal(0)))
    return [_share_of_bar(abs(now), longest), _share_of_bar(before and abs(before), longest)]


def _share_of_bar(amount: Decimal | None, longest: Decimal) -> str:
    share = percentage(amount, longest) if amount is not None else None
    return f"{min(max(share or Decimal(0), Decimal(0)), Decimal(100)):.1f}%"


def _arrow(movement: Decimal | None) -> str:
    return "" if not movement else "▲" if movement > 0 else "▼"


def _tone(movement: Decimal | None, *, more_is_good: bool = True) -> str:
    if not movement:
        return "flat"
    return "gain" if (movement > 0) == more_is_good else "loss"


def _trend_summary(snapshot: Snapshot) -> list[Component]:
    days = snapshot.trend
    return [
        _stat("Avg revenue", money(average(day.revenue for day in days)), "revenue"),
        _stat("Avg expenses", money(average(day.expenses for day in days)), "expenses"),
        _stat("Avg net", money(average(day.net for day in days)), "net"),
    ]


def _stat(label: str, value: str, key: str = "") -> Component:
    return html.Div(
        [html.Dt(label), html.Dd(value)], className=f"stat {key}".strip()
    )


def _costs_total(snapshot: Snapshot) -> str:
    return money(total(cost.value for cost in snapshot.costs)) if snapshot.costs else UNKNOWN


def _costs_legend(snapshot: Snapshot) -> list[Component]:
    spent = total(cost.value for cost in snapshot.costs)
    return [
        html.Li(
            [
                html.I(className="swatch", style={"background": theme.cost_colour(index)}),
                html.Span(cost.name, className="name", title=cost.name),
                html.Span(money(cost.value), className="amount"),
                html.Span(percent(percentage(cost.value, spent)), className="share"),
            ]
        )
        for index, cost in enumerate(snapshot.costs)
    ]


def _agents_summary(snapshot: Snapshot) -> list[Component]:
    agents = snapshot.agents
    if not agents:
        return [_stat(label, UNKNOWN) for label in ("Revenue", "Expenses", "Net", "Avg margin")]
    earned = total(agent.revenue for agent in agents)
    spent = total(agent.expenses for agent in agents)
    return [
        _stat("Revenue", money(earned), "revenue"),
        _stat("Expenses", money(spent), "expenses"),
        _stat("Net", money(earned - spent), "net"),
        _stat("Avg margin", percent(percentage(earned - spent, earned))),
    ]


def _agent_cards(snapshot: Snapshot) -> list[Component]:
    net_of_all = total(agent.net for agent in snapshot.agents)
    return [_agent_card(agent, net_of_all) for agent in snapshot.agents]


def _agent_card(agent: AgentMetrics, net_of_all: Decimal) -> Component:
    """One agent; its contribution is its share of the net of all, n/a where that is no gain."""
    return html.Li(
        [
            html.H3(agent.agent, title=agent.agent),
            html.Strong(money(agent.net), className="loss" if agent.net < 0 else "gain"),
            html.Dl(
                [
                    _stat("Revenue", money(agent.revenue)),
                    _stat("Expenses", money(agent.expenses)),
                    _stat("Contribution", percent(percentage(agent.net, net_of_all))),
                    _stat("Margin", percent(percentage(agent.net, agent.revenue))),
                ]
            ),
        ],
        className="agent",
    )


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
    return f"{residual.subject} {write(residual.stated)}, {write(abs(residual.amount))} {side}"
