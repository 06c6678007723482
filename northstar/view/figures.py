"""The four charts: for each an empty figure, and the values a snapshot puts into it.

Values are assignments, a path into the figure and what belongs there. A new page gets the
figure with the values filled in, a page that is open gets a `Patch` of the values alone.
Layouts are lean, with fixed ranges and margins: that is what keeps a redraw near 10 ms.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeAlias

import pandas as pd
from dash import Patch

from northstar.ledger import Snapshot, percentage, total
from northstar.view import theme
from northstar.view.ids import Id
from northstar.view.money import money, percent
from northstar.view.tables import BOOK, agent_table, cost_table, trend_table

Path: TypeAlias = tuple[str | int, ...]
Values: TypeAlias = dict[Path, Any]
Figure: TypeAlias = dict[str, Any]

PADDING = 0.08  # of the range, above and below the data
LABEL_PADDING = 0.16  # where a label stands above the bar
LABELS_LENGTH = 42  # letters that fit below the bars of all agents
LABEL_LENGTH = 3  # below this a name says nothing
NOTHING_YET = "nothing received yet"
AGENT_COLOURS = {"revenue": theme.REVENUE, "expenses": theme.EXPENSES, "net": theme.NET}


class Chart(NamedTuple):
    """How one chart starts, and what a snapshot puts into it."""

    empty: Callable[[], Figure]
    values: Callable[[Snapshot], Values]


def waterfall() -> Figure:
    """Revenue up, expenses down, net as what is left."""
    trace = {
        "type": "waterfall",
        "measure": ["relative", "relative", "total"],
        "x": ["Revenue", "Expenses", "Net P&L"],
        "y": [],
        "text": [],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "hoverinfo": "x+text",
        "textfont": {"size": 13, "color": theme.TEXT},
        "connector": {"line": {"color": theme.AXIS, "width": 1, "dash": "dot"}},
        "increasing": {"marker": {"color": theme.REVENUE}},
        "decreasing": {"marker": {"color": theme.EXPENSES}},
        "totals": {"marker": {"color": theme.GAIN}},
        "width": 0.6,
    }
    layout = _layout(left=52, top=22)
    layout["yaxis"] |= {"exponentformat": "B", "separatethousands": True, "nticks": 6}
    layout["xaxis"] |= {"type": "category", "range": [-0.5, 2.5], "tickfont": {"size": 13}}
    return {"data": [trace], "layout": layout}


def waterfall_values(snapshot: Snapshot) -> Values:
    """Net's own colour says whether it is a loss; so does its sign."""
    steps = [snapshot.revenue, -snapshot.expenses, snapshot.net]
    heights = [float(step) for step in steps]
    return {
        ("data", 0, "y"): heights,
        ("data", 0, "text"): [money(step) for step in steps],
        ("data", 0, "totals", "marker", "color"): theme.result_colour(heights[2]),
        ("layout", "yaxis", "range"): _padded([0.0, heights[0], heights[2]], LABEL_PADDING),
        **_presence(len(steps)),
    }


def trend() -> Figure:
    """Revenue, expenses and net by day."""
    traces = [
        {
            "type": "scatter",
            "name": name,
            "x": [],
            "y": [],
            "mode": "lines",
            "line": {"color": colour, "width": 2},
            "marker": {"color": colour, "size": 7},
            "hovertemplate": "%{y:$,.2f}",
        }
        for name, colour in (
            ("Revenue", theme.REVENUE),
            ("Expenses", theme.EXPENSES),
            ("Net", theme.NET),
        )
    ]
    layout = _layout(left=52, top=10)
    layout["yaxis"] |= {"exponentformat": "B", "separatethousands": True, "nticks": 6}
    layout["xaxis"] |= {"type": "date", "tickformat": "%-d %b", "nticks": 8}
    layout |= {"hovermode": "x unified"}
    return {"data": traces, "layout": layout}


def trend_values(snapshot: Snapshot) -> Values:
    """A single day is a point: a line of one has no length."""
    table = trend_table(snapshot)
    mode = "lines" if len(table) > 1 else "markers"
    values: Values = {}
    for trace, column in enumerate(BOOK):
        values["data", trace, "x"] = table["date"].tolist()
        values["data", trace, "y"] = table[column].tolist()
        values["data", trace, "mode"] = mode
    values["layout", "xaxis", "range"] = _days_around(snapshot)
    values["layout", "yaxis", "range"] = _padded(_amounts(table), PADDING)
    return values | _presence(len(table), known=bool(snapshot.trend))


def costs() -> Figure:
    """Share of each category; its legend and its total are the page's own."""
    trace = {
        "type": "pie",
        "hole": 0.7,
        "sort": False,
        "direction": "clockwise",
        "labels": [],
        "values": [],
        "text": [],
        "customdata": [],
        "textinfo": "none",
        "hovertemplate": "%{text}<br>%{customdata}<extra></extra>",
        "marker": {"colors": [], "line": {"color": theme.SLICE_GAP, "width": 1.5}},
    }
    layout = _layout(left=4, top=4)
    layout["margin"] = {"l": 4, "r": 4, "t": 4, "b": 4}
    layout["annotations"] = []
    return {"data": [trace], "layout": layout}


def costs_values(snapshot: Snapshot) -> Values:
    """A refund has no slice: it stands in the legend, with its minus sign."""
    table = cost_table(snapshot)
    spent = total(cost.value for cost in snapshot.costs)
    return {
        # Labels are positions: plotly would merge two categories of the same name.
        ("data", 0, "labels"): [str(position) for position in range(len(table))],
        ("data", 0, "values"): table["value"].clip(lower=0).tolist(),
        ("data", 0, "text"): [plain(name) for name in table["name"]],
        ("data", 0, "customdata"): [
            f"{money(cost.value)} · {percent(percentage(cost.value, spent))}"
            for cost in snapshot.costs
        ],
        ("data", 0, "marker", "colors"): [theme.cost_colour(i) for i in range(len(table))],
    }


