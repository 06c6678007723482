"""The history page: a report as a tree of components.

The server renders it as HTML; Dash drives only the charts, as on the live page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from dash import dcc, html
from dash.development.base_component import Component

from northstar import DESK
from northstar.domain.day import DayRecord
from northstar.reports.contrast import Basis
from northstar.reports.day_table import DaySeries, dates
from northstar.reports.drawdowns import deepest
from northstar.reports.periods import Comparison, Period, Range, query
from northstar.reports.report import Report
from northstar.reports.returns import totals
from northstar.reports.tables import Table, sheet, unexplained
from northstar.view.history.cards import count_of_days, facts, figure, kpis
from northstar.view.history.figures import CHARTS
from northstar.view.history.links import Links
from northstar.view.history.sheet_table import sheet_table
from northstar.view.shared.charts import MEASURES, Figure
from northstar.view.shared.drawn.page import drawn
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
MOST_ROWS = 100  # rows of a table on the page; exports have all


def title(source: str, desk: str = DESK) -> str:
    """Return the page's title; it includes a source that is not live."""
    name = f"{desk} | History"
    return name if source == REAL else f"{name} · {source.upper()}"


def history_page(
    report: Report,
    source: str,
    write: Notation,
    desk: str = DESK,
    figures: Mapping[HistoryId, Figure] | None = None,
) -> Component:
    """Return the page of a report; `source` is as on the live page.

    `figures` are its charts, if they are known.
    """
    charts = shown_figures(report, write) if figures is None else figures
    return _page(
        _header(report, source, write, desk),
        [_ranges(report.period, report.comparison), *_content(report, charts, write)],
    )


def problem_page(problem: str, today: Period, source: str, desk: str = DESK) -> Component:
    """Return the page with the reason for a missing report, and links to other periods."""
    message = html.P(problem, className="problem", role="alert")
    return _page(_bar(source, [], desk), [_ranges(today, Comparison.PREVIOUS), message])


def shown_charts(report: Report) -> Sequence[HistoryId]:
    """Return a period's charts: the minutes for a single day, the others for several days."""
    one_day = HistoryId.CHART_INTRADAY
    return [one_day] if report.is_one_day else [chart for chart in CHARTS if chart != one_day]


def shown_figures(report: Report, write: Notation) -> Mapping[HistoryId, Figure]:
    """Return the figures of a period's charts."""
    return {chart: CHARTS[chart](report, write) for chart in shown_charts(report)}


def period_text(period: Period, write: Notation) -> str:
    """Return the first and last day, or the only day."""
    first, last = write.full_day(period.first), write.full_day(period.last)
    return first if period.first == period.last else f"{first} – {last}"


def _page(head: Component, content: Sequence[Component]) -> Component:
    return html.Div([head, html.Main(content)], className="page history")


def _header(report: Report, source: str, write: Notation, desk: str) -> Component:
    """Return the header, with the time of the data and the state of the feed."""
    at = report.feed.as_of and report.feed.as_of.astimezone(report.calendar.zone)
    time = html.Time(
        write.time_of_day(at) if at else "no data yet",
        id=Id.AS_OF,
        **({"dateTime": at.isoformat(timespec="seconds")} if at else {}),
    )
    day = html.Span(write.day(at) if at else "", id=Id.AS_OF_DAY, className="label day")
    state = html.Span(report.feed.state.capitalize(), className=f"feed {report.feed.state}")
    label = html.Span("data as of ", className="label")
    return _bar(source, [html.Div([label, time, day, state], className="as-of")], desk)


def _bar(source: str, middle: Sequence[Component], desk: str) -> Component:
    shown = "" if source == REAL else source.upper()
    badge = html.Span(shown, id=Id.SOURCE, title="These numbers are not real.")
    back = link("← Live page", ".")
    return html.Header([brand("History", desk), badge, *middle, back, display()])


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
        html.A(label, href=f"api/export.{kind}?{parameters}", className="control", download="")
        for kind, label in {"zip": "CSV", "xlsx": "XLSX"}.items()
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


def _content(
    report: Report, figures: Mapping[HistoryId, Figure], write: Notation
) -> Sequence[Component]:
    tables = [
        (
            "Which agent earned it",
            HistoryId.TABLE_AGENTS,
            Table.AGENTS,
            _coverage(report.with_agents, report, write),
        ),
        (
            "Where the money went",
            HistoryId.TABLE_COSTS,
            Table.COSTS,
            _coverage(report.with_costs, report, write),
        ),
    ]
    if not report.is_one_day:
        tables.append(("Drawdowns", HistoryId.TABLE_FALLS, Table.DRAWDOWNS, _since(report, write)))
    tables.append(("Days", HistoryId.TABLE_DAYS, Table.DAYS, ""))
    if any(len(day.versions) > 1 for day in report.days):
        tables.append(("Versions of changed days", HistoryId.TABLE_VERSIONS, Table.VERSIONS, ""))
    exports = _group("Export", _exports(report.period, report.comparison))
    several = [] if report.is_one_day else [facts(report, write)]
    return [
        html.Div([html.P(_notes(report, write)), exports], className="notes"),
        html.P(_findings(report, write), className="books"),
        kpis(report, write),
        *several,
        *(_chart(chart, figure, report, write) for chart, figure in figures.items()),
        *(_table(*table, report, write) for table in tables),
    ]


