"""Fixtures for every test: free ports, a clean environment, no leaks, a page in a browser."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dash.testing.browser import Browser
from tenacity import wait_fixed

from support.chromium import started
from support.compression import compressed_once
from support.dashboard import Dashboard, Process, dashboard, process
from support.databases import database, engine, postgres
from support.done_once import done_once
from support.isolation import isolate, no_threads_left
from support.page import Page
from support.programs import kept_port, unused_port
from support.shared import SharedPage, tab
from support.sources import Stream, stream
from support.waiting import SLOWNESS

UTC = ZoneInfo("UTC")
__all__ = ["database", "engine", "postgres"]  # fixtures, too


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which is what the server runs on."""
    return "asyncio"


@pytest.fixture
def free_port(request: pytest.FixtureRequest) -> int:
    """Return a free port; tests with a browser always get the same one.

    The browser's cache is preserved between tests, so that plotly.js is compiled once.
    """
    return kept_port("test") if "dash_br" in request.fixturenames else unused_port()


@pytest.fixture(scope="session", autouse=True)
def compressed_files() -> Iterator[None]:
    """Compress a static file once for all servers in this process."""
    with compressed_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_start() -> Iterator[None]:
    """Let the dashboards of this process share work that is the same for all."""
    with done_once():
        yield


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Isolate a test from the machine's settings, `.env` and history, and from other tests."""
    isolate(monkeypatch, tmp_path)


@pytest.fixture(autouse=True)
def no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running.

    A server that is shared by a module starts threads during any of its tests; the fixture checks
    them when the module ends.
    """
    with nullcontext() if hasattr(request.module, "shared") else no_threads_left():
        yield


@pytest.fixture
def brief_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a feed retry soon."""
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(0.05))


@pytest.fixture
def long_wait(brief_wait: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 (before it)
    """Prevent retries of a feed within a test, so that its problem stays."""
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(1000))


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Start one Chromium for all tests, because that takes longer than most of them."""
    with started(pytestconfig) as browser:
        yield browser


@pytest.fixture(scope="session")
def chromium_with_windows(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Start one Chromium for all tests marked `windows`."""
    with started(pytestconfig, windows=True) as browser:
        yield browser


@pytest.fixture
def dash_br(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Return the browser with a new tab, without cookies and storage of earlier tests."""
    windows = request.node.get_closest_marker("windows")
    browser = request.getfixturevalue("chromium_with_windows" if windows else "chromium")
    with tab(browser):
        browser.driver.set_window_size(1440, 900)
        everything = {"origin": "*", "storageTypes": "all"}
        browser.driver.execute_cdp_cmd("Storage.clearDataForOrigin", everything)
        browser.driver.get_log("browser")
        yield browser


@pytest.fixture
def page(dash_br: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return a browser; its console must be clean at the end."""
    for server in {"server", "server_process", "demo"}.intersection(request.fixturenames):
        request.getfixturevalue(server)  # set up first, so that it outlives the page
    page = Page(dash_br)
    yield page
    assert page.driver.get_log("browser") == []


@pytest.fixture
def opened_once(shared: SharedPage) -> Iterator[Page]:
    """Return the page of the module's `shared`, for tests that change only its size."""
    page = shared.show()
    page.driver.get_log("browser")  # from the previous test
    yield page
    assert page.driver.get_log("browser") == []


@pytest.fixture
def source() -> Iterator[Stream]:
    """Run a stream that the test controls."""
    with stream() as source:
        yield source


@pytest.fixture
def stale_after() -> str:
    """Return the age in seconds at which data is stale: never, unless a test overrides it.

    `@pytest.mark.parametrize("stale_after", ["3"])` does. It is longer on a slow machine, where a
    page needs longer to show new data.
    """
    return "3600"


def reading(source: Stream, stale_after: str) -> tuple[str, ...]:
    """Return the arguments of a dashboard on that stream."""
    limit_s = min(float(stale_after) * SLOWNESS, 3600)
    return ("--ws-url", source.url, "--stale-after", f"{limit_s:.1f}")


@pytest.fixture
def server(source: Stream, free_port: int, stale_after: str) -> Iterator[Dashboard]:
    """Run the dashboard on that stream."""
    with dashboard(free_port, *reading(source, stale_after)) as running:
        yield running


@pytest.fixture
def server_process(source: Stream, free_port: int, stale_after: str) -> Iterator[Process]:
    """Run the dashboard on that stream in a separate process that can be killed."""
    with process(free_port, *reading(source, stale_after)) as running:
        yield running


@pytest.fixture
def demo(free_port: int) -> Iterator[Dashboard]:
    """Run the dashboard on the bundled demo."""
    with dashboard(free_port, "--demo", "--demo-scene", "calm") as running:
        yield running
