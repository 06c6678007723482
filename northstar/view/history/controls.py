"""The controls of the history page: period, comparison and exports, as links and a form."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

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


class Typed(NamedTuple):
    """The form of two days as it was sent: its hidden fields, the wrong field, and the reason."""

    first: str
    last: str
    hidden: Mapping[str, str]
    field: str = ""
    reason: str = ""

    @property
    def is_of_the_form(self) -> bool:
        """Whether the wrong field is one of the form."""
        return self.field in {"from", "to"}


def ranges(
    period: Period,
    comparison: Comparison,
    part: Part | None = None,
    exports: Sequence[Component] = (),
    typed: Typed | None = None,
) -> Component:
    """Return links to the named periods and comparisons; the URL is the whole state.

    `typed` is the form that was refused, if one was.
    """
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
        _dates(typed or _form(period, comparison, part)),
        group("Compare", compared),
        *exports,
    ]
    nav = html.Nav(groups, id=HistoryId.RANGES, **{"aria-label": "Period"})
    # On a phone it opens the controls after it, which a wide page always shows.
    summary = html.Summary("Period, comparison, export")
    button = html.Details(summary, className="opener", open=bool(typed))
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


def _form(period: Period, comparison: Comparison, part: Part | None) -> Typed:
    hidden = {"compare": comparison.value} | ({part.kind.value: part.name} if part else {})
    return Typed(period.first.isoformat(), period.last.isoformat(), hidden)


def _dates(typed: Typed) -> Component:
    """Return a form for any two days; it works without JavaScript."""
    return html.Form(
        [
            _day("from", "From", typed.first, typed),
            _day("to", "to", typed.last, typed),
            *(
                dcc.Input(type="hidden", name=name, value=value)
                for name, value in typed.hidden.items()
            ),
            html.Button("Show", className="control"),
        ],
        action="history",
        method="get",
        className="group",
    )


def _day(name: str, label: str, value: str, typed: Typed) -> Component:
    """Return a field for a day; a text that is no date stays in it, which a date's would not."""
    reason = html.Span(typed.reason, className="problem", role="alert")
    kind = "date" if _is_date(value) else "text"
    field = dcc.Input(type=kind, name=name, value=value, required=True)
    return html.Label([html.Span(label), field, *([reason] if name == typed.field else [])])


def _is_date(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
