"""Shapes and labels of a drawn chart, independent of its size.

Points are in ten-thousandths of the plot area, from the left and from the top.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

FULL = 10_000  # the width and the height of the plot area

Point: TypeAlias = tuple[int, int]
Symbol: TypeAlias = Literal["circle", "square", "diamond"]


class Margin(NamedTuple):
    """The room around the plot area, in pixels."""

    left: float
    right: float
    top: float
    bottom: float


class Line(NamedTuple):
    """Connected points; `gaps` separate the paths. A dotted line's dots are 3 px long."""

    paths: Sequence[Sequence[Point]]
    colour: str
    width: float
    dotted: bool = False
    crisp: bool = False


class Area(NamedTuple):
    """Filled polygons. In a plot narrower than `thin_px` they are a pixel larger."""

    paths: Sequence[Sequence[Point]]
    colour: str
    thin_px: int = 0


class Hatched(NamedTuple):
    """Hatched boxes, each by its upper left and lower right corner."""

    boxes: Sequence[tuple[Point, Point]]
    colour: str


class Marks(NamedTuple):
    """Symbols of `size` pixels; the outline of a diamond is 1.5 px wide."""

    points: Sequence[Point]
    symbol: Symbol
    size: float
    colour: str
    outline: str = ""


class Slice(NamedTuple):
    """A part of a ring; `start` and `end` are shares of the turn, clockwise from the top."""

    start: float
    end: float
    colour: str
    hatched: bool


class Ring(NamedTuple):
    """A ring as large as the plot area; `hole` is the share of the radius that is empty."""

    slices: Sequence[Slice]
    hole: float
    gap_colour: str
    gap_width: float


class Label(NamedTuple):
    """A text: below its point, left of it, centred on it, or ending in the upper right corner.

    It has no room in a chart narrower than `least_px`.
    """

    kind: Literal["below", "left", "centre", "corner"]
    text: str
    at: Point
    least_px: int = 0


Shape: TypeAlias = Line | Area | Hatched | Marks


class Drawing(NamedTuple):
    """A drawn chart, from back to front."""

    margin: Margin
    shapes: Sequence[Shape]
    labels: Sequence[Label]
    ring: Ring | None = None
