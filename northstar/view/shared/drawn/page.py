"""A drawing as HTML and SVG for the page: right at any size and in any theme, without a script.

Positions are shares of the plot area, so it stretches with the page; widths of lines, symbols and
texts are in pixels. assets/52-drawn.css has the rest.
"""

from collections.abc import Iterator, Sequence
from html import escape
from math import cos, pi, sin

from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.axes import ink
from northstar.view.shared.drawn.drawing import draw
from northstar.view.shared.drawn.shapes import (
    FULL,
    Area,
    Drawing,
    Hatched,
    Label,
    Line,
    Marks,
    Point,
    Ring,
    Shape,
    Slice,
)
from northstar.view.shared.html import Markup

CAPS = {"circle": "round", "square": "square"}
NARROW_PX = 250  # the plot on a phone
RADIUS = 1000  # of a ring
HATCH = 54  # between the lines of a hatched slice, about 5.7 px
ALL = 1 - 1e-9  # of the turn


def drawn(figure: Figure) -> Markup:
    """Return a figure as HTML, with vertical and with horizontal bars if its width decides."""
    drawing = draw(figure)
    room = figure["layout"].get("meta", {})
    if "least_px" not in room:
        return to_page(drawing)
    style = ";".join(
        f"--{name.removesuffix('_px')}:{px}px" for name, px in room.items() if name != "names"
    )
    both = to_page(drawing) + to_page(drawing, lies=True)
    return Markup(f'<div class="either" style="{style}">{both}</div>')


def to_page(drawing: Drawing, *, lies: bool = False) -> Markup:
    """Return a drawing as HTML; if it `lies`, its bars are horizontal, the first on top."""
    left, right, top, bottom = drawing.margin
    margin = f"--l:{left:g}px;--r:{right:g}px;--t:{top:g}px;--b:{bottom:g}px"
    content = [
        *_canvas(_turned(drawing.shapes) if lies else drawing.shapes),
        *map(_hatched, (each for each in drawing.shapes if isinstance(each, Hatched))),
        *map(_diamonds, (each for each in drawing.shapes if isinstance(each, Marks))),
        *(_ring(drawing.ring) if drawing.ring else ()),
        *map(_label, drawing.labels),
    ]
    kind = "area lies" if lies else "area"
    return Markup(f'<div class="{kind}" style="{margin}">{"".join(content)}</div>')


def _turned(shapes: Sequence[Shape]) -> Sequence[Shape]:
    """Swap the axes of lines and areas."""
    return [
        shape._replace(paths=[[(FULL - y, x) for x, y in path] for path in shape.paths])
        for shape in shapes
        if isinstance(shape, Line | Area)
    ]


def _canvas(shapes: Sequence[Shape]) -> Iterator[str]:
    """Yield what stretches with the chart as SVG: the grid, and what ends with the plot."""
    grid = [shape for shape in shapes if isinstance(shape, Line) and shape.crisp]
    others = [shape for shape in shapes if shape not in grid]
    for kind, layer in (("grid", grid), ("", others)):
        paths = "".join(path for shape in layer for path in _path(shape))
        name = f' class="{kind}"' if kind else ""
        if paths:
            size = f'viewBox="0 0 {FULL} {FULL}" preserveAspectRatio="none"'
            yield f"<svg{name} {size}>{paths}</svg>"


def _path(shape: Shape) -> Iterator[str]:
    match shape:
        case Area(paths, colour, thin_px):
            thin = f' class="thin" style="--thin:{thin_px}px" stroke="{ink(colour)}"'
            more = thin if thin_px > NARROW_PX else ""
            yield f'<path d="{_corners(paths, "z")}" fill="{ink(colour)}"{more}/>'
        case Line(paths, colour, width, dotted, crisp):
            more = ' stroke-dasharray="3"' * dotted + ' shape-rendering="crispEdges"' * crisp
            corners = _corners(paths)
            yield f'<path d="{corners}" stroke="{ink(colour)}" stroke-width="{width:g}"{more}/>'
        case Marks(points, symbol, size, colour) if symbol in CAPS:
            # A short line is as large as its caps, in pixels; one of no length is not printed.
            corners = _corners([[point] for point in points], "h1")
            yield (
                f'<path d="{corners}" stroke="{ink(colour)}" stroke-width="{size:g}"'
                f' stroke-linecap="{CAPS[symbol]}"/>'
            )


