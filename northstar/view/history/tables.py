"""Each chart of the history page as a table of texts."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from northstar.reports.report import Report
from northstar.reports.spreadsheet import Sheet
from northstar.reports.tables import days_sheet, minutes_sheet
from northstar.view.history.sheet_table import sheet_texts
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation

# The columns of the days sheet that a chart shows.
DAY_COLUMNS = {
    HistoryId.CHART_DAYS: ("Day", "Revenue", "Expenses", "Net"),
    HistoryId.CHART_NET: ("Day", "Net", "Cumulative net"),
    HistoryId.CHART_FALL: ("Day", "Cumulative net", "Below its peak"),
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
    sheet = days_sheet(report)
    names = [column.name for column in sheet.columns]
    wanted = itemgetter(*map(names.index, DAY_COLUMNS[chart]))
    shown = Sheet(sheet.name, wanted(sheet.columns), list(map(wanted, sheet.rows)))
    return {
        "columns": DAY_COLUMNS[chart],
        "rows": sheet_texts(shown, report.calendar.zone, write),
    }
