"""A figure as a stand-alone SVG of a fixed size, for reports and alerts: without CSS or scripts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple, TypeAlias

from northstar.view.shared import theme
from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.axes import Axis
from northstar.view.shared.drawn.drawing import draw
from northstar.view.shared.drawn.page import arc
from northstar.view.shared.drawn.shapes import (
    FULL,
    Area,
    Hatched,
    Label,
    Line,
    Margin,
    Marks,
    Point,
    Ring,
    Shape,
)
from northstar.view.shared.text_width import text_width

HEAD_PX = 40  # above the chart, for the title
FOOT_PX = 28  # below it, for the legend
TITLE_PX = 16  # or less, so that all of it is in the picture
BOLD = 1.1  # width of a bold text, relative to a regular one
SIDE_PX = 20
LABEL_PX = 12
NAME_PX = 11
BAR_LABEL_PX = 12
LEGEND_GAP_PX = 18
SWATCH_PX = 10
DIAMOND = 1.3  # of a symbol's size, from corner to corner
HATCH_PX = 6
RING_SHARE = 0.5  # of the width at most; its legend is beside it
RING_GAP_PX = 50


Ink: TypeAlias = Callable[[str], str]


class Picture(NamedTuple):
    """The size of a picture in pixels, its title, and the colours of its theme by name.

    `summary` is written in the middle of a ring.
    """

    title: str
    colours: Mapping[str, str]
    width: int = 800
    height: int = 450
    summary: str = ""


class Box(NamedTuple):
    """The plot area, in pixels."""

    left: float
    top: float
    width: float
    height: float

    def at(self, point: Point) -> tuple[float, float]:
        """Return a position in pixels."""
        return (
            round(self.left + point[0] * self.width / FULL, 1),
            round(self.top + point[1] * self.height / FULL, 1),
        )


def to_svg(figure: Figure, picture: Picture) -> str:
    """Return a figure as SVG, with its title, labels and legend."""
    drawing = draw(figure)
    box = _plot_area(drawing.margin, picture)

    def ink(colour: str) -> str:
        return picture.colours.get(colour, colour)

    content = [
        f'<rect width="100%" height="100%" fill="{ink("--panel")}"/>',
        _text(SIDE_PX, 26, picture.title, _title_px(picture), ink(theme.TEXT), "start", bold=True),
        *(part for shape in drawing.shapes for part in _shape(shape, box, ink)),
        *(_ring(drawing.ring, box, picture, ink) if drawing.ring else ()),
        *(_label(label, box, ink) for label in drawing.labels if label.least_px <= picture.width),
        *_bar_labels(figure, box, ink),
        *_legend(figure, picture, box, ink),
    ]
    size = f'width="{picture.width}" height="{picture.height}"'
    view = f'viewBox="0 0 {picture.width} {picture.height}"'
    font = escape(theme.FONT)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} font-family="{font}">'
    return f"{head}<title>{escape(picture.title)}</title>{''.join(content)}</svg>"


def _title_px(picture: Picture) -> float:
    """Return the size at which the title fits: its end may say that the numbers are not real."""
    room = picture.width - 2 * SIDE_PX
    return min(TITLE_PX, TITLE_PX * room / (BOLD * text_width(picture.title, TITLE_PX)))


def _plot_area(margin: Margin, picture: Picture) -> Box:
    return Box(
        margin.left,
        HEAD_PX + margin.top,
        picture.width - margin.left - margin.right,
        picture.height - HEAD_PX - FOOT_PX - margin.top - margin.bottom,
    )


def _text(  # noqa: PLR0913, PLR0917 (a text is its place and look)
    x: float, y: float, text: str, size: float, colour: str, anchor: str, *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    look = f'font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>'


def _path(paths: Sequence[Sequence[Point]], box: Box, end: str = "") -> str:
    return "".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in map(box.at, path)) + end for path in paths
    )


def _shape(shape: Shape, box: Box, ink: Ink) -> Iterator[str]:
    match shape:
        case Line(paths, colour, width, dotted, crisp):
            more = ' stroke-dasharray="3"' * dotted + ' shape-rendering="crispEdges"' * crisp
            look = f'fill="none" stroke="{ink(colour)}" stroke-width="{width:g}"{more}'
            yield f'<path d="{_path(paths, box)}" {look}/>'
        case Area(paths, colour):
            yield f'<path d="{_path(paths, box, "z")}" fill="{ink(colour)}"/>'
        case Hatched(boxes, colour):
            for corners in boxes:
                (left, top), (right, bottom) = map(box.at, corners)
                d = _hatch(left, top, right, bottom)
                yield f'<path d="{d}" fill="none" stroke="{ink(colour)}" stroke-width="1.7"/>'
        case Marks(points, symbol, size, colour, outline):
            yield from (
                _symbol(box.at(point), symbol, size, ink(colour), ink(outline)) for point in points
            )


def _hatch(left: float, top: float, right: float, bottom: float) -> str:
    """Return level lines through a box."""
    count = max(1, int((bottom - top) / HATCH_PX))
    apart = (bottom - top) / count
    return "".join(f"M{left:g} {top + (n + 0.5) * apart:g}H{right:g}" for n in range(count))


def _symbol(at: tuple[float, float], symbol: str, size: float, fill: str, outline: str) -> str:
    x, y = at
    half = size / 2
    if symbol == "circle":
        return f'<circle cx="{x:g}" cy="{y:g}" r="{half:g}" fill="{fill}"/>'
    if symbol == "square":
        box = f'x="{x - half:g}" y="{y - half:g}" width="{size:g}" height="{size:g}"'
        return f'<rect {box} fill="{fill}"/>'
    half *= DIAMOND
    corners = f"M{x:g} {y - half:g}l{half:g} {half:g} {-half:g} {half:g} {-half:g} {-half:g}z"
    return f'<path d="{corners}" fill="{fill}" stroke="{outline}" stroke-width="1.5"/>'


def _ring(ring: Ring, box: Box, picture: Picture, ink: Ink) -> Iterator[str]:
    """Yield a ring and the text in its middle."""
    radius = _diameter(box) / 2
    centre = (box.left + radius, box.top + box.height / 2)
    gap = f'stroke="{ink(ring.gap_colour)}" stroke-width="{ring.gap_width:g}"'
    for each in ring.slices:
        look = ' fill-opacity="0.4"' if each.hatched else ""
        d = arc(each, radius, ring.hole * radius, centre)
        yield f'<path d="{d}" fill="{ink(each.colour)}"{look} {gap}/>'
    if picture.summary:
        ink_text = ink(theme.TEXT)
        x, y = centre
        yield _text(x, y + 5, picture.summary, TITLE_PX, ink_text, "middle", bold=True)


def _diameter(box: Box) -> float:
    return min(RING_SHARE * box.width, box.height)


def _label(label: Label, box: Box, ink: Ink) -> str:
    x, y = box.at(label.at)
    anchor, dx, dy = {
        "below": ("middle", 0, LABEL_PX + 6),
        "left": ("end", -4, LABEL_PX / 3),
        "centre": ("middle", 0, LABEL_PX / 3),
        "corner": ("end", -2, LABEL_PX),
    }[label.kind]
    return _text(x + dx, y + dy, label.text, LABEL_PX, ink(theme.MUTED), anchor)


def _bar_labels(figure: Figure, box: Box, ink: Ink) -> Iterator[str]:
    """Yield the names below bars, and the amounts beyond the ends of a waterfall's."""
    names = figure["layout"].get("meta", {}).get("names", ())
    room = box.width / max(1, len(names))
    for place, name in enumerate(names):
        x = box.left + (place + 0.5) * room
        y = box.top + box.height + NAME_PX + 3
        yield _text(x, y, _shortened(name, room, NAME_PX), NAME_PX, ink(theme.MUTED), "middle")
    for trace in figure["data"]:
        if "text" in trace and trace["type"] == "bar":
            yield from _amounts(trace, Axis(figure["layout"]["yaxis"]), box, ink)


