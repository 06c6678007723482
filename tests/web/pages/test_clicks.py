"""Whatever looks as if it led somewhere does: the clicks of a viewer, on pages of one demo."""

import re
import time
from collections.abc import Iterator
from urllib.parse import unquote_plus, urlsplit

import pytest

from northstar.view.shared.ids import Id
from support.dashboard import Dashboard
from support.page import Page
from support.pointing import MIDDLE, POINTS, point, tooltip
from support.screen import DESK
from support.shared import shared_dashboard
from support.waiting import SLOWNESS, until

pytestmark = pytest.mark.browser

PRESS_S = 3 * SLOWNESS  # between two clicks, longer than a page needs to load
BARS = ".bars .point path"
DAY = re.compile(r"from=(\d{4}-\d\d-\d\d)&to=\1(&|$)")
CLICK = "const link = document.querySelector(arguments[0]); link.click(); return link.href"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Run a demo whose invented past is written."""
    with shared_dashboard(
        tmp_path_factory.mktemp("clicks"), "--demo", "--demo-scene", "calm"
    ) as demo:
        until(lambda: len(demo.get("/api/trend?days=365")) == 365, what="the past is there")
        yield demo


@pytest.fixture
def live(shared: Dashboard, page: Page) -> Page:
    """Return the live page, opened on a desk."""
    page.resize(*DESK)
    page.open(shared.url)
    page.is_drawn()
    return page


@pytest.fixture
def month(shared: Dashboard, page: Page) -> Page:
    """Return the history of 30 days, opened on a desk."""
    page.resize(*DESK)
    page.open(f"{shared.url}/history?range=30d&compare=none")
    until(lambda: page.plot("chart-days")["data"], what="the days are drawn")
    return page


def press(page: Page, chart: str, mark: str = BARS, across: float = 0.5) -> None:
    """Click a mark of a chart, where it is by then, until the page is left.

    A chart that has just come may move, and one that is redrawn has no tooltip.
    """
    before, pressed_at = page.driver.current_url, -PRESS_S

    def left() -> bool:
        nonlocal pressed_at
        if page.driver.current_url != before:
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

    until(left, what=f"a click in {chart} leads somewhere")


def leads_to(page: Page, address: str) -> None:
    """Wait until the page's address, without its host, contains that text."""
    until(lambda: address in where(page), what=f"{address}, not {where(page)}")


def is_at(page: Page, address: str) -> None:
    """Wait until the page's address is that one."""
    until(lambda: page.driver.current_url == address, what=f"the page is {address}")


def where(page: Page) -> str:
    """Return the path and the query of the page's address, decoded."""
    parts = urlsplit(page.driver.current_url)
    return unquote_plus(f"{parts.path}?{parts.query}")


def test_net(live: Page) -> None:
    """The button of net opens where it comes from."""
    live.click(".explain[data-explain=kpi-net]")

    until(lambda: live.text("#explain-heading").startswith("Net P&L"), what="it is explained")


def test_day_of_the_trend(live: Page) -> None:
    """A day in the trend leads to that day, and Back leads back."""
    press(live, "chart-trend")
    until(lambda: DAY.search(where(live)), what="the day's page")
    live.driver.back()

    live.is_drawn()
    assert where(live).startswith("/?")


@pytest.mark.parametrize("chart", [Id.CHART_COSTS, Id.CHART_WATERFALL, Id.CHART_AGENTS])
def test_marks_of_the_live_page(chart: Id, live: Page) -> None:
    """A slice leads to its category, a bar to its agent or category, and the first to the day."""
    name = live.text(f"#{chart}-labels li:first-child .bar-name") or live.text(
        "#costs-legend li:first-child .name"
    )
    press(live, chart, *POINTS[chart])

    expected = {
        Id.CHART_COSTS: f"category={name}",
        Id.CHART_AGENTS: f"agent={name}",
        Id.CHART_WATERFALL: "range=today",
    }
    leads_to(live, f"/history?{expected[chart]}")


def test_step_of_the_waterfall(live: Page) -> None:
    """A step leads to its category."""
    name = live.text("#chart-waterfall-labels li:nth-child(2) .bar-name")
    press(live, "chart-waterfall", ".bars .point:nth-child(2) path")

    leads_to(live, f"/history?category={name}")


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("#agent-cards li:first-child a", "/history?agent="),
        ("#costs-legend li:first-child a", "/history?category="),
    ],
)
def test_names_of_the_live_page(link: str, address: str, live: Page) -> None:
    """The name of an agent, or of a category, leads to its page."""
    name = live.text(link)
    live.click(link)

    leads_to(live, f"{address}{name}")
    assert live.text(".part h2").endswith(name)


def test_days_of_the_history(shared: Dashboard, page: Page) -> None:
    """Best and worst day, a drawdown's days, the table's and the calendar's lead to their day."""
    address = f"{shared.url}/history?range=year&compare=none"
    page.open(address)
    for link in (
        ".facts div:nth-child(1) a",  # the best day
        ".facts div:nth-child(2) a",  # the worst day
        "#table-drawdowns tbody a",
        "#table-days tbody a",
        ".calendar a",
    ):
        href = page.run(CLICK, link)
        assert DAY.search(href), link
        is_at(page, href)
        page.driver.back()
        is_at(page, address)


def test_bar_of_the_history(month: Page) -> None:
    """A day's bar leads to it, with the comparison of the page."""
    press(month, "chart-days")

    until(lambda: DAY.search(where(month)), what="the day's page")
    assert "compare=none" in where(month)


def test_bar_of_a_week(shared: Dashboard, page: Page) -> None:
    """A week's bar leads to its seven days."""
    page.resize(*DESK)
    page.open(f"{shared.url}/history?range=year")
    until(lambda: page.plot("chart-days")["data"], what="the weeks are drawn")
    press(page, "chart-days")

    leads_to(page, "/history?from=")
    until(lambda: len(page.plot("chart-days")["data"][0]["x"]) == 7, what="seven days")


def test_finding(live: Page) -> None:
    """A finding, if there is one, opens the two sides of it."""
    live.run("document.getElementById('sentence-findings').textContent ||= '1 finding'")
    live.click("#sentence-findings")

    until(lambda: live.text("#explain-heading").startswith("Net P&L"), what="it is explained")


def test_reload_with_the_address(live: Page) -> None:
    """What a viewer has set is in the address, and is there again after a reload."""
    live.click("[data-zoom=chart-trend][data-days='7']")
    live.click("[data-table=chart-costs]")
    address = live.driver.current_url
    live.driver.refresh()
    live.is_drawn()

    assert live.driver.current_url == address
    assert live.run("return document.querySelector('[data-days=\"7\"]').ariaPressed") == "true"
    assert not live.run("return document.getElementById('chart-costs-table').hidden")