def agents() -> Figure:
    """Revenue, expenses and net of each agent, side by side."""
    traces = [
        {
            "type": "bar",
            "name": column.capitalize(),
            "x": [],
            "y": [],
            "hovertext": [],
            "marker": {"color": colour},
            "hovertemplate": "%{hovertext}<br>%{fullData.name} %{y:$,.2f}<extra></extra>",
        }
        for column, colour in AGENT_COLOURS.items()
    ]
    layout = _layout(left=52, top=10)
    layout["yaxis"] |= {"exponentformat": "B", "separatethousands": True, "nticks": 6}
    layout["xaxis"] |= {
        "type": "linear",
        "zeroline": False,
        "tickangle": 0,
        "tickvals": [],
        "ticktext": [],
    }
    layout |= {"barmode": "group", "bargap": 0.28, "bargroupgap": 0.06}
    return {"data": traces, "layout": layout}


def agents_values(snapshot: Snapshot) -> Values:
    """Bars stand at positions, named by ticks: two agents of one name stay two."""
    table = agent_table(snapshot)
    positions = list(range(len(table)))
    names = [plain(name) for name in table["agent"]]
    values: Values = {}
    for trace, column in enumerate(BOOK):
        values["data", trace, "x"] = positions
        values["data", trace, "y"] = table[column].tolist()
        values["data", trace, "hovertext"] = names
    values["data", 2, "marker", "color"] = [theme.result_colour(net) for net in table["net"]]
    values["layout", "xaxis", "tickvals"] = positions
    values["layout", "xaxis", "ticktext"] = _labels(table["agent"].tolist())
    values["layout", "xaxis", "range"] = [-0.5, max(len(table), 1) - 0.5]
    values["layout", "yaxis", "range"] = _padded([0.0, *_amounts(table)], PADDING)
    return values | _presence(len(table), known=snapshot.state.agent_attribution is not None)


CHARTS: Mapping[Id, Chart] = {
    Id.CHART_WATERFALL: Chart(waterfall, waterfall_values),
    Id.CHART_TREND: Chart(trend, trend_values),
    Id.CHART_COSTS: Chart(costs, costs_values),
    Id.CHART_AGENTS: Chart(agents, agents_values),
}


def patch(values: Values) -> Patch:
    """Return `values` as a patch of a figure that is already on the page."""
    whole = Patch()
    for path, value in values.items():
        part = whole
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
    return whole


def fill(figure: Figure, values: Values) -> Figure:
    """Put `values` into `figure`, in place, and return it."""
    for path, value in values.items():
        part: Any = figure
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
    return figure


def plain(name: str) -> str:
    """Return a name as plotly shows it unchanged: it would read tags in it as markup."""
    return html.escape(name, quote=False)


def _labels(names: Sequence[str]) -> list[str]:
    """Return names short enough to stand side by side; none where they cannot."""
    room = LABELS_LENGTH // max(len(names), 1)
    if room < LABEL_LENGTH:
        return [""] * len(names)
    return [plain(name if len(name) <= room else f"{name[: room - 1]}…") for name in names]


def _amounts(table: pd.DataFrame) -> list[float]:
    return [amount for column in BOOK for amount in table[column]]


def _padded(amounts: Sequence[float], padding: float) -> list[float]:
    """Return the range of `amounts` with some room; no room on the side that ends at zero."""
    low, high = min(amounts, default=0.0), max(amounts, default=0.0)
    if low == high == 0:
        return [0.0, 1.0]
    room = (high - low or abs(high)) * padding
    return [low - room if low else 0.0, high + room if high else 0.0]


def _days_around(snapshot: Snapshot) -> list[str]:
    """Return the trend's first and last day, widened so that a single one is not a point."""
    days = [row.date for row in snapshot.trend] or [snapshot.as_of.date()]
    room = timedelta(days=len(days) == 1)
    first = max(days[0], date.min + room) - room
    last = min(days[-1], date.max - room) + room
    return [first.isoformat(), last.isoformat()]


def _presence(rows: int, *, known: bool = True) -> Values:
    """Return axes where there are rows; else a word on why there are none."""
    return {
        ("layout", "xaxis", "visible"): rows > 0,
        ("layout", "yaxis", "visible"): rows > 0,
        ("layout", "annotations"): [] if rows else [_notice("none" if known else NOTHING_YET)],
    }


def _notice(text: str) -> Figure:
    centre = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": text, "font": {"size": 13, "color": theme.MUTED}, **centre}


def _layout(left: int, top: int) -> Figure:
    axis = {
        "visible": False,
        "gridcolor": theme.GRID,
        "zerolinecolor": theme.AXIS,
        "automargin": False,
    }
    return {
        "annotations": [_notice(NOTHING_YET)],
        "uirevision": "viewer",  # a viewer's zoom outlives every update
        "autosize": True,
        "margin": {"l": left, "r": 10, "t": top, "b": 26},
        "paper_bgcolor": theme.GROUND,
        "plot_bgcolor": theme.GROUND,
        "font": {"family": theme.FONT, "size": 12, "color": theme.MUTED},
        "hoverlabel": {"font": {"family": theme.FONT}, "bgcolor": theme.HOVER},
        "showlegend": False,
        "dragmode": False,
        "xaxis": {**axis, "showgrid": False, "fixedrange": True},
        "yaxis": {**axis, "fixedrange": True},
    }
