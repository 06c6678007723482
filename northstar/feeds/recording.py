r"""The recording: every accepted message with its time, one JSON object to a line of a file.

    {"at": "2026-02-25T22:24:00.000000+00:00", "message": "{\"timestamp\": …}"}

`message` is the text as received; `"fetched": true` follows if it is a complete state from the API.
A file whose name ends in .gz is gzip, with one member each time it was opened. A line that a crash
cut off is skipped when read, and repaired before anything is appended. A line of more than
`MAX_LINE_BYTES` is neither read nor written.
"""

import gzip
import io
import json
import logging
import os
import shutil
import sys
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from northstar.errors import ConfigurationError

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

LINE_START = b'{"at":'
GZIP_START = b"\x1f\x8b\x08"
GZIP_FORMAT = 31  # `wbits` of zlib: gzip header and trailer, largest window
GZIP_LEVEL = 6  # 12 µs and 66 bytes a message of the demo; level 9: 27 µs and 63 bytes
FLUSHED = b"\x00\x00\xff\xff"  # the end of a flushed block of zlib (Z_SYNC_FLUSH)
PIECE_BYTES = 1 << 14
# A few hundred kB of gzip can unpack to gigabytes. The default limit of a message is 1 MB.
MAX_LINE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Recorded:
    """One accepted message, its arrival (aware, UTC), and whether it was fetched."""

    at: datetime
    message: str
    fetched: bool = False