def _corners(paths: Sequence[Sequence[Point]], end: str = "") -> str:
    return "".join(f"M{path[0][0]} {path[0][1]}{_steps(path)}{end}" for path in paths if path)


def _steps(path: Sequence[Point]) -> str:
    """Return the way from the first point through the others."""
    written, kind = [], ""
    x, y = path[0]
    for right, down in path[1:]:
        dx, dy = right - x, down - y
        x, y = right, down
        if not dy:
            step, kind = f"h{dx}", "h"
        elif not dx:
            step, kind = f"v{dy}", "v"
        else:
            step, kind = f"{'l' if kind != 'l' else ' ' * (dx >= 0)}{dx}{' ' * (dy >= 0)}{dy}", "l"
        written.append(step)
    return "".join(written)


def _at(x: float, y: float) -> str:
    return f"left:{x / 100:g}%;top:{y / 100:g}%"


def _hatched(shape: Hatched) -> str:
    return "".join(
        f'<i class="hatched" style="{_at(*start)};width:{(end[0] - start[0]) / 100:g}%;'
        f'height:{(end[1] - start[1]) / 100:g}%;--fill:{ink(shape.colour)}"></i>'
        for start, end in shape.boxes
    )


def _diamonds(shape: Marks) -> str:
    if shape.symbol in CAPS:
        return ""
    return "".join(f'<i class="{shape.symbol}" style="{_at(*at)}"></i>' for at in shape.points)


def _label(label: Label) -> str:
    x, y = label.at
    least = f";--least:{label.least_px}px" if label.least_px else ""
    place = {"below": f"left:{x / 100:g}%{least}", "left": f"top:{y / 100:g}%"}.get(label.kind)
    return f'<i class="{label.kind}" style="{place or _at(x, y)}">{escape(label.text)}</i>'


def _ring(ring: Ring) -> Iterator[str]:
    """Yield a ring as an SVG that keeps its shape."""
    size = f"{-RADIUS} {-RADIUS} {2 * RADIUS} {2 * RADIUS}"
    gap = f'stroke="{ink(ring.gap_colour)}" stroke-width="{ring.gap_width:g}"'
    slices = [
        f'<path d="{arc(each, RADIUS, ring.hole * RADIUS)}" fill="{_fill(each, place)}"/>'
        for place, each in enumerate(ring.slices)
    ]
    middle = f"M{HATCH // 2} 0v{HATCH}"
    patterns = [
        f'<pattern id="hatch-{place}" width="{HATCH}" height="{HATCH}"'
        f' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path d="{middle}" stroke="{ink(each.colour)}" stroke-width="1.7"/></pattern>'
        for place, each in enumerate(ring.slices)
        if each.hatched
    ]
    yield f'<svg class="ring" viewBox="{size}" {gap}>{"".join([*patterns, *slices])}</svg>'


def _fill(each: Slice, place: int) -> str:
    return f"url(#hatch-{place})" if each.hatched else ink(each.colour)


def arc(each: Slice, outer: float, inner: float, centre: tuple[float, float] = (0, 0)) -> str:
    """Return the path of a slice between two radii; a whole turn is two circles."""

    def corner(share: float, radius: float) -> str:
        turn = 2 * pi * share
        return f"{centre[0] + radius * sin(turn):.4g} {centre[1] - radius * cos(turn):.4g}"

    def arcs(start: float, end: float, radius: float) -> str:
        way = "1" if end > start else "0"
        middle = (start + end) / 2  # two arcs, because one cannot be a whole turn
        size = f"A{radius:g} {radius:g} 0 0 {way} "
        return f"{size}{corner(middle, radius)}{size}{corner(end, radius)}"

    start, end = each.start, each.end
    closed = end - start >= ALL
    there = f"M{corner(start, outer)}{arcs(start, end, outer)}"
    back = f"{'zM' if closed else 'L'}{corner(end, inner)}{arcs(end, start, inner)}z"
    return there + back
