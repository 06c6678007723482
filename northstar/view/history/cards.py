"""Key figures of the history page, and its best, worst and deepest days."""

from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from northstar.domain.day import Amounts
from northstar.domain.ledger import Change, change
from northstar.reports.report import Report
from northstar.reports.returns import DayNet, Fall, best, deepest, longest, worst
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import arrow, room_for, tone


def kpis(report: Report, write: Notation) -> Component:
    """Return the period's key figures and their changes against the other period."""
    now, before = report.amounts, report.amounts_before
    cards = [
        _money_card(Id.KPI_NET, "Net P&L", "net", report, write),
        _money_card(Id.KPI_REVENUE, "Revenue", "revenue", report, write),
        _money_card(Id.KPI_EXPENSES, "Expenses", "expenses", report, write),
        _margin_card(figure(now, "margin"), figure(before, "margin"), write),
    ]
    amounts = [now.net, now.revenue, now.expenses] if now else []
    room = room_for([write.money(amount) for amount in amounts])
    return html.Section(cards, id=HistoryId.KPIS, className="kpis", **room)


def _money_card(kpi: Id, label: str, name: str, report: Report, write: Notation) -> Component:
    """Return an amount's card with its change, in percent too if that is meaningful."""
    now, before = figure(report.amounts, name), figure(report.amounts_before, name)
    moved = Change(None, None) if now is None else change(now, before)
    percent = write.signed_percent(moved.percent if report.is_comparable else None)
    text = f"{arrow(moved.amount)} {write.signed_money(moved.amount)} ({percent})"
    judged = moved.amount if report.is_comparable else None
    look = tone(judged, more_is_good=kpi is not Id.KPI_EXPENSES)
    return _card(
        kpi,
        label,
        write.money(now),
        html.Span(
            UNKNOWN if moved.amount is None else text.strip(), className=f"kpi-change {look}"
        ),
        "" if before is None else f"was {write.money(before)}",
        loss=now is not None and now < 0,
    )


def _margin_card(now: Decimal | None, before: Decimal | None, write: Notation) -> Component:
    moved = None if now is None or before is None else now - before
    return _card(
        Id.KPI_MARGIN,
        "Net margin",
        write.percent(now),
        html.Span(
            f"{arrow(moved)} {write.signed_points(moved)}".strip(),
            className=f"kpi-change {tone(moved)}",
        ),
        "" if before is None else f"was {write.percent(before)}",
        loss=now is not None and now < 0,
    )


def _card(  # noqa: PLR0913 (a card is its parts)
    kpi: Id, label: str, value: str, moved: Component, before: str, *, loss: bool
) -> Component:
    return html.Article(
        [
            html.H3(label),
            html.Div(
                value,
                id=part(kpi, "value"),
                className="kpi-value loss" if loss else "kpi-value",
            ),
            html.Div([moved, html.Span(before, className="kpi-before")], className="kpi-moved"),
        ],
        id=kpi,
        className="kpi",
        **{"aria-label": label},
    )


def facts(report: Report, write: Notation) -> Component:
    """Return the best and worst day, and the deepest and longest drawdown."""
    net = report.table["net"]
    never = "never below its peak" if report.days else ""
    entries = [
        ("Best day", *_day(best(net), write)),
        ("Worst day", *_day(worst(net), write)),
        ("Deepest drawdown", *_depth(deepest(report.falls), never, write)),
        ("Longest drawdown", *_length(longest(report.falls), never, write)),
    ]
    rows = [
        html.Div([html.Dt(label), html.Dd(number), html.Dd(detail, className="label")])
        for label, number, detail in entries
    ]
    return html.Dl(rows, className="facts")


def _day(day: DayNet | None, write: Notation) -> tuple[str, str]:
    return (write.money(day.net), write.full_day(day.day)) if day else (UNKNOWN, "")


def _depth(fall: Fall | None, never: str, write: Notation) -> tuple[str, str]:
    if fall is None:
        return ("none" if never else UNKNOWN), never
    return write.money(fall.depth), f"lowest on {write.full_day(fall.lowest)}, {_end(fall, write)}"


def _length(fall: Fall | None, never: str, write: Notation) -> tuple[str, str]:
    if fall is None:
        return ("none" if never else UNKNOWN), ""
    since = f"since {write.full_day(fall.since)}" if fall.since else "since before the first day"
    return count_of_days(fall.days, write), f"{since}, {_end(fall, write)}"


def _end(fall: Fall, write: Notation) -> str:
    return f"recovered {write.full_day(fall.recovered)}" if fall.recovered else "still open"


def count_of_days(number: int, write: Notation) -> str:
    """Return a number of days, with its unit."""
    return "1 day" if number == 1 else f"{write.count(number)} days"


def figure(amounts: Amounts | None, name: str) -> Decimal | None:
    """Return one of the amounts by name; None if `amounts` is None."""
    return None if amounts is None else getattr(amounts, name)
