"""Layout, ranges and an empty figure for all charts."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from dash import dcc, html
from dash.development.base_component import Component

from northstar.view.shared import theme
from northstar.view.shared.ids import HistoryId, Id, part

Figure: TypeAlias = dict[str, Any]

PADDING = 0.08  # of the range, above and below the data
NOTHING_YET = "nothing received yet"
MEASURES = {"revenue": theme.REVENUE, "expenses": theme.EXPENSES, "net": theme.NET}


def blank(notice: str = "") -> Figure:
    """Return a chart without axes or data, and a word on why."""
    layout = lean_layout()
    for axis in ("xaxis", "yaxis"):
        layout[axis]["visible"] = False
    layout["annotations"] = [_notice(notice)] if notice else []
    return {"data": [], "layout": layout}


def padded(amounts: Iterable[float], padding: float) -> list[float]:
    """Return the range of `amounts` with some room; no room on the side that ends at zero."""
    known = list(amounts)
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high == 0:
        return [0.0, 1.0]
    room = (high - low or abs(high)) * padding
    return [low - room if low else 0.0, high + room if high else 0.0]


def _notice(text: str) -> Figure:
    centre = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": text, "font": {"size": 13, "color": theme.MUTED}, **centre}


def lean_layout(top: int = 10) -> Figure:
    """Return the layout that all charts start from; `top` is the margin there, in pixels."""
    axis = {
        "gridcolor": theme.GRID,
        "zerolinecolor": theme.AXIS,
        "automargin": False,
        "fixedrange": True,
        # Else plotly measures every label, each time, to turn or hide it where it does not fit.
        "tickangle": 0,
        "ticklabeloverflow": "allow",
    }
    return {
        "uirevision": "viewer",  # a viewer's zoom outlives every update
        "autosize": True,
        "margin": {"l": 52, "r": 30, "t": top, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": theme.FONT, "size": 12, "color": theme.MUTED},
        "hoverlabel": {
            "font": {"family": theme.FONT, "color": theme.TEXT},
            "bgcolor": theme.HOVER,
            "bordercolor": theme.AXIS,
        },
        "showlegend": False,
        "dragmode": False,
        "xaxis": {**axis, "showgrid": False},
        "yaxis": {**axis, "exponentformat": "B", "separatethousands": True, "nticks": 6},
    }


CHART_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
    "showTips": False,
}


def empty_chart(chart: Id | HistoryId) -> Component:
    """Return a chart for its place on the page, to which a script takes it."""
    return html.Div(
        dcc.Graph(id=chart, figure=blank(), config=CHART_CONFIG, responsive=True),
        className="plot",
        **{"data-place": part(chart, "place")},
    )
