"""Keys, copied numbers and selections in a browser during updates."""

from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from northstar.view.shared.ids import Id
from support.dashboard import Dashboard
from support.month_page import MonthPage, month_page, opened
from support.page import Page
from support.pointing import first_point, point
from support.screen import DESK, WALL
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until

__all__ = ["opened"]  # a fixture

pytestmark = pytest.mark.browser

IS_OPEN = "return Boolean(document.getElementById('keys')?.open)"
SELECT = """
    const [node] = document.getElementById(arguments[0]).childNodes;
    getSelection().setBaseAndExtent(node, 0, node, node.length);
"""
CAME = """
    const { message } = dash_component_api.getLayout("view-stream").props;
    return message.data.includes(arguments[0]);
"""
LIT = """
    return [...document.querySelectorAll("[data-lit]")].map(
        (mark) => mark.dataset.part ?? mark.getAttribute("class"));
"""


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonthPage]:
    """Open the page on the month, with permission to read the clipboard."""
    with month_page(chromium, tmp_path_factory.mktemp("shared")) as shared:
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        origin = shared.server.url
        shared.opened.page.cdp("Browser.grantPermissions", origin=origin, permissions=permissions)
        yield shared


def press(page: Page, key: str) -> None:
    """Press a key at the focused element."""
    ActionChains(page.driver).send_keys(key).perform()


def copied(page: Page) -> str:
    """Return the content of the clipboard."""
    read = "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    return str(page.driver.execute_async_script(read))


def test_frozen_by_the_viewer(opened: Page, shared: MonthPage) -> None:
    """A paused page stays the same and says so; afterwards it shows the newest numbers."""
    press(opened, "p")
    frozen = f"FROZEN BY YOU since {opened.text('#as-of')}"
    opened.shows("#sentence-frozen", frozen)
    seen = opened.run("return document.getElementById('page-seq').dataset.seq")
    shared.source.send(at_revenue(130_000))
    shared.source.send(at_revenue(140_000))
    until(lambda: "Frozen" in opened.text("#feed-word"), what="the status shows the pause")

    assert opened.text("#kpi-net-frozen") == frozen
    assert frozen in opened.driver.title
    assert opened.text("#kpi-revenue-value") == "$125,450.00"
    assert opened.run("return document.getElementById('page-seq').dataset.seq") == seen
    until(lambda: opened.run(CAME, "$140,000.00"), what="both messages are accepted")
    press(opened, "p")
    assert opened.text("#kpi-revenue-value") == "$140,000.00"
    assert opened.text("#sentence-frozen") == ""
    assert "Live" in opened.driver.title


def test_list_of_keys(opened: Page) -> None:
    """`?` opens the list of keys and Escape closes it; disabled keys do nothing."""
    press(opened, "?")
    until(lambda: opened.run(IS_OPEN), what="the list is open")
    assert opened.text("#keys dl > :first-child dt") == "?"
    opened.click("#keys > button")
    press(opened, Keys.ESCAPE)
    until(lambda: not opened.run(IS_OPEN), what="the list is closed")
    press(opened, "?")
    press(opened, "p")

    assert not opened.run(IS_OPEN)
    assert opened.text("#sentence-frozen") == ""
    opened.click("#display")
    opened.click("[data-keys]")
    assert opened.run(IS_OPEN)
    opened.click("#keys > button")  # this enables the keys again


def test_keys_of_both_pages(opened: Page) -> None:
    """`t` changes the theme; `h` opens the history, but not while a day is typed."""
    theme = "return document.documentElement.dataset.theme"
    before = opened.run(theme)
    press(opened, "t")
    assert {before, opened.run(theme)} == {"dark", "light"}
    press(opened, "h")
    until(lambda: "/history" in opened.driver.current_url, what="the history")
    until(lambda: opened.run("return Boolean(dash_clientside.northstarHistory)"), what="scripts")
    press(opened, "/")
    assert opened.run("return document.activeElement.name") == "from"
    press(opened, "h")
    assert "/history" in opened.driver.current_url
    opened.run("document.activeElement.blur()")
    press(opened, "h")
    until(lambda: "/history" not in opened.driver.current_url, what="the live page")
    opened.is_drawn()


