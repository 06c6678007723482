"""The history page: a report as a tree of components.

The server renders it as HTML; Dash drives only the charts, as on the live page.
"""

from collections.abc import Sequence
from decimal import Decimal

from dash import dcc, html
from dash.development.base_component import Component

from northstar.reports.periods import Comparison, Period, Range, query
from northstar.reports.report import Report
from northstar.reports.returns import deepest
from northstar.reports.spreadsheet import Sheet
from northstar.reports.tables import agents_sheet, costs_sheet, days_sheet, falls_sheet
from northstar.view.history.cards import count_of_days, facts, figure, kpis
from northstar.view.history.figures import CHARTS
from northstar.view.history.sheet_table import sheet_table
from northstar.view.shared.header import brand, display, link
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import REAL, entry, panel

RANGES = {
    Range.TODAY: "Today",
    Range.WEEK: "7 days",
    Range.DAYS_30: "30 days",
    Range.DAYS_90: "90 days",
    Range.MONTH: "Month",
    Range.QUARTER: "Quarter",
    Range.YEAR: "Year",
}
COMPARISONS = {
    Comparison.PREVIOUS: "Previous period",
    Comparison.YEAR_BEFORE: "A year before",
    Comparison.NONE: "None",
}
HEADINGS = {
    HistoryId.CHART_INTRADAY: "The day, minute by minute",
    HistoryId.CHART_DAYS: "Day by day",
    HistoryId.CHART_NET: "Cumulative net P&L",
    HistoryId.CHART_FALL: "Below the peak (drawdown)",
}
TITLE = "NorthStar Synergy | History"
MOST_ROWS = 100  # rows of a table on the page; exports have all


def title(source: str) -> str:
    """Return the page's title; it includes a source that is not live."""
    return TITLE if source == REAL else f"{TITLE} · {source.upper()}"


def history_page(report: Report, source: str, write: Notation) -> Component:
    """Return the page of a report; `source` is as on the live page."""
    return _page(
        _header(report, source, write),
        [_ranges(report.period, report.comparison), *_content(report, write)],
    )


def problem_page(problem: str, today: Period, source: str) -> Component:
    """Return the page with the reason for a missing report, and links to other periods."""
    message = html.P(problem, className="problem", role="alert")
    return _page(_bar(source, []), [_ranges(today, Comparison.PREVIOUS), message])


def shown_charts(report: Report) -> Sequence[HistoryId]:
    """Return a period's charts: the minutes for a single day, the others for several days."""
    one_day = HistoryId.CHART_INTRADAY
    return [one_day] if report.is_one_day else [chart for chart in CHARTS if chart != one_day]


def period_text(period: Period, write: Notation) -> str:
    """Return the first and last day, or the only day."""
    first, last = write.full_day(period.first), write.full_day(period.last)
    return first if period.first == period.last else f"{first} – {last}"


def _page(head: Component, content: Sequence[Component]) -> Component:
    return html.Div([head, html.Main(content)], className="page history")


def _header(report: Report, source: str, write: Notation) -> Component:
    as_of = html.Div(
        [
            html.Span("as of ", className="label"),
            html.Time(
                write.time_of_day(report.as_of),
                id=Id.AS_OF,
                dateTime=report.as_of.isoformat(timespec="seconds"),
            ),
            html.Span(write.day(report.as_of), id=Id.AS_OF_DAY, className="label day"),
        ],
        className="as-of",
    )
    return _bar(source, [as_of])


def _bar(source: str, middle: Sequence[Component]) -> Component:
    shown = "" if source == REAL else source.upper()
    badge = html.Span(shown, id=Id.SOURCE, title="These numbers are not real.")
    return html.Header([brand("History"), badge, *middle, link("Live", "."), display()])


def _ranges(period: Period, comparison: Comparison) -> Component:
    """Return links to the named periods and comparisons; the URL is the whole state."""
    named = [
        _choice(
            text, query(Period(period.first, period.last, name), comparison), period.name == name
        )
        for name, text in RANGES.items()
    ]
    compared = [
        _choice(text, query(period, other), comparison == other)
        for other, text in COMPARISONS.items()
    ]
    return html.Nav(
        [
            _group("Period", named),
            _dates(period, comparison),
            _group("Compare", compared),
        ],
        id=HistoryId.RANGES,
        **{"aria-label": "Period"},
    )


def _group(label: str, links: Sequence[Component]) -> Component:
    return html.Div([html.Span(label, className="label"), *links], className="group")


def _choice(text: str, parameters: str, chosen: bool) -> Component:  # noqa: FBT001 (a state)
    current = {"aria-current": "true"} if chosen else {}
    return html.A(text, href=f"history?{parameters}", className="control", **current)


