"""Measure the screen: boxes of elements, and clickable elements."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from support.page import Page
from support.waiting import until

UHD = (3840, 2160)
WALL = (1920, 1080)
DESK = (1440, 900)
TABLET = (768, 1024)
PHONE = (390, 844)

CONTROLS = "button, summary, a[href], input, select, textarea"
ROUNDING_PX = 0.5
PLOTS = ".js-plotly-plot .main-svg:first-child"
# The numbers that are not within their card, row or statistic, or are clipped.
CUT = """
    return [...document.querySelectorAll(arguments[0])].filter((e) => {
        if (!e.checkVisibility()) return false;
        const box = e.getBoundingClientRect();
        const around = e.closest(".kpi, .agent, td, li, .stat, .chart").getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(e);
        const text = range.getBoundingClientRect();
        return text.left < around.left - 1 || text.right > around.right + 1
            || text.right > box.right + 1 || e.scrollWidth > Math.ceil(box.width) + 1;
    }).map((e) => `${e.id || e.className}: ${e.textContent}`);
"""


class Box(NamedTuple):
    """An element's position in the viewport in CSS pixels; `name` identifies it."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def lies_in(self, width: float, height: float) -> bool:
        """Tell whether it is completely in a viewport of this size."""
        return (
            self.left >= -ROUNDING_PX
            and self.top >= -ROUNDING_PX
            and self.right <= width + ROUNDING_PX
            and self.bottom <= height + ROUNDING_PX
        )

    def overlaps(self, other: "Box") -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > ROUNDING_PX
            and min(self.bottom, other.bottom) - max(self.top, other.top) > ROUNDING_PX
        )


def boxes(page: Page, selector: str) -> list[Box]:
    """Return the boxes of the visible matching elements in document order."""
    found = page.run(
        """
        return [...document.querySelectorAll(arguments[0])]
            .filter((e) => e.checkVisibility({visibilityProperty: true}))
            .map((e) => {
                const { left, top, right, bottom } = e.getBoundingClientRect();
                const name = e.id || e.dataset.trace || (e.className.baseVal ?? e.className);
                return [`${e.tagName} ${name} ${e.textContent.slice(0, 30)}`,
                        left, top, right, bottom];
            });
        """,
        selector,
    )
    return [Box(*box) for box in found]


def box(page: Page, selector: str) -> Box:
    """Return the box of the one visible matching element."""
    [found] = boxes(page, selector)
    return found


def overlapping(among: Sequence[Box]) -> list[tuple[str, str]]:
    """Return the pairs that overlap."""
    return [(one.name, other.name) for one, other in combinations(among, 2) if one.overlaps(other)]


def goes_sideways(page: Page) -> bool:
    """Tell whether the page can be scrolled sideways."""
    script = """
        const root = document.documentElement;
        return Math.max(root.scrollWidth, document.body.scrollWidth) > root.clientWidth;
    """
    return bool(page.run(script))


def settles(page: Page, count: int = 5) -> None:
    """Wait until every chart has the size of its place."""

    def fits() -> bool:
        places, plots = boxes(page, ".place"), boxes(page, PLOTS)
        return len(places) == len(plots) == count and all(
            abs(place.width - plot.width) <= 1 and abs(place.height - plot.height) <= 1
            for place, plot in zip(places, plots, strict=True)
        )

    until(fits, what="every chart fills its place")
