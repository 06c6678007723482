"""Storage of the history and its faults: files, locks and a full disk."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from northstar.domain.messages import PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.history.store import Accepted
from support.programs import lack
from support.states import opened

DISK = 2 << 20
NOON = datetime(2026, 2, 25, 12, tzinfo=UTC)


def numbered(number: int) -> Accepted:
    """Return the state of a message `number` seconds after noon; its revenue is `number`."""
    at = NOON + timedelta(seconds=number)
    return Accepted(
        Snapshot(PnLUpdate(timestamp=at, revenue=Decimal(number), expenses=Decimal(1))), at
    )


def filled(file: Path) -> Path:
    """Return a file with some pages of states."""
    with opened(str(file)) as store:
        store.write([numbered(number) for number in range(500)])
    return file


def rows_in(file: Path) -> list[int]:
    """Return the revenues of all seconds in a file, as read by another program."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT revenue FROM seconds ORDER BY start").fetchall()
    return [int(revenue) for (revenue,) in rows]


Loss = Callable[[Path], object]


def _remove_all(file: Path) -> None:
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()


def _remove_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def _make_folder_anew(file: Path) -> None:
    _remove_folder(file)
    file.parent.mkdir()


def _move(file: Path) -> None:
    file.rename(file.with_name("moved.db"))


def _replace(file: Path) -> None:
    filled(file.with_name("backup.db")).replace(file)


def _overwrite(file: Path) -> None:
    shutil.copyfile(filled(file.with_name("backup.db")), file)


# Ways in which a file disappears while a program has it open.
LOSSES: dict[str, Loss] = {
    "removed": Path.unlink,
    "removed with those beside it": _remove_all,
    "moved": _move,
    "replaced": _replace,
    "overwritten": _overwrite,
    "truncated": lambda file: os.truncate(file, 0),
    "folder removed": _remove_folder,
    "folder made anew": _make_folder_anew,
    "WAL removed": lambda file: file.with_name(f"{file.name}-wal").unlink(),
    "shared memory removed": lambda file: file.with_name(f"{file.name}-shm").unlink(),
}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Lock a file against every other program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of two megabytes as `folder`; if that is not allowed, skip the test."""
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        lack("mounting a small disk needs root")
    options = ("-t", "tmpfs", "-o", f"size={DISK}", "northstar-test", str(folder))
    done = subprocess.run([mount, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        lack(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 (as found on PATH)


def fill(filler: Path) -> None:
    """Write a file until the disk is full."""
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return
