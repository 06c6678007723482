"""Recordings with an endless line are refused at a limit, also when compressed."""

import asyncio
import gzip
import tracemalloc
from pathlib import Path

import pytest

from northstar.domain.freshness import LinkState
from northstar.errors import ConfigurationError
from northstar.feeds.recording import MAX_LINE_BYTES, Recorder, read
from northstar.feeds.replay import ReplayFeed
from support.recordings import AT, PACKED, PLAIN, both, record
from support.waiting import eventually

LIMIT = 1000
TOO_LONG = "a line is longer than "


def write(path: Path, text: bytes) -> None:
    """Write a file in the format of its name."""
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def test_memory(tmp_path: Path) -> None:
    """Memory stays bounded for some kilobytes of gzip that expand to a gigabyte."""
    path = tmp_path / PACKED
    with gzip.open(path, "wb", 1) as file:
        file.write(b'{"at":')
        for _ in range(1024):
            file.write(b" " * (1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ConfigurationError, match=f"cannot replay {path}: {TOO_LONG}64 MB"):
            next(read(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * MAX_LINE_BYTES


@both
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_line_that_is_too_long(
    tmp_path: Path, name: str, end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is neither replayed nor appended to, and is not changed."""
    monkeypatch.setattr("northstar.feeds.recording.MAX_LINE_BYTES", LIMIT)
    path = tmp_path / name
    write(path, b'{"at":' + b" " * 10 * LIMIT + end)
    content = path.read_bytes()

    with pytest.raises(ConfigurationError, match=f"cannot replay {path}: {TOO_LONG}"):
        ReplayFeed(path, 1)
    with pytest.raises(ConfigurationError, match=f"cannot record into {path}: {TOO_LONG}"):
        Recorder(path)
    assert path.read_bytes() == content


def test_last_line_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long last line is not taken for a partial one, and nothing is cut off."""
    monkeypatch.setattr("northstar.feeds.recording.MAX_LINE_BYTES", LIMIT)
    path = tmp_path / PLAIN
    record(path, "{}")
    with path.open("ab") as file:
        file.write(b"x" * 1_000_000)

    with pytest.raises(ConfigurationError, match=TOO_LONG):
        Recorder(path)
    assert path.stat().st_size > 1_000_000


@both
async def test_later_line_that_is_too_long(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier messages are replayed; then the replay ends with the reason."""
    path = tmp_path / name
    record(path, '{"number": 1}')
    line = gzip.decompress(path.read_bytes()) if name == PACKED else path.read_bytes()
    write(path, line + b" " * 10 * LIMIT)
    monkeypatch.setattr("northstar.feeds.recording.MAX_LINE_BYTES", LIMIT)
    feed = ReplayFeed(path, 1000)
    messages: list[bytes | str] = []

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        del fetched
        messages.append(raw)
        return True

    running = asyncio.create_task(feed.run(accept))
    await eventually(lambda: feed.link.state is LinkState.ENDED)
    running.cancel()
    await asyncio.wait([running])

    assert str(feed.link.problem).startswith(f"cannot replay {path}: {TOO_LONG}")
    assert messages in ([], ['{"number": 1}'])


@both
def test_message_that_is_too_long(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long message is not recorded, so that the recording can be replayed."""
    monkeypatch.setattr("northstar.feeds.recording.MAX_LINE_BYTES", LIMIT)
    path = tmp_path / name
    recorder = Recorder(path)
    recorder.write("{}", AT)

    with pytest.raises(OSError, match=TOO_LONG):
        recorder.write("x" * LIMIT, AT)

    assert [recorded.message for recorded in read(path)] == ["{}"]
