"""Clocks that are wrong, run fast or are set, by libfaketime."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from support.programs import lack

DEBIAN = Path("/usr/lib")
# Monotonic time stays: waiting for a condition with a limit would never end.
STEADY = "FAKETIME_DONT_FAKE_MONOTONIC=1"


def wrong_clock(offset: str) -> Sequence[str]:
    """Return the command that runs another with a clock off by `offset`, such as `+1h`.

    Without libfaketime, skip the test. On a CI machine the test fails then.
    """
    return (*_preloaded(), f"FAKETIME={offset}", STEADY)


def fast_clock(times: int) -> Sequence[str]:
    """Return the command that runs another with all clocks, and all waiting, so many times faster.

    Skips the test as `wrong_clock` does.
    """
    return (*_preloaded(), f"FAKETIME=+0 x{times}")


class SetClock:
    """A clock on the wall that a test sets while a program runs; monotonic time stays.

    The program sees it within a second. Skips the test as `wrong_clock` does.
    """

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self.set(timedelta(0))
        self.under = (
            *_preloaded(),
            f"FAKETIME_TIMESTAMP_FILE={self._offset}",
            "FAKETIME_CACHE_DURATION=1",  # a program that reads the file at each look may hang
            STEADY,
        )

    def set(self, offset: timedelta) -> None:
        """Set it to be off by `offset`."""
        new = self._offset.with_suffix(".new")
        new.write_text(f"{offset.total_seconds():+.0f}")
        new.replace(self._offset)  # it must be whole whenever it is read


def _preloaded() -> Sequence[str]:
    found = next(DEBIAN.glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        lack("faketime is not installed: `make servers` installs it, or says how")
    return ("env", f"LD_PRELOAD={found}")
