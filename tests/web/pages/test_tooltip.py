"""The tooltip of each chart: content, position and closing."""

from collections.abc import Iterator
from datetime import date

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from northstar.view.shared.ids import Id
from support import guide
from support.dashboard import Dashboard
from support.fresh_page import opened
from support.page import Page
from support.pointing import first_point, has_tooltip, point, tap, tooltip
from support.screen import PHONE, box
from support.shared import SharedPage, page_on
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until

__all__ = ["opened"]  # a fixture

pytestmark = pytest.mark.browser

CHARTS = (Id.CHART_TREND, Id.CHART_WATERFALL, Id.CHART_COSTS, Id.CHART_AGENTS)
LINES = {
    Id.CHART_WATERFALL: ["Revenue", "$125,450.00"],
    Id.CHART_COSTS: ["Trading Fees", "$18,500.00 · 38.3%"],
    Id.CHART_AGENTS: ["Scalper", "Revenue$75,000.00"],
}


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPage]:
    """Open the page on the month."""
    with page_on(chromium, tmp_path_factory.mktemp("shared"), now()) as shared:
        yield shared


def is_in_its_chart(page: Page, chart: Id, x: float, y: float) -> bool:
    """Tell whether a chart's tooltip is within the chart and away from the pointer."""
    tip, frame = box(page, ".tip"), box(page, f"#{chart}-place")
    inside = (
        frame.left <= tip.left
        and frame.top <= tip.top
        and tip.right <= frame.right + 1
        and tip.bottom <= frame.bottom + 1
    )
    return inside and not (tip.left <= x <= tip.right and tip.top <= y <= tip.bottom)


def test_tooltips_at_the_pointer(opened_once: Page) -> None:
    """Each chart's tooltip has the values at the pointer, and is beside it within the chart."""
    for chart in CHARTS:
        x, y = first_point(opened_once, chart)
        point(opened_once, x, y)
        if chart is Id.CHART_TREND:
            until(lambda: tooltip(opened_once, Id.CHART_TREND), what="the trend has a tooltip")
            day, *rows = tooltip(opened_once, chart)
            assert date.fromisoformat(day)
            assert [row.partition("$")[0] for row in rows] == [
                "Net",
                "Revenue",
                "Expenses",
                "Net, 7-day average",
            ]
        else:
            has_tooltip(opened_once, chart, LINES[chart])
        assert is_in_its_chart(opened_once, chart, x, y), chart
        assert opened_once.run("return document.querySelectorAll('.tip').length") == 1
        assert opened_once.run("return document.querySelectorAll('.hoverlayer text').length") == 0


def test_tooltip_of_the_newest_frame(opened: Page, source: Stream) -> None:
    """An open tooltip follows the numbers on the page while the pointer rests."""
    point(opened, *first_point(opened, Id.CHART_WATERFALL))
    has_tooltip(opened, Id.CHART_WATERFALL, LINES[Id.CHART_WATERFALL])

    source.send(at_revenue(130_000))

    has_tooltip(opened, Id.CHART_WATERFALL, ["Revenue", "$130,000.00"])


def test_tooltip_of_what_is_gone(opened: Page, source: Stream) -> None:
    """A tooltip closes when its agent disappears."""
    rows = guide.message()["agentAttribution"]
    point(opened, *first_point(opened, Id.CHART_AGENTS))
    has_tooltip(opened, Id.CHART_AGENTS, LINES[Id.CHART_AGENTS])

    source.send(now(agentAttribution=[rows[0] | {"agent": "Ada"}, *rows[1:]]))
    has_tooltip(opened, Id.CHART_AGENTS, ["Ada", "Revenue$75,000.00"])
    source.send(now(agentAttribution=[]))
    has_tooltip(opened, Id.CHART_AGENTS, [])


def test_escape_closes_the_tooltip(opened_once: Page) -> None:
    """Escape closes first the tooltip and then an open explanation."""
    opened_once.click(".explain[data-explain=kpi-net]")
    point(opened_once, *first_point(opened_once, Id.CHART_AGENTS))
    has_tooltip(opened_once, Id.CHART_AGENTS, LINES[Id.CHART_AGENTS])

    ActionChains(opened_once.driver).send_keys(Keys.ESCAPE).perform()
    assert tooltip(opened_once, Id.CHART_AGENTS) == []
    assert not opened_once.run("return document.getElementById('explain').hidden")
    ActionChains(opened_once.driver).send_keys(Keys.ESCAPE).perform()
    assert opened_once.run("return document.getElementById('explain').hidden")


def test_pointer_leaves_the_chart(opened_once: Page) -> None:
    """The tooltip closes when the pointer leaves the chart."""
    point(opened_once, *first_point(opened_once, Id.CHART_COSTS))
    has_tooltip(opened_once, Id.CHART_COSTS, LINES[Id.CHART_COSTS])

    point(opened_once, 700, 20)

    has_tooltip(opened_once, Id.CHART_COSTS, [])


@pytest.mark.windows
def test_tooltips_on_a_phone(page: Page, server: Dashboard, source: Stream) -> None:
    """A tap opens a strip as wide as the chart, away from the finger; a tap elsewhere closes it."""
    page.resize(*PHONE, touch=True)
    source.send(now())
    page.open(server.url)
    page.is_drawn()

    for chart, lines in LINES.items():
        x, y = first_point(page, chart)
        tap(page, x, y)
        has_tooltip(page, chart, lines)
        strip, frame = box(page, ".tip"), box(page, f"#{chart}-place")
        assert abs(strip.width - frame.width) < 1
        assert is_in_its_chart(page, chart, x, y), chart

    tap(page, 195, 20)
    has_tooltip(page, chart, [])
