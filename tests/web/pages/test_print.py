"""The live page on paper."""

import base64
import re

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK, PHONE, Box, boxes, overlapping
from support.sources import Stream
from support.today import now

pytestmark = pytest.mark.browser

SHEET = (703, 1009)  # pixels inside the margins of an A4 sheet
CONTROLS = ".control, .display, .popover, .compare, .tools, .more, .explain, #feed-details"
COLOURS = """
    const seen = getComputedStyle(document.getElementById("kpi-net-value")).color;
    const drawn = document.querySelector("#chart-today .js-plotly-plot").layout.font.color;
    return [document.documentElement.dataset.theme, seen, drawn];
"""


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def opened(page: Page, server: Dashboard, source: Stream, request: pytest.FixtureRequest) -> Page:
    """Return a page on the month, in dark colours."""
    page.prefers(color_scheme="dark")
    page.resize(*request.param)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    return page


def put_on_paper(page: Page) -> None:
    """Show the page as it is printed."""
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    page.cdp("Emulation.setEmulatedMedia", media="print")
    page.resize(*SHEET)


def test_sheet(opened: Page) -> None:
    """A sheet is light and has no controls; each part is whole and as wide as the sheet."""
    put_on_paper(opened)

    assert boxes(opened, CONTROLS) == []
    assert opened.run(COLOURS)[0] == "light"
    assert opened.run(COLOURS)[2] == "#3f4d68"
    width, height = SHEET
    parts = boxes(opened, "header, .sentence, .kpi, .panel")
    assert len(parts) == 11
    assert overlapping(parts) == []
    assert [part for part in parts if part.right > width + 1 or part.height > height] == []
    plots = boxes(opened, ".js-plotly-plot .main-svg:first-child")
    charts = boxes(opened, ".chart")
    assert [size(plot) for plot in plots] == [size(chart) for chart in charts]
    assert opened.run("return document.querySelector('#printed').textContent.includes('Live')")


def size(box: Box) -> tuple[int, int]:
    """Return width and height in whole pixels."""
    return round(box.width), round(box.height)


def test_pages(opened: Page) -> None:
    """The page is printed on two sheets, with their numbers, and is afterwards as it was."""
    before = opened.run(COLOURS)
    pdf = base64.b64decode(opened.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    opened.draws("chart-today", lambda _: opened.run(COLOURS) == before)


def test_origin(opened: Page) -> None:
    """Paper says as of when, from which source and in which state the numbers are."""
    put_on_paper(opened)

    printed = opened.text("#printed")
    assert re.match(
        r"as of \d\d:\d\d:\d\d, .* · Source: ws://127\.0\.0\.1:\d+.* · State: Live", printed
    )


def test_print_button(opened: Page) -> None:
    """The menu of the display settings opens the browser's print dialog, and closes."""
    opened.run("window.printed = 0; window.print = () => { window.printed += 1; }")
    opened.click("#display")
    opened.click("[data-print]")

    assert opened.run("return window.printed") == 1
    assert boxes(opened, "details[open]") == []
