"""The days of one agent or category as a table of typed cells."""

from collections.abc import Sequence
from decimal import Decimal

from northstar.domain.day import Amounts, DayRecord
from northstar.reports.parts import PartKind, PartReport
from northstar.reports.spreadsheet import Column, Kind, Sheet
from northstar.reports.tables import BOOK, MONEY, PERCENT, TOTAL, cumulative, local

DAY = (Column("Day", Kind.DAY), Column("Status", Kind.TEXT), Column("Last state", Kind.TIME))
OF_AGENT = (
    *DAY,
    *BOOK,
    Column("Margin %", PERCENT),
    Column("Share of net %", PERCENT),
    Column("Cumulative net", MONEY),
    Column("Below its peak", MONEY),
)
OF_CATEGORY = (*DAY, Column("Amount", MONEY), Column("Share of costs %", PERCENT))


def part_days_sheet(shown: PartReport) -> Sheet:
    """Return the days of a part, newest first.

    Cumulative net and its distance from the peak leave out the running day.
    """
    report = shown.report
    is_agent = shown.part.kind is PartKind.AGENT
    so_far = cumulative(report)
    rows = []
    for day in reversed(report.days):
        about = (day.day, report.status(day).value, local(day.at, report))
        more = so_far.get(day.day, (None, None)) if is_agent else ()
        rows.append((*about, *_figures(shown, day.amounts, [day]), *more))
    total = (TOTAL, None, None, *_figures(shown, report.amounts, report.counted))
    return Sheet(
        "Days",
        OF_AGENT if is_agent else OF_CATEGORY,
        rows,
        (*total, None, None) if is_agent else total,
    )


def _figures(
    shown: PartReport, amounts: Amounts | None, days: Sequence[DayRecord]
) -> Sequence[Decimal | None]:
    """Return the figures of one or more days: amounts, an agent's margin, and share."""
    share = shown.share(days)
    if shown.part.kind is PartKind.CATEGORY:
        return (amounts.expenses if amounts else None, share)
    if amounts is None:
        return (None, None, None, None, share)
    return (amounts.revenue, amounts.expenses, amounts.net, amounts.margin, share)
