"""Compressed static files, shared by all servers of a test process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest

from northstar.web.files.encodings import encode, encode_well

FILES = 128  # more than there are, in all codings


@contextmanager
def compressed_once() -> Iterator[None]:
    """Let the servers of this process compress each file once between them.

    Alone each would take a second of processor time for plotly.js with its first page.
    """
    well: dict[bytes, bytes] = {}

    def encode_well_once(raw: bytes, stopped: Callable[[], bool]) -> bytes | None:
        if raw not in well:
            coded = encode_well(raw, stopped)
            if coded is None:
                return None
            well[raw] = coded
        return well[raw]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("northstar.web.files.cache.encode", lru_cache(FILES)(encode))
        patch.setattr("northstar.web.files.cache.encode_well", encode_well_once)
        yield
