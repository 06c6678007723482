"""The pages on paper."""

import base64
import re
from collections.abc import Iterator

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK, PHONE, Box, boxes, overlapping
from support.shared import shared_dashboard
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = pytest.mark.browser

SHEET = (703, 1009)  # pixels inside the margins of an A4 sheet
PLOTS = ".js-plotly-plot .main-svg:first-child"
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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Run a demo whose invented past is written."""
    folder = tmp_path_factory.mktemp("printed")
    with shared_dashboard(folder, "--demo", "--demo-scene", "calm") as demo:
        until(lambda: len(demo.get("/api/trend?days=365")) == 365, what="the past is there")
        yield demo


@pytest.fixture
def quarter(page: Page, shared: Dashboard) -> Page:
    """Return the report of 90 days, in dark colours."""
    page.prefers(color_scheme="dark")
    page.resize(*DESK)
    page.open(f"{shared.url}/history?range=90d")
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
    plots = boxes(opened, PLOTS)
    charts = boxes(opened, ".chart")
    assert [size(plot) for plot in plots] == [size(chart) for chart in charts]
    assert opened.run("return document.querySelector('#printed').textContent.includes('Live')")


def test_no_container_on_paper(opened: Page) -> None:
    """No panel is a container, because Firefox does not print what a container query changes."""
    put_on_paper(opened)

    script = "return [...document.querySelectorAll('.panel, .cards, .legend')].map(style)"
    style = "const style = (e) => getComputedStyle(e).containerType;"
    assert set(opened.run(style + script)) == {"normal"}


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


def test_sentence_on_paper(opened: Page) -> None:
    """The headline has no age: as of when the numbers are stands below it."""
    put_on_paper(opened)

    sentence = opened.run("return document.getElementById('sentence').innerText")
    assert sentence == "+$77,130.00 todaynothing needs you"  # with dots between that are drawn


@pytest.mark.parametrize("stale_after", ["3"])
def test_old_numbers_on_paper(opened: Page) -> None:
    """Paper says that the numbers were frozen, and as of when, but not for how long."""
    opened.is_in_state("stale", 30)
    put_on_paper(opened)

    shown = """
        const frozen = document.getElementById("sentence-frozen");
        return [getComputedStyle(frozen).fontSize, getComputedStyle(frozen, "::after").content];
    """
    assert opened.run(shown) == ["0px", '"frozen"']
    printed = opened.text("#printed")
    assert re.fullmatch(r"as of [\d:]{8}, [^,]* · UTC · Source: .* · State: Stale", printed)


def test_print_button(opened: Page) -> None:
    """The menu of the display settings opens the browser's print dialog, and closes."""
    opened.run("window.printed = 0; window.print = () => { window.printed += 1; }")
    opened.click("#display")
    opened.click("[data-print]")

    assert opened.run("return window.printed") == 1
    assert boxes(opened, "details[open]") == []


def test_sheets_of_the_history(quarter: Page) -> None:
    """A report has no controls on paper, all rows of its tables, and nothing wider than a sheet."""
    put_on_paper(quarter)

    assert boxes(quarter, f"{CONTROLS}, .controls, #history-news, .day-notes details") == []
    assert quarter.run("return document.documentElement.dataset.theme") == "light"
    parts = boxes(quarter, ".history > header, .history main > *")
    assert overlapping(parts) == []
    inside = boxes(quarter, ".sheet table, .heat, .facts > div, .kpi-value")
    assert len({label.top for label in boxes(quarter, ".kpi h3")}) == 1
    assert [each for each in boxes(quarter, ".kpi-change") if each.height > 24] == []
    assert [each for each in (*parts, *inside) if each.right > SHEET[0] + 1] == []
    drawings = boxes(quarter, ".chart .drawn")
    assert [size(drawing) for drawing in drawings] == [
        size(chart) for chart in boxes(quarter, ".chart")
    ]
    assert boxes(quarter, PLOTS) == []
    [sheet, table] = boxes(quarter, "#table-days .sheet, #table-days table")
    assert len(boxes(quarter, "#table-days tbody tr")) == 90
    assert table.height <= sheet.height


def test_days_on_paper(quarter: Page) -> None:
    """A day of a report is one line, and the table no wider than the sheet, also with big sums."""
    put_on_paper(quarter)
    quarter.run("""
        const texts = {
            "Last state": "30 Nov 2026, 23:59:59",
            "Cumulative net": "-$11,660,026.46",
            "Below its peak": "-$116,063.37",
        };
        for (const [label, text] of Object.entries(texts))
            for (const cell of document.querySelectorAll(`#table-days td[data-label="${label}"]`))
                cell.textContent = text;
        for (const row of document.querySelectorAll("#table-days tr")) // as if days were restated
            for (const text of ["$72,273.70", "–"]) row.insertCell().textContent = text;
        const [first] = document.querySelectorAll("#table-days tbody tr");
        first.lastChild.textContent = "28 Nov 2026, 23:59:59";
    """)

    [table] = boxes(quarter, "#table-days table")
    assert table.right <= SHEET[0]
    _, *days = boxes(quarter, "#table-days tbody tr")
    assert max(day.height for day in days) < 20


def test_pages_of_the_history(quarter: Page) -> None:
    """A report is printed on as many sheets as it needs, and is afterwards as it was."""
    theme = "return document.documentElement.dataset.theme"
    pdf = base64.b64decode(quarter.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])

    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
    until(lambda: quarter.run(theme) == "dark", what="the page is as it was")


def test_origin_of_the_history(quarter: Page) -> None:
    """Paper says of which days, as of when and from which source a report is."""
    put_on_paper(quarter)

    [origin] = boxes(quarter, "#printed")
    assert re.search(r"as of \d\d:\d\d:\d\d, ", quarter.text("#printed"))
    assert "Source: bundled emitter" in quarter.text("#printed")
    [notes] = boxes(quarter, ".notes")
    assert origin.bottom <= notes.top
