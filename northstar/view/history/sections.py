"""The sections of the history page: a chart with its numbers, and a table."""

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.reports.day_table import DaySeries
from northstar.reports.drawdowns import deepest
from northstar.reports.report import Report
from northstar.reports.returns import totals
from northstar.reports.spreadsheet import Sheet
from northstar.view.history.cards import figure
from northstar.view.history.figures import is_weekly
from northstar.view.history.links import CellLinks
from northstar.view.history.notes import share_of
from northstar.view.history.sheet_table import sheet_table
from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.page import drawn
from northstar.view.shared.ids import HistoryId, part
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import entry, panel

HEADINGS = {
    HistoryId.CHART_INTRADAY: "The day, minute by minute",
    HistoryId.CHART_DAYS: "Day by day",
    HistoryId.CHART_NET: "Cumulative net P&L",
    HistoryId.CHART_FALL: "Below the peak (drawdown)",
}
BY_WEEK = "Week by week"  # the days of a long period
# An entry of a legend: label, trace and summarizing number.
Entry: TypeAlias = tuple[str, str, str]
MOST_ROWS = 100  # rows of a table on the page; exports have all


def notes_line(notes: Sequence[str], report: Report, address: str) -> Component:
    """Return the notes, and a line for the browser to show when newer data has arrived.

    Only a period with today has one; it links to `address`, that of the page.
    """
    at = report.feed.as_of
    time = at.isoformat() if at else ""
    refresh = html.A("Refresh", href=address, className="control")
    hidden = html.Span(["New data ", refresh], hidden=True)
    news = html.P(hidden, id=HistoryId.NEWS, role="status", **{"data-as-of": time})
    is_open = report.period.first <= report.today <= report.period.last
    return html.Div([html.P(" · ".join(notes)), *([news] if is_open else [])], className="notes")


def chart_panel(
    chart: HistoryId, figure: Figure, report: Report, entries: Sequence[Entry]
) -> Component:
    """Return a chart with its heading and the entries of its legend."""
    weekly = chart is HistoryId.CHART_DAYS and is_weekly(report)
    heading = BY_WEEK if weekly else HEADINGS[chart]
    legend = [entry(chart, label, part(chart, key), number) for label, key, number in entries]
    drawing = drawn(figure)
    return panel(chart, heading, legend, summary=part(chart, "summary"), drawn=drawing)


def chart_entries(chart: HistoryId, report: Report, write: Notation) -> Sequence[Entry]:
    """Return the legend of a chart of a report."""
    if chart is HistoryId.CHART_NET:
        label = "Without today" if report.running else "This period"
        this = (label, "net", write.money(_last(report.table["cumulative"])))
        other = ("Compared with", "average", write.money(_last(report.table_before["cumulative"])))
        return [this, other] if report.compared else [this]
    if chart is HistoryId.CHART_FALL:
        fall = deepest(report.drawdowns)
        never = UNKNOWN if report.table.empty else "none"
        return [("Deepest", "fall", write.money(fall.depth) if fall else never)]
    return average_entries(report, ["revenue", "expenses", "net"], write)


def average_entries(report: Report, names: Sequence[str], write: Notation) -> Sequence[Entry]:
    """Return amounts by name: of the only day, or of the average whole day."""
    if report.is_one_day:
        label, amounts, days = "{}", report.amounts, 1
    else:
        whole = report.whole
        label = "Avg {} a day" if is_weekly(report) else "Avg {}"
        amounts, days = totals(whole) if whole else None, len(whole)
    return [
        (label.format(name).capitalize(), name, write.money(share_of(figure(amounts, name), days)))
        for name in names
    ]


def _last(amounts: DaySeries) -> Decimal | None:
    return amounts.iloc[-1] if len(amounts) else None


def table_panel(  # noqa: PLR0913, PLR0917 (a table is its parts)
    heading: str,
    table_id: HistoryId,
    content: Sheet,
    note: str,
    links: CellLinks,
    zone: tzinfo,
    write: Notation,
) -> Component:
    """Return a table with its heading and a note; `links` are the addresses of its cells."""
    more = len(content.rows) - MOST_ROWS
    remarks = [note, f"the export has {write.count(more)} more" if more > 0 else ""]
    head = [html.H2(heading), html.Span(", ".join(filter(None, remarks)), className="label")]
    table = sheet_table(content, MOST_ROWS, zone, write, links)
    scroll = {"tabIndex": "0", "role": "region", "aria-label": heading}
    return html.Section(
        [html.Div(head, className="head"), html.Div(table, className="sheet", **scroll)],
        id=table_id,
        className=f"panel {table_id}",
    )
