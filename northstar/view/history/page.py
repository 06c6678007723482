"""The history page: a report as a tree of components.

The server renders it as HTML; Dash drives only the charts, as on the live page.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from dash import html
from dash.development.base_component import Component

from northstar import DESK
from northstar.reports.parts import PartKind
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Sheet
from northstar.reports.tables import Table, events_basis, sheet
from northstar.view.history.alert_events import alerts_sheet
from northstar.view.history.cards import count_of_days, facts, kpis
from northstar.view.history.controls import Typed, exports, ranges
from northstar.view.history.day_notes import days_sheet, notes_panel
from northstar.view.history.figures import CHARTS
from northstar.view.history.heat_map import heat_map
from northstar.view.history.links import Links, page_address
from northstar.view.history.notes import drawdown_basis, findings, notes
from northstar.view.history.sections import chart_entries, chart_panel, notes_line, table_panel
from northstar.view.history.shell import bar, header, outline, printed
from northstar.view.shared.charts import Figure
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation


def history_page(  # noqa: PLR0913 (its parts)
    report: Report,
    source: str,
    write: Notation,
    desk: str = DESK,
    figures: Mapping[HistoryId, Figure] | None = None,
    *,
    temporary: bool = False,
) -> Component:
    """Return the page of a report; `source` is as on the live page.

    `figures` are its charts, if they are known. A `temporary` history ends with the program.
    """
    charts = shown_figures(report, write) if figures is None else figures
    return outline(
        header(report, source, write, desk),
        [_controls(report), *_content(report, charts, write, temporary=temporary)],
    )


def problem_page(
    problem: str, today: Period, source: str, desk: str = DESK, typed: Typed | None = None
) -> Component:
    """Return the page with the reason for a missing report, and links to other periods.

    `typed` is the form of what was asked for; the reason is beside it if a field of it is wrong.
    """
    controls = ranges(today, Comparison.PREVIOUS, typed=typed)
    message = html.P(problem, className="problem", role="alert")
    beside = typed and typed.is_of_the_form
    return outline(bar(source, [], desk), [controls, *([] if beside else [message])])


def shown_charts(report: Report) -> Sequence[HistoryId]:
    """Return a period's charts: the minutes for a single day, the others for several days."""
    one_day = HistoryId.CHART_INTRADAY
    return [one_day] if report.is_one_day else [chart for chart in CHARTS if chart != one_day]


def shown_figures(report: Report, write: Notation) -> Mapping[HistoryId, Figure]:
    """Return the figures of a period's charts."""
    return {chart: CHARTS[chart](report, write) for chart in shown_charts(report)}


def _controls(report: Report) -> Component:
    shown = report.period, report.comparison
    return ranges(*shown, exports=[exports(*shown)])


def _content(
    report: Report, figures: Mapping[HistoryId, Figure], write: Notation, *, temporary: bool
) -> Sequence[Component]:
    several = [] if report.is_one_day else [facts(report, write)]
    return [
        printed(report, write),
        notes_line(notes(report, write), report, page_address(report.period, report.comparison)),
        html.P(findings(report, write), className="books"),
        kpis(report, write),
        *several,
        *(
            chart_panel(chart, figure, report, chart_entries(chart, report, write))
            for chart, figure in figures.items()
        ),
        *heat_map(report, Links(report), write),
        notes_panel(report, write, temporary=temporary),
        *_tables(report, write),
    ]


def _tables(report: Report, write: Notation) -> Sequence[Component]:
    """Return the tables; their days, agents and categories are links."""
    links = Links(report)

    def panel(
        heading: str,
        table_id: HistoryId,
        content: Sheet,
        note: str = "",
        kind: PartKind | None = None,
    ) -> Component:
        cells = partial(links.cell, kind)
        return table_panel(heading, table_id, content, note, cells, report.calendar.zone, write)

    agents, costs = report.with_agents, report.with_costs
    tables = [
        panel(
            "Which agent earned it",
            HistoryId.TABLE_AGENTS,
            sheet(Table.AGENTS, report),
            _coverage(agents, report, write),
            PartKind.AGENT,
        ),
        panel(
            "Where the money went",
            HistoryId.TABLE_COSTS,
            sheet(Table.COSTS, report),
            _coverage(costs, report, write),
            PartKind.CATEGORY,
        ),
    ]
    if not report.is_one_day:
        falls, since = sheet(Table.DRAWDOWNS, report), drawdown_basis(report, write)
        tables.append(panel("Drawdowns", HistoryId.TABLE_FALLS, falls, since))
    if report.events:
        events = alerts_sheet(report, write)
        tables.append(panel("Alerts", HistoryId.TABLE_ALERTS, events, events_basis(report)))
    tables.append(panel("Days", HistoryId.TABLE_DAYS, days_sheet(report)))
    if any(len(day.versions) > 1 for day in report.days):
        versions = sheet(Table.VERSIONS, report)
        tables.append(panel("Versions of changed days", HistoryId.TABLE_VERSIONS, versions))
    return tables


def _coverage(known: int, report: Report, write: Notation) -> str:
    """Return how many days are known, or nothing if all are."""
    if known == len(report.counted):
        return ""
    return f"known for {write.count(known)} of {count_of_days(len(report.counted), write)}"
