"""Texts of the live page: component id → properties to set.

Every number is its own leaf. A list of rows is separate from the numbers in it and precedes them;
it changes only when a name is added, removed or moved.

Names and reasons come from the stream. They are text, and every conversion to HTML escapes them.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from dash import html
from dash.development.base_component import Component

from northstar.domain.books import Check, Place, audit
from northstar.domain.intraday import Intraday
from northstar.domain.ledger import Snapshot, average, percentage, total
from northstar.domain.shares import contributions
from northstar.view.live.bar_labels import bar_labels
from northstar.view.live.comparisons import comparisons, default_basis
from northstar.view.live.costs import grouped_costs
from northstar.view.live.earners import Earner, earners
from northstar.view.live.sections import made_of
from northstar.view.live.sentence import sentence
from northstar.view.live.sparklines import sparkline
from northstar.view.live.today import extreme
from northstar.view.live.trend import latest_average, whole_days
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN, Notation, isolated
from northstar.view.shared.panels import (
    Rows,
    Texts,
    is_loss,
    room_for,
    stat,
    tone,
)

MAX_FINDINGS = 2
KPIS = (Id.KPI_NET, Id.KPI_REVENUE, Id.KPI_EXPENSES, Id.KPI_MARGIN)
BOOKS = {
    Place.NET: Id.BOOKS_NET,
    Place.TREND: Id.BOOKS_TREND,
    Place.COSTS: Id.BOOKS_COSTS,
    Place.AGENTS: Id.BOOKS_AGENTS,
}


def texts(snapshot: Snapshot, write: Notation) -> Texts:
    """Return every text of the page that depends on the data."""
    findings = audit(snapshot, write.tolerance)
    return {
        Id.AS_OF: {
            "children": write.time_of_day(snapshot.as_of),
            "dateTime": snapshot.as_of.isoformat(timespec="seconds"),
        },
        Id.AS_OF_DAY: {"children": _day(snapshot, write)},
        **_kpis(snapshot, write),
        **_sparklines(snapshot.day),
        **_today(snapshot.day, write),
        **_trend(snapshot, write),
        **_costs(snapshot, write),
        **_agents(snapshot, write),
        **bar_labels(snapshot, write),
        **sentence(snapshot, findings, write),
        **_books(findings, write),
    }


def _day(snapshot: Snapshot, write: Notation) -> str:
    """Return the day, and whether amounts are rounded, so that parts may miss their total."""
    is_rounded = write.is_rounded(_amounts(snapshot)) or not write.foots(*_means(snapshot))
    return f"{write.day(snapshot.as_of)}{' · rounded' if is_rounded else ''}"


def _means(snapshot: Snapshot) -> list[Decimal | None]:
    """Return the average revenue, expenses and net of the trend's whole days."""
    days = whole_days(snapshot)
    return [average(getattr(day, name) for day in days) for name in ("revenue", "expenses", "net")]


def _amounts(snapshot: Snapshot) -> Iterator[Decimal]:
    """Yield the amounts of a state from which the others are computed."""
    state = snapshot.state
    for book in (state, *snapshot.agents, *snapshot.trend):
        yield from (book.revenue, book.expenses)
    yield from (cost.value for cost in snapshot.costs)
    before = (state.previous_revenue, state.previous_expenses)
    yield from (amount for amount in before if amount is not None)


def _kpis(snapshot: Snapshot, write: Notation) -> Texts:
    amounts = (snapshot.net, snapshot.revenue, snapshot.expenses)
    values = [*map(write.money, amounts), write.percent(snapshot.margin)]
    shown = [*map(write.shown, amounts), write.shown_percent(snapshot.margin)]
    return {
        # The longest value sets the size of all, so that net stays the largest.
        Id.KPIS: {**room_for(values), "data-basis": default_basis(snapshot)},
        **{
            part(kpi, "value"): {
                "className": "kpi-value loss" if is_loss(amount) else "kpi-value",
                "children": value,  # after its class: a loss is not highlighted
            }
            for kpi, value, amount in zip(KPIS, values, shown, strict=True)
        },
        **comparisons(snapshot, write),
    }


def _sparklines(day: Intraday | None) -> Texts:
    return {
        part(Id.KPI_NET, "spark"): sparkline(day, "net", "Net P&L"),
        part(Id.KPI_REVENUE, "spark"): sparkline(day, "revenue", "Revenue"),
        part(Id.KPI_EXPENSES, "spark"): sparkline(day, "expenses", "Expenses"),
        part(Id.KPI_MARGIN, "spark"): sparkline(day, "margin", "Net margin"),
    }


def _today(day: Intraday | None, write: Notation) -> Texts:
    then = day.same_time.amounts.net if day and day.same_time else None
    return _summary(
        Id.TODAY_SUMMARY,
        before=write.money(then),
        high=extreme(day.high, day, write) if day else UNKNOWN,
        low=extreme(day.low, day, write) if day else UNKNOWN,
    )


@made_of("trends_data")
def _trend(snapshot: Snapshot, write: Notation) -> Texts:
    revenue, expenses, net = map(write.money, _means(snapshot))
    return _summary(
        Id.TREND_SUMMARY,
        revenue=revenue,
        expenses=expenses,
        net=net,
        average=write.money(latest_average(snapshot, write.unit)),
    )


