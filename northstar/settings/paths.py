"""Paths of files in the settings, in which a leading `~` is the home folder as in a shell.

A shell replaces it in `--db ~/pnl.db`, and not in `--db=~/pnl.db`, the environment and `.env`.
"""

import re
from pathlib import Path

# A variable, which nothing replaces here: the path would lead to a folder of this name.
UNREPLACED = re.compile(r"\$\w|\$\{|%\w+%", re.ASCII)
SQLITE = re.compile(r"(sqlite:///)(~.*)", re.DOTALL)


def expanded(path: str) -> str:
    """Return a path, or a URL of SQLite, with the home folder in the place of `~`.

    Raises `ValueError` for a home folder that is not known, and for a path that begins with a
    variable. A `~` without a slash, as in `~pnl.db`, belongs to a name unless it is a user's.
    """
    if url := SQLITE.fullmatch(path):
        return url[1] + expanded(url[2])
    if UNREPLACED.match(path):
        raise ValueError("expected a path; no variable is replaced in it, only ~")
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        user, slash, _ = path.partition("/")
        if slash or user == "~":
            raise ValueError(f"expected a path; the folder {user} is not known") from None
        return path


def read_path(text: object) -> object:
    """Return a path with the home folder in the place of `~`."""
    return expanded(text) if isinstance(text, str) else text
