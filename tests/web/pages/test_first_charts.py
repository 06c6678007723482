"""Charts drawn by the server compared with plotly's."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from PIL import Image, ImageChops

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK, PHONE, TABLET, WALL
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long]

COLOUR = 40  # of 255: a smaller difference per channel is not visible
MOST_DIFFERENT = 0.01  # of a chart's pixels
BOXES = """
    scrollTo(0, 0);
    return [...document.querySelectorAll(".chart")].map((chart) => {
        const {left, top, right, bottom} = chart.getBoundingClientRect();
        return [chart.firstChild.id, [left, top, right, bottom].map(Math.round)];
    });
"""
NO_RETRY = "window.setInterval = () => 0;"  # otherwise a page without plotly reloads
# The animation frames in which a chart is missing or duplicated, and layout shifts.
WATCH = """
    window.wrong = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries())
            window.wrong.push([value, ...sources.map(({ node }) => node?.id || node?.className)]);
    }).observe({ type: "layout-shift", buffered: true });
    const watch = () => {
        for (const drawing of document.querySelectorAll(".drawn")) {
            const { parentElement: chart } = drawing;
            const plotted = chart.querySelector(".main-svg :is(.trace, .slice)") !== null;
            if (drawing.checkVisibility() === plotted) window.wrong.push([drawing.id, plotted]);
        }
        requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
"""


def month() -> list[dict[str, Any]]:
    """Return thirty days that rise and fall, some with a loss; today is that of the example."""
    today = datetime.now(UTC).date()
    earlier = [
        {
            "date": (today - timedelta(days=29 - n)).isoformat(),
            "revenue": 60_000 + 900 * n + 25_000 * (n * 7 % 5 - 2),
            "expenses": 48_000 + 4000 * (n * 3 % 4),
        }
        for n in range(29)
    ]
    return [*earlier, {"date": today.isoformat(), "revenue": 125_450, "expenses": 48_320}]


def charts(page: Page) -> Mapping[str, Image.Image]:
    """Return a picture of each chart of the page."""
    boxes = page.run(BOXES)
    shot = page.cdp("Page.captureScreenshot", captureBeyondViewport=True)["data"]
    with Image.open(BytesIO(b64decode(shot))) as picture:
        whole = picture.convert("RGB")
    return {name: whole.crop(box) for name, box in boxes}


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the share of pixels that differ."""
    if one.size != other.size:
        return 1.0
    red, green, blue = ImageChops.difference(one, other).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return float(sum(largest.histogram()[COLOUR + 1 :]) / (one.width * one.height))


def is_alike(page: Page, drawings: Mapping[str, Image.Image]) -> bool:
    """Return whether the page's charts look like the server's drawings."""
    found = charts(page)
    return all(difference(found[name], drawings[name]) < MOST_DIFFERENT for name in found)


def without_plotly(
    page: Page, url: str, views: Sequence[tuple[tuple[int, int], str]]
) -> list[Mapping[str, Image.Image]]:
    """Return the charts of a page without plotly, at each size and in each theme."""
    script = page.cdp("Page.addScriptToEvaluateOnNewDocument", source=NO_RETRY)
    page.cdp("Network.enable")
    page.cdp("Network.setBlockedURLs", urls=["*plotly*"])
    page.open(url)
    found = []
    for size, theme in views:
        page.resize(*size)
        page.prefers(color_scheme=theme)
        found.append(charts(page))
    page.open("about:blank")
    page.cdp("Network.setBlockedURLs", urls=[])
    page.cdp("Page.removeScriptToEvaluateOnNewDocument", **script)
    page.driver.get_log("browser")  # the blocked requests
    return found


def is_the_same_with_plotly(
    page: Page, url: str, views: Sequence[tuple[tuple[int, int], str]]
) -> None:
    """Check that plotly's charts look the same as the drawings, and replace each in one frame."""
    page.cdp("Emulation.setScrollbarsHidden", hidden=True)
    before = without_plotly(page, url, views)
    page.resize(*views[0][0])
    page.prefers(color_scheme=views[0][1])
    page.before_scripts(WATCH)
    page.open(url)
    plots = "return document.querySelectorAll('.chart:not([data-drawn])').length"
    until(lambda: page.run(plots) == 0, what="plotly has drawn the charts")
    assert page.run("return window.wrong") == []
    for (size, theme), drawings in zip(views, before, strict=True):
        page.resize(*size)
        page.prefers(color_scheme=theme)
        until(
            partial(is_alike, page, drawings),
            5,
            f"the charts at {size}, {theme}, look as they did without plotly",
        )


def test_charts_of_the_first_response(page: Page, server: Dashboard, source: Stream) -> None:
    """The live page's charts are visible without plotly, which then draws the same ones.

    Less than 1 % of their pixels differ at any size and in any theme, nothing moves, and in each
    frame of the screen a chart is present exactly once.
    """
    costs = [
        {"name": "Trading Fees", "value": 18_500},
        {"name": "Infrastructure", "value": 25_000},
        {"name": "Personnel", "value": 5_320},
        {"name": "Refund", "value": -500},
    ]
    source.send(now(trendsData=month(), costBreakdown=costs))
    until(lambda: server.get("/api/feed")["tally"]["accepted"], what="the message is accepted")

    views = list(product([DESK, WALL, TABLET, PHONE], ["dark", "light"]))
    is_the_same_with_plotly(page, server.url, views)


@pytest.mark.parametrize("period", ["30d", "today"])
def test_charts_of_the_first_history(
    page: Page, server: Dashboard, source: Stream, period: str
) -> None:
    """The history page's charts are visible without plotly, which then draws the same ones."""
    source.send(now(trendsData=month()))
    until(lambda: len(server.get("/api/days?range=30d")) == 30, what="the days are written")

    views = [(DESK, "dark"), (PHONE, "light")]
    is_the_same_with_plotly(page, f"{server.url}/history?range={period}", views)