@made_of("cost_breakdown")
def _costs(snapshot: Snapshot, write: Notation) -> Texts:
    shown = grouped_costs(snapshot)
    spent = total(cost.amount for cost in shown)
    sum_of_all = UNKNOWN if snapshot.state.cost_breakdown is None else write.money(spent)
    rows = _cost_rows(tuple((cost.name, cost.colour) for cost in shown))
    content: Texts = {
        Id.COSTS_TOTAL: {"children": sum_of_all, **room_for([sum_of_all])},
        Id.COSTS_LEGEND: {"children": rows},
    }
    for row, cost in enumerate(shown):
        amount, share = write.money(cost.amount), write.percent(cost.share)
        content |= _numbers(Id.COSTS_LEGEND, row, amount=amount, share=share)
    return content


@lru_cache(maxsize=8)  # names rarely change
def _cost_rows(costs: tuple[tuple[str, str], ...]) -> Rows:
    return tuple(_cost_row(row, name, colour) for row, (name, colour) in enumerate(costs))


def _cost_row(row: int, name: str, colour: str) -> Component:
    return html.Li(
        [
            _swatch(colour),
            html.Span(name, className="name", title=name),
            html.Span(id=part(Id.COSTS_LEGEND, row, "amount"), className="amount"),
            html.Span(id=part(Id.COSTS_LEGEND, row, "share"), className="share"),
        ]
    )


def _swatch(colour: str) -> Component:
    return html.I(className="swatch", style={"background": f"var({colour})"})


@made_of("agent_attribution")
def _agents(snapshot: Snapshot, write: Notation) -> Texts:
    agents = earners(snapshot)
    cards = _agent_cards(tuple((agent.name, agent.colour) for agent in agents))
    amounts = [write.money(a) for agent in agents for a in (agent.revenue, agent.expenses)]
    content: Texts = {
        **_agents_summary(agents, write, known=snapshot.state.agent_attribution is not None),
        Id.AGENT_CARDS: {"children": cards, **room_for(amounts)},
    }
    parts = contributions([agent.net for agent in agents])
    for row, (agent, contribution) in enumerate(zip(agents, parts, strict=True)):
        content[part(Id.AGENT_CARDS, row, "net")] = {
            "children": write.money(agent.net),
            "className": tone(write.shown(agent.net)),
        }
        content |= _numbers(
            Id.AGENT_CARDS,
            row,
            revenue=write.money(agent.revenue),
            expenses=write.money(agent.expenses),
            contribution=write.percent(contribution),
            margin=write.percent(percentage(agent.net, agent.revenue)),
        )
    return content


def _agents_summary(agents: Sequence[Earner], write: Notation, *, known: bool) -> Texts:
    earned = total(agent.revenue for agent in agents)
    spent = total(agent.expenses for agent in agents)
    return _summary(
        Id.AGENTS_SUMMARY,
        revenue=write.money(earned if known else None),
        expenses=write.money(spent if known else None),
        net=write.money(earned - spent if known else None),
        margin=write.percent(percentage(earned - spent, earned)) if known else UNKNOWN,
    )


@lru_cache(maxsize=8)
def _agent_cards(agents: tuple[tuple[str, str], ...]) -> Rows:
    return tuple(_agent_card(row, name, colour) for row, (name, colour) in enumerate(agents))


def _agent_card(row: int, name: str, colour: str) -> Component:
    def number(label: str) -> Component:
        return stat(label, part(Id.AGENT_CARDS, row, label.lower()))

    return html.Li(
        [
            html.H3([_swatch(colour), html.Span(name)], title=name),
            html.Strong(id=part(Id.AGENT_CARDS, row, "net")),
            html.Dl(list(map(number, ("Revenue", "Expenses", "Contribution", "Margin")))),
        ],
        className="agent",
    )


def _summary(whole: Id, **numbers: str) -> Texts:
    return {whole: room_for(list(numbers.values())), **_numbers(whole, **numbers)}


def _numbers(whole: Id, *row: int, **texts_by_name: str) -> Texts:
    return {part(whole, *row, name): {"children": text} for name, text in texts_by_name.items()}


def _books(findings: Sequence[Check], write: Notation) -> Texts:
    return {
        target: {"children": _finding_texts([r for r in findings if r.place is place], write)}
        for place, target in BOOKS.items()
    }


def _finding_texts(findings: Sequence[Check], write: Notation) -> str:
    """Return the findings of one place as text, empty if there are none."""
    texts = [finding_text(finding, write) for finding in findings[:MAX_FINDINGS]]
    more = len(findings) - len(texts)
    return "; ".join([*texts, *([f"and {more} more"] if more else [])])


def finding_text(finding: Check, write: Notation) -> str:
    """Return the stated amount, and by how much it is over or short."""
    amount = write.percent if finding.unit == "%" else write.money
    side = "over" if finding.amount > 0 else "short"
    subject = isolated(finding.subject)
    return f"{subject} {amount(finding.stated)}, {amount(abs(finding.amount))} {side}"
