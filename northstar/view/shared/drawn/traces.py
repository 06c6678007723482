"""Traces of a figure as shapes: bars, lines, areas and symbols."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.axes import DAY_S, TRANSPARENT, Axis
from northstar.view.shared.drawn.shapes import (
    FULL,
    Area,
    Hatched,
    Line,
    Marks,
    Point,
    Ring,
    Shape,
    Slice,
)

GAP = 0.2  # plotly's default between bars, of their distance
NEAR = 6, 25  # steps this close to the previous one are indistinguishable
STRAIGHT = 3, 15  # points this close to a straight line, across or down, are on it
THIN_PX = 2  # plotly draws narrower bars wider
LONGEST = 8  # points that one straight line replaces


class Axes(NamedTuple):
    """The axes of a chart."""

    x: Axis
    y: Axis

    def point(self, x: Any, y: Any) -> Point:
        """Return the position of a point."""
        return self.x.across(x), self.y.down(y)

    def box(self, left: float, right: float, low: float, high: float) -> Sequence[Point]:
        """Return the corners of a box, clockwise from the upper left; x is numbers."""
        span = self.x.high - self.x.low
        at = [round(FULL * (x - self.x.low) / span) for x in (left, right)]
        top, bottom = sorted((self.y.down(low), self.y.down(high)))
        return [(at[0], top), (at[1], top), (at[1], bottom), (at[0], bottom)]


def shapes(figure: Figure) -> Iterator[Shape]:
    """Yield the shapes of the visible traces, from back to front: bars, then lines and symbols."""
    layout = figure["layout"]
    axes = Axes(Axis(layout["xaxis"]), Axis(layout["yaxis"]))
    yield from _bars([trace for trace in figure["data"] if trace["type"] == "bar"], layout, axes)
    for trace in figure["data"]:
        if trace["type"] == "scatter":
            yield from _curve(trace, axes)


def _bars(traces: Sequence[Figure], layout: Figure, axes: Axes) -> Iterator[Shape]:
    """Yield the bars of all traces from their bases, those of one position side by side."""
    at = sorted({axes.x.number(x) for trace in traces for x in trace["x"]})
    if not at:
        return
    single = DAY_S if axes.x.is_date else 1.0
    apart = min((right - left for left, right in pairwise(at)), default=single)
    room = apart * (1 - layout.get("bargap", GAP)) / len(traces)
    width = room * (1 - layout.get("bargroupgap", 0))
    thin_px = ceil(THIN_PX * (axes.x.high - axes.x.low) / width)
    for place, trace in enumerate(traces):
        shift = (place - len(traces) / 2) * room + (room - width) / 2
        plain: Mapping[str, list[Sequence[Point]]] = defaultdict(list)
        hatched: Mapping[str, list[tuple[Point, Point]]] = defaultdict(list)
        count = len(trace["x"])
        patterns = trace["marker"].get("pattern", {}).get("shape", [""] * count)
        colours = _each(trace["marker"]["color"], count)
        starts = trace.get("base", [0] * count)
        rows = zip(trace["x"], trace["y"], starts, colours, patterns, strict=True)
        for x, y, start, colour, pattern in rows:
            left = axes.x.number(x) + shift
            corners = axes.box(left, left + width, start, start + y)
            if pattern:
                hatched[colour].append((corners[0], corners[2]))
            else:
                plain[colour].append(corners)
        yield from (Area(boxes, colour, thin_px) for colour, boxes in plain.items())
        yield from (Hatched(boxes, colour) for colour, boxes in hatched.items())


def _curve(trace: Figure, axes: Axes) -> Iterator[Shape]:
    """Yield the area, the line and the symbols of a trace."""
    known = [
        None if y is None else axes.point(x, y) for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    if "lines" in trace["mode"]:
        line = trace["line"]
        holds = line.get("shape") == "hv"
        paths = [_thinned(path) if holds else _straight(path) for path in _without_gaps(known)]
        if trace.get("fill") == "tozeroy":
            zero = axes.y.down(0)
            points = [point for path in paths for point in path]
            if points:
                area = [(points[0][0], zero), *points, (points[-1][0], zero)]
                yield Area([area], trace["fillcolor"])
        if holds:
            paths = [_held(path) for path in paths]
        yield Line(paths, line["color"], line["width"], dotted=line.get("dash") == "dot")
    if "markers" in trace["mode"]:
        yield from _symbols(trace["marker"], known)


def _symbols(marker: Figure, points: Sequence[Point | None]) -> Iterator[Shape]:
    by_colour: Mapping[str, list[Point]] = defaultdict(list)
    for point, colour in zip(points, _each(marker["color"], len(points)), strict=True):
        if point is not None and colour != TRANSPARENT:
            by_colour[colour].append(point)
    outline = marker.get("line", {}).get("color", "")
    for colour, at in by_colour.items():
        yield Marks(at, marker.get("symbol", "circle"), marker["size"], colour, outline)


def _each(colours: str | Sequence[str], count: int) -> Sequence[str]:
    return [colours] * count if isinstance(colours, str) else colours


def _without_gaps(points: Sequence[Point | None]) -> Iterator[Sequence[Point]]:
    """Yield the runs of known points."""
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _thinned(path: Sequence[Point]) -> Sequence[Point]:
    """Leave out points that cannot be distinguished from the one before; the last stays."""
    left = [path[0]]
    for x, y in path[1:-1]:
        if abs(x - left[-1][0]) >= NEAR[0] or abs(y - left[-1][1]) >= NEAR[1]:
            left.append((x, y))
    return [*left, *path[1:][-1:]]


def _straight(path: Sequence[Point]) -> Sequence[Point]:
    """Leave out points on the straight line between their neighbours, as plotly does."""
    left, start = [path[0]], 0
    for end in range(2, len(path)):
        between = path[start + 1 : end]
        if len(between) >= LONGEST or not all(_is_on(p, path[start], path[end]) for p in between):
            start = end - 1
            left.append(path[start])
    return [*left, *path[1:][-1:]]


def _is_on(point: Point, start: Point, end: Point) -> bool:
    """Return whether a point is on the line between two others, within `STRAIGHT`."""
    (x, y), (left, first), (right, last) = point, start, end
    run, rise = right - left, last - first
    apart = abs((x - left) * rise - (y - first) * run)
    return apart <= max(STRAIGHT[0] * abs(rise), STRAIGHT[1] * abs(run))


def _held(path: Sequence[Point]) -> Sequence[Point]:
    """Return steps: each value holds until the next point."""
    corners = [corner for (_, y), (x, then) in pairwise(path) for corner in ((x, y), (x, then))]
    return [path[0], *corners]


def ring(figure: Figure) -> Ring | None:
    """Return the ring of a figure, if it has one."""
    for trace in figure["data"]:
        if trace["type"] == "pie":
            return _ring(trace)
    return None


def _ring(trace: Figure) -> Ring:
    sizes, marker = trace["values"], trace["marker"]
    whole = sum(sizes)
    done, slices = 0.0, []
    for size, colour, pattern in zip(
        sizes, marker["colors"], marker["pattern"]["shape"], strict=True
    ):
        if size:
            slices.append(Slice(done / whole, (done + size) / whole, colour, bool(pattern)))
        done += size
    return Ring(slices, trace["hole"], marker["line"]["color"], marker["line"]["width"])