def test_copied_number(opened: Page, shared: MonthPage) -> None:
    """A click copies the number and reports it; a click that ends a selection does not."""
    shared.source.send(at_revenue(1_125_450.5))
    opened.shows("#kpi-revenue-value", "$1,125,450.50")
    opened.click("#kpi-revenue-value")
    opened.shows(".copied", "1125450.50 copied")
    assert copied(opened) == "1125450.50"
    opened.run(SELECT, "kpi-expenses-value")
    opened.run("document.getElementById('kpi-expenses-value').click()")

    assert copied(opened) == "1125450.50"


def test_copied_amount_of_a_bar(opened: Page) -> None:
    """A click on the amount above a bar copies it; a click below the amount reaches the chart."""
    opened.resize(*WALL)
    lies = "return document.querySelector('.waterfall .chart').hasAttribute('data-lies')"
    until(lambda: not opened.run(lies), what="the bars are vertical")
    left, top, right, _ = opened.box("chart-waterfall-labels-1-amount")
    x = (left + right) / 2
    for kind in ("mousePressed", "mouseReleased"):
        mouse = {"x": x, "y": top + 7, "button": "left", "clickCount": 1}
        opened.cdp("Input.dispatchMouseEvent", type=kind, **mouse)
    opened.shows(".copied", "-18500.00 copied")

    script = "return document.elementFromPoint(...arguments).className.baseVal"
    assert "drag" in opened.run(script, x, top + 40)


def test_selection_of_a_number(opened: Page, shared: MonthPage) -> None:
    """A selected number stays selected when it changes, so that the newest value is copied."""
    opened.run(SELECT, "kpi-revenue-value")
    shared.source.send(at_revenue(1_000_000))
    opened.shows("#kpi-revenue-value", "$1,000,000.00")

    assert opened.run("return String(getSelection())") == "$1,000,000.00"


def test_texts_of_a_frame(page: Page, server: Dashboard, source: Stream) -> None:
    """With a selection in a text, styles are computed once a frame and not once a text."""
    page.resize(*DESK)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    page.run("getSelection().collapse(document.getElementById('kpi-expenses-value').firstChild)")
    page.cdp("Performance.enable")
    before = style_computations(page)
    source.send(at_revenue(1_000_000))
    page.shows("#kpi-revenue-value", "$1,000,000.00")

    assert style_computations(page) - before < 30  # some 40 texts change


def style_computations(page: Page) -> float:
    """Return the number of style computations of the page."""
    metrics = page.cdp("Performance.getMetrics")["metrics"]
    [count] = [each["value"] for each in metrics if each["name"] == "RecalcStyleCount"]
    return float(count)


def test_what_belongs_together(opened: Page) -> None:
    """A category, its step and slice, and an agent and its bars are highlighted together."""
    opened.cdp("Emulation.setFocusEmulationEnabled", enabled=True)
    category = opened.driver.find_element("css selector", "#costs-legend li:first-child")
    ActionChains(opened.driver).move_to_element(category).perform()
    together = ["category Trading Fees", "slice", "category Trading Fees"]
    assert opened.run(LIT) == together
    point(opened, *first_point(opened, Id.CHART_COSTS))
    until(lambda: opened.run(LIT) == together, what="the slice highlights its row")
    opened.run("document.querySelector('#agent-cards a').focus()")
    assert opened.run(LIT) == ["agent Scalper"] * 2
    opened.run("document.activeElement.blur()")
    assert opened.run(LIT) == []
    opened.cdp("Emulation.setFocusEmulationEnabled", enabled=False)
