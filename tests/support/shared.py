"""A dashboard or a page shared by the tests of a module that only read it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard, dashboard
from support.isolation import isolate, no_threads_left
from support.page import Page
from support.programs import kept_port
from support.screen import DESK
from support.sources import Stream, stream
from support.waiting import until


class SharedPage(NamedTuple):
    """A page and its tab."""

    page: Page
    tab: str

    def show(self) -> Page:
        """Bring the page to the front as opened: on a desktop with the system's preferences."""
        page = self.bring()
        page.resize(*DESK)
        page.prefers()
        page.run("scrollTo({ top: 0, behavior: 'instant' })")
        return page

    def bring(self) -> Page:
        """Bring the page to the front as the previous test left it."""
        page = self.page
        page.driver.switch_to.window(self.tab)
        page.cdp("Page.bringToFront")
        until(lambda: not page.run("return document.hidden"), what="the page is in front")
        return page


def without_errors(page: Page) -> Iterator[Page]:
    """Yield a page; its console must be clean at the end."""
    page.driver.get_log("browser")  # from the previous test
    yield page
    assert page.driver.get_log("browser") == []


@contextmanager
def tab(browser: Browser) -> Iterator[str]:
    """Open a tab; at the end close it and all tabs opened meanwhile."""
    driver = browser.driver
    others = driver.window_handles
    driver.switch_to.window(others[0])
    driver.switch_to.new_window("tab")
    try:
        yield driver.current_window_handle
    finally:
        for handle in driver.window_handles:
            if handle not in others:
                driver.switch_to.window(handle)
                driver.close()
        driver.switch_to.window(others[0])


@contextmanager
def opened_tab(browser: Browser, url: str) -> Iterator[SharedPage]:
    """Open an address in its own tab with empty browser storage."""
    with tab(browser) as handle:
        kept = {"origin": "*", "storageTypes": "all"}
        browser.driver.execute_cdp_cmd("Storage.clearDataForOrigin", kept)
        browser.driver.get_log("browser")  # from the previous test
        shared = SharedPage(Page(browser), handle)
        shared.show().open(url)
        yield shared


class SharedPages:
    """Pages of a dashboard that tests only read, each opened on first request."""

    def __init__(self, browser: Browser, url: str, stack: ExitStack) -> None:
        self.url = url
        self._browser = browser
        self._stack = stack
        self._opened: dict[str, SharedPage] = {}

    def at(self, path: str) -> SharedPage:
        """Return the page at `path`, not yet in front."""
        if path not in self._opened:
            opened = opened_tab(self._browser, self.url + path)
            self._opened[path] = self._stack.enter_context(opened)
        return self._opened[path]


@contextmanager
def shared_pages(browser: Browser, url: str) -> Iterator[SharedPages]:
    """Close the pages at the end; no other tab opened before may be open then."""
    with ExitStack() as stack:
        yield SharedPages(browser, url, stack)


@contextmanager
def shared_dashboard(folder: Path, *arguments: str) -> Iterator[Dashboard]:
    """Run a dashboard isolated from the machine's settings, with its history in `folder`.

    It must leave no thread behind.
    """
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        with dashboard(kept_port("module"), *arguments) as running:
            yield running


@contextmanager
def demo_with_past(folder: Path) -> Iterator[Dashboard]:
    """Run the demo after its invented history is written."""
    with shared_dashboard(folder, "--demo", "--demo-scene", "calm") as demo:
        until(lambda: len(demo.get("/api/trend?days=365")) == 365, what="the history is written")
        yield demo


@contextmanager
def fed_dashboard(folder: Path, message: str) -> Iterator[tuple[Dashboard, Stream]]:
    """Run a dashboard on a stream that has sent `message`."""
    with (
        stream() as source,
        shared_dashboard(folder, "--ws-url", source.url, "--stale-after", "3600") as running,
    ):
        source.send(message)
        yield running, source


@contextmanager
def page_on(browser: Browser, folder: Path, message: str) -> Iterator[SharedPage]:
    """Open the page of a dashboard that has received `message`."""
    with (
        fed_dashboard(folder, message) as (running, _),
        opened_tab(browser, running.url) as shared,
    ):
        shared.page.is_drawn()
        assert browser.driver.get_log("browser") == []
        yield shared
