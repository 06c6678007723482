"""The controls of the history page: period, comparison and exports, as links and a form."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from northstar.reports.parts import Part
from northstar.reports.periods import Comparison, Period, Range, query
from northstar.view.history.links import page_address
from northstar.view.shared.ids import HistoryId

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


def ranges(
    period: Period,
    comparison: Comparison,
    part: Part | None = None,
    exports: Sequence[Component] = (),
) -> Component:
    """Return links to the named periods and comparisons; the URL is the whole state."""
    named = [
        _choice(
            text,
            page_address(Period(period.first, period.last, name), comparison, part),
            period.name == name,
        )
        for name, text in RANGES.items()
    ]
    compared = [
        _choice(text, page_address(period, other, part), comparison == other)
        for other, text in COMPARISONS.items()
    ]
    groups = [
        group("Period", named),
        _dates(period, comparison, part),
        group("Compare", compared),
        *exports,
    ]
    nav = html.Nav(groups, id=HistoryId.RANGES, **{"aria-label": "Period"})
    # On a phone it opens the controls after it, which a wide page always shows.
    button = html.Details(html.Summary("Period, comparison, export"), className="opener")
    return html.Div([button, nav], className="controls")


def group(label: str, links: Sequence[Component]) -> Component:
    """Return controls with their label."""
    return html.Div([html.Span(label, className="label"), *links], className="group")


def _choice(text: str, address: str, chosen: bool) -> Component:  # noqa: FBT001 (a state)
    current = {"aria-current": "true"} if chosen else {}
    return html.A(text, href=address, className="control", **current)


def exports(period: Period, comparison: Comparison) -> Component:
    """Return the links to the exports of a period."""
    parameters = query(period, comparison)
    links = [
        html.A(label, href=f"api/export.{kind}?{parameters}", className="control", download="")
        for kind, label in {"zip": "CSV", "xlsx": "XLSX"}.items()
    ]
    return group("Export", links)


def _dates(period: Period, comparison: Comparison, part: Part | None) -> Component:
    """Return a form for any two days; it works without JavaScript."""

    def day(name: str, label: str, value: str) -> Component:
        field = dcc.Input(type="date", name=name, value=value, required=True)
        return html.Label([html.Span(label), field])

    kept = {"compare": comparison.value} | ({part.kind.value: part.name} if part else {})
    return html.Form(
        [
            day("from", "From", period.first.isoformat()),
            day("to", "to", period.last.isoformat()),
            *(dcc.Input(type="hidden", name=name, value=value) for name, value in kept.items()),
            html.Button("Show", className="control"),
        ],
        action="history",
        method="get",
        className="group",
    )
