"""Recordings for tests: writing, damaging as in a crash, and reading independently."""

import gzip
import json
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from northstar.errors import ConfigurationError
from northstar.feeds.recording import Recorded, Recorder, read
from support import guide

AT = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TEXTS = ['{"one": 1}', guide.EXAMPLE, '{"name": "Zoë 🙂\u2028"}', '{"four": 4.40}']
PLAIN, PACKED = "day.jsonl", "day.jsonl.gz"

both = pytest.mark.parametrize("name", [PLAIN, PACKED])


def record(path: Path, *texts: str, at: datetime = AT) -> list[Recorded]:
    """Record `texts` one second apart, and return the expected messages."""
    recorded = [Recorded(at + SECOND * passed, text) for passed, text in enumerate(texts)]
    with closing(Recorder(path)) as recorder:
        for one in recorded:
            recorder.write(one.message, one.at)
    return recorded


def unclosed(path: Path, *texts: str) -> list[int]:
    """Record `texts` without closing the file; return its size after each."""
    sizes = []
    with closing(Recorder(path)) as recorder:
        for passed, text in enumerate(texts):
            recorder.write(text, AT + SECOND * passed)
            sizes.append(path.stat().st_size)
        left = path.read_bytes()
    path.write_bytes(left)
    return sizes


def texts_of(path: Path) -> list[str]:
    """Return the messages of a recording that may be empty."""
    try:
        return [recorded.message for recorded in read(path)]
    except ConfigurationError:
        return []


def unpack(path: Path) -> bytes:
    """Return the file's complete text as read by another program."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def assert_whole(path: Path, texts: list[str]) -> None:
    """Assert that another program reads exactly `texts`, line by line."""
    lines = unpack(path).split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line)["message"] for line in lines] == texts


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limit files to `size` bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