def _amounts(trace: Figure, axis: Axis, box: Box, ink: Ink) -> Iterator[str]:
    room = box.width / len(trace["y"])
    widest = max(text_width(text, BAR_LABEL_PX) for text in trace["text"])
    size = min(BAR_LABEL_PX, int(BAR_LABEL_PX * room / widest))
    zero = box.at((0, axis.down(0)))[1]
    rows = zip(trace["y"], trace["base"], trace["text"], strict=True)
    for place, (amount, base, text) in enumerate(rows):
        start, end = (box.at((0, axis.down(level)))[1] for level in (base, base + amount))
        above, below = end - 4, end + size + 2
        # Beyond the end of the bar, or beyond its start if the zero line would strike the text.
        if amount < 0:
            y = start - 4 if base and end <= zero < below + 2 else below
        else:
            y = start + size + 2 if start > zero and above - size < zero <= end else above
        x = box.left + (place + 0.5) * room
        yield _text(x, y, text, size, ink(theme.TEXT), "middle")


def _shortened(name: str, room: float, px: int) -> str:
    if text_width(name, px) <= room:
        return name
    while name and text_width(f"{name}…", px) > room:
        name = name[:-1]
    return f"{name}…" if name else ""


def _legend(figure: Figure, picture: Picture, box: Box, ink: Ink) -> Iterator[str]:
    """Yield the names of traces in a row at the bottom, or of a ring's slices beside it."""
    x, y = float(SIDE_PX), picture.height - 10.0
    for entry, colour in _entries(figure):
        yield _symbol((x + SWATCH_PX / 2, y - 4), "square", SWATCH_PX, ink(colour), "")
        yield _text(x + SWATCH_PX + 5, y, entry, LABEL_PX, ink(theme.TEXT), "start")
        x += SWATCH_PX + 5 + text_width(entry, LABEL_PX) + LEGEND_GAP_PX
    for trace in figure["data"]:
        if trace["type"] == "pie":
            yield from _slices(trace, picture, box, ink)


def _entries(figure: Figure) -> Iterator[tuple[str, str]]:
    named = [trace for trace in figure["data"] if trace.get("name") and trace["x"]]
    for trace in named if len(named) > 1 else ():
        colour = (trace.get("line") or trace["marker"])["color"]
        yield trace["name"], colour if isinstance(colour, str) else colour[0]


def _slices(trace: Figure, picture: Picture, box: Box, ink: Ink) -> Iterator[str]:
    rows = list(zip(trace["text"], trace["customdata"], trace["marker"]["colors"], strict=True))
    left = box.left + _diameter(box) + RING_GAP_PX
    end = picture.width - SIDE_PX
    for place, (name, amount, colour) in enumerate(rows):
        y = picture.height / 2 + (place - len(rows) / 2) * 26 + 26
        yield _symbol((left, y - 4), "square", SWATCH_PX, ink(colour), "")
        room = end - left - SWATCH_PX - LEGEND_GAP_PX - text_width(amount, LABEL_PX)
        shown = _shortened(name, room, LABEL_PX)
        yield _text(left + 14, y, shown, LABEL_PX, ink(theme.TEXT), "start")
        yield _text(end, y, amount, LABEL_PX, ink(theme.TEXT), "end")
