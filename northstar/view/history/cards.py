"""Key figures of the history page, and its best, worst and deepest days."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.domain.day import Amounts, DayRecord
from northstar.reports.contrast import Basis
from northstar.reports.drawdowns import Drawdown, deepest, longest
from northstar.reports.report import Report
from northstar.reports.returns import best, worst
from northstar.view.history.figures import NO_FALL
from northstar.view.history.links import Links
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import (
    Props,
    cents_apart,
    change_text,
    is_loss,
    points_text,
    room_for,
    tone,
)

# Parts of a text, and how a day in it is written.
Detail: TypeAlias = Sequence[str | Component]
Fact: TypeAlias = tuple[str, str, Detail]  # label, number and details
LinkedDay: TypeAlias = Callable[[date], Component]


def kpis(report: Report, write: Notation) -> Component:
    """Return the period's key figures and their changes against the other period."""
    now = report.amounts
    cards = [
        money_card(Id.KPI_NET, "Net P&L", "net", report, write),
        money_card(Id.KPI_REVENUE, "Revenue", "revenue", report, write),
        money_card(Id.KPI_EXPENSES, "Expenses", "expenses", report, write),
        _margin_card(report, write),
    ]
    return card_row(cards, [now.net, now.revenue, now.expenses] if now else [], write)


def card_row(cards: Sequence[Component], amounts: Sequence[Decimal], write: Notation) -> Component:
    """Return cards side by side; `amounts` are those on them."""
    room = room_for([write.money(amount) for amount in amounts])
    heading = html.H2("Key figures", className="visually-hidden")
    more = {**room, "data-separators": write.separators}  # to copy a number
    return html.Section([heading, *cards], id=HistoryId.KPIS, className="kpis", **more)


def money_card(kpi: Id, label: str, name: str, report: Report, write: Notation) -> Component:
    """Return an amount's card with its change, in percent too if that is meaningful."""
    contrast, whole = report.contrast, figure(report.amounts, name)
    now, before = contrast.figures(name)
    pair = contrast.pair(name)
    shown = write.difference(*pair) if pair else None
    judged = shown if contrast.is_like else None
    look = tone(judged, more_is_good=kpi is not Id.KPI_EXPENSES)
    text = change_text(shown, contrast.change(name).percent, write)
    written = write.money(whole)
    return card(
        kpi,
        label,
        cents_apart(written, write.point) if kpi is Id.KPI_NET else written,
        html.Span(text, className=f"kpi-change {look}"),
        before_text(report, whole, now, before, write.money),
        loss=is_loss(whole and write.shown(whole)),
    )


def _margin_card(report: Report, write: Notation) -> Component:
    """Return the margin's card; a change between periods that cannot be compared is not judged."""
    contrast, whole = report.contrast, figure(report.amounts, "margin")
    now, before = contrast.margins
    then = None if contrast.basis is Basis.NONE else before
    judged = write.points(now, then) if contrast.is_like else None
    return card(
        Id.KPI_MARGIN,
        "Net margin",
        write.percent(whole) if report.amounts else UNKNOWN,
        html.Span(points_text(now, then, write), className=f"kpi-change {tone(judged)}"),
        before_text(report, whole, now, before, write.percent),
        loss=is_loss(write.shown_percent(whole)),
    )


def before_text(
    report: Report,
    whole: Decimal | None,
    now: Decimal | None,
    before: Decimal | None,
    text: Callable[[Decimal | None], str],
) -> str:
    """Return the earlier value of a figure, and what is compared with it if that is not `whole`."""
    if before is None:
        return ""
    contrast = report.contrast
    match contrast.basis:
        case Basis.SAME_TIME if contrast.before and contrast.before.at:
            at = contrast.before.at.astimezone(report.calendar.zone)
            return f"was {text(before)} at {at:%H:%M}"
        case Basis.NONE if report.is_one_day:
            return f"was {text(before)} on the whole day"
        case Basis.PER_DAY | Basis.PARTIAL:
            return f"average day: {text(now)}, was {text(before)}"
    return f"was {text(before)}" if now == whole else f"whole days: {text(now)}, was {text(before)}"


def card(  # noqa: PLR0913 (a card is its parts)
    kpi: Id, label: str, value: str | Props, moved: Component, before: str, *, loss: bool
) -> Component:
    """Return a card: the figure of a period, its change, and what it was before."""
    return html.Article(
        [
            html.H3(label),
            html.Div(
                id=part(kpi, "value"),
                className="kpi-value loss" if loss else "kpi-value",
                **({"children": value} if isinstance(value, str) else value),
            ),
            html.Div([moved, html.Span(before, className="kpi-before")], className="kpi-moved"),
        ],
        id=kpi,
        className="kpi",
        **{"aria-label": label},
    )


def facts(report: Report, write: Notation) -> Component:
    """Return the best and worst whole day, and the deepest and longest drawdown."""
    return fact_list(facts_of(report, Links(report), write))


def facts_of(report: Report, links: Links, write: Notation) -> Sequence[Fact]:
    """Return best and worst day, and deepest and longest drawdown; their days are links."""
    never = "" if report.table.empty else NO_FALL
    day = partial(linked_day, links, write)
    return [
        ("Best day", *_day(best(report.whole), day, write)),
        ("Worst day", *_day(worst(report.whole), day, write)),
        ("Deepest drawdown", *_depth(deepest(report.drawdowns), never, day, write)),
        ("Longest drawdown", *_length(longest(report.drawdowns), never, day, write)),
    ]


def fact_list(entries: Sequence[Fact]) -> Component:
    """Return facts side by side."""
    rows = [
        html.Div([html.Dt(label), html.Dd(number), html.Dd(detail, className="label")])
        for label, number, detail in entries
    ]
    return html.Dl(rows, className="facts", **room_for([number for _, number, _ in entries]))


def linked_day(links: Links, write: Notation, day: date) -> Component:
    """Return a day as a link to it."""
    return links.day_text(day, write.full_day(day))


def _day(day: DayRecord | None, linked: LinkedDay, write: Notation) -> tuple[str, Detail]:
    return (write.money(day.net), [linked(day.day)]) if day else (UNKNOWN, [])


def _depth(
    fall: Drawdown | None, never: str, linked: LinkedDay, write: Notation
) -> tuple[str, Detail]:
    if fall is None:
        return ("none" if never else UNKNOWN), [never]
    details = [""]
    if fall.percent is not None:
        details.append(f"{write.percent(fall.percent)} of the peak")
    if fall.depth_before is not None:
        details.append(f"{write.money(fall.depth_before)} at the start")
    detail = ["lowest on ", linked(fall.lowest), ", ".join(details), *_end(fall, linked)]
    return write.money(fall.depth), detail


def _length(
    fall: Drawdown | None, never: str, linked: LinkedDay, write: Notation
) -> tuple[str, Detail]:
    if fall is None:
        return ("none" if never else UNKNOWN), []
    since = ["since ", linked(fall.since)] if fall.since else ["since before the first day"]
    return count_of_days(fall.days, write), [*since, *_end(fall, linked)]


def _end(fall: Drawdown, linked: LinkedDay) -> Detail:
    return [", recovered ", linked(fall.recovered)] if fall.recovered else [", still open"]


def count_of_days(number: int, write: Notation) -> str:
    """Return a number of days, with its unit."""
    return "1 day" if number == 1 else f"{write.count(number)} days"


def figure(amounts: Amounts | None, name: str) -> Decimal | None:
    """Return one of the amounts by name; None if `amounts` is None."""
    return None if amounts is None else getattr(amounts, name)
