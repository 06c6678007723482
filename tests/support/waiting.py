"""Wait for a condition with a deadline.

Deadlines are chosen for an idle machine. On a slower or busier one they are scaled by the time that
a fixed piece of work takes when the tests start.
"""

import asyncio
import time
from collections.abc import Callable

POLL_S, LONGEST_POLL_S = 0.02, 0.08  # reading a page takes 5 ms of processor time
WORK = 4_000_000
WORK_S = 0.17  # the time on the machine for which the deadlines were chosen


def _slowness() -> float:
    """Return how many times longer the work takes on this machine; at least 1."""
    began = time.perf_counter()
    sum(number * number for number in range(WORK))
    return max(1.0, (time.perf_counter() - began) / WORK_S)


SLOWNESS = _slowness()


def until(condition: Callable[[], object], timeout_s: float = 10, what: str = "") -> None:
    """Return once `condition` holds; fail after `timeout_s`, which is longer on a slow machine.

    A condition that raises, as during a page load, does not hold yet; an `AssertionError` fails at
    once.
    """
    deadline = Deadline(timeout_s, what or str(condition))
    poll_s = POLL_S
    while not deadline.finds(condition):
        time.sleep(poll_s)
        poll_s = min(poll_s * 1.2, LONGEST_POLL_S)


async def eventually(
    condition: Callable[[], object], timeout_s: float = 10, what: str = ""
) -> None:
    """Do the same as `until` while the event loop runs."""
    deadline = Deadline(timeout_s, what or str(condition))
    while True:
        if deadline.finds(condition):
            return
        await asyncio.sleep(POLL_S)


class Deadline:
    """The time until which a condition must hold or a loop must end."""

    def __init__(self, timeout_s: float, what: str) -> None:
        self._limit_s = timeout_s * SLOWNESS
        self._at = time.monotonic() + self._limit_s
        self._what = what

    def check(self) -> None:
        """Fail after the deadline."""
        if time.monotonic() >= self._at:
            raise AssertionError(f"not within {self._limit_s:.1f} s: {self._what}")

    def finds(self, condition: Callable[[], object]) -> bool:
        """Return whether the condition holds; fail if it does not hold after the deadline."""
        error: Exception | None = None
        try:
            if condition():
                return True
        except AssertionError:
            raise
        except Exception as raised:  # noqa: BLE001 (told at the deadline)
            error = raised
        if time.monotonic() >= self._at:
            raise AssertionError(f"not within {self._limit_s:.1f} s: {self._what}") from error
        return False
