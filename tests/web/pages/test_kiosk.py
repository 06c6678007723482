"""The page on a wall screen: its own layout, read from afar, without pointer and focus."""

from typing import Any

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import CUT, DESK, PHONE, UHD, WALL, box, boxes, overlapping, settles
from support.sources import Stream
from support.today import at_revenue, crowd, now

pytestmark = pytest.mark.browser

# The visible texts and the size of their letters, of HTML and SVG.
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


@pytest.mark.parametrize("size", [PHONE, WALL], ids=["phone", "wall"])
def test_kiosk(page: Page, server: Dashboard, source: Stream, size: tuple[int, int]) -> None:
    """A wall screen has nothing to click and no pointer, nothing happens on it but updates."""
    source.send(now())
    page.resize(*size)
    page.open(f"{server.url}/?kiosk")
    page.is_drawn()

    assert boxes(page, ".modebar-btn, .popover, #explain, .tools button, .control") == []
    where = box(page, "#feed-status")
    at = {"x": (where.left + where.right) / 2, "y": (where.top + where.bottom) / 2}
    for kind in ("mousePressed", "mouseReleased"):
        page.cdp("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)
    assert page.run("return document.querySelector('details').open") is False
    source.send(at_revenue(140000))
    page.shows("#kpi-revenue .kpi-value", "$140,000.00")
    page.shows("#sentence-net", "+$91,680.00")


def test_comma_of_net(page: Page, server: Dashboard, source: Stream) -> None:
    """On a wall screen the change stands clear below net, whose comma reaches below its line."""
    source.send(now())
    page.open(f"{server.url}/?kiosk")
    for size in (WALL, UHD):
        page.resize(*size)
        [value] = boxes(page, "#kpi-net-value")
        [change, *_] = boxes(page, "#kpi-net .kpi-change")
        assert change.top - value.bottom >= size[1] / 100 - 1


def test_kiosk_is_read_aloud(page: Page, server: Dashboard, source: Stream) -> None:
    """A wall screen takes no keyboard focus, and is read by screen readers all the same."""
    source.send(now())
    page.resize(*WALL)
    page.open(f"{server.url}/?kiosk")
    page.is_drawn()

    assert page.run("return document.querySelectorAll('[inert]').length") == 0
    for _ in range(3):
        page.cdp("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab")
        page.cdp("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab")
        assert page.run("return document.activeElement.tagName") == "BODY"


@pytest.mark.parametrize("size", [WALL, UHD], ids=["wall", "uhd"])
@pytest.mark.parametrize("message", [now, crowd], ids=["month", "crowd"])
def test_kiosk_from_afar(
    page: Page, server: Dashboard, source: Stream, message: Any, size: tuple[int, int]
) -> None:
    """On a wall screen all letters can be read from afar, net the largest, and none is cut."""
    source.send(message())
    page.resize(*size)
    page.open(f"{server.url}/?kiosk")
    page.is_drawn()
    settles(page, count=1)

    hundredth = size[1] / 100
    sizes = page.run(SIZES_OF_LETTERS)
    assert {text: px for text, px in sizes if px < 2.5 * hundredth} == {}
    net, change = (
        float(page.run(FONT_SIZE, selector))
        for selector in ("#kpi-net-value", "#kpi-net .kpi-change:not([id*=target])")
    )
    assert net >= 18 * hundredth or message is crowd
    assert change >= 5 * hundredth
    parts = boxes(page, ".sentence, .kpi, .panel, header")
    assert len(parts) == 8
    assert [part for part in parts if not part.lies_in(*size)] == []
    assert overlapping(parts) == []
    assert len(boxes(page, ".agent, .earners tr")) == (3 if message is now else 5)
    assert page.run(CUT, ".kpi-value, .kpi-change, .agent strong, .earners strong") == []


def test_pointer_of_a_kiosk(page: Page, server: Dashboard, source: Stream) -> None:
    """Wherever the pointer was left on a wall screen, it is not seen."""
    source.send(now())
    page.resize(*DESK)
    page.open(f"{server.url}/?kiosk")
    page.is_drawn()

    script = """
        const seen = [];
        for (let x = 5; x < innerWidth; x += 35) for (let y = 5; y < innerHeight; y += 35) {
            const under = document.elementFromPoint(x, y);
            if (getComputedStyle(under).cursor !== "none") seen.push([x, y, under.tagName]);
        }
        return seen;
    """
    assert page.run(script) == []
