"""Each chart of the history page as a table of texts."""

from collections.abc import Mapping, Sequence

from northstar.reports.day_table import dates
from northstar.reports.report import Report
from northstar.reports.tables import minutes_sheet
from northstar.view.history.sheet_table import sheet_texts
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation

# The columns of the day table that a chart shows, by heading.
DAY_COLUMNS = {
    HistoryId.CHART_DAYS: {"Revenue": "revenue", "Expenses": "expenses", "Net": "net"},
    HistoryId.CHART_NET: {"Net": "net", "Cumulative net": "cumulative"},
    HistoryId.CHART_FALL: {"Cumulative net": "cumulative", "Below its peak": "below"},
}


def chart_table(
    chart: HistoryId, report: Report, write: Notation
) -> Mapping[str, Sequence[Sequence[str]] | Sequence[str]]:
    """Return `columns` and `rows`, newest first."""
    if chart is HistoryId.CHART_INTRADAY:
        sheet = minutes_sheet(report)
        columns = [column.name for column in sheet.columns]
        rows = sheet_texts(sheet, report.calendar.zone, write)[::-1]
        return {"columns": columns, "rows": rows}
    newest_first = report.table[::-1]
    wanted = DAY_COLUMNS[chart]
    amounts = ([write.money(each) for each in newest_first[name]] for name in wanted.values())
    days = map(write.full_day, dates(newest_first))
    rows = [list(row) for row in zip(days, *amounts, strict=True)]
    return {"columns": ("Day", *wanted), "rows": rows}
