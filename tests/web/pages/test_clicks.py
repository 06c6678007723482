"""Everything that looks like a link leads somewhere: clicks on the pages of a demo."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote_plus, urlsplit

import pytest
from dash.testing.browser import Browser

from northstar.view.shared.ids import Id
from support.leaving import destination, has_left
from support.page import Page
from support.pointing import MIDDLE, POINTS, point, tooltip
from support.screen import DESK
from support.shared import SharedPages, demo_with_past, shared_pages
from support.waiting import SLOWNESS, until

pytestmark = pytest.mark.browser

PRESS_S = 3 * SLOWNESS  # between two clicks: longer than a page takes to load
BARS = ".bars .point path"
DAY = re.compile(r"from=(\d{4}-\d\d-\d\d)&to=\1(&|$)")
CLICK = "document.querySelector(arguments[0]).click()"


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPages]:
    """Run a demo with a written history; its pages are opened on request."""
    with (
        demo_with_past(tmp_path_factory.mktemp("clicks")) as demo,
        shared_pages(chromium, demo.url) as pages,
    ):
        yield pages


@pytest.fixture
def at(shared: SharedPages, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens an address on a desktop, for tests that change nothing.

    The console must be clean at the end.
    """
    chromium.driver.get_log("browser")  # from the previous test
    yield lambda address: shared.at(address.removeprefix(shared.url)).show()
    assert chromium.driver.get_log("browser") == []


@pytest.fixture
def live(at: Callable[[str], Page]) -> Page:
    """Return the live page."""
    page = at("/")
    page.is_drawn()
    return page


@pytest.fixture
def opened(shared: SharedPages, page: Page) -> Page:
    """Return a separate live page."""
    page.resize(*DESK)
    page.open(shared.url)
    page.is_drawn()
    return page


def press(
    page: Page, left: Callable[[], bool], chart: str, mark: str = BARS, across: float = 0.5
) -> None:
    """Click a mark of a chart at its current position until the page is left.

    A new chart may still move, and one that is redrawn has no tooltip.
    """
    pressed_at = -PRESS_S

    def pressed() -> bool:
        nonlocal pressed_at
        if left():
            return True
        if time.monotonic() - pressed_at > PRESS_S:
            x, y = page.run(MIDDLE, chart, mark, across)
            point(page, x, y)
            if tooltip(page, chart):
                pressed_at = time.monotonic()
                for kind in ("mousePressed", "mouseReleased"):
                    mouse = {"x": x, "y": y, "button": "left", "clickCount": 1}
                    page.cdp("Input.dispatchMouseEvent", type=kind, **mouse)
        return False

    until(pressed, what=f"a click in {chart} leads somewhere")


def mark_leads_to(page: Page, chart: str, mark: str = BARS, across: float = 0.5) -> str:
    """Return the address that a click on a mark of a chart opens."""
    return destination(page, lambda: press(page, lambda: has_left(page), chart, mark, across))


def where(address: str) -> str:
    """Return the path and the query of an address, decoded."""
    parts = urlsplit(address)
    return unquote_plus(f"{parts.path}?{parts.query}")


def test_net(live: Page) -> None:
    """The button of net opens its explanation."""
    live.click(".explain[data-explain=kpi-net]")

    until(lambda: live.text("#explain-heading").startswith("Net P&L"), what="the explanation")
    live.click(".explain[data-explain=kpi-net]")


def test_day_of_the_trend(opened: Page) -> None:
    """A day in the trend opens that day, and Back returns."""
    before = opened.driver.current_url
    press(opened, lambda: opened.driver.current_url != before, "chart-trend")
    until(lambda: DAY.search(where(opened.driver.current_url)), what="the day's page")
    opened.driver.back()

    opened.is_drawn()
    assert where(opened.driver.current_url).startswith("/?")


