"""Files of an SQLite database: create them privately, notice when they are replaced."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from northstar.errors import StoreReplaced, StoreUnusable

# Suffixes of SQLite's WAL and shared-memory files: https://www.sqlite.org/wal.html
BESIDE = ("-wal", "-shm")
REPLACED = "the file was removed or replaced"


class Files:
    """The file of an SQLite database with its WAL and shared-memory files.

    Device and inode identify a file; the system does not reuse them while the file is open. A file
    overwritten in place has the same device and inode, so size and modification time of the main
    file are compared too: SQLite changes it only at a checkpoint, and a checkpoint after a complete
    one needs a commit in between.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: dict[str, tuple[int, int]] = {}
        self._complete: tuple[int, tuple[int, int]] | None = None

    def require_place(self) -> None:
        """Raise `StoreUnusable` if no file can be at the path, or this user may not create it."""
        if self._path.is_dir():
            raise StoreUnusable("it is a folder; expected a file")
        if self._path.exists() and not self._path.is_file():  # a pipe or a device
            raise StoreUnusable("it is not a regular file")
        above = next(folder for folder in self._path.parents if folder.exists())
        if not above.is_dir():
            raise StoreUnusable(f"there is a file in place of the folder {above}")
        if not self._path.exists() and not os.access(above, os.W_OK):
            raise StoreUnusable(f"this user may not create it in {above}")

    def create(self) -> None:
        """Create the file and its folder if they are missing.

        SQLite gives the WAL the same mode. Errors are ignored: `require_place` and opening the
        database report them.
        """
        with suppress(FileExistsError, NotADirectoryError, PermissionError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Does not open an existing file: closing it would release all of SQLite's locks on it.
        with suppress(OSError):
            Path(self._real).touch(0o600, exist_ok=False)
        self._remove_leftovers()
        self._opened = self._found("")
        self._complete = None

    def require_unmoved(self) -> None:
        """Raise `StoreReplaced` unless the path leads to the files that are open."""
        if not self._opened.items() <= self._found("", *BESIDE).items():
            raise StoreReplaced(REPLACED)

    def note_complete(self, commits: int) -> None:
        """Note the file's state after a complete checkpoint.

        `commits` is SQLite's `data_version` before the checkpoint.
        """
        self._complete = commits, self._content()

    def note_incomplete(self) -> None:
        """Note that the file may change without a commit: the WAL is not empty."""
        self._complete = None

    def require_untouched(self, read_commits: Callable[[], int]) -> None:
        """Raise `StoreReplaced` if the file has changed without a commit."""
        if self._complete is None:
            return
        commits, content = self._complete
        # In this order: another program's commit changes the file after `data_version`.
        if self._content() != content and read_commits() == commits:
            raise StoreReplaced(REPLACED)

    def note_opened(self) -> None:
        """Note the WAL and shared-memory files after a connection has opened them."""
        self.require_unmoved()
        self._opened = self._found("", *BESIDE)

    @property
    def _real(self) -> str:
        """The path without symbolic links, next to which SQLite puts the WAL."""
        return os.path.realpath(self._path)

    def _found(self, *suffixes: str) -> dict[str, tuple[int, int]]:
        found = {}
        for suffix in suffixes:
            with suppress(OSError):
                status = Path(self._real + suffix).stat()
                found[suffix] = status.st_dev, status.st_ino
        return found

    def _content(self) -> tuple[int, int]:
        try:
            status = Path(self._real).stat()
        except OSError as error:
            raise StoreReplaced(REPLACED) from error
        return status.st_size, status.st_mtime_ns

    def _remove_leftovers(self) -> None:
        """Remove the WAL of a replaced file: SQLite would apply it to the new one."""
        found = self._found("", *BESIDE)
        if found.get("") != self._opened.get(""):
            for suffix in BESIDE:
                if suffix in found and found[suffix] == self._opened.get(suffix):
                    Path(self._real + suffix).unlink()
