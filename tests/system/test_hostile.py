"""A hostile stream from end to end: its texts stay text on the page, in exports and in the log."""

import csv
import json
import re
import unicodedata
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from openpyxl import load_workbook

from northstar.reports.tables import ITEMISED_OVER, NOT_ATTRIBUTED
from northstar.view.shared.money import legible
from support import hostile
from support.dashboard import Dashboard, Process, dashboard, unexpected_lines
from support.page import Page
from support.programs import unused_port
from support.sources import Stream, stream
from support.waiting import SLOWNESS, until

CHARTS = ("chart-waterfall", "chart-trend", "chart-costs", "chart-agents")
KPIS = ("kpi-net", "kpi-revenue", "kpi-expenses", "kpi-margin")
AT_ONCE = 6  # names, so that each has its own bar and slice
RING = 16  # positions of the pointer on it
NUMBER = re.compile(r"-?\d+(\.\d+)?")

# Runs before the page's own scripts; records every element and attribute that ever exists, the
# target of each link, and the charts' tooltips.
NOTEBOOK = """
    window.seen = new Set();
    window.tips = new Set();
    const LINKS = ["href", "xlink:href", "src", "action", "formaction", "data", "poster"];
    function note(element) {
        const { tagName } = element;
        window.seen.add(tagName);
        for (const name of element.getAttributeNames()) {
            window.seen.add(`${tagName} ${name}`);
            if (!LINKS.includes(name)) continue;
            const { protocol, hostname } = new URL(element.getAttribute(name), location);
            window.seen.add(`${tagName} ${name} ${protocol}${hostname}`);
        }
        if (element.closest(".tip")) window.tips.add(element.textContent);
    }
    new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
            if (target.nodeType === Node.ELEMENT_NODE) note(target);
            for (const node of addedNodes) {
                if (node.nodeType !== Node.ELEMENT_NODE) continue;
                note(node);
                node.querySelectorAll("*").forEach(note);
            }
        }
    }).observe(document, { subtree: true, childList: true, attributes: true });
"""
MARKS = """
    const boxes = (selector) => [...document.querySelectorAll(selector)]
        .map((mark) => mark.getBoundingClientRect());
    const points = boxes(".js-plotly-plot .bars .point path")
        .map(({ x, y, width, height }) => [x + width / 2, y + height / 2]);
    for (const { x, y, width, height } of boxes(".pielayer")) {
        for (let i = 0; i < arguments[0]; i += 1) {
            const turn = (2 * Math.PI * i) / arguments[0];
            const [across, down] = [Math.sin(turn), Math.cos(turn)].map((part) => 0.42 * part);
            points.push([x + width * (0.5 + across), y + height * (0.5 + down)]);
        }
    }
    return points;
"""
COUNT_PICTURES = """
    const { toImage } = Plotly;
    window.pictures = 0;
    Plotly.toImage = async (...told) => {
        const picture = await toImage(...told);
        window.pictures += 1;
        return picture;
    };
"""
CELLS = "return [...document.querySelectorAll(arguments[0])].map((cell) => cell.textContent)"
ELSEWHERE = """
    return performance.getEntriesByType("resource").map(({ name }) => new URL(name))
        .filter(({ protocol, host }) => protocol.startsWith("http") && host !== location.host)
        .map(String);
"""


def readable(text: str) -> str:
    """Return the visible part of a text with normalised spaces."""
    unseen = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    return "".join(letter for letter in text if unicodedata.category(letter) not in unseen)


def hover(page: Page) -> None:
    """Move the pointer over every mark of the charts."""
    for x, y in page.run(MARKS, RING):
        page.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        page.run("return new Promise(requestAnimationFrame)")


def is_unharmed(page: Page) -> None:
    """Check that no script of the stream ran and that nothing else was requested."""
    assert page.run("return window.hacked") is None
    assert page.run(ELSEWHERE) == []
    assert page.is_still_the_same()


