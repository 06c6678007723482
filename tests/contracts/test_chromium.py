"""Behaviour of Chromium and its driver that the tests need."""

from pathlib import Path

import pytest

from support.chromium import started
from support.waiting import until


def descendants(pid: int) -> list[int]:
    """Return the descendants of a process."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    begun = [int(child) for thread in threads for child in thread.read_text().split()]
    return [each for child in begun for each in (child, *descendants(child))]


@pytest.mark.browser
def test_end(pytestconfig: pytest.Config) -> None:
    """A browser ends with its driver and leaves no process behind."""
    with started(pytestconfig) as browser:
        processes = descendants(browser.driver.service.process.pid)
        assert len(processes) > 1

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), what="all end")
