"""The panel that explains a number, during updates and server restarts."""

import signal

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard, Process
from support.page import Page
from support.screen import DESK, box
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until

pytestmark = pytest.mark.browser

HEADING = "#explain .body h3:first-child"


@pytest.fixture
def opened(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page with the explanation of net open."""
    page.resize(*DESK)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    page.click(".explain[data-explain=kpi-net]")
    page.shows(HEADING, "Net P&L $77,130.00")
    return page


def test_reader_is_not_disturbed(opened: Page, source: Stream) -> None:
    """Focus, scroll position and a selection in the message stay while the figures are updated."""
    scrolled = opened.run("""
        const message = document.querySelector("#explain pre");
        message.focus();
        message.scrollTop = 5;
        return message.scrollTop;
    """)
    assert scrolled > 0
    source.send(at_revenue(130_000))
    opened.shows(HEADING, "Net P&L $81,680.00")
    assert opened.run("return document.activeElement.tagName") == "PRE"
    assert opened.run("return document.activeElement.scrollTop") == scrolled

    opened.run("getSelection().selectAllChildren(document.querySelector('#explain pre'))")
    selected = opened.run("return String(getSelection())")
    source.send(at_revenue(140_000))
    opened.shows("#kpi-revenue .kpi-value", "$140,000.00")
    source.send(at_revenue(150_000))
    opened.shows("#kpi-revenue .kpi-value", "$150,000.00")
    assert opened.run("return String(getSelection())") == selected
    assert opened.text(HEADING) == "Net P&L $101,680.00"
    opened.run("getSelection().removeAllRanges()")
    source.send(at_revenue(160_000))
    until(lambda: "160000" in opened.text("#explain pre"), what="the newest message is shown")


def test_numbers_of_a_chart(opened: Page, source: Stream) -> None:
    """Each number beside a chart is explained with the values of the page, and follows updates."""
    opened.click("[data-explain=chart-agents]")
    until(
        lambda: "$75,000.00 − $28,500.00 = $46,500.00" in opened.text("#explain .body"),
        what="the explanation is open",
    )
    agents = [{"agent": "Scalper", "revenue": 80_000, "expenses": 28_500}]
    source.send(now(agentAttribution=agents))
    opened.shows("#agent-cards-0-net", "$51,500.00")

    assert "$80,000.00 − $28,500.00 = $51,500.00" in opened.text("#explain .body")


def test_server_that_does_not_answer(
    dash_br: Browser, server_process: Process, source: Stream
) -> None:
    """The panel shows that the server does not answer, and is filled once it does."""
    page = Page(dash_br)
    page.resize(*DESK)
    source.send(now())
    page.open(server_process.url)
    page.is_drawn()
    server_process.stop(signal.SIGKILL)
    page.click(".explain[data-explain=kpi-revenue]")

    page.shows("#explain .body", "The server does not answer; trying again.")
    assert box(page, "#explain").height < 120, "it covers no more than it needs"
    server_process.start()
    until(lambda: page.text(HEADING) == "Revenue $125,450.00", 20, "the panel is filled")