def see_live(page: Page, server: Dashboard, source: Stream, names: Sequence[str]) -> set[str]:
    """Use everything on the live page; return all elements and attributes that ever existed."""
    pages = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    source.send(hostile.state(pages[0]))
    until(lambda: server.get("/api/feed")["tally"]["accepted"], what="it is accepted")
    page.open(server.url)
    page.is_drawn()
    for shown, kpi in zip(pages, KPIS * len(pages), strict=False):
        source.send(hostile.state(shown))
        see_charts(page, shown)
        see_tables(page, shown)
        see_explanation(page, kpi, shown)
        is_unharmed(page)
    see_pictures(page)
    page.click("#feed-status")
    return set(page.run("return [...window.seen]"))


def see_charts(page: Page, names: Sequence[str]) -> None:
    """Wait until the charts show these names, and check the tooltip of each."""
    drawn = list(map(legible, names))
    until(
        lambda: (
            page.plot("chart-agents")["layout"]["meta"]["names"] == drawn
            and page.plot("chart-waterfall")["layout"]["meta"]["names"][1:-2] == drawn
            and len(page.plot("chart-costs")["data"][0]["values"]) == len(names)
        ),
        what=f"{drawn} are drawn",
    )
    page.run("window.tips.clear()")
    hover(page)
    shown = readable("".join(page.run("return [...window.tips]")))
    assert [name for name in names if readable(legible(name)) not in shown] == []


def see_tables(page: Page, names: Sequence[str]) -> None:
    """Open every chart's table, check the names in it and close it."""
    for chart in CHARTS:
        page.click(f"[data-table={chart}]")
    for chart in ("chart-costs", "chart-agents"):
        cells = page.run(CELLS, f"#{chart}-table tbody th")
        assert list(map(readable, cells)) == [readable(legible(name)) for name in names]
    for chart in CHARTS:
        page.click(f"[data-table={chart}]")


def see_explanation(page: Page, kpi: str, names: Sequence[str]) -> None:
    """Open a figure's explanation, check that the message is unchanged, and close it."""
    page.click(f".explain[data-explain={kpi}]")
    until(lambda: json.dumps(names[0]) in page.text("#explain pre"), what="it has the message")
    page.click("#explain [data-explain='']")


def see_pictures(page: Page) -> None:
    """Make a picture of each chart as if to save it."""
    page.cdp("Browser.setDownloadBehavior", behavior="deny")
    page.run(COUNT_PICTURES)
    for chart in CHARTS:
        page.run("document.querySelector(arguments[0]).click()", f"[data-png={chart}]")
    until(lambda: page.run("return window.pictures") == len(CHARTS), what="all are made")


@pytest.fixture
def watched(page: Page) -> Page:
    """Return a page whose elements are all recorded."""
    page.before_scripts(NOTEBOOK)
    page.resize(1440, 1600)
    return page


def refuse(server: Dashboard, source: Stream) -> None:
    """Send hostile events and invalid messages; wait until all are processed."""
    for message in (*hostile.EVENTS, *hostile.REFUSED):
        source.send(message)
    until(
        lambda: server.get("/api/feed")["tally"]["rejected"] == len(hostile.REFUSED),
        what="they are refused",
    )


@pytest.mark.long
@pytest.mark.browser
def test_live_page(watched: Page, server: Dashboard, source: Stream) -> None:
    """A hostile name creates no element, attribute or link that a harmless one does not."""
    harmless = see_live(watched, server, source, [f"Name {row:02}" for row in range(12)])
    watched.run("window.opened = 0")

    seen = see_live(watched, server, source, hostile.NAMES)
    refuse(server, source)
    source.hang_up(4000, hostile.GOODBYE)
    until(lambda: "<img" in watched.text("#feed-details-problem"), what="the reason is shown")

    is_unharmed(watched)
    seen |= set(watched.run("return [...window.seen]"))
    assert seen - harmless == set()


