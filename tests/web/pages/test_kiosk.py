"""The page on a wall screen: its layout, legible from afar, without pointer or focus."""

from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard
from support.page import Page
from support.screen import CUT, PHONE, UHD, WALL, box, boxes, overlapping, settles
from support.shared import SharedPage, fed_dashboard, opened_tab, without_errors
from support.sources import Stream
from support.today import at_revenue, crowd, now
from support.waiting import until

pytestmark = pytest.mark.browser

# The visible texts and the size of their letters, in HTML and SVG.
SIZES_OF_LETTERS = """
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        const isHidden = parent.closest("script, style, .visually-hidden, caption");
        if (!text || isHidden || !parent.checkVisibility()) continue;
        found.push([text, parseFloat(getComputedStyle(parent).fontSize)]);
    }
    return found;
"""
FONT_SIZE = """
    const seen = [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility());
    return parseFloat(getComputedStyle(seen[0]).fontSize);
"""


@pytest.fixture(scope="module")
def shared(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SharedPage, Stream]]:
    """Open the page of a wall screen on a stream."""
    with (
        fed_dashboard(tmp_path_factory.mktemp("shared"), now()) as (running, source),
        opened_tab(chromium, f"{running.url}/?kiosk") as opened,
    ):
        opened.page.is_drawn()
        assert chromium.driver.get_log("browser") == []
        yield opened, source


@pytest.fixture
def kiosk(shared: tuple[SharedPage, Stream]) -> Iterator[Page]:
    """Return the page with the month on it."""
    opened, source = shared
    source.send(now())
    page = opened.show()
    page.shows("#kpi-revenue .kpi-value", "$125,450.00")
    yield from without_errors(page)


@pytest.mark.parametrize("size", [PHONE, WALL], ids=["phone", "wall"])
def test_kiosk(kiosk: Page, shared: tuple[SharedPage, Stream], size: tuple[int, int]) -> None:
    """A wall screen has no controls and no pointer, and changes through updates only."""
    kiosk.resize(*size)
    settles(kiosk, count=1)

    assert boxes(kiosk, ".modebar-btn, .popover, #explain, .tools button, .control") == []
    where = box(kiosk, "#feed-status")
    at = {"x": (where.left + where.right) / 2, "y": (where.top + where.bottom) / 2}
    for kind in ("mousePressed", "mouseReleased"):
        kiosk.cdp("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)
    assert kiosk.run("return document.querySelector('details').open") is False
    shared[1].send(at_revenue(140000))
    kiosk.shows("#kpi-revenue .kpi-value", "$140,000.00")
    kiosk.shows("#sentence-net", "+$91,680.00")


def test_comma_of_net(kiosk: Page) -> None:
    """On a wall screen the change is clear of the descending comma of net above it."""
    for size in (WALL, UHD):
        kiosk.resize(*size)
        [value] = boxes(kiosk, "#kpi-net-value")
        [change, *_] = boxes(kiosk, "#kpi-net .kpi-change")
        assert change.top - value.bottom >= size[1] / 100 - 1


def test_kiosk_is_read_aloud(kiosk: Page) -> None:
    """Nothing on a wall screen takes keyboard focus, but screen readers can read it."""
    kiosk.resize(*WALL)

    assert kiosk.run("return document.querySelectorAll('[inert]').length") == 0
    for _ in range(3):
        kiosk.cdp("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab")
        kiosk.cdp("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab")
        assert kiosk.run("return document.activeElement.tagName") == "BODY"


@pytest.mark.parametrize("size", [WALL, UHD], ids=["wall", "uhd"])
def test_kiosk_from_afar(kiosk: Page, size: tuple[int, int]) -> None:
    """All text of a wall screen is large enough to read from afar, net the largest, and not cut."""
    can_be_read_from_afar(kiosk, size, agents=3)


def test_crowd_from_afar(page: Page, server: Dashboard, source: Stream) -> None:
    """The same is true of a page with the maximum of rows."""
    source.send(crowd())
    page.resize(*WALL)
    page.open(f"{server.url}/?kiosk")
    page.is_drawn()
    for size in (WALL, UHD):
        can_be_read_from_afar(page, size, agents=5)


def can_be_read_from_afar(page: Page, size: tuple[int, int], agents: int) -> None:
    """Check legibility on a screen of this size with this number of agents."""
    page.resize(*size)
    settles(page, count=1)

    hundredth = size[1] / 100

    def too_small() -> dict[str, float]:
        return {text: px for text, px in page.run(SIZES_OF_LETTERS) if px < 2.5 * hundredth}

    until(lambda: too_small() == {}, what="all letters are large, including those of the chart")
    net, change = (
        float(page.run(FONT_SIZE, selector))
        for selector in ("#kpi-net-value", "#kpi-net .kpi-change:not([id*=target])")
    )
    assert net >= 18 * hundredth or agents > 3
    assert change >= 5 * hundredth
    parts = boxes(page, ".sentence, .kpi, .panel, header")
    assert len(parts) == 8
    assert [part for part in parts if not part.lies_in(*size)] == []
    assert overlapping(parts) == []
    assert len(boxes(page, ".agent, .earners tr")) == agents
    assert page.run(CUT, ".kpi-value, .kpi-change, .agent strong, .earners strong") == []


def test_pointer_of_a_kiosk(kiosk: Page) -> None:
    """On a wall screen the pointer is invisible everywhere."""
    script = """
        const seen = [];
        for (let x = 5; x < innerWidth; x += 35) for (let y = 5; y < innerHeight; y += 35) {
            const under = document.elementFromPoint(x, y);
            if (getComputedStyle(under).cursor !== "none") seen.push([x, y, under.tagName]);
        }
        return seen;
    """
    assert kiosk.run(script) == []
