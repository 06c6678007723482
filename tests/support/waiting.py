"""Waiting for a condition with a deadline, which is how tests here wait."""

import asyncio
import time
from collections.abc import Callable

POLL_S = 0.02


def until(condition: Callable[[], object], timeout_s: float = 10, what: str = "") -> None:
    """Return once `condition` holds; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what or condition}"
        time.sleep(POLL_S)


async def eventually(
    condition: Callable[[], object], timeout_s: float = 10, what: str = ""
) -> None:
    """Return once `condition` holds, letting the event loop run; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what or condition}"
        await asyncio.sleep(POLL_S)
