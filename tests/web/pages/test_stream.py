"""assets/75-stream.js in a real browser: the state it shows, and when it paints."""

import re
import signal
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dash.testing.browser import Browser

from northstar.live.broadcast import HEARTBEAT_S
from northstar.web.sockets import admission
from support import guide
from support.checkout import ROOT
from support.dashboard import Dashboard, dashboard, process
from support.page import Page
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(page: Page, server: Dashboard) -> Page:
    """Return a browser in which the page has just been opened."""
    page.open(server.url)
    until(lambda: page.has_heard, what="the page has received a heartbeat")
    return page


def test_heartbeat_is_the_same_on_both_sides() -> None:
    """The page gives up a silent server after three of the server's heartbeat intervals."""
    script = (ROOT / "assets" / "24-connection.js").read_text()

    assert re.findall(r"HEARTBEAT_MS = (\d+)", script) == [str(HEARTBEAT_S * 1000)]


@pytest.mark.long
@pytest.mark.parametrize("stale_after", ["3"])
def test_state_in_title_and_icon(opened: Page, source: Stream) -> None:
    """The tab's title and icon show the state."""
    icon = "return decodeURIComponent(document.querySelector('link[rel=icon]').href)"

    source.send(guide.text(timestamp=datetime.now(UTC).isoformat()))
    until(lambda: " · Live · " in opened.driver.title, what="the title is live")
    until(lambda: "#10b981" in opened.run(icon), what="the icon has a green dot")
    until(lambda: " · Stale · " in opened.driver.title, what="the title is stale")
    until(lambda: "#f59e0b" in opened.run(icon), what="the icon has an amber triangle")


@pytest.mark.parametrize("stale_after", ["3"])
def test_age_of_stale_numbers(opened: Page, source: Stream) -> None:
    """Stale numbers are dimmed, with their time and their growing age."""
    source.send(guide.text(timestamp=(datetime.now(UTC) - timedelta(seconds=190)).isoformat()))
    opened.is_in_state("stale")
    until(lambda: opened.text("#as-of-age").startswith(", 3 m 1"), what="the age is shown")
    first = opened.text("#as-of-age")
    until(lambda: opened.text("#as-of-age") != first, what="the age grows")

    grey = "return getComputedStyle(document.querySelector('#kpi-net .spark')).filter"
    assert opened.run(grey) == "saturate(0.55)"
    assert opened.text("#kpi-revenue .kpi-value") == "$125,450.00"


# Loses the first message of the page's first socket.
LOSS = """
    const NativeSocket = WebSocket;
    window.WebSocket = class extends NativeSocket {
        set onmessage(receive) {
            super.onmessage = (event) => {
                if (window.lost) receive(event);
                window.lost = true;
            };
        }
    };
"""


def test_content_that_was_lost(page: Page, server: Dashboard, source: Stream) -> None:
    """A page that receives a heartbeat before the numbers requests them again."""
    source.send(guide.text())
    page.before_scripts(LOSS)

    page.open(server.url)

    page.is_drawn()
    assert page.run("return window.lost")


# Gives each frame of the page's sockets the truth `window.truth`, and counts the frames.
TRUTH = """
    const NativeSocket = WebSocket;
    window.heard = 0;
    window.WebSocket = class extends NativeSocket {
        set onmessage(receive) {
            super.onmessage = ({ data }) => {
                window.heard += 1;
                receive({ data: JSON.stringify({ ...JSON.parse(data), truth: window.truth }) });
            };
        }
    };
"""


@pytest.mark.parametrize("stale_after", ["3"])
def test_instance_that_is_behind(page: Page, server: Dashboard, source: Stream) -> None:
    """Frames with an older state are ignored, and the shown state ages meanwhile."""
    source.send(guide.text(revenue=125_000, timestamp=datetime.now(UTC).isoformat()))
    page.before_scripts(TRUTH + "window.truth = [2, 5];")
    page.open(server.url)
    page.is_drawn()
    until(lambda: page.run("return window.heard"), what="a frame is received")

    page.run("window.truth = [2, 4]; window.heard = 0")
    source.send(guide.text(revenue=126_000, timestamp=datetime.now(UTC).isoformat()))
    until(lambda: page.run("return window.heard"), what="a frame is received")
    until(lambda: page.state in {"stale", "offline"}, what="the data is stale")
    assert page.text("#kpi-revenue .kpi-value") == "$125,000.00"

    page.run("window.truth = [3, 1]")
    source.send(guide.text(revenue=127_000, timestamp=datetime.now(UTC).isoformat()))
    page.shows("#kpi-revenue .kpi-value", "$127,000.00")
    page.is_in_state("live")


# Records when and why the sockets of the page are opened and closed.
SOCKETS = """
    const NativeSocket = WebSocket;
    window.sockets = [];
    window.WebSocket = class extends NativeSocket {
        constructor(address) {
            super(address);
            const note = { opened: performance.now() };
            window.sockets.push(note);
            this.addEventListener("close", ({ reason }) => {
                Object.assign(note, { closed: performance.now(), reason });
            });
        }
    };
"""
TOLD = "return window.sockets?.some(({ reason }) => reason)"
KNOCKS = """
    return performance.getEntriesByType("resource")
        .filter(({ name }) => name.endsWith("/healthz")).map(({ startTime }) => startTime)
"""


