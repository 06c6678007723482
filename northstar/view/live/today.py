"""The running day: chart, numbers and table of its net, with the trading day before it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from northstar.domain.day import Moment
from northstar.domain.intraday import NEARBY, SLOT, DayLine, Intraday
from northstar.domain.snapshot import Snapshot
from northstar.view.shared import theme
from northstar.view.shared.charts import (
    NO_DATA_YET,
    PADDING,
    TIMES,
    Figure,
    blank,
    lean_layout,
    padded,
    scale,
)
from northstar.view.shared.limits import limit_lines
from northstar.view.shared.money import UNKNOWN, Notation

HOUR = timedelta(hours=1)
LEVEL_SLOTS = 7  # between the points of a level line, so that the tooltip has it at any time
HELD = NEARBY // SLOT  # slots for which a state holds if no other follows


class Curve(NamedTuple):
    """A line's points: times on the axis, amounts, and their texts; None where it is unknown."""

    x: Sequence[str]
    y: Sequence[float | None]
    texts: Sequence[str]


def running_day(snapshot: Snapshot, write: Notation) -> Figure:
    """Net of the running day, the day before as a ghost, extremes, zero, target and limits."""
    day = snapshot.day
    if day is None:
        return blank(NO_DATA_YET)
    now, before = _current(day, write), _whole(day.before, day.line, write)
    net = write.shown(day.newest.amounts.net)
    traces = [
        _line("Day before", "before", before, theme.MUTED, 1),
        _losses(now),
        _line("Net", "net", now, theme.result(net), 2),
        _marks(day, write),
    ]
    start, end = _time(day.line, day.line.start), _time(day.line, day.line.end)
    if day.target is not None:
        traces.insert(0, _target(day.target, (start, end), write))
    layout = lean_layout()
    known = [0.0, *(y for trace in traces for y in trace["y"] if y is not None)]
    along = [start, *_closed(day.line, write).x[LEVEL_SLOTS::LEVEL_SLOTS], end]
    limits = limit_lines(snapshot.limits, along, known, write)
    scale(layout, padded([*known, *(y for line in limits for y in line["y"])], PADDING), write)
    layout["xaxis"] |= {**TIMES, "range": [start, end], **_hours(day.line)}
    layout |= {"hovermode": "x unified"}
    return {"data": [*traces, *limits], "layout": layout}


def clock_of(at: datetime, line: DayLine) -> str:
    """Return the local time of a state of a day."""
    return f"{at.astimezone(line.zone):%H:%M}"


def hourly(snapshot: Snapshot, write: Notation) -> Sequence[Sequence[str]]:
    """Return the net at the end of each hour of both days, newest first."""
    day = snapshot.day
    if day is None:
        return []
    now, before = _current(day, write), _whole(day.before, day.line, write)
    per_hour = HOUR // SLOT
    rows = [
        (
            clock_of(day.line.start + (slot + 1) * SLOT, day.line),
            now.texts[slot],
            before.texts[slot],
        )
        for slot in range(per_hour - 1, day.line.count, per_hour)
    ]
    return [row for row in rows if {*row[1:]} != {UNKNOWN}][::-1]


def _current(day: Intraday, write: Notation) -> Curve:
    """Return the running day's line up to the newest state."""
    closed = _closed(day.line, write)
    x, y, texts = list(closed.x), list(closed.y), list(closed.texts)
    slot, net = (day.newest.at - day.line.start) // SLOT, day.newest.amounts.net
    x[slot], y[slot], texts[slot] = _time(day.line, day.newest.at), float(net), write.money(net)
    return Curve(x, y, texts)


@lru_cache(maxsize=2)  # a line changes when one of its slots ends
def _closed(line: DayLine, write: Notation) -> Curve:
    states = [*_held(line.slots), *[None] * (line.count - len(line.slots))]
    return Curve(_times(line), *_amounts(states, write))


@lru_cache(maxsize=2)
def _whole(line: DayLine | None, axis: DayLine, write: Notation) -> Curve:
    """Return a day on the axis of another; hours that the axis does not have are cut off."""
    x = _times(axis)
    states = line.slots if line else ()
    filled = [*states, *[None] * len(x)][: len(x)]
    return Curve(x, *_amounts(_held(filled), write))


def _amounts(
    states: Sequence[Moment | None], write: Notation
) -> tuple[Sequence[float | None], Sequence[str]]:
    nets = [state and state.amounts.net for state in states]
    return [None if net is None else float(net) for net in nets], list(map(write.money, nets))


def _held(slots: Sequence[Moment | None]) -> Sequence[Moment | None]:
    """Return the states that hold at the end of each slot, each for a quarter of an hour."""
    held: list[Moment | None] = []
    last, age = None, 0
    for state in slots:
        last, age = (state, 0) if state else (last, age + 1)
        held.append(last if age <= HELD else None)
    return held


def _times(line: DayLine) -> Sequence[str]:
    """Return the ends of a day's slots on the axis."""
    ends = (line.start + (slot + 1) * SLOT for slot in range(line.count))
    return [_time(line, min(end, line.end)) for end in ends]


def _time(line: DayLine, at: datetime) -> str:
    """Return a time on an axis that stays even across skipped and repeated hours."""
    wall = line.start.astimezone(line.zone).replace(tzinfo=None)
    return (wall + (at - line.start)).isoformat(" ", "seconds")


@lru_cache(maxsize=2)
def _hours(line: DayLine) -> Figure:
    hours = [line.start + n * HOUR for n in range(int((line.end - line.start) / HOUR) + 1)]
    return {
        "tickvals": [_time(line, hour) for hour in hours],
        "ticktext": [clock_of(hour, line) for hour in hours],
    }


def _line(name: str, meta: str, curve: Curve, colour: str, width: float) -> Figure:
    return {
        "type": "scatter",
        "name": name,
        "meta": meta,
        "x": curve.x,
        "y": curve.y,
        "customdata": curve.texts,
        "mode": "lines",
        "line": {"color": colour, "width": width},
    }


def _losses(curve: Curve) -> Figure:
    """Return the area between zero and the part of a line that is below it."""
    below = [None if y is None else min(y, 0.0) for y in curve.y]
    is_loss = any(below)
    return {
        "type": "scatter",
        "x": curve.x if is_loss else [],
        "y": below if is_loss else [],
        "mode": "lines",
        "line": {"color": theme.FALL, "width": 0},
        "fill": "tozeroy",
        "fillcolor": theme.FALL,
        "hoverinfo": "skip",
    }


def _marks(day: Intraday, write: Notation) -> Figure:
    """Return marks at the highest and lowest state."""
    extremes = {"High": day.high, "Low": day.low}
    return {
        "type": "scatter",
        "name": "",
        "x": [_time(day.line, moment.at) for moment in extremes.values()],
        "y": [float(moment.amounts.net) for moment in extremes.values()],
        "customdata": [
            f"{name} {write.money(moment.amounts.net)} · {clock_of(moment.at, day.line)}"
            for name, moment in extremes.items()
        ],
        "mode": "markers",
        "marker": {"color": theme.TEXT, "size": 7},
        "cliponaxis": False,  # whole at midnight, too
    }


def _target(amount: Decimal, ends: Sequence[str], write: Notation) -> Figure:
    return {
        "type": "scatter",
        "name": "Target",
        "x": list(ends),
        "y": [float(amount)] * len(ends),
        "customdata": [write.money(amount)] * len(ends),
        "mode": "lines",
        "line": {"color": theme.TEXT, "width": 1, "dash": "dot"},
    }
