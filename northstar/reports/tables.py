"""A report as tables of typed cells, for the page and for exports."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from northstar.domain.day import Amounts, DayRecord
from northstar.domain.notes import one_line
from northstar.reports.alert_events import MOST_EVENTS, events_sheet
from northstar.reports.contrast import Basis
from northstar.reports.day_table import dates
from northstar.reports.drawdowns import Drawdown, deepest, longest
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.reports.returns import (
    Remainder,
    best,
    by_agent,
    by_category,
    totals,
    worst,
)
from northstar.reports.spreadsheet import Column, Difference, Kind, Name, Sheet

MONEY, PERCENT, DAY, TIME, TEXT, COUNT = (
    Kind.MONEY,
    Kind.PERCENT,
    Kind.DAY,
    Kind.TIME,
    Kind.TEXT,
    Kind.COUNT,
)
BOOK = (Column("Revenue", MONEY), Column("Expenses", MONEY), Column("Net", MONEY))
NOT_ITEMISED, NOT_ATTRIBUTED, TOTAL = "Not itemised", "Not attributed", "Total"
NOTES = "Notes"
ITEMISED_OVER, ATTRIBUTED_OVER = "Itemised over the expenses", "Attributed over the totals"


class Table(StrEnum):
    """A table of a report."""

    COMPARISON = "comparison"
    HIGHLIGHTS = "highlights"
    DAYS = "days"
    VERSIONS = "versions"
    MINUTES = "minutes"
    DRAWDOWNS = "drawdowns"
    AGENTS = "agents"
    COSTS = "costs"
    ALERTS = "alerts"


def sheets(report: Report) -> Sequence[Sheet]:
    """Return every table of a report; minutes only of a single day, alerts only if there were."""
    left_out = set() if report.is_one_day else {Table.MINUTES}
    left_out |= set() if report.events else {Table.ALERTS}
    return [sheet(table, report) for table in Table if table not in left_out]


def sheet(table: Table, report: Report) -> Sheet:
    """Return a table of a report."""
    return _SHEETS[table](report)


def marked(sheet: Sheet, source: str) -> Sheet:
    """Return a table that stands alone: if its data is not real, each row says so."""
    if source == "live":
        return sheet
    mark = _not_real(source)
    total = (*sheet.total, mark) if sheet.total else None
    rows = [(*row, mark) for row in sheet.rows]
    return Sheet(sheet.name, [*sheet.columns, Column("Source", TEXT)], rows, total)


def about(report: Report, currency: str, source: str, name: str) -> Sequence[tuple[str, str]]:
    """Return the notes of an export; `source` is "live" or the kind of data that is not real."""
    unreal = [] if source == "live" else [("Not real", _not_real(source))]
    calendar, before = report.calendar, report.contrast.before
    return [
        *unreal,
        ("As of", _instant(report.feed.as_of, report)),
        ("Feed", report.feed.state),
        ("Exported", _instant(report.made_at, report)),
        ("Zone", str(calendar.zone)),
        ("A day closes at", calendar.close.isoformat("minutes")),
        ("Currency", currency),
        ("Source", name),
        ("Range", _dates(report.period)),
        ("Days compared", _dates(report.contrast.now.period)),
        ("Compared with", _dates(before.period) if before else "nothing"),
        ("Basis of the comparison", basis(report)),
        ("Days not known", str(report.missing)),
        ("Days incomplete", str(len(report.incomplete))),
        ("Days of the comparison not known or incomplete", str(before.lacking if before else 0)),
        ("Costs known of", f"{report.with_costs} of {len(report.counted)} days"),
        ("Agents known of", f"{report.with_agents} of {len(report.counted)} days"),
        ("Drawdowns", drawdown_basis(report)),
        *([("Alerts", newest)] if (newest := events_basis(report)) else []),
    ]


def basis(report: Report) -> str:
    """Return what is compared, as a phrase."""
    now, before = report.contrast.now, report.contrast.before
    match report.contrast.basis:
        case Basis.TOTALS:
            return f"{_days(now.days)} each"
        case Basis.PER_DAY if before:
            return f"average day, of {_days(now.days)} and {_days(before.days)}"
        case Basis.SAME_TIME if before:
            return f"at the same time, {_instant(before.at, report)}"
        case Basis.PARTIAL:
            return "average day, no percentage: days are unknown or incomplete"
    return ""


def drawdown_basis(report: Report) -> str:
    """Return the days whose cumulative net the drawdowns are of, as a phrase."""
    days = dates(report.table)
    first, known = report.opening.first or min(days, default=None), report.opening.days + len(days)
    return f"of cumulative net of the {_days(known)} known since {first}" if first else ""


def events_basis(report: Report) -> str:
    """Return a note if the events of alerts are only the newest ones; empty if they are all."""
    return f"the newest {MOST_EVENTS:,} events" if len(report.events) == MOST_EVENTS else ""


def alerts_sheet(report: Report) -> Sheet:
    """Return what happened to alerts in the period, newest first."""
    return events_sheet(report.events, report.calendar.zone)


def comparison_sheet(report: Report) -> Sheet:
    """Return the sums of the period, and like with like: the days compared and their changes."""
    columns = [
        Column("Figure", TEXT),
        Column("This period", MONEY),
        Column("Days compared", MONEY),
        Column("Compared with", MONEY),
        Column("Change", MONEY),
        Column("Change %", PERCENT),
        Column("Basis", TEXT),
    ]
    rows = [_compared(report, figure) for figure in ("revenue", "expenses", "net")]
    return Sheet("Comparison", columns, rows)


def highlights_sheet(report: Report) -> Sheet:
    """Return net margins; average, best and worst whole day; deepest and longest drawdown.

    The day of a drawdown is its lowest one; its days run until recovery, or to the last known day;
    its percentage is of the peak.
    """
    columns = [
        Column("Figure", TEXT),
        Column("Day", DAY),
        Column("Amount", MONEY),
        Column("Days", COUNT),
        Column("%", PERCENT),
    ]
    margin, margin_before = report.contrast.margins
    whole = report.whole
    average = totals(whole).net / len(whole) if whole else None
    rows = [
        ("Net margin", None, None, None, report.amounts and report.amounts.margin),
        ("Net margin of the days compared", None, None, None, margin),
        ("Net margin compared with", None, None, None, margin_before),
        ("Average day", None, average, len(whole), None),
        _highlight("Best day", best(whole)),
        _highlight("Worst day", worst(whole)),
        _drawdown("Deepest drawdown", deepest(report.drawdowns)),
        _drawdown("Longest drawdown", longest(report.drawdowns)),
    ]
    return Sheet("Highlights", columns, rows)


def days_sheet(report: Report) -> Sheet:
    """Return the days, newest first; a restated day also has its net at the close.

    Cumulative net and its distance from the peak leave out the running day. The notes of a day are
    one text.
    """
    columns = [
        Column("Day", DAY),
        Column("Status", TEXT),
        Column("Last state", TIME),
        *BOOK,
        Column("Cumulative net", MONEY),
        Column("Below its peak", MONEY),
        Column("Closed at net", MONEY),
        Column("Restated", TIME),
        Column(NOTES, TEXT),
    ]
    so_far = cumulative(report)
    rows = [
        (
            day.day,
            report.status(day).value,
            local(day.at, report),
            *_book(day.amounts),
            *so_far.get(day.day, (None, None)),
            day.closed.net if day.closed else None,
            local(day.restated_at, report),
            notes_text(report, day.day),
        )
        for day in report.days
    ]
    total = (TOTAL, None, None, *_book(report.amounts), None, None, None, None, None)
    return Sheet("Days", columns, rows[::-1], total)


def notes_text(report: Report, day: date) -> str | None:
    """Return the notes of a day as one text; None without notes."""
    return one_line(report.notes_of.get(day, ()), report.calendar.zone) or None


def cumulative(report: Report) -> Mapping[date, tuple[Decimal, Decimal]]:
    """Return cumulative net and its distance from the peak by day, of the days that are over."""
    table = report.table
    figures = zip(table["cumulative"], table["below"], strict=True)
    return dict(zip(dates(table), figures, strict=True))


def versions_sheet(report: Report) -> Sheet:
    """Return every version of the days that have several, newest day first, oldest version first.

    A version is known from its time on; it comes from a state of the stream or from its trend.
    """
    columns = [
        Column("Day", DAY),
        Column("Known from", TIME),
        Column("Origin", TEXT),
        *BOOK,
        Column("Change of net", MONEY),
    ]
    rows: list[Sequence[object]] = []
    for day in reversed(report.days):
        before: Amounts | None = None
        for version in day.versions if len(day.versions) > 1 else ():
            moved = before and Difference(version.amounts.net, before.net)
            at = local(version.at, report)
            rows.append((day.day, at, version.origin.value, *_book(version.amounts), moved))
            before = version.amounts
    return Sheet("Versions", columns, rows)


def minutes_sheet(report: Report) -> Sheet:
    """Return the day's amounts at the end of each minute, oldest first."""
    rows = [(local(moment.at, report), *_book(moment.amounts)) for moment in report.moments]
    return Sheet("Minutes", [Column("Time", TIME), *BOOK], rows)


