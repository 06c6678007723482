"""The pages in Firefox and in WebKit, the engine of iPhones: they work and look as in Chromium."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from northstar.web.pages import dash_page
from support.dashboard import dashboard
from support.engines import LISTEN, Driver, EnginePage
from support.firefox import firefox
from support.guards import quick_hash
from support.page import Page
from support.programs import Program, python, running
from support.screen import CUT, DESK, PHONE, WALL, boxes, goes_sideways, overlapping, settles
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until
from support.webkit import webkit

pytestmark = [pytest.mark.browser, pytest.mark.long]

PASSWORD = "correct horse"  # noqa: S105 (of tests alone)
SIGN_IN = """
    document.querySelector("[name=name]").value = "alice";
    document.querySelector("[name=password]").value = arguments[0];
    document.querySelector("form").requestSubmit();
"""
NUMBERS = ".kpi-value, .kpi-change, .stats dd, .amount, .agent strong, .stat-value"
PARTS = ".sentence, .kpi, .panel, header"


@pytest.fixture(params=[firefox, webkit], ids=["firefox", "webkit"])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Return each engine in turn, with an open page."""
    engine: Callable[[], AbstractContextManager[Driver]] = request.param
    with engine() as driver:
        yield driver


@pytest.fixture
def path(
    source: Stream, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """Run a dashboard with a sign-in behind a connection that the test can cut."""
    head = tmp_path / "head.js"
    head.write_text(LISTEN + dash_page.HEAD.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(dash_page, "HEAD", head)
    monkeypatch.setenv("NORTHSTAR_AUTH_USERS", f"alice:{quick_hash(PASSWORD)}")
    with (
        dashboard(free_port, "--ws-url", source.url, "--stale-after", "3600"),
        running(python("proxy.py", "--to", str(free_port))) as path,
    ):
        yield path


def test_pages_in_another_engine(driver: Driver, path: Program, source: Stream) -> None:
    """A user signs in, sees updates continue after an outage, and opens the other pages."""
    page = EnginePage(driver)
    url = path.url.replace("ws:", "http:")
    source.send(now())
    signs_in(page, url)
    follows(page, source)
    fits_a_phone(page)
    reconnects(page, path, source)
    shows_the_past(page, url)
    hangs_on_a_wall(page, url)


def signs_in(page: Page, url: str) -> None:
    """Sign in and open the page, and mark the document."""
    page.resize(*DESK)
    page.open(url)
    until(lambda: page.run("return document.forms.length"), what="the sign-in page")
    [form] = boxes(page, "form")
    assert form.lies_in(*DESK)
    page.run(SIGN_IN, PASSWORD)
    until(lambda: page.run("return location.pathname + location.search") == "/", what="signed in")
    page.run("window.opened = 1")


def follows(page: EnginePage, source: Stream) -> None:
    """Numbers and charts are visible and change."""
    page.is_in_state("live")
    page.is_drawn()
    settles(page)
    parts = boxes(page, PARTS)
    assert [part for part in parts if not part.lies_in(*DESK)] == []
    assert overlapping(parts) == []
    assert page.run(CUT, NUMBERS) == []

    source.send(at_revenue(140_000))
    page.shows("#kpi-revenue .kpi-value", "$140,000.00")
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] == 140_000)


def fits_a_phone(page: Page) -> None:
    """On a phone the page scrolls vertically only, and nothing is clipped."""
    page.resize(*PHONE)
    settles(page)
    assert not goes_sideways(page)
    assert page.run(CUT, NUMBERS) == []


def reconnects(page: EnginePage, path: Program, source: Stream) -> None:
    """The page shows the lost connection, and catches up without a reload."""
    path.kill()
    page.is_in_state("reconnecting")
    source.send(at_revenue(150_000))
    path.start()
    page.shows("#kpi-revenue .kpi-value", "$150,000.00")
    page.is_in_state("live")
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] == 150_000)
    assert page.is_still_the_same()
    assert page.problems == []


def shows_the_past(page: EnginePage, url: str) -> None:
    """The history page draws its charts, has dates in its form, and fits a phone."""
    page.open(f"{url}/history?range=7d")
    page.is_drawn()
    to = page.run("return document.querySelector('[name=to]').valueAsDate.toISOString()")
    assert to[:10] == datetime.now(UTC).date().isoformat()
    assert not goes_sideways(page)
    page.resize(*DESK)
    assert not goes_sideways(page)
    assert page.problems == []


def hangs_on_a_wall(page: EnginePage, url: str) -> None:
    """A wall screen shows its whole page, with updates."""
    page.resize(*WALL)
    page.open(f"{url}/?kiosk")
    page.is_drawn()
    settles(page, count=1)
    parts = boxes(page, PARTS)
    assert [part for part in parts if not part.lies_in(*WALL)] == []
    assert overlapping(parts) == []
    assert page.run(CUT, NUMBERS) == []
    assert page.problems == []
