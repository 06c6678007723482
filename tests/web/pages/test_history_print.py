"""The report of a period on paper."""

import base64
import re
from collections.abc import Iterator

import pytest
from dash.testing.browser import Browser

from support.page import Page
from support.paper import CONTROLS, SHEET, THEME, Printed, extent
from support.screen import DESK, PLOTS, boxes, overlapping
from support.shared import demo_with_past, opened_tab, without_errors
from support.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printed]:
    """Open the report of 90 days."""
    with (
        demo_with_past(tmp_path_factory.mktemp("printed")) as demo,
        opened_tab(chromium, f"{demo.url}/history?range=90d") as opened,
    ):
        opened.page.is_drawn()
        assert chromium.driver.get_log("browser") == []
        yield Printed(opened)


@pytest.fixture
def quarter(shared: Printed) -> Iterator[Page]:
    """Return the report of 90 days in dark colours on a screen."""
    yield from without_errors(shared.on_screen(DESK))


@pytest.fixture
def paper(shared: Printed) -> Iterator[Page]:
    """Return the report of 90 days, on paper."""
    yield from without_errors(shared.on_paper(DESK))


def test_sheets_of_the_history(paper: Page) -> None:
    """A printed report has no controls, all rows of its tables, and nothing wider than a sheet."""
    assert boxes(paper, f"{CONTROLS}, .controls, #history-news, .day-notes details") == []
    assert paper.run(THEME) == "light"
    parts = boxes(paper, ".history > header, .history main > *")
    assert overlapping(parts) == []
    inside = boxes(paper, ".sheet table, .heat, .facts > div, .kpi-value")
    assert len({label.top for label in boxes(paper, ".kpi h3")}) == 1
    assert [each for each in boxes(paper, ".kpi-change") if each.height > 24] == []
    assert [each for each in (*parts, *inside) if each.right > SHEET[0] + 1] == []
    drawings = boxes(paper, ".chart .drawn")
    assert [extent(drawing) for drawing in drawings] == [
        extent(chart) for chart in boxes(paper, ".chart")
    ]
    assert boxes(paper, PLOTS) == []
    [sheet, table] = boxes(paper, "#table-days .sheet, #table-days table")
    assert len(boxes(paper, "#table-days tbody tr")) == 90
    assert table.height <= sheet.height


def test_days_on_paper(paper: Page) -> None:
    """A day of a printed report is one line, and the table fits the sheet with large amounts."""
    paper.run("""
        window.written = document.querySelector("#table-days table");
        window.changed = window.written.cloneNode(true);
        window.written.replaceWith(window.changed);
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

    [table] = boxes(paper, "#table-days table")
    _, *days = boxes(paper, "#table-days tbody tr")
    paper.run("window.changed.replaceWith(window.written)")
    assert table.right <= SHEET[0]
    assert max(day.height for day in days) < 20


def test_origin_of_the_history(paper: Page) -> None:
    """A printed report names its days, the time of its data and its source."""
    [origin] = boxes(paper, "#printed")
    assert re.search(r"as of \d\d:\d\d:\d\d, ", paper.text("#printed"))
    assert "Source: bundled emitter" in paper.text("#printed")
    [notes] = boxes(paper, ".notes")
    assert origin.bottom <= notes.top


def test_pages_of_the_history(quarter: Page) -> None:
    """A report is printed on as many sheets as it needs, and the page is unchanged afterwards."""
    pdf = base64.b64decode(quarter.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])

    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
    until(lambda: quarter.run(THEME) == "dark", what="the page is unchanged")
