"""The title, the header and the outline of the pages of the history."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from northstar import DESK
from northstar.reports.report import Report
from northstar.view.shared.header import brand, display, link
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation, isolated
from northstar.view.shared.panels import REAL


def title(source: str, desk: str = DESK) -> str:
    """Return the page's title; it includes a source that is not live."""
    name = f"{desk} | History"
    return name if source == REAL else f"{name} · {source.upper()}"


def outline(head: Component, content: Sequence[Component]) -> Component:
    """Return a page of a header and its content."""
    return html.Div([head, html.Main(content)], className="page history")


def header(report: Report, source: str, write: Notation, desk: str) -> Component:
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
    return bar(source, [html.Div([label, time, day, state], className="as-of")], desk)


def printed(report: Report, write: Notation) -> Component:
    """Return the header of a printed page: the time of its data, the source and the state."""
    at = report.feed.as_of and report.feed.as_of.astimezone(report.calendar.zone)
    as_of = f"as of {write.time_of_day(at)}, {write.day(at)}" if at else "no data yet"
    source = f"Source: {isolated(report.feed.name)}"
    state = f"State: {report.feed.state.capitalize()}"
    return html.P(f"{as_of} · {source} · {state}", id=Id.PRINTED)


def bar(source: str, middle: Sequence[Component], desk: str) -> Component:
    """Return the header, with `middle` in it."""
    shown = "" if source == REAL else source.upper()
    badge = html.Span(shown, id=Id.SOURCE, title="These numbers are not real.")
    back = link("← Live page", ".")
    return html.Header([brand("History", desk), badge, *middle, back, display()])
