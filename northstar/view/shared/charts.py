"""Layout, ranges and an empty figure for all charts."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any, TypeAlias

from dash import dcc, html
from dash.development.base_component import Component

from northstar.view.shared import theme
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import Notation
from northstar.view.shared.text_width import text_width
from northstar.view.shared.ticks import ticks

Figure: TypeAlias = dict[str, Any]

PADDING = 0.08  # of the range, above and below the data
TEXT_PX = 12
LABEL_APART_PX = 4  # between the labels of an axis and the plot; as in assets/52-drawn.css
TIMES = {"type": "date", "ticklabelstandoff": 6}  # so that they do not touch an amount of zero
LABEL_GAP_PX = 8  # between the labels of an axis and both of their sides
WIDEST_PX = 110  # of these labels with their gap
NO_DATA_YET = "no data yet"
# The mark of a restated day.
DIAMOND = {
    "symbol": "diamond",
    "size": 8,
    "color": theme.TEXT,
    "line": {"color": theme.HOVER, "width": 1.5},
}
MEASURES = {"revenue": theme.REVENUE, "expenses": theme.EXPENSES, "net": theme.NET}


def blank(notice: str = "") -> Figure:
    """Return a chart without axes or data, with a notice."""
    layout = lean_layout()
    for axis in ("xaxis", "yaxis"):
        layout[axis]["visible"] = False
    layout["annotations"] = [notice_of(notice)] if notice else []
    return {"data": [], "layout": layout}


def padded(amounts: Iterable[float], padding: float) -> list[float]:
    """Return the range of `amounts` with padding, except on a side that ends at zero."""
    known = list(amounts)
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high == 0:
        return [0.0, 1.0]
    room = (high - low or abs(high)) * padding
    return [low - room if low else 0.0, high + room if high else 0.0]


def scale(layout: Figure, bounds: Sequence[float], write: Notation) -> None:
    """Give the y axis of a layout its range, ticks and labels, and the room for these."""
    low, high = bounds
    values, texts = ticks(low, high, write)
    labels = {"tickvals": values, "ticktext": texts, "ticklabelstandoff": LABEL_APART_PX}
    layout["yaxis"] |= {"range": [low, high], **labels}
    widest = max((text_width(text, TEXT_PX) for text in texts), default=0)
    room = min(WIDEST_PX, ceil(widest) + LABEL_GAP_PX)
    layout["margin"]["l"] = max(layout["margin"]["l"], room)


def notice_of(text: str) -> Figure:
    """Return the annotation of a notice in the middle of a chart."""
    centre = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": text, "font": {"size": 13, "color": theme.MUTED}, **centre}


def lean_layout() -> Figure:
    """Return the base layout of all charts."""
    axis = {
        "gridcolor": theme.GRID,
        "zerolinecolor": theme.AXIS,
        "automargin": False,
        "fixedrange": True,
        # Otherwise plotly measures every label on each redraw to rotate or hide it.
        "tickangle": 0,
        "ticklabeloverflow": "allow",
    }
    return {
        "uirevision": "viewer",  # a viewer's zoom persists across updates
        "autosize": True,
        "margin": {"l": 52, "r": 30, "t": 10, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": theme.FONT, "size": TEXT_PX, "color": theme.MUTED},
        "showlegend": False,
        "dragmode": False,
        "xaxis": {**axis, "showgrid": False},
        "yaxis": {**axis},
    }


CHART_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
    "showTips": False,
    "doubleClickDelay": 500,  # ms, as the systems' own; by plotly's 300 a slow machine has none
}


def empty_chart(chart: Id | HistoryId) -> Component:
    """Return an empty chart; a script moves it to its place on the page."""
    return html.Div(
        dcc.Graph(id=chart, figure=blank(), config=CHART_CONFIG, responsive=True),
        className="plot",
        **{"data-place": part(chart, "place")},
    )
