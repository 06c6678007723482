"""Charts of the live page: snapshot → plotly figure.

Layouts are lean, with fixed ranges and margins, which keeps a redraw near 10 ms. Colours are
names of the theme; the browser replaces them with the viewer's colours. The texts of tooltips
(`assets/38-hover.js`) are formatted here, from exact amounts: `customdata`, or the `text` of a bar.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from northstar.domain.ledger import Snapshot, today
from northstar.domain.trend import is_incomplete
from northstar.view.live.bar_labels import (
    AMOUNT_PX,
    NAME_PX,
    WATERFALL_MARGIN,
    room_for_bars,
)
from northstar.view.live.costs import Cost, grouped_costs
from northstar.view.live.earners import earners_layout, largest_earners, mark_level
from northstar.view.live.sections import made_of
from northstar.view.live.steps import bounds, steps
from northstar.view.live.today import running_day
from northstar.view.live.trend import averages, with_changes, with_status
from northstar.view.shared import theme
from northstar.view.shared.charts import (
    MEASURES,
    NO_DATA_YET,
    PADDING,
    Figure,
    _notice,
    blank,
    lean_layout,
    padded,
    scale,
)
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation

ONE_DAY, HALF_A_DAY = timedelta(days=1), timedelta(hours=12)
THINNEST_SLICE = 1e-6  # of the ring


def waterfall(snapshot: Snapshot, write: Notation) -> Figure:
    """Waterfall from revenue through each cost category to net, which may be a loss."""
    bars = steps(snapshot, write.tolerance)
    names = [bar.name for bar in bars]
    heights = [float(bar.amount) for bar in bars]
    net = write.shown(bars[-1].amount)
    labels = [write.money(bar.amount) for bar in bars]
    trace = {
        "type": "waterfall",
        "measure": ["relative"] * (len(bars) - 1) + ["total"],
        "x": list(range(len(bars))),
        "y": heights,
        "text": labels,
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"size": AMOUNT_PX, "color": theme.TEXT},
        "connector": {"line": {"color": theme.AXIS, "width": 1, "dash": "dot"}},
        "increasing": {"marker": {"color": theme.REVENUE}},
        "decreasing": {"marker": {"color": theme.EXPENSES}},
        "totals": {"marker": {"color": theme.result(net)}},
        "width": 0.66,
    }
    layout = lean_layout()
    layout["xaxis"] |= _positions(names)
    # Every bar is labelled.
    layout["yaxis"] |= {"range": bounds(bars), "showticklabels": False, "showgrid": False}
    layout["margin"] = dict(WATERFALL_MARGIN)
    layout["meta"] = {"names": names, **room_for_bars(tuple(names), tuple(labels))._asdict()}
    return {"data": [trace], "layout": layout}


@made_of("trends_data")
def trend(snapshot: Snapshot, write: Notation) -> Figure:
    """Net by day as bars, revenue and expenses as lines, and the seven-day average of net.

    The running day and incomplete ones are hatched.
    """
    if not snapshot.trend:
        return blank(NO_DATA_YET if snapshot.state.trends_data is None else "none")
    days = [day.date.isoformat() for day in snapshot.trend]
    traces = [
        _net_bars(snapshot, days, write),
        *(_trend_line(snapshot, name, days, write) for name in ("revenue", "expenses")),
    ]
    layout = lean_layout()
    known = [y for trace in traces for y in trace["y"] if y is not None]
    scale(layout, padded([0.0, *known], PADDING), write)
    layout["xaxis"] |= {
        "type": "date",
        "range": _days_around(snapshot),
        "fixedrange": False,  # the only axis with zoom
        "minallowed": _days_around(snapshot)[0],
        "maxallowed": _days_around(snapshot)[1],
        "tickvals": days,
        "ticktext": [write.short_day(day.date) for day in snapshot.trend],
        "spikecolor": theme.AXIS,
        "spikedash": "solid",
        "spikethickness": -1,  # no light border
    }
    layout |= {"hovermode": "x unified", "dragmode": "zoom", "bargap": 0.3}
    means = _average(days, averages(snapshot, write.unit), write)
    return {"data": [*traces, means], "layout": layout}


def _net_bars(snapshot: Snapshot, days: Sequence[str], write: Notation) -> Figure:
    nets, running = [row.net for row in snapshot.trend], today(snapshot)
    return {
        "type": "bar",
        "name": "Net",
        "meta": "net",
        "x": days,
        "y": list(map(float, nets)),
        "customdata": list(map(with_status, snapshot.trend, with_changes(snapshot, "net", write))),
        "marker": {
            "color": [theme.result(write.shown(net)) for net in nets],
            "pattern": {
                "shape": [
                    "/" if row is running or is_incomplete(row) else "" for row in snapshot.trend
                ]
            },
        },
    }


def _trend_line(snapshot: Snapshot, name: str, days: Sequence[str], write: Notation) -> Figure:
    running = today(snapshot)
    return {
        "type": "scatter",
        "name": name.capitalize(),
        "meta": name,
        "x": days,
        # The running day is only in the bars: half a day would look like a fall.
        "y": [
            None if day is running and days[1:] else float(getattr(day, name))
            for day in snapshot.trend
        ],
        "customdata": with_changes(snapshot, name, write),
        # A single day is drawn as a marker, because a line of one point is invisible.
        "mode": "lines" if len(days) > 1 else "markers",
        "line": {"color": MEASURES[name], "width": 1.5},
        "marker": {"color": MEASURES[name], "size": 7},
    }


def _average(days: Sequence[str], means: Sequence[Decimal | None], write: Notation) -> Figure:
    return {
        "type": "scatter",
        "name": "Net, 7-day average",
        "meta": "average",
        "x": days,
        "y": [None if mean is None else float(mean) for mean in means],
        "customdata": [write.money(mean) for mean in means],
        "mode": "lines",
        "line": {"color": theme.TEXT, "width": 1.5, "dash": "dot"},
    }


@made_of("cost_breakdown")
def costs(snapshot: Snapshot, write: Notation) -> Figure:
    """Share of each category; legend and total are HTML of the page."""
    shown = grouped_costs(snapshot)
    trace = {
        "type": "pie",
        "hole": 0.7,
        "sort": False,
        "direction": "clockwise",
        # Labels are positions, because plotly merges categories of the same name.
        "labels": [str(position) for position in range(len(shown))],
        # A refund is a hatched slice, and has a minus sign in the legend.
        "values": _slices(shown),
        "text": [cost.name for cost in shown],
        "customdata": [
            f"{write.money(cost.amount)} · {write.percent(cost.share)}" for cost in shown
        ],
        "textinfo": "none",
        "marker": {
            "colors": [cost.colour for cost in shown],
            "line": {"color": theme.SLICE_GAP, "width": 1.5},
            "pattern": {"shape": ["/" if cost.amount < 0 else "" for cost in shown]},
        },
    }
    layout = lean_layout()
    layout["margin"] = {"l": 4, "r": 4, "t": 4, "b": 4}
    return {"data": [trace], "layout": layout}


@made_of("agent_attribution")
def agents(snapshot: Snapshot, write: Notation) -> Figure:
    """Revenue, expenses and net of the largest agents, highest net first."""
    rows = largest_earners(snapshot)
    if not rows:
        return blank(NO_DATA_YET if snapshot.state.agent_attribution is None else "none")
    positions = list(range(len(rows)))
    names = [row.name for row in rows]
    traces: list[Figure] = [
        {
            "type": "bar",
            "name": name.capitalize(),
            "meta": name,
            "x": positions,
            "y": [float(getattr(row, name)) for row in rows],
            "customdata": [write.money(getattr(row, name)) for row in rows],
            "marker": {"color": colour},
        }
        for name, colour in MEASURES.items()
    ]
    traces[-1]["marker"] = {"color": [theme.result(write.shown(row.net)) for row in rows]}
    layout = earners_layout(rows, write)
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": positions,
        "y": [mark_level(layout)] * len(rows),
        "marker": {
            "symbol": "square",
            "size": 9,
            "color": [row.colour for row in rows],
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }
    layout["xaxis"] |= _positions(names)
    layout |= {"barmode": "group", "bargap": 0.28, "bargroupgap": 0.06, "meta": {"names": names}}
    if more := len(snapshot.agents) - len(rows):
        text = f"{write.count(more)} smaller agents hidden"
        layout["annotations"] = [_notice(text) | {"x": 1, "y": 1, "xanchor": "right"}]
    return {"data": [*traces, marks], "layout": layout}


CHARTS: Mapping[Id, Callable[[Snapshot, Notation], Figure]] = {
    Id.CHART_WATERFALL: waterfall,
    Id.CHART_TREND: trend,
    Id.CHART_TODAY: running_day,
    Id.CHART_COSTS: costs,
    Id.CHART_AGENTS: agents,
}


def plain(name: str) -> str:
    """Escape a name, because plotly interprets tags as markup."""
    return html.escape(name, quote=False)


def _positions(names: Sequence[str]) -> Figure:
    """Return an axis with bars at positions, so that bars of the same name stay separate."""
    return {
        "type": "linear",
        "zeroline": False,
        "tickfont": {"size": NAME_PX},
        "tickvals": list(range(len(names))),
        "ticktext": list(map(plain, names)),
        "range": [-0.5, len(names) - 0.5],
    }


def _slices(shown: Sequence[Cost]) -> list[float]:
    """Return the slices of the ring; one too thin to draw, which would break the ring, is zero."""
    sizes = [abs(float(cost.amount)) for cost in shown]
    thinnest = sum(sizes) * THINNEST_SLICE
    return [size if size >= thinnest else 0.0 for size in sizes]


def _days_around(snapshot: Snapshot) -> list[str]:
    """Return the range from half a day before the trend's first day until after its last."""
    first, last = snapshot.trend[0].date, snapshot.trend[-1].date
    start = datetime.combine(max(first, date.min + ONE_DAY), time(0)) - HALF_A_DAY
    end = datetime.combine(last, time(0)) + HALF_A_DAY
    return [start.isoformat(" "), end.isoformat(" ")]
