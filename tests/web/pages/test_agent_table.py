"""The table of many agents in a browser: sorted by the viewer's column in every frame."""

import pytest
from selenium.webdriver.common.keys import Keys

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK, PHONE, box, boxes
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = pytest.mark.browser

NAMES = "return [...document.querySelectorAll('#agent-rows th')].map((e) => e.textContent)"
SORTED = """
    return [...document.querySelectorAll(".earners th[aria-sort]")].map(
        (head) => [head.dataset.column, head.ariaSort]);
"""
HEAD = ".earners [data-column={}] button"


def message(*nets: int) -> str:
    """Return a message with agents A, B, C … and these nets; revenues are in the order of names."""
    agents = [
        {"agent": chr(ord("A") + row), "revenue": 100 + row, "expenses": 100 + row - net}
        for row, net in enumerate(nets)
    ]
    return now(agentAttribution=agents)


def rising() -> str:
    """Return a current message in which the last agent has the highest net."""
    return message(*range(1, 10))


def falling() -> str:
    """Return a current message in which the first agent has the highest net."""
    return message(*range(9, 0, -1))


def is_sorted(page: Page, order: str) -> None:
    """Wait until the rows are in this order."""
    until(lambda: "".join(page.run(NAMES)) == order, what=f"the order is {order}")


@pytest.fixture
def opened(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page with nine agents, the last of which has the highest net."""
    page.resize(*DESK)
    source.send(rising())
    page.open(server.url)
    page.is_drawn()
    return page


def test_sorting(opened: Page, source: Stream, server: Dashboard) -> None:
    """Rows follow the ranks of each frame or the viewer's column, also after a reload."""
    is_sorted(opened, "IHGFEDCBA")
    assert opened.run(SORTED) == [["net", "descending"]]
    opened.run("document.querySelector('#agent-rows a').focus()")
    source.send(falling())
    is_sorted(opened, "ABCDEFGHI")
    assert opened.run("return document.activeElement.textContent") == "I"
    assert opened.text("#agent-rows tr:first-child strong") == "$9.00"

    opened.click(HEAD.format("revenue"))
    is_sorted(opened, "IHGFEDCBA")
    source.send(rising())
    opened.shows("#agent-rows tr:first-child strong", "$9.00")
    source.send(falling())
    opened.shows("#agent-rows tr:first-child strong", "$1.00")
    is_sorted(opened, "IHGFEDCBA")
    assert opened.driver.current_url == f"{server.url}/#sort=revenue+descending"
    opened.driver.refresh()
    opened.is_drawn()
    is_sorted(opened, "IHGFEDCBA")
    assert opened.run(SORTED) == [["revenue", "descending"]]

    opened.run("document.querySelector(arguments[0]).focus()", HEAD.format("agent"))
    opened.driver.switch_to.active_element.send_keys(Keys.ENTER)
    is_sorted(opened, "ABCDEFGHI")
    assert opened.run(SORTED) == [["agent", "ascending"]]
    opened.click(HEAD.format("net"))
    assert opened.driver.current_url == f"{server.url}/"


def test_cards_again(opened: Page, source: Stream) -> None:
    """Eight agents are shown as cards; nine are shown as a table, sorted as before."""
    opened.click(HEAD.format("agent"))
    source.send(message(*range(1, 9)))
    opened.has("#agent-cards .agent", count=8)
    assert boxes(opened, ".earners") == []
    source.send(falling())
    opened.has("#agent-rows tr", count=9)
    is_sorted(opened, "ABCDEFGHI")
    assert boxes(opened, "#agent-cards") == []


def test_sums_beside_the_table(opened: Page, source: Stream) -> None:
    """The sums are shown as a legend, except where the table is shown without the chart."""
    assert boxes(opened, "#chart-agents-place") == []
    assert boxes(opened, "#agents-summary button") == []
    assert "Revenue" in box(opened, "#agents-summary").name

    source.send(message(*range(1, 9)))
    opened.has("#agent-cards .agent", count=8)
    assert len(boxes(opened, "#agents-summary button")) == 3


def test_explained_row(opened: Page) -> None:
    """The explanation of an agent has the numbers of its row in any sort order."""
    opened.click(HEAD.format("agent"))
    opened.click("[data-explain=chart-agents]")
    opened.has("#explain .explained", count=10)

    formula = opened.text("#explain h3 + .explained .formula p:first-child")
    assert formula == "$108.00 − $99.00 = $9.00"


def test_columns_of_a_phone(opened: Page) -> None:
    """On a phone name, bar and net fill the panel; the other columns are reached by scrolling."""
    opened.resize(*PHONE, touch=True)

    region = box(opened, ".earners")
    heads = boxes(opened, ".earners thead th")
    assert abs(heads[1].right - region.right) <= 2
    assert heads[2].left >= region.right - 2
    opened.run("document.querySelector('.earners').scrollLeft = 1000")
    assert abs(boxes(opened, ".earners thead th")[0].left - region.left) <= 2
    assert boxes(opened, ".earners thead th")[-1].right <= region.right + 1


def test_table_without_scripts(opened: Page, server: Dashboard) -> None:
    """The first response has the rows, highest net first."""
    opened.cdp("Emulation.setScriptExecutionDisabled", value=True)
    opened.driver.get(server.url)
    opened.cdp("Emulation.setScriptExecutionDisabled", value=False)

    assert "".join(opened.run(NAMES)) == "IHGFEDCBA"
