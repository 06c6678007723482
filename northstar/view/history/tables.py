"""Each chart of the history page as a table of texts."""

from collections.abc import Mapping, Sequence

from northstar.reports.day_table import dates, day_table
from northstar.reports.report import Report
from northstar.reports.tables import NOTES, minutes_sheet, notes_text
from northstar.reports.weeks import weeks
from northstar.view.history.figures import day_text, is_weekly, week_text
from northstar.view.history.sheet_table import sheet_texts
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation, legible

# The columns of the day table that a chart shows, by heading.
DAY_COLUMNS = {
    HistoryId.CHART_DAYS: {"Revenue": "revenue", "Expenses": "expenses", "Net": "net"},
    HistoryId.CHART_NET: {"Net": "net", "Cumulative net": "cumulative"},
    HistoryId.CHART_FALL: {"Cumulative net": "cumulative", "Below its peak": "below"},
}


# Of a category, which has no revenue.
CATEGORY_COLUMNS = {HistoryId.CHART_DAYS: {"Amount": "expenses"}}


def chart_table(
    chart: HistoryId,
    report: Report,
    write: Notation,
    columns: Mapping[HistoryId, Mapping[str, str]] = DAY_COLUMNS,
) -> Mapping[str, Sequence[Sequence[str]] | Sequence[str]]:
    """Return `columns` and `rows`, newest first."""
    if chart is HistoryId.CHART_INTRADAY:
        sheet = minutes_sheet(report)
        heads = [column.name for column in sheet.columns]
        rows = sheet_texts(sheet, report.calendar.zone, write)[::-1]
        return {"columns": heads, "rows": rows}
    if chart is HistoryId.CHART_DAYS and is_weekly(report):
        return _week_table(report, write, columns[chart])
    table = day_table(report.counted) if chart is HistoryId.CHART_DAYS else report.table
    newest_first, wanted = table[::-1], columns[chart]
    amounts = ([write.money(each) for each in newest_first[name]] for name in wanted.values())
    texts = {day.day: day_text(day, write.full_day(day.day), report) for day in report.counted}
    days = [texts[day] for day in dates(newest_first)]
    notes = (
        [[legible(notes_text(report, day) or "") for day in dates(newest_first)]]
        if report.notes
        else []
    )
    rows = [list(row) for row in zip(days, *amounts, *notes, strict=True)]
    return {"columns": ("Day", *wanted, *([NOTES] if notes else [])), "rows": rows}


def _week_table(
    report: Report, write: Notation, columns: Mapping[str, str]
) -> Mapping[str, Sequence[Sequence[str]] | Sequence[str]]:
    """Return the weeks of a report, newest first."""
    rows = [
        [
            week_text(week, write.full_day(week.monday)),
            *(write.money(getattr(week.amounts, name)) for name in columns.values()),
        ]
        for week in reversed(weeks(report))
    ]
    return {"columns": ("Week from", *columns), "rows": rows}
