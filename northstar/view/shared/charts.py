"""Layout, ranges and an empty figure for all charts."""

from collections.abc import Iterable, Sequence
from math import floor, log10
from typing import Any, TypeAlias

from dash import dcc, html
from dash.development.base_component import Component

from northstar.view.shared import theme
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import Notation

Figure: TypeAlias = dict[str, Any]

PADDING = 0.08  # of the range, above and below the data
TICKS = 6  # at most, of an axis of amounts
LEAST_PLAIN = 1e-3  # plotly writes smaller numbers with the prefixes of units
MAX_LABEL = 11  # letters of a tick's label
LETTER_PX = 8  # room for a letter of it
STEP_ERROR = 1e-9  # of a logarithm
NO_DATA_YET = "no data yet"
MEASURES = {"revenue": theme.REVENUE, "expenses": theme.EXPENSES, "net": theme.NET}


def blank(notice: str = "") -> Figure:
    """Return a chart without axes or data, with a notice."""
    layout = lean_layout()
    for axis in ("xaxis", "yaxis"):
        layout[axis]["visible"] = False
    layout["annotations"] = [_notice(notice)] if notice else []
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
    """Give the y axis of a layout its range, and ticks that amounts of the currency can have.

    Plotly would label a yen axis in halves, and 0.00015 as 150µ. There is room for labels of up to
    `MAX_LABEL` letters; smaller numbers are written as powers of ten.
    """
    low, high = bounds
    step = _step((high - low) / TICKS)
    axis: Figure = {"range": [low, high]}
    if step < write.unit:
        step = float(write.unit)
        axis |= {"tick0": 0, "dtick": step}
    if max(abs(low), abs(high)) < LEAST_PLAIN:
        letters = len(f"{low:.0f}.") + max(0, -floor(log10(step) + STEP_ERROR))
        axis["exponentformat"] = "none" if letters <= MAX_LABEL else "power"
        layout["margin"]["l"] = max(layout["margin"]["l"], LETTER_PX * min(letters, MAX_LABEL))
    layout["yaxis"] |= axis


def _step(rough: float) -> float:
    """Return the step of plotly's ticks: the next of 2, 5 or 10 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(power * digit for digit in (2, 5, 10) if power * digit >= rough)


def _notice(text: str) -> Figure:
    centre = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": text, "font": {"size": 13, "color": theme.MUTED}, **centre}


def lean_layout(top: int = 10) -> Figure:
    """Return the base layout of all charts; `top` is the top margin in pixels."""
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
        "yaxis": {**axis, "exponentformat": "B", "separatethousands": True, "nticks": TICKS},
    }


CHART_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
    "showTips": False,
}


def empty_chart(chart: Id | HistoryId) -> Component:
    """Return an empty chart; a script moves it to its place on the page."""
    return html.Div(
        dcc.Graph(id=chart, figure=blank(), config=CHART_CONFIG, responsive=True),
        className="plot",
        **{"data-place": part(chart, "place")},
    )
