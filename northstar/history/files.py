"""Files of an SQLite database: create them privately, notice when they are replaced."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from northstar.errors import StoreReplaced

# What SQLite keeps beside the file while it is open: https://www.sqlite.org/wal.html
BESIDE = ("-wal", "-shm")
REPLACED = "the file was removed or replaced"


class Files:
    """The file of an SQLite database, and those beside it.

    A file is known by its device and inode. Neither is given to another file while it is open.
    One that is overwritten in place keeps both, so the size and the time of the last change of the
    database's own file are compared too: SQLite changes it only at a checkpoint, and a checkpoint
    after a complete one needs a commit in between.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: dict[str, tuple[int, int]] = {}
        self._complete: tuple[int, tuple[int, int]] | None = None

    def create(self) -> None:
        """Create the file and its folder where they are missing; whatever is there is to be opened.

        SQLite gives the files beside it the same mode. Where this fails, SQLite says why.
        """
        with suppress(FileExistsError):  # a file where the folder should be
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never opened where it is there: closing it would end all locks that SQLite has on it.
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
        """Note the file after a checkpoint that left nothing in the WAL.

        `commits` is SQLite's `data_version` from before it.
        """
        self._complete = commits, self._content()

    def note_incomplete(self) -> None:
        """Note that the file may change without a commit: the WAL has more for it."""
        self._complete = None

    def require_untouched(self, read_commits: Callable[[], int]) -> None:
        """Raise `StoreReplaced` if the file has changed though nobody has committed anything."""
        if self._complete is None:
            return
        commits, content = self._complete
        # In this order: the file of another program's commit changes after the commit.
        if self._content() != content and read_commits() == commits:
            raise StoreReplaced(REPLACED)

    def note_opened(self) -> None:
        """Note the files beside it once a connection has opened them."""
        self.require_unmoved()
        self._opened = self._found("", *BESIDE)

    @property
    def _real(self) -> str:
        """The path without symbolic links, which is where SQLite puts the files beside it."""
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
        """Remove what belongs to a replaced file: SQLite would apply it to the new one."""
        found = self._found("", *BESIDE)
        if found.get("") != self._opened.get(""):
            for suffix in BESIDE:
                if suffix in found and found[suffix] == self._opened.get(suffix):
                    Path(self._real + suffix).unlink()