class Recorder:
    """Appends to the recording at `path`, after creating or repairing it.

    Raises `ConfigurationError` if that fails, if the file is not a recording, or if another process
    records into it. Repairing a damaged gzip file temporarily needs its size in disk space again.
    """

    def __init__(self, path: Path) -> None:
        with _refusing("record into", path):
            self._raw = _open_to_append(path)
        self._file: io.BufferedIOBase = self._raw
        if _is_gzip(path):
            self._file = gzip.GzipFile(path, "ab", GZIP_LEVEL, self._raw)

    def write(self, raw: bytes | str, at: datetime, *, fetched: bool = False) -> None:
        """Append a message that arrived at `at` (aware); it then survives a crash of the process.

        Raises `OSError`, for example if the disk is full or the message too large. The recorder is
        then closed; all earlier messages are safe, and the file can be read and appended to again.
        """
        message = raw if isinstance(raw, str) else raw.decode()
        try:
            self._file.write(_checked(_line(Recorded(at, message, fetched))))
            self._file.flush()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; may be called again. Raises nothing: all messages are already flushed."""
        for file in (self._file, self._raw):
            with suppress(OSError):
                file.close()


def read(path: Path) -> Generator[Recorded, None, None]:
    """Yield the messages of a recording in the file's order, reading lazily.

    Skips damaged lines with a warning. Raises `ConfigurationError`, at the first step, if the file
    cannot be read or has no complete message, and at any step for a line that is too long.
    """
    found = False
    with _refusing("replay", path):
        for recorded in _recorded(path):
            found = True
            yield recorded
    if not found:
        raise ConfigurationError(f"cannot replay {path}: it contains no recorded message")


@contextmanager
def _refusing(doing: str, path: Path) -> Iterator[None]:
    try:
        _require_file(path)
        yield
    except OSError as error:
        raise ConfigurationError(f"cannot {doing} {path}: {error.strerror or error}") from error


def _require_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise OSError("not a regular file")


def _is_gzip(path: Path) -> bool:
    return path.suffix == ".gz"


def _line(recorded: Recorded) -> bytes:
    at = recorded.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields: dict[str, object] = {"at": at, "message": recorded.message}
    if recorded.fetched:
        fields["fetched"] = True
    return json.dumps(fields).encode() + b"\n"


def _parse(line: bytes) -> Recorded | None:
    """Parse one line; None if it is damaged."""
    with suppress(ValueError, OverflowError, RecursionError):
        match json.loads(line):
            case {"at": str(text), "message": str(message), **more}:
                at = datetime.fromisoformat(text)
                if at.tzinfo:
                    return Recorded(at.astimezone(UTC), message, more.get("fetched") is True)
    return None


def _recorded(path: Path) -> Iterator[Recorded]:
    for number, line in enumerate(_lines(path), start=1):
        if recorded := _parse(line):
            yield recorded
        else:
            log.warning("%s: skipped damaged line %d", path, number)


def _lines(path: Path) -> Iterator[bytes]:
    """Yield every line, and the rest, possibly empty, of one that is cut off."""
    with path.open("rb") as file:
        if _is_gzip(path):
            yield from _unpacked_lines(file)
        else:
            while line := file.readline(MAX_LINE_BYTES + 1):
                yield _checked(line)


def _checked(line: bytes) -> bytes:
    """Return a line; raise `OSError` if it is too long."""
    if len(line) > MAX_LINE_BYTES:
        raise OSError(f"a line is longer than {MAX_LINE_BYTES >> 20} MB")
    return line


def _unpacked_lines(file: io.BufferedReader) -> Iterator[bytes]:
    line = b""
    for text in _unpacked(file):
        if text is None:
            yield line
            line = b""
        else:
            *whole, line = (line + text).split(b"\n")
            yield from map(_checked, whole)
            _checked(line)
    if line:
        yield line


def _unpacked(file: io.BufferedReader) -> Iterator[bytes | None]:
    """Yield the text of a gzip file in pieces, and None where some is damaged or missing."""
    if not GZIP_START.startswith(file.peek(len(GZIP_START))[: len(GZIP_START)]):
        raise gzip.BadGzipFile("not a gzip file")
    while file.peek(1):
        start = file.tell()
        if not (yield from _unpacked_member(file)):
            yield None
            _seek_member(file, start + 1)


def _unpacked_member(file: io.BufferedReader) -> Generator[bytes, None, bool]:
    """Yield the text of the member that starts here; return whether it is complete.

    A member that was never closed is complete if it ends with a flushed block.
    """
    member, end = zlib.decompressobj(GZIP_FORMAT), b""
    while piece := file.read(PIECE_BYTES):
        before = member.copy()
        try:
            yield member.decompress(piece)
        except zlib.error:
            yield from _up_to_damage(before, piece)
            return False
        if member.eof:
            file.seek(-len(member.unused_data), os.SEEK_CUR)
            return True
        end = (end + piece)[-len(FLUSHED) :]
    return end == FLUSHED


def _up_to_damage(member: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    """Yield the text of `piece` before the invalid byte, which zlib discards by itself."""
    with suppress(zlib.error):
        for index in range(len(piece)):
            yield member.decompress(piece[index : index + 1])


def _seek_member(file: io.BufferedReader, start: int) -> None:
    """Seek to the next possible start of a member at or after `start`, else to the end."""
    file.seek(start)
    window = b""
    while piece := file.read(PIECE_BYTES):
        window = window[1 - len(GZIP_START) :] + piece
        if (found := window.find(GZIP_START)) >= 0:
            file.seek(found - len(window), os.SEEK_CUR)
            return


def _open_to_append(path: Path) -> io.BufferedWriter:
    with _open_alone(path):
        if not LINE_START.startswith(next(_lines(path), b"")[: len(LINE_START)]):
            raise OSError("not a recording")
        if _is_gzip(path):
            _mend_gzip(path)
        else:
            _mend_plain(path)
    return _open_alone(path)


def _open_alone(path: Path) -> io.BufferedWriter:
    """Open and lock for appending; a second process would repair the file while this one writes."""
    path.touch(0o600)  # readable by the owner only
    file = path.open("ab")
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise OSError("another process is recording into it") from None
        except OSError as error:
            log.warning("%s: cannot lock the file (%s)", path, error.strerror)
    return file


def _mend_plain(path: Path) -> None:
    """Truncate an incomplete last line, or terminate a complete one."""
    with path.open("r+b") as file:
        last = _unended_line(file)
        size = file.seek(0, os.SEEK_END)
        if _parse(last):
            file.write(b"\n")
        elif last:
            file.truncate(size - len(last))
            log.warning("%s: removed an incomplete last line of %d bytes", path, len(last))


def _unended_line(file: io.BufferedRandom) -> bytes:
    """Return the bytes after the last line end."""
    start, tail = file.seek(0, os.SEEK_END), b""
    while start and b"\n" not in tail:
        _checked(tail)
        length = min(start, max(PIECE_BYTES, len(tail)))
        start = file.seek(start - length)
        tail = file.read(length) + tail
    return tail.rpartition(b"\n")[2]


def _mend_gzip(path: Path) -> None:
    """Replace a damaged file with one that has every complete line."""
    if _is_whole_gzip(path):
        return
    target = path.resolve()
    mended = target.with_name(f"{target.name}.mended")
    try:
        mended.touch(0o600)
        with mended.open("wb") as raw:
            shutil.copymode(target, mended)
            with gzip.GzipFile(path, "wb", GZIP_LEVEL, raw) as file:
                file.writelines(map(_line, _recorded(path)))
            raw.flush()
            os.fsync(raw.fileno())
        mended.replace(target)
    finally:
        mended.unlink(missing_ok=True)


def _is_whole_gzip(path: Path) -> bool:
    text = b"\n"
    with suppress(EOFError, gzip.BadGzipFile, zlib.error), gzip.open(path) as file:
        while piece := file.read(PIECE_BYTES):
            text = piece
        return text.endswith(b"\n")
    return False