def _exports(period: Period, comparison: Comparison) -> Sequence[Component]:
    parameters = query(period, comparison)
    return [
        html.A(
            kind.upper(), href=f"api/export.{kind}?{parameters}", className="control", download=""
        )
        for kind in ("csv", "xlsx")
    ]


def _dates(period: Period, comparison: Comparison) -> Component:
    """Return a form for any two days; it works without JavaScript."""

    def day(name: str, label: str, value: str) -> Component:
        field = dcc.Input(type="date", name=name, value=value, required=True)
        return html.Label([html.Span(label), field])

    return html.Form(
        [
            day("from", "From", period.first.isoformat()),
            day("to", "to", period.last.isoformat()),
            dcc.Input(type="hidden", name="compare", value=comparison.value),
            html.Button("Show", className="control"),
        ],
        action="history",
        method="get",
        className="group",
    )


def _content(report: Report, write: Notation) -> Sequence[Component]:
    tables = (
        (
            "Which agent earned it",
            HistoryId.TABLE_AGENTS,
            agents_sheet(report),
            _coverage(report.with_agents, report, write),
        ),
        (
            "Where the money went",
            HistoryId.TABLE_COSTS,
            costs_sheet(report),
            _coverage(report.with_costs, report, write),
        ),
        ("Drawdowns", HistoryId.TABLE_FALLS, falls_sheet(report), ""),
        ("Days", HistoryId.TABLE_DAYS, days_sheet(report), ""),
    )
    exports = _group("Export", _exports(report.period, report.comparison))
    several = [] if report.is_one_day else [facts(report, write)]
    return [
        html.Div([html.P(_notes(report, write)), exports], className="notes"),
        kpis(report, write),
        *several,
        *(_chart(chart, report, write) for chart in shown_charts(report)),
        *(_table(*table, report, write) for table in tables),
    ]


def _notes(report: Report, write: Notation) -> str:
    """Return notes on the numbers: the days covered, unknown and restated days."""
    notes = [f"{period_text(report.period, write)} · {report.calendar.zone}"]
    if report.compared:
        notes.append(f"compared with {period_text(report.compared, write)}")
    if report.period.first <= report.today <= report.period.last:
        notes.append("today is still running")
    if report.missing:
        notes.append(f"no data for {count_of_days(report.missing, write)}")
    if report.missing_before:
        missing = count_of_days(report.missing_before, write)
        notes.append(f"no data for {missing} of the comparison")
    if restated := sum(day.is_restated for day in report.days):
        notes.append(f"{count_of_days(restated, write)} restated")
    return " · ".join(notes)


def _coverage(known: int, report: Report, write: Notation) -> str:
    """Return how many days are known, or nothing if all are."""
    if known == len(report.days):
        return ""
    return f"known for {write.count(known)} of {count_of_days(len(report.days), write)}"


def _chart(chart: HistoryId, report: Report, write: Notation) -> Component:
    entries = [
        entry(chart, label, part(chart, key), number)
        for label, key, number in _entries(chart, report, write)
    ]
    return panel(chart, HEADINGS[chart], entries, summary=part(chart, "summary"))


def _entries(chart: HistoryId, report: Report, write: Notation) -> Sequence[tuple[str, str, str]]:
    """Return the legend of a chart: label, trace and summarizing number of each entry."""
    now, before = report.amounts, report.amounts_before
    if chart is HistoryId.CHART_NET:
        this = ("This period", "net", write.money(figure(now, "net")))
        other = ("Compared with", "average", write.money(figure(before, "net")))
        return [this, other] if report.compared else [this]
    if chart is HistoryId.CHART_FALL:
        fall = deepest(report.falls)
        return [("Deepest", "fall", write.money(fall.depth) if fall else "none")]
    each = len(report.days) or 1
    label = "{}" if report.is_one_day else "Avg {}"
    return [
        (
            label.format(name).capitalize(),
            name,
            write.money(_share(figure(now, name), each)),
        )
        for name in ("revenue", "expenses", "net")
    ]


def _share(amount: Decimal | None, parts: int) -> Decimal | None:
    return None if amount is None else amount / parts


def _table(  # noqa: PLR0913, PLR0917 (a table is its parts)
    heading: str, table_id: HistoryId, sheet: Sheet, coverage: str, report: Report, write: Notation
) -> Component:
    more = len(sheet.rows) - MOST_ROWS
    notes = [coverage, f"the export has {write.count(more)} more" if more > 0 else ""]
    head = [html.H2(heading), html.Span(", ".join(filter(None, notes)), className="label")]
    table = sheet_table(sheet, MOST_ROWS, report.calendar.zone, write)
    scroll = {"tabIndex": "0", "role": "region", "aria-label": heading}
    return html.Section(
        [html.Div(head, className="head"), html.Div(table, className="sheet", **scroll)],
        id=table_id,
        className=f"panel {table_id}",
    )
