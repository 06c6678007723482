"""A page that stays open while its server is replaced by another release."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from northstar.live.keyframes import PROTOCOL
from support import guide
from support.dashboard import Process, process
from support.page import Page
from support.releases import write_release
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.browser

REVENUE = "#kpi-revenue .kpi-value"


class Releases:
    """Releases of the dashboard that replace each other on one port."""

    def __init__(self, folder: Path, port: int, source: Stream) -> None:
        self._folder = folder
        self._port = port
        self._source = source

    @contextmanager
    def run(self, version: str, protocol: int = PROTOCOL) -> Iterator[Process]:
        """Run a release while the context is open."""
        script = write_release(self._folder, version, protocol)
        with process(self._port, "--ws-url", self._source.url, script=script) as release:
            yield release

    def send(self, revenue: int) -> None:
        """Send a state from the source."""
        self._source.send(guide.text(revenue=revenue, timestamp=datetime.now(UTC).isoformat()))


@pytest.fixture
def releases(tmp_path: Path, free_port: int, source: Stream) -> Releases:
    """Return the runner of releases on the port of the page."""
    return Releases(tmp_path, free_port, source)


def test_newer_version(dash_br: Browser, releases: Releases) -> None:
    """A page continues without a reload on a newer version with the same protocol."""
    page = Page(dash_br)
    with releases.run("1.0.0") as first:
        releases.send(125_000)
        page.open(first.url)
        page.shows(REVENUE, "$125,000.00")
        first.stop()
    with releases.run("1.1.0") as second:
        releases.send(126_000)
        page.shows(REVENUE, "$126,000.00", timeout_s=20)
        page.is_in_state("live")

        assert page.is_still_the_same()
        assert "1.1.0" in page.run("return fetch('/metrics').then((answer) => answer.text())")
        second.stop()


def test_another_protocol(dash_br: Browser, releases: Releases) -> None:
    """A page reloads once when its server's frames have another protocol."""
    page = Page(dash_br)
    with releases.run("1.0.0") as first:
        releases.send(125_000)
        page.open(first.url)
        page.shows(REVENUE, "$125,000.00")
        first.stop()
    with releases.run("2.0.0", PROTOCOL + 1):
        until(lambda: page.run("return !window.opened"), 20, "the page has reloaded")
        page.run("window.opened = 1")
        for revenue in (126_000, 127_000):
            releases.send(revenue)
            page.shows(REVENUE, f"${revenue:,}.00", timeout_s=20)

        page.is_in_state("live")
        assert page.is_still_the_same()