@pytest.mark.parametrize("chart", [Id.CHART_COSTS, Id.CHART_WATERFALL, Id.CHART_AGENTS])
def test_marks_of_the_live_page(chart: Id, live: Page) -> None:
    """A slice opens its category, a bar its agent or category, and the first bar the day."""
    name = live.text(f"#{chart}-labels li:first-child .bar-name") or live.text(
        "#costs-legend li:first-child .name"
    )
    address = mark_leads_to(live, chart, *POINTS[chart])

    expected = {
        Id.CHART_COSTS: f"category={name}",
        Id.CHART_AGENTS: f"agent={name}",
        Id.CHART_WATERFALL: "range=today",
    }
    assert f"/history?{expected[chart]}" in where(address)


def test_step_of_the_waterfall(live: Page) -> None:
    """A step opens its category."""
    name = live.text("#chart-waterfall-labels li:nth-child(2) .bar-name")
    address = mark_leads_to(live, "chart-waterfall", ".bars .point:nth-child(2) path")

    assert f"/history?category={name}" in where(address)


@pytest.mark.parametrize(
    ("link", "query"),
    [
        ("#agent-cards li:first-child a", "/history?agent="),
        ("#costs-legend li:first-child a", "/history?category="),
    ],
)
def test_names_of_the_live_page(
    link: str, query: str, live: Page, at: Callable[[str], Page]
) -> None:
    """The name of an agent or a category opens its page."""
    name = live.text(link)
    address = destination(live, lambda: live.click(link))

    assert f"{query}{name}" in where(address)
    assert at(address).text(".part h2").endswith(name)


def test_days_of_the_history(at: Callable[[str], Page]) -> None:
    """Best and worst day, drawdown, table and calendar link to their day."""
    page = at("/history?range=year&compare=none")
    for link in (
        ".facts div:nth-child(1) a",  # the best day
        ".facts div:nth-child(2) a",  # the worst day
        "#table-drawdowns tbody a",
        "#table-days tbody a",
        ".calendar a",
    ):
        address = destination(page, partial(page.run, CLICK, link))
        assert DAY.search(address), link
        assert address == page.run("return document.querySelector(arguments[0]).href", link)


def test_bar_of_the_history(at: Callable[[str], Page]) -> None:
    """A day's bar opens that day with the comparison of the page."""
    page = at("/history?range=30d&compare=none")
    until(lambda: page.plot("chart-days")["data"], what="the days are drawn")
    address = where(mark_leads_to(page, "chart-days"))

    assert DAY.search(address)
    assert "compare=none" in address


def test_bar_of_a_week(at: Callable[[str], Page]) -> None:
    """A week's bar opens its seven days."""
    page = at("/history?range=year&compare=none")
    until(lambda: page.plot("chart-days")["data"], what="the weeks are drawn")
    address = mark_leads_to(page, "chart-days")

    assert "/history?from=" in where(address)
    week = at(address)
    until(lambda: len(week.plot("chart-days")["data"][0]["x"]) == 7, what="the seven days")


def test_finding(live: Page) -> None:
    """A finding opens the explanation of its two sides."""
    found = live.text("#sentence-findings")
    live.run("document.getElementById('sentence-findings').textContent ||= '1 finding'")
    live.click("#sentence-findings")

    until(lambda: live.text("#explain-heading").startswith("Net P&L"), what="the explanation")
    live.click(".explain[data-explain=kpi-net]")
    live.run("document.getElementById('sentence-findings').textContent = arguments[0]", found)


def test_reload_with_the_address(opened: Page) -> None:
    """The viewer's settings are in the address, and are restored by a reload."""
    opened.click("[data-zoom=chart-trend][data-days='7']")
    opened.click("[data-table=chart-costs]")
    address = opened.driver.current_url
    opened.driver.refresh()
    opened.is_drawn()

    assert opened.driver.current_url == address
    assert opened.run("return document.querySelector('[data-days=\"7\"]').ariaPressed") == "true"
    assert not opened.run("return document.getElementById('chart-costs-table').hidden")