def drawdowns_sheet(report: Report) -> Sheet:
    """Return every drawdown of cumulative net, deepest first."""
    columns = [
        Column("Peak", DAY),
        Column("Lowest", DAY),
        Column("Depth", MONEY),
        Column("% of peak", PERCENT),
        Column("Days", COUNT),
        Column("Recovered", DAY),
        Column("Depth before the period", MONEY),
    ]
    rows = [
        (
            each.since,
            each.lowest,
            each.depth,
            each.percent,
            each.days,
            each.recovered,
            each.depth_before,
        )
        for each in sorted(report.drawdowns, key=lambda each: each.depth)
    ]
    return Sheet("Drawdowns", columns, rows)


def agents_sheet(report: Report) -> Sheet:
    """Return each agent's sums over the days that have them, highest net first.

    Amounts of no agent are a separate row.
    """
    columns = [Column("Agent", TEXT), *BOOK, Column("Margin %", PERCENT)]
    known = [day for day in report.counted if day.agents is not None]
    rows: list[Sequence[object]] = [
        (Name(row.name), *_book(row.amounts), row.amounts.margin) for row in by_agent(known)
    ]
    rest = report.rest_of_agents
    if rest.days:
        most = max(rest.amounts.revenue, rest.amounts.expenses)
        heading = ATTRIBUTED_OVER if most < 0 else NOT_ATTRIBUTED
        rows.append((heading, *_book(rest.amounts), None))
    whole = totals(known) if known else None
    return Sheet("Agents", columns, rows, (TOTAL, *_book(whole), whole and whole.margin))


