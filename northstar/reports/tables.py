"""A report as tables of typed cells, for the page and for exports."""

from collections.abc import Sequence
from datetime import datetime

from northstar.domain.day import Amounts
from northstar.domain.ledger import change
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.reports.returns import (
    DayNet,
    Fall,
    best,
    by_agent,
    by_category,
    deepest,
    longest,
    worst,
)
from northstar.reports.spreadsheet import Column, Kind, Sheet

MONEY, PERCENT, DAY, TIME, TEXT, COUNT = (
    Kind.MONEY,
    Kind.PERCENT,
    Kind.DAY,
    Kind.TIME,
    Kind.TEXT,
    Kind.COUNT,
)


def sheets(report: Report) -> Sequence[Sheet]:
    """Return every table of a report; the minutes only for a single day."""
    minutes = [minutes_sheet(report)] if report.is_one_day else []
    return [
        comparison_sheet(report),
        highlights_sheet(report),
        days_sheet(report),
        *minutes,
        falls_sheet(report),
        agents_sheet(report),
        costs_sheet(report),
    ]


def about(report: Report, currency: str, source: str, name: str) -> Sequence[tuple[str, str]]:
    """Return the notes of an export; `source` is "live" or the kind of data that is not real."""
    unreal = (
        [] if source == "live" else [("Not real", f"{source.upper()}: these numbers are not real")]
    )
    calendar = report.calendar
    return [
        *unreal,
        ("As of", report.as_of.isoformat(timespec="seconds")),
        ("Zone", str(calendar.zone)),
        ("A day closes at", calendar.close.isoformat("minutes")),
        ("Currency", currency),
        ("Source", name),
        ("Range", _dates(report.period)),
        ("Compared with", _dates(report.compared) if report.compared else "nothing"),
        ("Days not known", str(report.missing)),
        ("Days not known of those compared with", str(report.missing_before)),
        ("Costs known of", f"{report.with_costs} of {len(report.days)} days"),
        ("Agents known of", f"{report.with_agents} of {len(report.days)} days"),
    ]


def _dates(period: Period) -> str:
    return f"{period.first} to {period.last}"


def comparison_sheet(report: Report) -> Sheet:
    """Return the sums of both periods and their changes."""
    now, before = report.amounts, report.amounts_before
    columns = [
        Column("Figure", TEXT),
        Column("This period", MONEY),
        Column("Compared with", MONEY),
        Column("Change", MONEY),
        Column("Change %", PERCENT),
    ]
    rows = [_compared(figure, now, before) for figure in ("revenue", "expenses", "net")]
    if not report.is_comparable:
        rows = [(*amounts, None) for *amounts, _ in rows]
    return Sheet("Comparison", columns, rows)


def highlights_sheet(report: Report) -> Sheet:
    """Return net margins, best and worst day, deepest and longest drawdown.

    The day of a drawdown is its lowest one; its days run until recovery, or to the last known day.
    """
    columns = [
        Column("Figure", TEXT),
        Column("Day", DAY),
        Column("Amount", MONEY),
        Column("Days", COUNT),
        Column("%", PERCENT),
    ]
    net = report.table["net"]
    rows = [
        _margin("Net margin", report.amounts),
        _margin("Net margin compared with", report.amounts_before),
        _highlight("Best day", best(net)),
        _highlight("Worst day", worst(net)),
        _drawdown("Deepest drawdown", deepest(report.falls)),
        _drawdown("Longest drawdown", longest(report.falls)),
    ]
    return Sheet("Highlights", columns, rows)


def days_sheet(report: Report) -> Sheet:
    """Return the days, newest first; a restated day also has its amounts at the close."""
    columns = [
        Column("Day", DAY),
        Column("Status", TEXT),
        Column("Revenue", MONEY),
        Column("Expenses", MONEY),
        Column("Net", MONEY),
        Column("Cumulative net", MONEY),
        Column("Below its peak", MONEY),
        Column("Closed at net", MONEY),
        Column("Restated", TIME),
        Column("Last state", TIME),
    ]
    running = zip(report.days, report.table["cumulative"], report.table["below"], strict=True)
    rows = [
        (
            day.day,
            report.status(day).value,
            day.revenue,
            day.expenses,
            day.net,
            so_far,
            below,
            day.closed.net if day.closed else None,
            _local(day.restated_at, report),
            _local(day.at, report),
        )
        for day, so_far, below in running
    ]
    return Sheet("Days", columns, rows[::-1])


def minutes_sheet(report: Report) -> Sheet:
    """Return the day's amounts at the end of each minute, oldest first."""
    columns = [
        Column("Time", TIME),
        Column("Revenue", MONEY),
        Column("Expenses", MONEY),
        Column("Net", MONEY),
    ]
    rows = [
        (
            _local(moment.at, report),
            moment.amounts.revenue,
            moment.amounts.expenses,
            moment.amounts.net,
        )
        for moment in report.moments
    ]
    return Sheet("Minutes", columns, rows)


def falls_sheet(report: Report) -> Sheet:
    """Return every drawdown of cumulative net, deepest first."""
    columns = [
        Column("Peak", DAY),
        Column("Lowest", DAY),
        Column("Depth", MONEY),
        Column("Days", COUNT),
        Column("Recovered", DAY),
    ]
    deepest_first = sorted(report.falls, key=lambda fall: fall.depth)
    return Sheet("Drawdowns", columns, [_fall(fall) for fall in deepest_first])


def agents_sheet(report: Report) -> Sheet:
    """Return each agent's sums over the days that have them, highest net first."""
    columns = [
        Column("Agent", TEXT),
        Column("Revenue", MONEY),
        Column("Expenses", MONEY),
        Column("Net", MONEY),
        Column("Margin %", PERCENT),
    ]
    rows = [
        (row.name, row.amounts.revenue, row.amounts.expenses, row.amounts.net, row.amounts.margin)
        for row in by_agent(report.days)
    ]
    return Sheet("Agents", columns, rows)


def costs_sheet(report: Report) -> Sheet:
    """Return each category's sums over the days that have them, largest first."""
    columns = [Column("Category", TEXT), Column("Amount", MONEY), Column("Share %", PERCENT)]
    rows = [(row.name, row.amount, row.percent) for row in by_category(report.days)]
    return Sheet("Costs", columns, rows)


def _compared(figure: str, now: Amounts | None, before: Amounts | None) -> Sequence[object]:
    amount = None if now is None else getattr(now, figure)
    other = None if before is None else getattr(before, figure)
    if amount is None:
        return (figure.capitalize(), None, other, None, None)
    moved = change(amount, other)
    return (figure.capitalize(), amount, other, moved.amount, moved.percent)


def _margin(figure: str, amounts: Amounts | None) -> Sequence[object]:
    return (figure, None, None, None, amounts and amounts.margin)


def _highlight(figure: str, day: DayNet | None) -> Sequence[object]:
    return (figure, day.day, day.net, None, None) if day else (figure, None, None, None, None)


def _drawdown(figure: str, fall: Fall | None) -> Sequence[object]:
    if fall is None:
        return (figure, None, None, None, None)
    return (figure, fall.lowest, fall.depth, fall.days, None)


def _local(at: datetime | None, report: Report) -> datetime | None:
    return at and at.astimezone(report.calendar.zone)


def _fall(fall: Fall) -> Sequence[object]:
    return (fall.since, fall.lowest, fall.depth, fall.days, fall.recovered)