def test_time_to_come_back(
    dash_br: Browser, free_port: int, source: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page with a time to come back waits for it without probing the server."""
    page = Page(dash_br)
    source.send(guide.text(timestamp=datetime.now(UTC).isoformat()))
    page.before_scripts(SOCKETS)
    with dashboard(free_port, "--ws-url", source.url, "--admit-rate", "1"):
        with monkeypatch.context() as full:
            full.setattr(admission, "BURST_S", 0)
            page.open(f"http://127.0.0.1:{free_port}")
            until(lambda: page.run(TOLD), what="the page has its time to come back")
        until(lambda: page.has_heard, what="the page is connected again")

        sockets = page.run("return window.sockets")
        told, back = next(pair for pair in pairwise(sockets) if pair[0].get("reason"))
        assert told["reason"] == "too many viewers at once, try again in 2 s"
        assert back["opened"] - told["closed"] >= 2000
        assert not any(told["closed"] < at < back["opened"] for at in page.run(KNOCKS))


def test_details(opened: Page, source: Stream) -> None:
    """The status opens all details of the feed; Escape closes them."""
    source.send("{}")
    source.send(guide.text())
    opened.run("document.getElementById('feed-status').click()")

    opened.shows("#feed-details-source", source.url)
    opened.shows("#feed-details-protocol", "WebSocket")
    opened.shows("#feed-details-link", "Open")
    opened.shows("#feed-details-page-link", "Open")
    opened.shows("#feed-details-accepted", "1")
    rejected = "#feed-details-rejected"
    until(lambda: opened.text(rejected).startswith("1, last: revenue: missing at "), what="why")
    opened.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    assert not opened.run("return document.getElementById('feed-details').open")


def test_numbers_of_a_server_that_is_gone(dash_br: Browser, free_port: int, source: Stream) -> None:
    """Numbers of a stopped server keep their label and age until the next server has its own."""
    page = Page(dash_br)
    with process(free_port, "--demo", "--demo-scene", "calm") as demo:
        page.open(demo.url)
        page.is_drawn()
        demo.stop(signal.SIGKILL)
    with dashboard(free_port, "--ws-url", source.url, "--stale-after", "3"):
        page.is_in_state("stale", timeout_s=20)

        assert page.text("#source-badge") == "DEMO"
        assert page.driver.title.endswith(" · DEMO")
        assert page.source == "demo"
        assert re.fullmatch(r"last data (\d+) s ago", page.text("#feed-detail"))
        assert re.fullmatch(r", (\d+) s ago", page.text("#as-of-age"))

        source.send(guide.text(timestamp=datetime.now(UTC).isoformat()))
        page.shows("#kpi-revenue .kpi-value", "$125,450.00")
        page.shows("#source-badge", "")


def test_hidden_tab(opened: Page, source: Stream) -> None:
    """A hidden tab paints nothing; when shown, it has the newest state."""
    source.send(guide.text())
    opened.shows("#kpi-revenue .kpi-value", "$125,450.00")
    until(lambda: opened.seq == latest(opened), what="the frame is painted")
    hide(opened, hidden=True)
    seq = opened.seq

    source.send(guide.text(revenue=140000))
    until(lambda: latest(opened) > seq, what="the frame is received")
    assert opened.text("#kpi-revenue .kpi-value") == "$125,450.00"
    assert opened.seq == seq

    hide(opened, hidden=False)
    opened.shows("#kpi-revenue .kpi-value", "$140,000.00")
    opened.draws("chart-waterfall", lambda data: data[0]["y"][0] == 140000)


def test_two_viewers(opened: Page, server: Dashboard, source: Stream, dash_br: Browser) -> None:
    """Two pages show the same frame from one connection to the source."""
    source.send(guide.text())
    opened.shows("#kpi-revenue .kpi-value", "$125,450.00")
    first = dash_br.driver.current_window_handle
    dash_br.driver.switch_to.new_window("window")

    opened.open(server.url)
    opened.shows("#kpi-revenue .kpi-value", "$125,450.00")
    until(lambda: opened.seq > 0)
    second_seq = opened.seq
    dash_br.driver.switch_to.window(first)
    until(lambda: opened.seq == second_seq, what="both show the same frame")
    assert source.clients == 1


def hide(page: Page, *, hidden: bool) -> None:
    """Tell the page that its tab was hidden or shown."""
    page.run(
        """
        Object.defineProperty(document, "hidden", {configurable: true, value: arguments[0]});
        document.dispatchEvent(new Event("visibilitychange"));
        """,
        hidden,
    )


def latest(page: Page) -> int:
    """Return the number of the newest frame that the page has received, painted or not."""
    message = "window.dash_component_api.getLayout('view-stream').props.message"
    return int(page.run(f"return JSON.parse({message}.data).seq"))