def _notes(report: Report, write: Notation) -> str:
    """Return notes on the numbers: the days covered, left out, unknown and restated."""
    contrast = report.contrast
    notes = [f"{period_text(report.period, write)} · {report.calendar.zone}"]
    if contrast.before:
        notes.append(_compared(report, write))
    if report.running:
        notes.append("today is still running")
    if report.missing:
        notes.append(f"no data for {count_of_days(report.missing, write)}")
    if report.incomplete:
        notes.append(_incomplete(report.incomplete, report, write))
    if contrast.before and contrast.before.lacking:
        lacking = count_of_days(contrast.before.lacking, write)
        notes.append(f"{lacking} of the comparison unknown or incomplete")
    if restated := sum(day.is_restated for day in report.days):
        notes.append(f"{count_of_days(restated, write)} restated")
    if idle := len(report.days) - len(report.counted):
        notes.append(f"{count_of_days(idle, write)} without trading")
    return " · ".join([*notes, *filter(None, [rounding(report, write)])])


def rounding(report: Report, write: Notation) -> str:
    """Return a note that parts as shown may not add up to their total, empty if they do."""
    if write.is_rounded(_amounts(report)):
        return f"amounts are rounded to {write.money(write.unit)}"
    if not all(write.foots(*means) for means in _means(report)):
        return f"averages are rounded to {write.money(write.unit)}"
    return ""


def _incomplete(days: Sequence[DayRecord], report: Report, write: Notation) -> str:
    """Return how many days are incomplete, or which one and its last state."""
    day, *others = days
    if others or day.at is None:
        return f"{count_of_days(len(days), write)} incomplete"
    last = write.time_of_day(day.at.astimezone(report.calendar.zone))
    return f"{write.full_day(day.day)} incomplete, last state {last}"


def _findings(report: Report, write: Notation) -> str:
    """Return the breakdowns that do not add up to the totals of their days; empty if all do."""
    found = unexplained(report)
    return ", ".join(f"{what} of {count_of_days(rest.days, write)}" for what, rest in found)


def _compared(report: Report, write: Notation) -> str:
    """Return the days compared, and with which."""
    now, before = report.contrast.now, report.contrast.before
    if before is None:
        return ""
    shown = f"compared with {period_text(before.period, write)}"
    if report.contrast.basis is Basis.SAME_TIME and before.at:
        at = before.at.astimezone(report.calendar.zone)
        return f"{shown}, {write.time_of_day(at)}"
    is_part = now.period != replace(report.period, name=now.period.name)
    return f"{period_text(now.period, write)} {shown}" if is_part else shown


def _since(report: Report, write: Notation) -> str:
    """Return the basis of the drawdowns."""
    first = report.opening.first or min(dates(report.table), default=None)
    return f"of cumulative net since {write.full_day(first)}" if first else ""


def _means(report: Report) -> Iterator[list[Decimal | None]]:
    """Yield average revenue, expenses and net of a day, of the charts and of the comparison."""
    whole = report.whole
    sums = totals(whole) if whole and not report.is_one_day else None
    yield [_share(figure(sums, name), len(whole)) for name in MEASURES]
    figures = [report.contrast.figures(name) for name in MEASURES]
    yield [now for now, _ in figures]
    yield [before for _, before in figures]


def _amounts(report: Report) -> Iterator[Decimal]:
    """Yield every amount that the sums of the page are made of."""
    for day in (*report.days, *report.before):
        for book in (day.amounts, *(day.agents or {}).values()):
            yield from (book.revenue, book.expenses)
        yield from (day.costs or {}).values()


def _coverage(known: int, report: Report, write: Notation) -> str:
    """Return how many days are known, or nothing if all are."""
    if known == len(report.counted):
        return ""
    return f"known for {write.count(known)} of {count_of_days(len(report.counted), write)}"


def _chart(chart: HistoryId, figure: Figure, report: Report, write: Notation) -> Component:
    entries = [
        entry(chart, label, part(chart, key), number)
        for label, key, number in _entries(chart, report, write)
    ]
    drawing = drawn(figure)
    return panel(chart, HEADINGS[chart], entries, summary=part(chart, "summary"), drawn=drawing)


def _entries(chart: HistoryId, report: Report, write: Notation) -> Sequence[tuple[str, str, str]]:
    """Return the legend of a chart: label, trace and summarizing number of each entry."""
    if chart is HistoryId.CHART_NET:
        label = "Without today" if report.running else "This period"
        this = (label, "net", write.money(_last(report.table["cumulative"])))
        other = ("Compared with", "average", write.money(_last(report.table_before["cumulative"])))
        return [this, other] if report.compared else [this]
    if chart is HistoryId.CHART_FALL:
        fall = deepest(report.drawdowns)
        return [("Deepest", "fall", write.money(fall.depth) if fall else "none")]
    if report.is_one_day:
        label, amounts, days = "{}", report.amounts, 1
    else:
        whole = report.whole
        label, amounts, days = "Avg {}", totals(whole) if whole else None, len(whole)
    return [
        (label.format(name).capitalize(), name, write.money(_share(figure(amounts, name), days)))
        for name in ("revenue", "expenses", "net")
    ]


def _last(amounts: DaySeries) -> Decimal | None:
    return amounts.iloc[-1] if len(amounts) else None


def _share(amount: Decimal | None, parts: int) -> Decimal | None:
    return None if amount is None else amount / parts


def _table(  # noqa: PLR0913, PLR0917 (a table is its parts)
    heading: str, table_id: HistoryId, name: Table, coverage: str, report: Report, write: Notation
) -> Component:
    content = sheet(name, report)
    more = len(content.rows) - MOST_ROWS
    notes = [coverage, f"the export has {write.count(more)} more" if more > 0 else ""]
    head = [html.H2(heading), html.Span(", ".join(filter(None, notes)), className="label")]
    table = sheet_table(content, MOST_ROWS, report.calendar.zone, write, Links(report).cell)
    scroll = {"tabIndex": "0", "role": "region", "aria-label": heading}
    return html.Section(
        [html.Div(head, className="head"), html.Div(table, className="sheet", **scroll)],
        id=table_id,
        className=f"panel {table_id}",
    )
