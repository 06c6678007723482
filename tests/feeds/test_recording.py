"""The recording: accepted messages are read back unchanged."""

import errno
import gzip
import json
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.errors import ConfigurationError
from northstar.feeds.recording import Recorded, Recorder, read
from support.modes import mode, umask
from support.recordings import (
    AT,
    PACKED,
    PLAIN,
    SECOND,
    TEXTS,
    assert_whole,
    both,
    file_size_limit,
    record,
    texts_of,
    unpack,
)


@both
def test_format(tmp_path: Path, name: str) -> None:
    """A line is a JSON object: arrival in UTC with microseconds, and the original text."""
    berlin = timezone(timedelta(hours=1))
    with closing(Recorder(tmp_path / name)) as recorder:
        recorder.write("{\n}", datetime(2026, 2, 25, 23, 24, tzinfo=berlin))
        recorder.write("ö".encode(), AT, fetched=True)

    first, second = map(json.loads, unpack(tmp_path / name).splitlines())
    assert first == {"at": "2026-02-25T22:24:00.000000+00:00", "message": "{\n}"}
    assert second == first | {"message": "ö", "fetched": True}
    assert list(read(tmp_path / name)) == [Recorded(AT, "{\n}"), Recorded(AT, "ö", fetched=True)]


@both
@settings(deadline=None)  # the disk takes its time
@given(
    recorded=st.lists(
        st.builds(Recorded, st.datetimes(timezones=st.just(UTC)), st.text(), st.booleans()),
        min_size=1,
    )
)
def test_read_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, recorded: list[Recorded]
) -> None:
    """Any text and any time is read back unchanged."""
    path = tmp_path_factory.mktemp("any") / name
    with closing(Recorder(path)) as recorder:
        for one in recorded:
            recorder.write(one.message, one.at, fetched=one.fetched)

    assert list(read(path)) == recorded


@both
def test_append(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """An existing recording is continued."""
    path = tmp_path / name
    first = record(path, *TEXTS)
    before = path.read_bytes()
    second = record(path, *TEXTS, at=AT + 60 * SECOND)

    assert list(read(path)) == first + second
    assert path.read_bytes().startswith(before)
    assert not caplog.records


@both
def test_each_message_is_safe_at_once(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A written message can be read at once, without a warning."""
    path = tmp_path / name
    with closing(Recorder(path)) as recorder:
        for number, text in enumerate(TEXTS, start=1):
            recorder.write(text, AT)
            assert texts_of(path) == TEXTS[:number]
    assert not caplog.records


@both
def test_new_recording_is_for_its_owner_alone(tmp_path: Path, name: str) -> None:
    """A new recording is readable by its owner only; an existing one keeps its mode."""
    path = tmp_path / name
    with umask(0):
        record(path, *TEXTS)
    assert mode(path) == 0o600

    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-5])
    with umask(0):
        record(path, *TEXTS)

    assert mode(path) == 0o640


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b'{"at": "2026-02-25T2',
        b'{"at": "2026-02-25T22:24:00", "message": "no zone"}',
        b'{"at": "0001-01-01T00:00:00+14:00", "message": ""}',
        b'{"at": "now", "message": ""}',
        b'{"at": "2026-02-25T22:24:00Z", "message": {}}',
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe\0",
        bytes(5000),
    ],
    ids=range(10),
)
def test_damaged_line(tmp_path: Path, bad: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A damaged line is skipped with a warning that has its number."""
    path = tmp_path / PLAIN
    record(path, *TEXTS[:2])
    path.write_bytes(path.read_bytes() + bad + b"\n")
    record(path, *TEXTS[2:])

    assert texts_of(path) == TEXTS
    assert [one.getMessage() for one in caplog.records] == [f"{path}: skipped damaged line 3"]


@both
def test_full_disk(tmp_path: Path, name: str) -> None:
    """On a full disk writing fails with the reason; earlier messages are safe."""
    path = tmp_path / name
    recorder = Recorder(path)
    written: list[str] = []

    def fill() -> None:
        for number in count():
            text = f'{{"number": {number * 7**30 % 10**20}}}'
            recorder.write(text, AT)
            written.append(text)

    with file_size_limit(1000), pytest.raises(OSError, match="File too large"):
        fill()
    with pytest.raises(ValueError, match="closed"):
        recorder.write("{}", AT)

    kept = texts_of(path)
    assert len(written) > 5
    assert kept[: len(written)] == written
    record(path, "{}")
    assert_whole(path, [*kept, "{}"])


@both
def test_two_recorders(tmp_path: Path, name: str) -> None:
    """A second recorder on the same file is refused and changes nothing."""
    path = tmp_path / name
    with closing(Recorder(path)) as recorder:
        recorder.write("{}", AT)
        before = path.read_bytes()
        with pytest.raises(ConfigurationError, match="another process is recording into it"):
            Recorder(path)
        assert path.read_bytes() == before
        recorder.write("[]", AT)

    assert texts_of(path) == ["{}", "[]"]


def test_folder_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where files cannot be locked, recording continues with a warning."""

    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    record(tmp_path / PLAIN, *TEXTS)

    assert texts_of(tmp_path / PLAIN) == TEXTS
    assert "cannot lock the file (No locks available)" in caplog.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (PLAIN, b"a diary without a last line end"),
        (PLAIN, b"{\n}"),
        (PACKED, b"a diary"),
        (PACKED, gzip.compress(b"a diary", mtime=0)[:-4]),
        (PACKED, zlib.compress(b"{}")),
    ],
)
def test_another_kind_of_file(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that is not a recording is neither appended to, repaired nor replayed."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=f"cannot record into {path}: not a "):
        Recorder(path)
    with pytest.raises(ConfigurationError, match=f"cannot replay {path}: (not a|it contains no) "):
        next(read(path))
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@both
def test_no_such_folder(tmp_path: Path, name: str) -> None:
    """A missing folder refuses the start."""
    path = tmp_path / "nowhere" / name

    with pytest.raises(ConfigurationError, match=f"cannot record into {path}: No such file"):
        Recorder(path)
    with pytest.raises(ConfigurationError, match=f"cannot replay {path}: No such file"):
        next(read(path))


def test_folder(tmp_path: Path) -> None:
    """A folder in place of the file refuses the start."""
    with pytest.raises(
        ConfigurationError, match=f"cannot record into {tmp_path}: not a regular file"
    ):
        Recorder(tmp_path)
    with pytest.raises(ConfigurationError, match=f"cannot replay {tmp_path}: not a regular file"):
        next(read(tmp_path))


@both
def test_nothing_recorded(tmp_path: Path, name: str) -> None:
    """A recording without a complete message cannot be replayed, but can be continued."""
    path = tmp_path / name
    Recorder(path).close()

    with pytest.raises(ConfigurationError, match="it contains no recorded message"):
        next(read(path))
    record(path, "{}")
    assert texts_of(path) == ["{}"]
