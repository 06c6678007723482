"""Keep tests apart: from the settings of the developer's machine, and from each other's threads."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.waiting import until

# One authority, whose key nobody has, in the place of the machine's: to read those takes 30 ms for
# each TLS context, and a dashboard makes two.
AUTHORITY = Path(__file__).with_name("authority.pem")


def isolate(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove the machine's settings; work, and keep the history, in `folder`."""
    for name in list(os.environ):
        if name.startswith(("NORTHSTAR_", "VITE_")):
            patch.delenv(name)
    patch.setenv("NORTHSTAR_DB", str(folder / "northstar.db"))
    patch.setenv("NORTHSTAR_API_RATE", "1000000")  # tests ask until something is so
    patch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    patch.chdir(folder)


@contextmanager
def no_threads_left() -> Iterator[None]:
    """Fail if a thread that was started in the context does not end with it."""
    before = set(threading.enumerate())
    yield

    def have_ended() -> bool:
        left = [each for each in threading.enumerate() if each not in before and each.is_alive()]
        if left:
            raise RuntimeError(f"still running: {left}")
        return True

    until(have_ended, what="all threads have ended")
