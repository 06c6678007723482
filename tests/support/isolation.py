"""Isolate tests from the machine's settings and from each other's threads."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.waiting import until

# One authority without a known key instead of the machine's, which take 30 ms to read for each TLS
# context, and a dashboard creates two.
AUTHORITY = Path(__file__).with_name("authority.pem")


def isolate(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove the machine's settings; work and store the history in `folder`."""
    for name in list(os.environ):
        if name.startswith(("NORTHSTAR_", "VITE_")):
            patch.delenv(name)
    patch.setenv("NORTHSTAR_DB", str(folder / "northstar.db"))
    patch.setenv("NORTHSTAR_API_RATE", "1000000")  # tests poll for conditions
    patch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    patch.chdir(folder)


@contextmanager
def no_threads_left() -> Iterator[None]:
    """Fail if a thread started in the context does not end with it."""
    before = set(threading.enumerate())
    yield

    def have_ended() -> bool:
        left = [each for each in threading.enumerate() if each not in before and each.is_alive()]
        if left:
            raise RuntimeError(f"still running: {left}")
        return True

    until(have_ended, what="all threads have ended")
