"""Clocks that are wrong, run fast or are set, by libfaketime."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from support.programs import lack

DEBIAN = Path("/usr/lib")
# Monotonic time is unchanged, because a wait with a timeout would never end otherwise.
STEADY = "FAKETIME_DONT_FAKE_MONOTONIC=1"


def wrong_clock(offset: str) -> Sequence[str]:
    """Return the command that runs another with a clock off by `offset`, such as `+1h`.

    Without libfaketime, skip the test, or fail it on a CI machine.
    """
    return (*_preloaded(), f"FAKETIME={offset}", STEADY)


def fast_clock(times: int) -> Sequence[str]:
    """Return the command that runs another with all clocks and waits accelerated.

    Skips the test as `wrong_clock` does.
    """
    return (*_preloaded(), f"FAKETIME=+0 x{times}")


class SetClock:
    """A wall clock that a test sets while a program runs; monotonic time is unchanged.

    The program sees a change within a second. Skips the test as `wrong_clock` does.
    """

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self.set(timedelta(0))
        self.under = (
            *_preloaded(),
            f"FAKETIME_TIMESTAMP_FILE={self._offset}",
            "FAKETIME_CACHE_DURATION=1",  # a program that reads the file on each access may hang
            STEADY,
        )

    def set(self, offset: timedelta) -> None:
        """Set the offset."""
        new = self._offset.with_suffix(".new")
        new.write_text(f"{offset.total_seconds():+.0f}")
        new.replace(self._offset)  # a reader must never see a partial file


def _preloaded() -> Sequence[str]:
    found = next(DEBIAN.glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        lack("faketime is not installed: `make servers` installs it, or says how")
    return ("env", f"LD_PRELOAD={found}")