def costs_sheet(report: Report) -> Sheet:
    """Return each category's sums over the days that have them, largest first.

    Expenses in no category are a separate row.
    """
    columns = [Column("Category", TEXT), Column("Amount", MONEY), Column("Share %", PERCENT)]
    known = [day for day in report.counted if day.costs is not None]
    rows: list[Sequence[object]] = [
        (Name(row.name), row.amount, row.percent) for row in by_category(known)
    ]
    rest = report.rest_of_costs
    if rest.days:
        heading = ITEMISED_OVER if rest.amounts.expenses < 0 else NOT_ITEMISED
        rows.append((heading, rest.amounts.expenses, None))
    return Sheet("Costs", columns, rows, (TOTAL, totals(known).expenses if known else None, None))


def unexplained(report: Report) -> Sequence[tuple[str, Remainder]]:
    """Return the breakdowns that do not add up to the totals of their days, by name."""
    found = {"costs": report.rest_of_costs, "agents": report.rest_of_agents}
    return [(what, rest) for what, rest in found.items() if rest.days]


def _not_real(source: str) -> str:
    return f"{source.upper()}: these numbers are not real"


def _compared(report: Report, figure: str) -> Sequence[object]:
    whole = report.amounts
    now, before = report.contrast.figures(figure)
    pair, moved = report.contrast.pair(figure), report.contrast.change(figure)
    change = Difference(*pair) if pair else None
    amount = whole and getattr(whole, figure)
    name = figure.capitalize()
    return (name, amount, now, before, change, moved.percent, basis(report) or None)


def _highlight(figure: str, day: DayRecord | None) -> Sequence[object]:
    return (figure, day.day, day.net, None, None) if day else (figure, None, None, None, None)


def _drawdown(figure: str, each: Drawdown | None) -> Sequence[object]:
    if each is None:
        return (figure, None, None, None, None)
    return (figure, each.lowest, each.depth, each.days, each.percent)


def _book(amounts: Amounts | None) -> Sequence[Decimal | None]:
    return (amounts.revenue, amounts.expenses, amounts.net) if amounts else (None, None, None)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _dates(period: Period) -> str:
    return f"{period.first} to {period.last}"


def _instant(at: datetime | None, report: Report) -> str:
    shown = local(at, report)
    return shown.isoformat(timespec="seconds") if shown else "no data"


def local(at: datetime | None, report: Report) -> datetime | None:
    """Return a time in the zone of the report; None for None."""
    return at and at.astimezone(report.calendar.zone)


_SHEETS: Mapping[Table, Callable[[Report], Sheet]] = {
    Table.COMPARISON: comparison_sheet,
    Table.HIGHLIGHTS: highlights_sheet,
    Table.DAYS: days_sheet,
    Table.VERSIONS: versions_sheet,
    Table.MINUTES: minutes_sheet,
    Table.DRAWDOWNS: drawdowns_sheet,
    Table.AGENTS: agents_sheet,
    Table.COSTS: costs_sheet,
    Table.ALERTS: alerts_sheet,
}
