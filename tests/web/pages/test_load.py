"""Loading the page: numbers first, no layout shift, no unused request."""

from collections import Counter
from urllib.parse import urlsplit

import pytest

from support import guide
from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK, PHONE, TABLET, WALL
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = pytest.mark.browser

WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries())
            window.shifts.push([value, ...sources.map(({ node }) => node?.id || node?.className)]);
    }).observe({ type: "layout-shift", buffered: true });
"""
WATCH_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(url, ...rest) {
            super(url, ...rest);
            window.sockets.push(this);
        }
    };
"""
OPENED = "return window.sockets.map(({ url }) => new URL(url).pathname)"
OPEN = "return window.sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING).length"
LOADED = """
    return performance.getEntriesByType("resource").map(
        ({ name, initiatorType, startTime }) => [name, initiatorType, startTime]);
"""


def test_numbers_without_scripts(page: Page, server: Dashboard, source: Stream) -> None:
    """The first response alone shows status and numbers in their final size."""
    source.send(now())
    until(lambda: server.get("/api/feed")["tally"]["accepted"], what="the message is accepted")
    page.resize(*DESK)
    page.cdp("Network.enable")
    page.cdp("Network.setBlockedURLs", urls=["*.js*"])
    page.driver.get(server.url)
    bare = {part: page.box(part) for part in ("kpi-net-value", "kpi-expenses", "feed-status")}
    assert page.text("#kpi-net .kpi-value") == "$77,130.00"
    assert page.text("#kpi-revenue-previous-change") == "▲ +$250.00 (+0.2%)"
    assert page.text("#feed-word") == "Live"
    assert page.text("#trend-summary-net-all") != "–"

    page.cdp("Network.setBlockedURLs", urls=[])
    page.open(server.url)
    page.is_drawn()
    assert {part: page.box(part) for part in bare} == bare
    page.driver.get_log("browser")  # the blocked requests


def test_scripts_after_the_first_frame(page: Page, server: Dashboard) -> None:
    """No script of the page runs before its first paint."""
    page.before_scripts("""
        requestAnimationFrame(() => { window.framed_at = performance.now(); });
        new MutationObserver(() => {
            if (document.querySelector("body script[src*='live.js']"))
                window.ran_at ??= performance.now();
        }).observe(document, { subtree: true, childList: true });
    """)
    page.open(server.url)
    until(lambda: page.run("return window.ran_at"), what="the scripts have loaded")

    assert page.run("return window.framed_at < window.ran_at")


def test_scripts_of_a_tab_that_is_not_seen(page: Page, server: Dashboard) -> None:
    """In a hidden tab the scripts do not wait for a paint, so that its title has the state."""
    page.before_scripts("""
        Object.defineProperty(document, "hidden", { value: true });
        window.requestAnimationFrame = () => 0;
    """)
    page.open(server.url)

    until(lambda: page.run("return window.dash_clientside?.northstar"), what="the scripts run")
    until(lambda: page.driver.title.startswith("Connecting · "), what="the title has the state")


@pytest.mark.windows
@pytest.mark.parametrize(
    "size",
    [
        PHONE,
        pytest.param(TABLET, marks=pytest.mark.long),
        DESK,
        pytest.param(WALL, marks=pytest.mark.long),
    ],
    ids=lambda size: str(size[0]),
)
def test_nothing_moves(
    page: Page, server: Dashboard, source: Stream, size: tuple[int, int]
) -> None:
    """Loading scripts, appearing charts and changing numbers cause no layout shift."""
    page.resize(*size, touch=size == PHONE)
    page.before_scripts(WATCH_SHIFTS)
    source.send(now())
    until(lambda: server.get("/api/feed")["tally"]["accepted"], what="the message is accepted")
    page.open(server.url)
    page.is_drawn()
    costs = [{"name": cost["name"], "value": 12_080} for cost in guide.message()["costBreakdown"]]
    source.send(now(previousRevenue=125_449, previousNetPnL=77_349, costBreakdown=costs))
    page.shows("#kpi-revenue-previous-change", "▲ +$1.00 (0.0%)")
    page.draws("chart-waterfall", lambda data: data[0]["text"][1] == "-$12,080.00")

    assert page.run("return window.shifts") == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=lambda size: str(size[0]))
def test_seconds_move_nothing(
    page: Page, server: Dashboard, source: Stream, size: tuple[int, int]
) -> None:
    """The headline has room for two digits of seconds."""
    page.resize(*size, touch=size == PHONE)
    source.send(now())
    page.open(server.url)
    page.is_drawn()  # the first response is live, too, but has no scripts yet
    page.is_in_state("live")
    script = """
        const { texts } = window.dash_clientside.northstarStatus;
        const [feed, calm] = ["#sentence-feed", "#sentence .calm"].map((each) =>
            document.querySelector(each));
        return [9, 10].map((ageS) => {
            feed.textContent = texts("live", { ageS, feed: {} })["sentence-feed"];
            const { left, top } = calm.getBoundingClientRect();
            return [left, top];
        });
    """
    before, after = page.run(script)

    assert after == pytest.approx(before, abs=1)


@pytest.mark.parametrize("path", ["/", "/history"])
def test_nothing_moves_on_a_slow_line(page: Page, server: Dashboard, path: str) -> None:
    """A page that arrives in pieces is shown once it is complete."""
    page.resize(*DESK)
    page.before_scripts(WATCH_SHIFTS)
    page.cdp("Network.enable")
    page.cdp("Network.setBlockedURLs", urls=["*.js*"])
    page.cdp("Network.setExtraHTTPHeaders", headers={"Accept-Encoding": "identity"})
    line = {"offline": False, "latency": 0, "uploadThroughput": -1, "downloadThroughput": 50_000}
    page.cdp("Network.emulateNetworkConditions", **line)
    page.open(server.url + path)
    until(lambda: page.run("return performance.getEntriesByType('paint').length"), what="a paint")

    assert page.run("return window.shifts") == []
    page.driver.get_log("browser")  # the blocked requests


@pytest.mark.windows
def test_what_is_asked_for(page: Page, server: Dashboard, source: Stream) -> None:
    """Each file is requested once, Dash's data before its scripts, and one socket is opened."""
    page.before_scripts(WATCH_SOCKETS)
    source.send(now())
    until(lambda: server.get("/api/feed")["state"] == "live", what="the message is shown")
    page.open(server.url)
    page.is_drawn()
    until(lambda: page.has_heard, what="the stream is connected")

    loaded = page.run(LOADED)
    paths = Counter(urlsplit(address).path for address, *_ in loaded)
    assert (
        paths.pop("/assets/favicon.svg") <= 3
    )  # the browser's, the manifest's, and the one with our mark
    assert [path for path, times in paths.items() if times > 1] == []
    # A busy page may have replaced its socket: after a silence, or a frame that Dash has lost.
    assert set(page.run(OPENED)) == {"/view-stream"}
    until(lambda: page.run(OPEN) == 1, what="one socket is open")
    others = [path for path in paths if not path.endswith((".js", ".svg", ".woff2"))]
    assert sorted(others) == ["/_dash-dependencies", "/_dash-layout", "/manifest.webmanifest"]
    first = {urlsplit(address).path: (by, start) for address, by, start in loaded}
    ran_at = page.run("return performance.getEntriesByType('navigation')[0].domInteractive")
    for path in others:
        by, start = first[path]
        assert by == "link"
        assert start < ran_at or path == "/manifest.webmanifest"  # which nothing waits for
