"""The live page on phones and tablets with a touch screen."""

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import PHONE, TABLET, boxes, settles
from support.sources import Stream
from support.today import LONG_NAME, now

pytestmark = pytest.mark.browser

FINGER_PX = 44


@pytest.fixture
def opened(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page that has just been opened on the month."""
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    return page


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_tools_for_fingers(size: tuple[int, int], opened: Page) -> None:
    """On a touch screen one button opens a panel's tools, which close after use."""
    opened.resize(*size, touch=True)
    settles(opened)

    assert boxes(opened, ".tools") == []
    framed = """
        const buttons = [...document.querySelectorAll(".kpi .explain")];
        return buttons.map((e) => getComputedStyle(e)).filter(
            (s) => s.borderTopWidth !== "0px" && s.borderTopColor !== "rgba(0, 0, 0, 0)").length;
    """
    assert opened.run(framed) == 0
    opened.click(".trend .more summary")
    assert len(boxes(opened, ".tools button")) == 5
    opened.click("[data-table=chart-trend]")
    assert boxes(opened, ".tools") == []
    opened.has(".trend .table tbody tr", count=30)


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_long_name_for_fingers(size: tuple[int, int], opened: Page, source: Stream) -> None:
    """An agent's name that is too long is cut at its end, inside its card."""
    opened.resize(*size, touch=True)
    agent = {"agent": LONG_NAME, "revenue": 125_450, "expenses": 48_320, "net": 77_130}
    source.send(now(agentAttribution=[agent]))
    opened.has(".agent", 1)

    [heading, link] = boxes(opened, ".agent h3, .agent h3 a")
    assert heading.width > 2 * FINGER_PX
    assert link.right <= heading.right


def test_agents_of_a_tablet(opened: Page) -> None:
    """On a tablet the cards of agents are below their bars, in two columns without scrolling."""
    opened.resize(*TABLET, touch=True)
    settles(opened)

    chart, *cards = boxes(opened, ".agents .chart, .agent")
    assert chart.width > 2 * chart.height
    assert cards[0].top == cards[1].top > chart.bottom
    assert cards[2].left == cards[0].left
