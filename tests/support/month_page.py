"""The page on the month, shared by tests that change it; their changes are reverted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from dash.testing.browser import Browser

from support.dashboard import Dashboard
from support.page import Page
from support.screen import settles
from support.shared import SharedPage, fed_dashboard, opened_tab, without_errors
from support.sources import Stream
from support.today import now
from support.waiting import until

THEME = "return document.documentElement.dataset.theme"
PUT_BACK = """
    const each = (selector, act) => [...document.querySelectorAll(selector)].forEach(act);
    const click = (button) => button.click();
    each("[data-table][aria-pressed=true]", click);
    each("[data-trace][aria-pressed=false]", click);
    each("[data-unzoom]:not([hidden])", click);
    each(".explain[aria-expanded=true]", click);
    each("dialog[open]", (dialog) => dialog.close());
    each("details[open]", (details) => { details.open = false; });
    document.activeElement.blur();
    getSelection().removeAllRanges();
    localStorage.clear();
    dispatchEvent(new StorageEvent("storage", { key: "northstar.theme" })); // as of another tab
"""
AS_OPENED = """
    return !location.hash && !document.documentElement.dataset.palette
        && document.getElementById("explain").hidden
        && !document.querySelector(".table:not([hidden]), details[open], dialog[open]");
"""
SHOWN = """
    const texts = (selector) =>
        [...document.querySelectorAll(selector)].map((each) => each.textContent);
    return [
        texts("#kpi-revenue-value, #kpi-expenses-value, #kpi-net-value"),
        texts("#agent-cards h3"),
        document.querySelectorAll("#costs-legend li").length,
    ];
"""
MONTH = [["$77,130.00", "$125,450.00", "$48,320.00"], ["Scalper", "John", "Cliff"], 4]


class MonthPage(NamedTuple):
    """The page with its stream and dashboard."""

    opened: SharedPage
    server: Dashboard
    source: Stream

    @property
    def accepted(self) -> int:
        """The number of accepted messages."""
        return int(self.server.get("/api/feed")["tally"]["accepted"])

    def show(self) -> Page:
        """Show the page for a test that changes only its size."""
        return self.opened.show()

    def renewed(self, theme: str = "light") -> Iterator[Page]:
        """Yield the page on the month; revert changes at the end.

        The `theme` is the system's.
        """
        before = self.accepted
        self.source.send(now())
        until(lambda: self.accepted > before, what="the month has arrived")
        page = self.show()
        page.prefers(color_scheme=theme)
        until(lambda: page.run(THEME) == theme, what="the system's theme")
        until(lambda: page.run(SHOWN) == MONTH, what="the month is shown")
        settles(page)
        yield from without_errors(page)
        page.is_drawn()  # even if it was reloaded
        page.run(PUT_BACK)
        until(lambda: page.run(AS_OPENED), what="the page is restored")


@contextmanager
def month_page(browser: Browser, folder: Path) -> Iterator[MonthPage]:
    """Open the page of a dashboard on a stream that has sent the month."""
    with (
        fed_dashboard(folder, now()) as (running, source),
        opened_tab(browser, running.url) as opened,
    ):
        opened.page.is_drawn()
        assert browser.driver.get_log("browser") == []
        yield MonthPage(opened, running, source)


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonthPage]:
    """Open the page on the month."""
    with month_page(chromium, tmp_path_factory.mktemp("shared")) as shared:
        yield shared


@pytest.fixture
def opened(shared: MonthPage) -> Iterator[Page]:
    """Return the page on the month; what a test does to it is put back in the end."""
    yield from shared.renewed()
