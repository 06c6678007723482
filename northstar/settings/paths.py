"""Paths of files in the settings, in which a leading `~` is the home folder as in a shell.

A shell replaces it in `--db ~/pnl.db`, and not in `--db=~/pnl.db`, the environment and `.env`.
"""

import re
from pathlib import Path

# A variable, which is not expanded here: the path would lead to a folder of this name.
UNREPLACED = re.compile(r"\$\w|\$\{|%\w+%", re.ASCII)
MAX_BYTES = 4 << 20  # of a file that a setting is read from; /dev/zero has no end
SQLITE = re.compile(r"(sqlite:///)(~.*)", re.DOTALL)


def expanded(path: str) -> str:
    """Return a path, or a URL of SQLite, with `~` replaced by the home folder.

    Raises `ValueError` for a home folder that is not known, and for a path that begins with a
    variable. A `~` without a slash, as in `~pnl.db`, belongs to a name unless it is a user's.
    """
    if url := SQLITE.fullmatch(path):
        return url[1] + expanded(url[2])
    if not path.strip():
        raise ValueError("expected a path")
    if UNREPLACED.match(path):
        raise ValueError("expected a path; no variable is replaced in it, only ~")
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        user, slash, _ = path.partition("/")
        if slash or user == "~":
            raise ValueError(f"expected a path; the folder {user} is not known") from None
        return path


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises `OSError`, and `ValueError` for more than `MAX_BYTES` and for what is not a regular
    file: reading a pipe without a writer would block.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ValueError(f"{path} cannot be read: not a regular file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} is larger than {MAX_BYTES >> 20} MB")
    return content


def read_path(text: object) -> object:
    """Return a path with `~` replaced by the home folder; empty is none."""
    return expanded(text) if text and isinstance(text, str) else text
