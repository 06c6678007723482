"""Versions of files in their addresses: hashes of the content, the same on every machine.

The time of a file differs between two machines with the same release, and a balancer may send the
page of one and the requests for its files to the other.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

DIGITS = 16


def version_of(content: bytes) -> str:
    """Return the version of a content, in hexadecimal digits."""
    return sha256(content).hexdigest()[:DIGITS]


def file_version(path: Path) -> str:
    """Return the version of a file, which is read once. Raises `OSError` if it is gone."""
    known = path.stat()
    return _read(path, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=512)
def _read(path: Path, _changed_ns: int, _size: int) -> str:
    return version_of(path.read_bytes())
