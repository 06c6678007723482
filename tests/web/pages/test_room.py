"""Numbers with little room, measured in a browser."""

from itertools import pairwise

import pytest

from support.dashboard import Dashboard, dashboard
from support.page import Page
from support.screen import PHONE, WALL, boxes, settles
from support.sources import Stream
from support.today import now

pytestmark = pytest.mark.browser

ROW_PX = 44


def test_heads_of_long_numbers(page: Page, free_port: int) -> None:
    """Numbers with eight decimals are in one row below the heading of their panel."""
    options = ("--demo", "--demo-scene", "calm", "--currency", "BTC", "--decimals", "8")
    with dashboard(free_port, *options) as running:
        page.resize(*WALL)
        page.open(running.url)
        page.is_drawn()
        for panel in (".today", ".trend", ".agents"):
            heading, *stats = boxes(page, f"{panel} h2, {panel} .stats .stat")
            assert {stat.top for stat in stats} == {stats[0].top}, panel
            assert stats[0].top >= heading.bottom
            assert max(stat.height for stat in stats) < ROW_PX, panel
        page.open("about:blank")


def test_bars_without_room(page: Page, server: Dashboard, source: Stream) -> None:
    """Bars too narrow for their amounts are drawn horizontally, with name and amount beside."""
    page.resize(*PHONE)
    source.send(now(revenue=125_450_000.25, netPnL=0))
    page.open(server.url)
    page.draws("chart-waterfall", lambda data: data[0]["orientation"] == "h")
    settles(page)

    written = boxes(page, "#chart-waterfall-labels span")
    assert len(written) == 12
    assert all(above.bottom <= below.top + 1 for above, below in pairwise(written))
    script = "return [...document.querySelectorAll('#chart-waterfall-labels li')].map(arguments[0])"
    shown = page.run(script.replace("arguments[0]", "(row) => row.textContent"))
    assert shown[0] == "Revenue$125.45M"
    assert shown[1] == "Trading Fees-$18,500.00"
    assert page.plot("chart-waterfall")["data"][0]["x"][0] == 125_450_000.25
    source.send(now(revenue=125_450, netPnL=0))
    page.draws("chart-waterfall", lambda data: data[0]["text"][0] == "$125,450.00")
    assert page.plot("chart-waterfall")["data"][0]["orientation"] == "h", "it does not flicker"
    names = boxes(page, "#chart-waterfall-labels .bar-name")
    assert all(above.bottom < below.top for above, below in pairwise(names))
    page.resize(*WALL)
    page.draws("chart-waterfall", lambda data: "orientation" not in data[0])
