"""The live page on paper."""

import base64
import re
from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard
from support.page import Page
from support.paper import CONTROLS, SHEET, Printed, extent, put_on_paper
from support.screen import DESK, PHONE, PLOTS, boxes, overlapping, settles
from support.shared import page_on, without_errors
from support.sources import Stream
from support.today import now

pytestmark = pytest.mark.browser

COLOURS = """
    const seen = getComputedStyle(document.getElementById("kpi-net-value")).color;
    const drawn = document.querySelector("#chart-today .js-plotly-plot").layout.font.color;
    return [document.documentElement.dataset.theme, seen, drawn];
"""


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printed]:
    """Open the page on the month."""
    with page_on(chromium, tmp_path_factory.mktemp("printed"), now()) as shared:
        yield Printed(shared)


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Return the size of the screen that the page is printed from."""
    return tuple(request.param)


@pytest.fixture
def opened(shared: Printed, size: tuple[int, int]) -> Iterator[Page]:
    """Return the page on the month, in dark colours, on a screen."""
    page = shared.on_screen(size)
    settles(page)
    yield from without_errors(page)


@pytest.fixture
def paper(shared: Printed, size: tuple[int, int]) -> Iterator[Page]:
    """Return the page on the month, on paper."""
    yield from without_errors(shared.on_paper(size))


def test_sheet(paper: Page) -> None:
    """A sheet is light and has no controls; each part is whole and as wide as the sheet."""
    assert boxes(paper, CONTROLS) == []
    assert paper.run(COLOURS)[0] == "light"
    assert paper.run(COLOURS)[2] == "#3f4d68"
    width, height = SHEET
    parts = boxes(paper, "header, .sentence, .kpi, .panel")
    assert len(parts) == 11
    assert overlapping(parts) == []
    assert [part for part in parts if part.right > width + 1 or part.height > height] == []
    plots = boxes(paper, PLOTS)
    charts = boxes(paper, ".chart")
    assert [extent(plot) for plot in plots] == [extent(chart) for chart in charts]
    assert paper.run("return document.querySelector('#printed').textContent.includes('Live')")


def test_no_container_on_paper(paper: Page) -> None:
    """No panel is a container on paper, because Firefox does not print container queries."""
    script = "return [...document.querySelectorAll('.panel, .cards, .legend')].map(style)"
    style = "const style = (e) => getComputedStyle(e).containerType;"
    assert set(paper.run(style + script)) == {"normal"}


def test_origin(paper: Page) -> None:
    """A printed page has the time, the source and the state of the numbers."""
    printed = paper.text("#printed")
    assert re.match(
        r"as of \d\d:\d\d:\d\d, .* · Source: ws://127\.0\.0\.1:\d+.* · State: Live", printed
    )


def test_sentence_on_paper(paper: Page) -> None:
    """The printed headline has no age, because the time of the numbers is below it."""
    sentence = paper.run("return document.getElementById('sentence').innerText")
    assert sentence == "+$77,130.00 todaynothing needs you"  # with drawn dots as separators


def test_pages(opened: Page) -> None:
    """The page is printed on two numbered sheets and is unchanged afterwards."""
    before = opened.run(COLOURS)
    pdf = base64.b64decode(opened.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    opened.draws("chart-today", lambda _: opened.run(COLOURS) == before)


def test_print_button(opened: Page) -> None:
    """The display menu has a button that closes it and opens the browser's print dialog."""
    opened.run("""
        window.printed = 0;
        window.dialog = window.print;
        window.print = () => { window.printed += 1; };
    """)
    opened.click("#display")
    opened.click("[data-print]")
    opened.run("window.print = window.dialog")

    assert opened.run("return window.printed") == 1
    assert boxes(opened, "details[open]") == []


@pytest.mark.parametrize("stale_after", ["3"])
def test_old_numbers_on_paper(page: Page, server: Dashboard, source: Stream) -> None:
    """A printed page has the time of stale numbers, but not their age."""
    page.prefers(color_scheme="dark")
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    page.is_in_state("stale", 30)
    for size in (DESK, PHONE):
        page.resize(*size)
        put_on_paper(page)

        shown = """
            const frozen = document.getElementById("sentence-frozen");
            return [getComputedStyle(frozen).fontSize, getComputedStyle(frozen, "::after").content];
        """
        assert page.run(shown) == ["0px", '"frozen"'], size
        printed = page.text("#printed")
        expected = r"as of [\d:]{8}, [^,]* · UTC · Source: .* · State: Stale"
        assert re.fullmatch(expected, printed), size
        page.run("window.dispatchEvent(new Event('afterprint'))")
