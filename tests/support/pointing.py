"""Point at a mark of a chart with a mouse or a finger, and read its tooltip."""

from northstar.view.shared.ids import Id
from support.page import Page
from support.waiting import until

MIDDLE = """
    const [chart, selector, across] = arguments;
    document.getElementById(`${chart}-place`).scrollIntoView({ block: "center" });
    const { x, y, width, height } = document.querySelector(`#${chart} ${selector}`)
        .getBoundingClientRect();
    return [x + width * across, y + height / 2];
"""
# The element of each chart's first point, and a position on it as a share of its width. The first
# slice starts at the top of the ring and goes right.
POINTS = {
    Id.CHART_TREND: (".nsewdrag", 0.5),
    Id.CHART_WATERFALL: (".bars .point path", 0.5),
    Id.CHART_AGENTS: (".bars .point path", 0.5),
    Id.CHART_COSTS: (".pielayer", 0.92),
}
TIP = """
    const chart = document.getElementById(`${arguments[0]}-place`).parentElement;
    const tip = chart.querySelector(".tip");
    return tip && [...tip.children].map((row) => row.textContent);
"""


def first_point(page: Page, chart: Id) -> tuple[float, float]:
    """Scroll to a chart, and return the position of its first point; for the trend, of any day."""
    x, y = page.run(MIDDLE, chart, *POINTS[chart])
    return x, y


def point(page: Page, x: float, y: float) -> None:
    """Move the mouse to the point from beside it."""
    for offset in (3, 0):
        page.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x - offset, y=y)


def tap(page: Page, x: float, y: float) -> None:
    """Tap the screen at the point."""
    page.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    page.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def tooltip(page: Page, chart: str) -> list[str]:
    """Return the lines of a chart's tooltip; empty without a tooltip."""
    return list(page.run(TIP, chart) or [])


def has_tooltip(page: Page, chart: Id, lines: list[str]) -> None:
    """Wait until a chart's tooltip has these lines; none means no tooltip."""
    until(lambda: tooltip(page, chart) == lines, what=f"the tooltip of {chart} is {lines}")