def see_history(page: Page, server: Dashboard, source: Stream, names: Sequence[str]) -> set[str]:
    """Use everything on the history page; return the same as `see_live`."""
    source.send(hostile.state(names))
    until(lambda: len(server.get("/api/days?range=today")) == 1, what="the day is written")
    page.open(f"{server.url}/history?range=today")
    for table in ("agents", "costs"):
        cells = page.run(CELLS, f"#table-{table} tbody th")
        rows = {cell for cell in cells if cell not in {NOT_ATTRIBUTED, ITEMISED_OVER}}
        assert {readable(legible(name)) for name in names} == set(map(readable, rows))
    until(lambda: page.run("return document.querySelector('.js-plotly-plot .trace') !== null"))
    hover(page)
    is_unharmed(page)
    return set(page.run("return [...window.seen]"))


@pytest.mark.long
@pytest.mark.browser
def test_history_page(watched: Page, server: Dashboard, source: Stream, tmp_path: Path) -> None:
    """The same is true of the names in the history."""
    seen = see_history(watched, server, source, hostile.NAMES)
    watched.run("window.opened = 0")
    names = [f"Name {row:02}" for row in range(len(hostile.NAMES))]
    kept = ("--db", str(tmp_path / "harmless.db"))
    with stream() as other, dashboard(unused_port(), "--ws-url", other.url, *kept) as harmless:
        assert seen - see_history(watched, harmless, other, names) == set()


@pytest.fixture
def filled(server: Dashboard, source: Stream) -> Dashboard:
    """Return a server that has stored everything hostile."""
    send_all(server, source)
    return server


def send_all(server: Dashboard, source: Stream) -> None:
    """Send everything hostile to a server, and wait until it is stored."""
    source.send(hostile.state(hostile.NAMES))
    until(lambda: server.get("/api/days?range=today"), what="the day is written")
    refuse(server, source)


def fetch(server: Dashboard, path: str) -> tuple[str, bytes]:
    """Return the type and the body of the answer at `path`."""
    with urlopen(f"{server.url}{path}", timeout=10 * SLOWNESS) as answer:  # noqa: S310
        return answer.headers["Content-Type"], answer.read()


@pytest.mark.parametrize("path", ["/api/feed", "/api/pnl", "/api/days?range=today"])
def test_api(path: str, filled: Dashboard) -> None:
    """The answer is JSON, and refusals do not repeat the refused text."""
    kind, body = fetch(filled, path)

    assert kind == "application/json"
    assert json.loads(body)
    assert len(body) < 30_000
    if path == "/api/feed":
        assert hostile.ACT.encode() not in body


def test_exports(filled: Dashboard) -> None:
    """No cell of a workbook is a formula or link, and no CSV field would be read as one."""
    _, xlsx = fetch(filled, "/api/export.xlsx?range=today")
    tables = [
        fetch(filled, f"/api/export.csv?range=today&table={table}")[1].decode("utf-8-sig")
        for table in ("agents", "costs")
    ]

    book = load_workbook(BytesIO(xlsx))
    cells = [cell for page in book for row in page for cell in row]
    assert {cell.value for cell in book["Agents"]["A"]} >= {*hostile.MARKUP, *hostile.PLOTLY}
    assert not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
    fields = [field for table in tables for row in csv.reader(StringIO(table)) for field in row]
    assert {*hostile.MARKUP, *hostile.PLOTLY} <= set(fields)
    texts = [field for field in fields if not NUMBER.fullmatch(field)]
    assert [text for text in texts if text.lstrip().startswith(("=", "+", "-", "@"))] == []


def test_log(server_process: Process, source: Stream) -> None:
    """A source's close reason is one line of plain text, and nothing else is logged."""
    send_all(server_process, source)
    source.hang_up(4000, hostile.GOODBYE)
    until(lambda: server_process.get("/api/feed")["reconnects"] == 1, what="it is reconnected")

    _, printed = server_process.stop()
    [line] = [line for line in printed.splitlines() if "<img src=x" in line]
    assert "2026 ERROR <img src=x" in line
    assert len(unexpected_lines(printed)) == 2  # the line and its location
    assert all(line.isprintable() for line in printed.splitlines())
