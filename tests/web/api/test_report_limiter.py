"""Limits on simultaneous reports: running, waiting and refused ones."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from northstar.errors import Refused
from northstar.reports.report import make_report
from northstar.web import app as server
from northstar.web.api import report_limiter
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.app import create_server
from support.filled import path, settings  # noqa: F401 (a fixture)
from support.inprocess import running
from support.waiting import SLOWNESS, until

REPORTS = ("export.csv", "export.xlsx", "days", "trend", "history?from=2026-02-25")


class Slow:
    """Reports that are not made until the test releases them."""

    def __init__(self) -> None:
        self.limiter = ReportLimiter()
        self.begun = 0
        self.go_on = threading.Event()

    def make(self, *told: Any) -> Any:
        self.begun += 1
        self.go_on.wait(timeout=30 * SLOWNESS)
        return make_report(*told)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """Make reports slow, one at a time, and let one wait."""
    monkeypatch.setattr(report_limiter, "MAX_CONCURRENT", 1)
    monkeypatch.setattr(report_limiter, "MAX_WAITING", 1)
    reports = Slow()
    monkeypatch.setattr("northstar.web.api.queries.make_report", reports.make)
    monkeypatch.setattr(server, "ReportLimiter", lambda: reports.limiter)
    yield reports
    reports.go_on.set()


def test_more_reports_than_may_be_made(
    slow: Slow,
    path: Path,
    long_wait: None,  # noqa: ARG001
) -> None:
    """One report runs and one waits; others get Retry-After, and other requests are answered."""
    with (
        running(create_server(settings(path))) as address,
        httpx.Client(base_url=f"http://{address}", timeout=30 * SLOWNESS) as client,
        ThreadPoolExecutor() as pool,
    ):
        ask = client.get
        asked: list[Future[httpx.Response]] = [pool.submit(ask, "/history?range=7d")]
        until(lambda: slow.begun, what="a report is running")
        asked.append(pool.submit(ask, "/api/export.xlsx?range=7d"))
        until(lambda: slow.limiter.waiting, what="one request waits")
        refused = [ask(f"/api/{report}") for report in REPORTS]
        page = ask("/history")
        others = [ask(other).status_code for other in ("/", "/healthz", "/api/feed")]
        begun = slow.begun
        slow.go_on.set()
        answers = [each.result().status_code for each in asked]

    assert begun == 1
    assert answers == [200, 200]
    assert others == [200, 200, 200]
    assert {each.status_code for each in refused} == {503}
    assert {each.headers["retry-after"] for each in (*refused, page)} == {"10"}
    assert refused[0].json() == {"error": "too many reports in progress: try again in 10 s"}
    assert page.status_code == 503
    assert "too many reports in progress" in page.text
    assert page.headers["content-type"].startswith("text/html")


async def test_turn_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a slot has a time limit, and a request that gave up takes none."""
    monkeypatch.setattr(report_limiter, "MAX_CONCURRENT", 1)
    monkeypatch.setattr(report_limiter, "WAIT_S", 0.05)
    some = ReportLimiter()
    async with some.slot():
        for _ in range(report_limiter.MAX_WAITING * 2):
            with pytest.raises(Refused) as refusal:
                await some.slot().__aenter__()

    assert refusal.value.status == 503
    async with some.slot():
        pass


async def test_turn_after_a_fault() -> None:
    """A failed report frees its slot."""
    some = ReportLimiter()
    for _ in range(report_limiter.MAX_CONCURRENT * 2):
        with pytest.raises(ValueError, match="x"):
            async with some.slot():
                raise ValueError("x")
