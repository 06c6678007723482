"""The page of one agent or one category: its days, as those of the whole are shown."""

from collections.abc import Mapping, Sequence
from functools import partial

from dash import html
from dash.development.base_component import Component

from northstar import DESK
from northstar.reports.part_tables import part_days_sheet
from northstar.reports.parts import Part, PartKind, PartReport, UnknownPart
from northstar.reports.periods import Comparison, Period
from northstar.reports.tables import drawdowns_sheet
from northstar.view.history.cards import count_of_days, fact_list, kpis
from northstar.view.history.controls import ranges
from northstar.view.history.figures import CHARTS, category_days
from northstar.view.history.heat_map import heat_map
from northstar.view.history.links import Links, page_address
from northstar.view.history.notes import drawdown_basis, notes
from northstar.view.history.part_cards import agent_facts, category_cards, category_facts
from northstar.view.history.sections import (
    Entry,
    average_entries,
    chart_entries,
    chart_panel,
    notes_line,
    table_panel,
)
from northstar.view.history.shell import bar, header, outline, printed
from northstar.view.shared.charts import Figure
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation, isolated

LABELS = {PartKind.AGENT: "Agent", PartKind.CATEGORY: "Category"}
KNOWN = {PartKind.AGENT: "Agents in the history", PartKind.CATEGORY: "Categories in the history"}
MOST_NAMES = 200  # links to names on the page of an unknown one


def part_figures(shown: PartReport, write: Notation) -> Mapping[HistoryId, Figure]:
    """Return the charts of a part; none for a single day, whose minutes are not known of a part."""
    if shown.report.is_one_day:
        return {}
    if shown.part.kind is PartKind.CATEGORY:
        return {HistoryId.CHART_DAYS: category_days(shown.report, write)}
    several = (HistoryId.CHART_DAYS, HistoryId.CHART_NET, HistoryId.CHART_FALL)
    return {chart: CHARTS[chart](shown.report, write) for chart in several}


def part_page(
    shown: PartReport,
    source: str,
    write: Notation,
    desk: str,
    figures: Mapping[HistoryId, Figure],
) -> Component:
    """Return the page of a part; `source` is as on the live page, `figures` are its charts."""
    report = shown.report
    controls = ranges(report.period, report.comparison, shown.part)
    content = [controls, _heading(shown), *_content(shown, figures, write)]
    return outline(header(report, source, write, desk), content)


def unknown_part_page(unknown: UnknownPart, source: str, desk: str = DESK) -> Component:
    """Return the page for a name that no day has, with links to those that there are."""
    kind, name = unknown.part
    period, comparison = unknown.whole.period, unknown.whole.comparison
    problem = f"The history has no {kind} “{isolated(name)}”."
    message = html.P(problem, className="problem", role="alert")
    shown = unknown.known[:MOST_NAMES]
    links = [_name_link(Part(kind, known), period, comparison) for known in shown]
    more = len(unknown.known) - len(shown)
    rest = [html.P(f"and {more} more")] if more else []
    names = html.Section([html.H2(KNOWN[kind]), html.Ul(links), *rest], className="panel names")
    content = [ranges(period, comparison), message, *([names] if links else [])]
    return outline(bar(source, [], desk), content)


def _name_link(part: Part, period: Period, comparison: Comparison) -> Component:
    address = page_address(period, comparison, part)
    return html.Li(html.A(isolated(part.name), href=address))


def _heading(shown: PartReport) -> Component:
    """Return the name of the part, and the link to the page of all."""
    report = shown.report
    name = [
        html.Span(f"{LABELS[shown.part.kind]} ", className="label"),
        isolated(shown.part.name),
    ]
    back = page_address(report.period, report.comparison)
    whole = html.A("All agents and categories", href=back, className="control")
    return html.Div([html.H2(name), whole], className="part")


def _content(
    shown: PartReport, figures: Mapping[HistoryId, Figure], write: Notation
) -> Sequence[Component]:
    charts = [
        chart_panel(chart, figure, shown.report, _entries(chart, shown, write))
        for chart, figure in figures.items()
    ]
    address = page_address(shown.report.period, shown.report.comparison, shown.part)
    return [
        printed(shown.report, write),
        notes_line(_notes(shown, write), shown.report, address),
        *_figures(shown, write),
        *charts,
        *_calendar(shown, write),
        *_tables(shown, write),
    ]


def _calendar(shown: PartReport, write: Notation) -> Sequence[Component]:
    """Return an agent's net by day as a calendar; a category has no net."""
    if shown.part.kind is PartKind.CATEGORY:
        return []
    return heat_map(shown.report, Links(shown.report, is_part=True), write)


def _notes(shown: PartReport, write: Notation) -> Sequence[str]:
    """Return the notes of a report, and the days on which the part is not named."""
    found = list(notes(shown.report, write))
    if unnamed := len(shown.unnamed):
        found.append(f"not named on {count_of_days(unnamed, write)}, counted as zero")
    return found


def _figures(shown: PartReport, write: Notation) -> Sequence[Component]:
    """Return the cards and facts of a part."""
    if shown.part.kind is PartKind.CATEGORY:
        return [category_cards(shown, write), fact_list(category_facts(shown, write))]
    return [kpis(shown.report, write), fact_list(agent_facts(shown, write))]


def _entries(chart: HistoryId, shown: PartReport, write: Notation) -> Sequence[Entry]:
    if shown.part.kind is PartKind.CATEGORY:
        return average_entries(shown.report, ["expenses"], write)
    return chart_entries(chart, shown.report, write)


def _tables(shown: PartReport, write: Notation) -> Sequence[Component]:
    """Return the tables of a part; their days are links to the days of all parts."""
    report = shown.report
    cells, zone = partial(Links(report, is_part=True).cell, None), report.calendar.zone
    tables = []
    if shown.part.kind is PartKind.AGENT and not report.is_one_day:
        falls, since = drawdowns_sheet(report), drawdown_basis(report, write)
        table_id = HistoryId.TABLE_FALLS
        tables.append(table_panel("Drawdowns", table_id, falls, since, cells, zone, write))
    days = part_days_sheet(shown)
    return [*tables, table_panel("Days", HistoryId.TABLE_DAYS, days, "", cells, zone, write)]
