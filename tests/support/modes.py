"""Read permissions of files, by their mode."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Create files with that umask while the context is open."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """Return the mode of a file."""
    return path.stat().st_mode & 0o777


@contextmanager
def unprivileged_folder() -> Iterator[Path]:
    """Return a folder, and run as its owner instead of root while the context is open."""
    folder = Path(tempfile.mkdtemp(prefix="northstar-test-"))
    user = os.geteuid()
    try:
        if user == 0:
            os.chown(folder, NOBODY, -1)
            os.seteuid(NOBODY)
        yield folder
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)
