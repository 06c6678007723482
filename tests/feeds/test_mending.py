"""Recording after a crash: complete messages are preserved, and new ones follow them."""

import gzip
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from northstar.errors import ConfigurationError
from northstar.feeds.recording import Recorder
from support.checkout import ROOT
from support.recordings import (
    PACKED,
    PLAIN,
    TEXTS,
    assert_whole,
    both,
    file_size_limit,
    record,
    texts_of,
    unclosed,
)

GZIP_MAGIC_BYTES = 3


RECORD_FOR_EVER = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from northstar.feeds.recording import Recorder
recorder = Recorder(Path(sys.argv[1]))
for number in itertools.count():
    recorder.write(f'{{"number": {number}}}', datetime.now(UTC))
    print(number, flush=True)
"""


def killed_after(path: Path, messages: int) -> int:
    """Kill a process that records; return the number of messages surely written."""
    command = [sys.executable, "-c", RECORD_FOR_EVER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for _ in range(messages):
            process.stdout.readline()
        process.kill()
        return messages + len(process.stdout.readlines())


@both
def test_killed(tmp_path: Path, name: str) -> None:
    """A killed recorder has lost no message, and the next one appends."""
    path = tmp_path / name
    written = [killed_after(path, 200), killed_after(path, 100)]
    record(path, "{}")

    *numbered, last = texts_of(path)
    starts = [index for index, text in enumerate(numbered) if text == '{"number": 0}']
    runs = [end - start for start, end in pairwise([*starts, len(numbered)])]
    assert last == "{}"
    assert len(runs) == 2
    assert all(safe <= run <= safe + 1 for safe, run in zip(written, runs, strict=True))
    assert numbered == [f'{{"number": {number}}}' for run in runs for number in range(run)]
    assert_whole(path, [*numbered, last])


@both
def test_cut_off_anywhere(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Wherever the file ends, all complete messages are preserved and new ones follow."""
    path = tmp_path / name
    sizes = unclosed(path, *TEXTS)
    content = path.read_bytes()
    assert texts_of(path) == TEXTS

    for size in range(len(content)):
        path.write_bytes(content[:size])
        caplog.clear()
        kept = texts_of(path)
        assert kept == TEXTS[: len(kept)]
        assert len(kept) >= sum(whole <= size for whole in sizes)
        if size not in {0, *sizes} and len(kept) <= sum(whole <= size for whole in sizes):
            assert f"{path}: skipped damaged line {len(kept) + 1}" in caplog.text
        record(path, "{}")
        assert_whole(path, [*kept, "{}"])
        assert texts_of(path) == [*kept, "{}"]
        assert list(tmp_path.iterdir()) == [path]


@both
def test_closed_file_cut_off(tmp_path: Path, name: str) -> None:
    """The same is true of a recording of two sessions, wherever the second one ends."""
    path = tmp_path / name
    record(path, *TEXTS)
    start = path.stat().st_size
    record(path, *TEXTS)
    content = path.read_bytes()

    for size in range(start, len(content)):
        path.write_bytes(content[:size])
        kept = texts_of(path)
        assert kept[:4] == TEXTS
        assert kept[4:] == TEXTS[: len(kept) - 4]
        record(path, "{}")
        assert_whole(path, [*kept, "{}"])


def test_half_line_dropped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Opening reports the length of the partial line that it removed."""
    path = tmp_path / PLAIN
    record(path, "{}")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:12] + b" " * 100_000)
    Recorder(path).close()

    assert path.read_bytes() == whole
    assert f"{path}: removed an incomplete last line of 100012 bytes" in caplog.text


def test_damage_inside_gzip(tmp_path: Path) -> None:
    """One bad byte anywhere costs no message of another gzip member."""
    path = tmp_path / PACKED
    record(path, *TEXTS)
    end = path.stat().st_size
    record(path, "{}", "[]")
    content = path.read_bytes()

    for index in range(GZIP_MAGIC_BYTES, end):
        path.write_bytes(content[:index] + bytes([content[index] ^ 0xFF]) + content[index + 1 :])
        assert texts_of(path)[-2:] == ["{}", "[]"]


@pytest.mark.parametrize("start", [0, 16_382, 16_383, 16_384, 16_385, 40_000])
def test_member_after_damage(tmp_path: Path, start: int) -> None:
    """A damaged gzip member does not affect the members after it.

    A power failure may leave zeros between them; the file is searched by 16 KiB.
    """
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    sizes = unclosed(first, *TEXTS)
    record(second, *TEXTS)
    path = tmp_path / PACKED
    left = first.read_bytes()[: sizes[2]].ljust(start, b"\0")
    path.write_bytes(left + second.read_bytes())

    assert texts_of(path) == TEXTS[:3] + TEXTS
    record(path, "{}")
    assert_whole(path, [*TEXTS[:3], *TEXTS, "{}"])


def test_packed_by_another_program(tmp_path: Path) -> None:
    """A recording compressed later can be continued, and keeps its mode."""
    plain, path = tmp_path / PLAIN, tmp_path / PACKED
    record(plain, *TEXTS)
    path.write_bytes(gzip.compress(plain.read_bytes())[:-1])
    path.chmod(0o600)
    record(path, "{}")

    assert_whole(path, [*TEXTS, "{}"])
    assert path.stat().st_mode & 0o777 == 0o600


def test_link_to_a_recording(tmp_path: Path) -> None:
    """A link stays a link, and its own name determines the format."""
    target, path = tmp_path / "elsewhere", tmp_path / PACKED
    path.symlink_to(target)
    unclosed(path, *TEXTS)
    record(path, "{}")

    assert path.is_symlink()
    assert not target.is_symlink()
    assert_whole(path, [*TEXTS, "{}"])


def test_packed_without_the_last_line_end(tmp_path: Path) -> None:
    """A complete last message without a line end counts, and the next one starts a new line."""
    plain, path = tmp_path / PLAIN, tmp_path / PACKED
    record(plain, *TEXTS)
    path.write_bytes(gzip.compress(plain.read_bytes().rstrip()))

    assert texts_of(path) == TEXTS
    record(path, "{}")
    assert_whole(path, [*TEXTS, "{}"])


def test_no_room_to_mend(tmp_path: Path) -> None:
    """A file that cannot be repaired refuses the start and is not changed."""
    path = tmp_path / PACKED
    unclosed(path, *TEXTS)
    before = path.read_bytes()
    with (
        file_size_limit(100),
        pytest.raises(ConfigurationError, match=f"cannot record into {path}: File too large"),
    ):
        Recorder(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
