"""A dashboard, or a page of it, that the tests of a module share because they only read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard, dashboard
from support.isolation import isolate, no_threads_left
from support.page import Page
from support.programs import kept_port
from support.screen import DESK
from support.sources import stream
from support.waiting import until


class SharedPage(NamedTuple):
    """A page, and the tab that it is open in."""

    page: Page
    tab: str

    def show(self) -> Page:
        """Bring the page to the front as it was opened: on a desk, with the system's choices."""
        page = self.page
        page.driver.switch_to.window(self.tab)
        page.cdp("Page.bringToFront")
        page.resize(*DESK)
        page.prefers()
        until(lambda: not page.run("return document.hidden"), what="the page is in front")
        return page


@contextmanager
def tab(browser: Browser) -> Iterator[str]:
    """Open a tab; in the end close it, and all that were opened meanwhile."""
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
def shared_dashboard(folder: Path, *arguments: str) -> Iterator[Dashboard]:
    """Run a dashboard that no setting of the machine reaches, with its history in `folder`.

    It must leave no thread behind.
    """
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        with dashboard(kept_port("module"), *arguments) as running:
            yield running


@contextmanager
def page_on(browser: Browser, folder: Path, message: str) -> Iterator[SharedPage]:
    """Open the page of a dashboard that was sent `message`."""
    with (
        stream() as source,
        shared_dashboard(folder, "--ws-url", source.url, "--stale-after", "3600") as running,
        tab(browser) as handle,
    ):
        source.send(message)
        shared = SharedPage(Page(browser), handle)
        shared.show().open(running.url)
        shared.page.is_drawn()
        yield shared
