"""Measure the screen: boxes of elements, and clickable elements."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from support.page import Page

UHD = (3840, 2160)
WALL = (1920, 1080)
DESK = (1440, 900)
TABLET = (768, 1024)
PHONE = (390, 844)

CONTROLS = "button, summary, a[href], input, select, textarea"
ROUNDING_PX = 0.5


class Box(NamedTuple):
    """Where an element is in the viewport, in CSS pixels; `name` says which it is."""

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
        """Tell whether all of it is in a viewport of that size."""
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
    """Return the boxes of the visible elements that match, in the order of the document."""
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
    """Return the box of the one visible element that matches."""
    [found] = boxes(page, selector)
    return found


def overlapping(among: Sequence[Box]) -> list[tuple[str, str]]:
    """Return the pairs that lie on each other."""
    return [(one.name, other.name) for one, other in combinations(among, 2) if one.overlaps(other)]


def goes_sideways(page: Page) -> bool:
    """Tell whether the page can be scrolled to the side."""
    script = """
        const root = document.documentElement;
        return Math.max(root.scrollWidth, document.body.scrollWidth) > root.clientWidth;
    """
    return bool(page.run(script))
