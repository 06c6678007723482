"""The texts that `record_outputs.py` writes, without what differs from run to run."""

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from recorded_dashboard import Answer


class Mask(NamedTuple):
    """A value that differs from run to run; the first group of `pattern` is not masked."""

    reason: str
    pattern: re.Pattern[str]


def _field(*names: str) -> re.Pattern[str]:
    """Match a time or a number in JSON; null is not masked."""
    return re.compile(rf'("(?:{"|".join(names)})":)(?:"[^"]*"|-?[\d.e+-]+)')


def _detail(*names: str) -> re.Pattern[str]:
    """Match a row of the details panel, in a frame or as an element of the page."""
    return re.compile(rf'(\bdetails-(?:{"|".join(names)})"(?::"|[^<>]*>))[^"<]*')


MASKS = (
    Mask("random, chosen at the start", _field("epoch", "base", "key")),
    Mask("the same on the page", _detail("epoch")),
    Mask("ages on a running clock", _field("age_s", "silence_s", "sent_ms", "retry_in_s")),
    Mask("the same in the page's frame", re.compile(r'([{,]"(?:0|2|3|17|18)":)-?\d+\.\d+')),
    Mask("time until the data is stale", re.compile(r'(\bdata-young-for-s=")[\d.]+')),
    Mask("random, chosen by Dash for each page", _field("end_id")),
    Mask("the replay's clock runs while a frame is rendered", _field("replaying")),
    Mask("the same on the page", _detail("replaying")),
    Mask("number of frames before the first message", _field("seq", "frames", "skipped")),
    Mask("the same on the page", _detail("skipped")),
    Mask("the same in the page's frame", re.compile(r'("feed":\{(?:"\d+":[^,{}]*,)*?"5":)\d+')),
    Mask("the same as text", re.compile(r'(:"0 of )\d+')),
    Mask("number of our open sockets", _field("viewers")),
    Mask("the same on the page", _detail("viewers")),
    Mask("age of the recording's end", re.compile(r"(frozen )\d+ s")),
    Mask("temporary folders", re.compile(r"(/tmp)[a-z0-9_]{8}(?=/)")),
    Mask("free ports", re.compile(r"(\b127\.0\.0\.1:)\d+")),
    Mask("content of a file", re.compile(r"(\?m=)[\da-f.]+")),
    Mask("the same of a package", re.compile(r"(\.v\w+m)[\da-f]{10,16}\b")),
    Mask("time of the checkout", re.compile(r"(?m)^((?:etag|last-modified): ).+")),
    Mask("length of masked content", re.compile(r"(?m)^(content-length: ).+")),
    Mask("the port in a cookie's name", re.compile(r"(?m)^(set-cookie: northstar-)\d+")),
    Mask("a cookie's time and signature", re.compile(r"(?m)^(set-cookie: [^.;\n]*\.)[^;\n]+")),
    Mask("expiry of a deleted cookie", re.compile(r"(?m)^(set-cookie: .*\bexpires=)[^;\n]+")),
    Mask("the time of a log line", re.compile(r"(?m)^()\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+")),
    Mask("duration of a request", re.compile(r"( in )\d+(?= ms for )")),
)
# Ages and arrival times of live messages, which have fixed timestamps.
LIVE_MASKS = (
    *MASKS,
    Mask("the age of February 2026", _field("clock_ahead_s", "clock_off_s")),
    Mask("the same as text", re.compile(r"()\b\d+ h \d+ m\b")),
    Mask("age of the last message as text", re.compile(r"()\b(?:\d+ m )?\d+ s(?= ago| old)")),
    Mask("time of a rejection", _field("last_rejected_at")),
    Mask("the same as text", re.compile(r"( at )\d+:\d\d:\d\d(?:.[AP]M)?")),
)


BREAK = re.compile(r'(?<=>)(?=<)|(?<=,)(?=["{\[])|(?<=;)(?= )')


class Output:
    """A folder of masked texts."""

    def __init__(self, folder: Path, masks: Sequence[Mask] = MASKS) -> None:
        self._folder = folder
        self._masks = masks
        folder.mkdir(parents=True)

    def write(self, name: str, text: str) -> None:
        """Write a text, broken into lines."""
        for mask in self._masks:
            text = mask.pattern.sub(r"\1…", text)
        with (self._folder / name.replace("/", "_")).open("xb") as file:
            file.write(BREAK.sub("\n", text).encode())

    def write_answer(self, name: str, answer: "Answer") -> None:
        """Write status, headers and body; of a workbook every member."""
        if answer.body.startswith(b"PK"):
            self.write(name, f"{answer.head}\n")
            with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
                for member in book.namelist():
                    self.write(f"{name}--{member}", book.read(member).decode())
        else:
            self.write(name, f"{answer.head}\n\n{_text(answer.body)}")


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"sha256 {hashlib.sha256(body).hexdigest()}"
