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

from northstar.domain.arithmetic import total
from northstar.domain.books import Check, Place, audit
from northstar.domain.day import Moment
from northstar.domain.intraday import Intraday
from northstar.domain.snapshot import Snapshot
from northstar.reports.parts import Part, PartKind
from northstar.view.live.agents import agents
from northstar.view.live.bar_labels import bar_labels
from northstar.view.live.comparisons import comparisons, default_basis
from northstar.view.live.costs import grouped_costs
from northstar.view.live.links import mark, part_link
from northstar.view.live.sections import made_of
from northstar.view.live.sentence import sentence
from northstar.view.live.today import clock_of
from northstar.view.live.trend import latest_average, means
from northstar.view.shared.compact import brief, is_large
from northstar.view.shared.ids import Id, part
from northstar.view.shared.limits import limit_text
from northstar.view.shared.money import UNKNOWN, Notation, isolated
from northstar.view.shared.panels import (
    Props,
    Rows,
    Texts,
    amount_props,
    is_loss,
    numbers,
    room_for,
    summary_of,
    swatch,
)
from northstar.view.shared.sparklines import sparkline

MAX_FINDINGS = 2
BOOK = ("revenue", "expenses", "net")
ZOOMS = (7, 14)  # days of the trend
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
        **_sparklines(snapshot, write),
        **_today(snapshot.day, write),
        **_trend(snapshot, write),
        **_costs(snapshot, write),
        **agents(snapshot, write),
        **bar_labels(snapshot, write),
        **sentence(snapshot, findings, write),
        **_books(findings, write),
    }


def _day(snapshot: Snapshot, write: Notation) -> str:
    """Return the day, and whether amounts are rounded, so that parts may miss their total."""
    is_rounded = write.is_rounded(_amounts(snapshot)) or not write.foots(*means(snapshot))
    return f"{write.day(snapshot.as_of)}{' · rounded' if is_rounded else ''}"


def _amounts(snapshot: Snapshot) -> Iterator[Decimal]:
    """Yield the amounts of a state from which the others are computed."""
    state = snapshot.state
    for book in (state, *snapshot.agents, *snapshot.trend):
        yield from (book.revenue, book.expenses)
    yield from (cost.value for cost in snapshot.costs)
    before = (state.previous_revenue, state.previous_expenses)
    yield from (amount for amount in before if amount is not None)


def _kpis(snapshot: Snapshot, write: Notation) -> Texts:
    amounts = dict(zip(KPIS, (snapshot.net, snapshot.revenue, snapshot.expenses), strict=False))
    margin = write.percent(snapshot.margin)
    lost = is_loss(write.shown_percent(snapshot.margin))
    values = {part(kpi, "value"): _value(amount, write) for kpi, amount in amounts.items()}
    return {
        # The longest value sets the size of all, so that net stays the largest.
        Id.KPIS: {
            **room_for([*map(write.money, amounts.values()), margin]),
            "data-basis": default_basis(snapshot),
            "data-separators": write.separators,
        },
        **values,
        part(Id.KPI_NET, "value"): {**values[part(Id.KPI_NET, "value")], "data-point": write.point},
        part(Id.KPI_MARGIN, "value"): {"className": _value_class(is_lost=lost), "children": margin},
        **comparisons(snapshot, write),
    }


def _value(amount: Decimal, write: Notation) -> Props:
    """Return a key figure's amount, and its abbreviation for a card that is too narrow for it."""
    look = _value_class(is_lost=is_loss(write.shown(amount)))
    # A class precedes its text: a loss is not highlighted.
    props = {"className": look, "children": write.money(amount)}
    if is_large(amount):
        props |= {"data-brief": brief(amount, write), "title": props["children"]}
    return props


def _value_class(*, is_lost: bool) -> str:
    return "kpi-value loss" if is_lost else "kpi-value"


def _sparklines(snapshot: Snapshot, write: Notation) -> Texts:
    day, limits = snapshot.day, {limit_text(each, write): each for each in snapshot.limits}
    return {
        part(Id.KPI_NET, "spark"): sparkline(day, "net", "Net P&L", limits),
        part(Id.KPI_REVENUE, "spark"): sparkline(day, "revenue", "Revenue"),
        part(Id.KPI_EXPENSES, "spark"): sparkline(day, "expenses", "Expenses"),
        part(Id.KPI_MARGIN, "spark"): sparkline(day, "margin", "Net margin"),
    }


def _today(day: Intraday | None, write: Notation) -> Texts:
    then = day.same_time.amounts.net if day and day.same_time else None
    return summary_of(
        Id.TODAY_SUMMARY,
        before=amount_props(then, write),
        high=_extreme(day.high, day, write) if day else {"children": UNKNOWN},
        low=_extreme(day.low, day, write) if day else {"children": UNKNOWN},
    )


def _extreme(moment: Moment, day: Intraday, write: Notation) -> Props:
    """Return a net and its local time; the title has an abbreviated one in full."""
    net, clock = amount_props(moment.amounts.net, write), clock_of(moment.at, day.line)
    return {name: f"{text} · {clock}" for name, text in net.items()}


@made_of("trends_data")
def _trend(snapshot: Snapshot, write: Notation) -> Texts:
    shown = {
        f"{name}-{span}": amount_props(mean, write)
        for span in ("all", *ZOOMS)
        for name, mean in zip(BOOK, means(snapshot, span), strict=True)
    }
    latest = amount_props(latest_average(snapshot, write.unit), write)
    return summary_of(Id.TREND_SUMMARY, **shown, average=latest)


@made_of("cost_breakdown")
def _costs(snapshot: Snapshot, write: Notation) -> Texts:
    shown = grouped_costs(snapshot)
    spent = total(cost.amount for cost in shown)
    sum_of_all = amount_props(None if snapshot.state.cost_breakdown is None else spent, write)
    rows = _cost_rows(tuple((cost.name, cost.colour, cost.source_name) for cost in shown))
    content: Texts = {
        Id.COSTS_TOTAL: {**sum_of_all, **room_for([sum_of_all["children"]])},
        Id.COSTS_LEGEND: {"children": rows},
    }
    for row, cost in enumerate(shown):
        amount, share = amount_props(cost.amount, write), {"children": write.percent(cost.share)}
        content |= numbers(Id.COSTS_LEGEND, row, amount=amount, share=share)
    return content


@lru_cache(maxsize=8)  # names rarely change
def _cost_rows(costs: tuple[tuple[str, str, str], ...]) -> Rows:
    return tuple(_cost_row(row, *cost) for row, cost in enumerate(costs))


def _cost_row(row: int, name: str, colour: str, source_name: str) -> Component:
    return html.Li(
        [
            swatch(colour),
            part_link(PartKind.CATEGORY, name, source_name, className="name"),
            html.Span(id=part(Id.COSTS_LEGEND, row, "amount"), className="amount"),
            html.Span(id=part(Id.COSTS_LEGEND, row, "share"), className="share"),
        ],
        **mark(Part(PartKind.CATEGORY, name)),
    )


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
    of_day = f"{write.full_day(finding.day)}: " if finding.day else ""
    subject = isolated(finding.subject)
    return f"{of_day}{subject} {amount(finding.stated)}, {amount(abs(finding.amount))} {side}"
