"""Compressed static files, shared by all servers of a test process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from northstar.web.files.encodings import Coding, Effort, encode

LARGE = 100_000  # bytes


@contextmanager
def compressed_once() -> Iterator[None]:
    """Let the servers of this process compress each file once, and large ones not at best quality.

    Otherwise each server would take ten seconds of processor time.
    """
    coded: dict[tuple[bytes, Coding, Effort], bytes] = {}

    def encode_once(
        raw: bytes, coding: Coding, effort: Effort, stopped: Callable[[], bool]
    ) -> bytes | None:
        if len(raw) > LARGE:
            effort = min(effort, Effort.GOOD)
        key = raw, coding, effort
        if key not in coded or stopped():
            body = encode(raw, coding, effort, stopped)
            if body is None:
                return None
            coded[key] = body
        return coded[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("northstar.web.files.cache.encode", encode_once)
        yield
