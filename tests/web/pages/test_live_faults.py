"""Faults of the server, the connection and the tab: what the page shows, and its recovery."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from support.dashboard import Process, process
from support.faults import GRACE_S, STALE_AFTER_S, Source, Witness
from support.page import Page
from support.programs import Program, python, running
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long]

NEXT_TRY = r"(retry in \d+ s|trying now)"
RECONNECTING = ("reconnecting", f"to the server, {NEXT_TRY}")
STALE = ("stale", r"last data \d+ s ago")
OFFLINE = ("offline", rf"no server, last data \d+ s ago, {NEXT_TRY}")
UNSEEN = 200  # of revenue: a chart is not redrawn for a quarter of a pixel
BUSY_S = 2  # a page that runs no script for this long falls behind
FROZEN_S = 20
# What the browser itself reports of an unreachable server: refused sockets and probes.
REFUSED = re.compile(
    r"(WebSocket connection to 'ws://[\d.:]+/view-stream\?r=\d+&key=[\w.]*' failed: "
    r"|http://[\d.:]+/healthz - Failed to load resource: ).*net::ERR_CONNECTION_(REFUSED|RESET)"
)


@pytest.fixture
def source() -> Iterator[Source]:
    """Run a healthy stream."""
    with closing(Source()) as source:
        source.start()
        yield source


@pytest.fixture
def server(source: Source, free_port: int) -> Iterator[Process]:
    """Run the dashboard on that stream."""
    arguments = ("--ws-url", source.url, "--stale-after", str(STALE_AFTER_S))
    with process(free_port, *arguments) as running:
        yield running


@pytest.fixture
def path(server: Process) -> Iterator[Program]:
    """Return a connection to the dashboard that the test can cut while both ends live."""
    with running(python("proxy.py", "--to", str(server.port))) as path:
        yield path


@pytest.fixture
def witness(source: Source, server: Process, page: Page) -> Iterator[Witness]:
    """Return a live page that records what it shows; none of it may be wrong."""
    yield from watch(page, server.url, source)


@pytest.fixture
def witness_afar(source: Source, path: Program, page: Page) -> Iterator[Witness]:
    """Return the same for a page behind the connection that can be cut."""
    yield from watch(page, path.url.replace("ws:", "http:"), source)


def watch(page: Page, url: str, source: Source) -> Iterator[Witness]:
    """Open the page, yield it when it is live, and check its record at the end."""
    witness = Witness(page)
    page.open(url)
    page.is_drawn()
    witness.is_current(source, timeout_s=10)
    yield witness
    assert witness.lapses() == {}
    assert page.is_still_the_same()


def test_server_restarts(witness: Witness, server: Process, source: Source, page: Page) -> None:
    """A killed server is shown as the failed hop; the new server's numbers replace the old ones."""
    epoch = server.get("/api/feed")["epoch"]
    server.stop(signal.SIGKILL)
    witness.shows_state(*RECONNECTING)
    witness.shows_state(*OFFLINE)
    server.start()
    witness.is_current(source)
    newest = revenue(source)
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] > newest - UNSEEN)
    assert server.get("/api/feed")["epoch"] != epoch
    drain_refusals(page)


def test_path_is_cut(
    witness_afar: Witness, path: Program, server: Process, source: Source, page: Page
) -> None:
    """After a cut connection is restored the page is live again in the same epoch."""
    epoch = server.get("/api/feed")["epoch"]
    path.kill()
    witness_afar.shows_state(*RECONNECTING)
    witness_afar.shows_state(*OFFLINE)
    path.start()
    witness_afar.is_current(source)
    newest = revenue(source)
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] > newest - UNSEEN)
    assert server.get("/api/feed")["epoch"] == epoch
    drain_refusals(page)


def test_server_freezes(witness: Witness, server: Process, source: Source, page: Page) -> None:
    """A frozen server is stale within the limit and then offline; the page recovers with it."""
    frozen_at = time.monotonic()
    server.pause()
    witness.shows_state(*STALE, timeout_s=STALE_AFTER_S + GRACE_S)
    witness.shows_state(*OFFLINE, timeout_s=FROZEN_S)
    until(lambda: time.monotonic() > frozen_at + FROZEN_S, FROZEN_S, "the freeze is long enough")
    assert page.state == "offline"
    server.resume()
    witness.is_current(source)
    drain_refusals(page)


def test_hidden_tab(witness: Witness, server: Process, source: Source, page: Page) -> None:
    """A hidden tab is live when it is shown after restarts of source and server."""
    page.driver.minimize_window()
    until(lambda: page.run("return document.hidden"), what="the tab is hidden")
    before = page.text("#kpi-revenue .kpi-value")
    server.stop(signal.SIGKILL)
    witness.shows_state(*OFFLINE)
    source.restart()
    server.start()
    witness.shows_state("live", "")
    assert page.text("#kpi-revenue .kpi-value") == before, "nothing is painted for nobody"
    page.driver.set_window_size(1440, 900)
    until(lambda: not page.run("return document.hidden"), what="the tab is shown")
    witness.is_current(source, timeout_s=1)
    drain_refusals(page)


def test_scripts_that_do_not_come(page: Page, server: Process, source: Source) -> None:
    """A page whose scripts failed to load reloads itself once they are available."""
    page.cdp("Network.enable")
    page.cdp("Network.setBlockedURLs", urls=["*plotly*.js*"])
    page.open(server.url)
    until(lambda: page.text("#kpi-revenue .kpi-value") == source.newest, what="the numbers are in")
    until(lambda: page.driver.get_log("browser"), what="a script is missing")
    page.cdp("Network.setBlockedURLs", urls=[])
    page.is_drawn()
    until(lambda: page.text("#kpi-revenue .kpi-value") == source.newest, what="the page is live")
    page.driver.get_log("browser")  # the blocked requests


def test_second_viewer(
    witness: Witness, path: Program, server: Process, source: Source, page: Page
) -> None:
    """A viewer is not affected when another viewer's connection is frozen, cut and restored."""
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("window")
    troubled = Witness(page)
    page.open(path.url.replace("ws:", "http:"))
    page.is_drawn()
    troubled.is_current(source, timeout_s=10)
    second = page.driver.current_window_handle

    path.pause()
    troubled.shows_state(*STALE)
    path.kill()
    troubled.shows_state(*OFFLINE)
    page.driver.switch_to.window(first)
    witness.is_current(source, timeout_s=1)
    path.start()
    page.driver.switch_to.window(second)
    troubled.is_current(source)
    assert troubled.lapses() == {}
    drain_refusals(page)
    page.driver.close()
    page.driver.switch_to.window(first)
    states = [said.state for said in witness.said]
    too_busy = witness.longest_pause_s(0) > BUSY_S  # then the first page was really stale
    assert {*states[states.index("live") :]} <= {"live", *(["stale"] if too_busy else [])}
    until(lambda: server.get("/api/feed")["viewers"] == 1, what="the other viewer is gone")


def revenue(source: Source) -> float:
    """Return the revenue of the last update."""
    return float(source.last["revenue"])


def drain_refusals(page: Page) -> None:
    """Remove the browser's reports of a dead server from the console; fail on any other."""
    log = page.driver.get_log("browser")
    assert [entry for entry in log if not REFUSED.search(entry["message"])] == []
