"""Charts of the live page: snapshot → plotly figure.

Layouts are lean, with fixed ranges and margins, which keeps a redraw near 10 ms. Colours are
names of the theme; the browser replaces them with the viewer's colours. The texts of tooltips
(`assets/38-hover.js`) are formatted here, from exact amounts: `customdata`, or the `text` of a bar.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from northstar.domain.snapshot import Snapshot, today
from northstar.domain.trend import is_incomplete
from northstar.view.live.bar_labels import (
    AMOUNT_PX,
    NAME_PX,
    WATERFALL_MARGIN,
    room_for_bars,
)
from northstar.view.live.costs import Cost, grouped_costs
from northstar.view.live.earners import Earner, earners_layout, largest_earners, mark_level
from northstar.view.live.sections import made_of
from northstar.view.live.steps import bounds, levels, steps
from northstar.view.live.today import running_day
from northstar.view.live.trend import (
    averages,
    notes_by_day,
    restatements,
    with_changes,
    with_status,
)
from northstar.view.shared import theme
from northstar.view.shared.charts import (
    DIAMOND,
    MEASURES,
    NO_DATA_YET,
    PADDING,
    TIMES,
    Figure,
    blank,
    lean_layout,
    notice_of,
    padded,
    scale,
)
from northstar.view.shared.compact import brief
from northstar.view.shared.ids import Id
from northstar.view.shared.limits import limit_lines
from northstar.view.shared.marks import note_marks
from northstar.view.shared.money import Notation
from northstar.view.shared.ticks import ticks

ONE_DAY, HALF_A_DAY = timedelta(days=1), timedelta(hours=12)
THINNEST_SLICE = 1e-6  # of the ring
FINER = 10  # times the ticks of an amount's axis, for a part of it
STEPS_GAP = 0.34  # between the bars of the waterfall, of their distance


def waterfall(snapshot: Snapshot, write: Notation) -> Figure:
    """Waterfall from revenue through each cost category to net, which may be a loss."""
    bars = steps(snapshot, write.tolerance)
    names = [bar.name for bar in bars]
    spans = levels(bars)
    labels = [brief(bar.amount, write) for bar in bars]
    exact = [write.money(bar.amount) for bar in bars]
    trace = {
        "type": "bar",
        "x": list(range(len(bars))),
        "y": [float(bar.amount) for bar in bars],
        "base": [start for start, _ in spans],
        "text": labels,
        **({} if exact == labels else {"customdata": exact}),  # for the tooltip
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"size": AMOUNT_PX, "color": theme.TEXT},
        "marker": {
            "color": [
                *(theme.EXPENSES if bar.amount < 0 else theme.REVENUE for bar in bars[:-1]),
                theme.result(write.shown(bars[-1].amount)),
            ]
        },
    }
    layout = lean_layout()
    layout["xaxis"] |= _positions(names)
    # Every bar is labelled.
    layout["yaxis"] |= {"range": bounds(bars), "showticklabels": False, "showgrid": False}
    layout["margin"] = dict(WATERFALL_MARGIN)
    layout["bargap"] = STEPS_GAP
    layout["meta"] = {"names": names, **room_for_bars(tuple(names), tuple(labels))._asdict()}
    return {"data": [trace, _connectors([end for _, end in spans[:-1]])], "layout": layout}


def _connectors(ends: Sequence[float]) -> Figure:
    """Return lines from where each step ends to the next bar.

    A waterfall of plotly's own would have them, but is not in its smallest build.
    """
    half = (1 - STEPS_GAP) / 2
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for n in range(len(ends)) for x in (n + half, n + 1 - half, None)],
        "y": [y for end in ends for y in (end, end, None)],
        "line": {"color": theme.AXIS, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


@made_of("trends_data")
def trend(snapshot: Snapshot, write: Notation) -> Figure:
    """Net by day as bars with its limits, revenue, expenses and net's seven-day average as lines.

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
    known = [0.0, *(y for trace in traces for y in trace["y"] if y is not None)]
    limits = limit_lines(snapshot.limits, days, known, write)
    scale(layout, padded([*known, *(y for line in limits for y in line["y"])], PADDING), write)
    # Of a part of the days, and without hidden lines, the browser draws a smaller range.
    values, texts = ticks(*layout["yaxis"]["range"], write, FINER)
    layout["meta"] = {"ticks": {"first": values[0], "last": values[-1], "texts": texts}}
    layout["xaxis"] |= {
        **TIMES,
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
    marks = [*_restated(snapshot, write), *_notes(snapshot)]
    return {"data": [*traces, means, *limits, *marks], "layout": layout}


def _notes(snapshot: Snapshot) -> list[Figure]:
    """Return a mark on the zero line for each day with notes."""
    texts = notes_by_day(snapshot)
    days = [day.isoformat() for day in texts]
    return note_marks(days, [0.0] * len(days), list(texts.values()))


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


def _restated(snapshot: Snapshot, write: Notation) -> Iterator[Figure]:
    """Yield marks at the net of days that the source changed after their close, if there are any.

    They are last, so that the number of no other trace changes.
    """
    texts = restatements(snapshot, write)
    if texts:
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": "Restated",
            "meta": "net",  # hidden with it
            "x": [day.isoformat() for day in texts],
            "y": [float(row.net) for row in snapshot.trend if row.date in texts],
            "customdata": list(texts.values()),
            "marker": dict(DIAMOND),
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
    layout["xaxis"] |= _positions(names)
    layout |= {"barmode": "group", "bargap": 0.28, "bargroupgap": 0.06, "meta": {"names": names}}
    if more := len(snapshot.agents) - len(rows):
        text = f"{write.count(more)} smaller agents hidden"
        layout["annotations"] = [notice_of(text) | {"x": 1, "y": 1, "xanchor": "right"}]
    return {"data": [*traces, *_agent_marks(rows, layout)], "layout": layout}


def _agent_marks(rows: Sequence[Earner], layout: Figure) -> Sequence[Figure]:
    """Return the marks of the agents below their bars, if they have colours."""
    if not rows[0].colour:
        return []
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": list(range(len(rows))),
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
    return [marks]


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
