"""The documented path of an update from feed to page, compared with the actual one."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from websockets.sync.client import connect

from support import guide
from support.checkout import ROOT
from support.dashboard import dashboard
from support.inprocess import next_frame, read_frame
from support.sources import Stream
from support.waiting import until

# Periodic tasks beside the path.
BESIDE = ("northstar/web/health.py", "northstar/web/metrics.py", "northstar/web/files/")
LAST = "northstar/history/notebook.py"  # entered after a batch was written


class Trail:
    """The files of `northstar` that threads have entered while `recording`."""

    def __init__(self) -> None:
        self.recording = False
        self.files: set[str] = set()

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Record a call; for `threading.setprofile`."""
        if self.recording and event == "call":
            file = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
            if file.startswith("northstar/"):
                self.files.add(file)


@contextmanager
def trail() -> Iterator[Trail]:
    """Return the trail of the threads that start in this context."""
    found = Trail()
    threading.setprofile(found.note)
    try:
        yield found
    finally:
        threading.setprofile(None)


def test_files_of_an_update(source: Stream, free_port: int, tmp_path: Path) -> None:
    """The documentation names every file that an update enters from the source to the socket."""
    source.send(guide.text())
    arguments = "--ws-url", source.url, "--record", str(tmp_path / "recording.jsonl")
    with trail() as entered, dashboard(free_port, *arguments) as at:
        until(lambda: at.get("/api/feed")["as_of"], what="the first message has come")
        with connect(f"ws://127.0.0.1:{at.port}/view-stream") as viewer:
            next_frame(viewer)
            entered.recording = True
            source.send(guide.text(revenue=130_000, timestamp="2026-02-25T22:24:01Z"))
            read_frame(viewer, "$130,000.00")
            until(lambda: LAST in entered.files, what="it is in the history")
            entered.recording = False

    path = {file for file in entered.files if not file.startswith(BESIDE)}
    assert len(path) > 50
    assert path - _documented() == set()


def _documented() -> set[str]:
    """Return the files that the section names."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    return named(text.partition("## An update, from feed to page")[2].partition("\n## ")[0])


def named(text: str) -> set[str]:
    """Return the files of a text: a bare name is beside the file named last with its folder."""
    found: set[str] = set()
    folder = Path()
    for name in re.findall(r"`([\w/]+\.py)`", text):
        if "/" in name:
            folder = Path(name).parent
        found.add(str(folder / Path(name).name))
    return found


def test_bare_name() -> None:
    """A name without a folder is beside the last path before it, and in no other folder."""
    text = "`a/x.py` with `y.py` and `z.py` beside it, `b/x.py`, then `w.py`"

    assert named(text) == {"a/x.py", "a/y.py", "a/z.py", "b/x.py", "b/w.py"}


def test_documented_files_exist() -> None:
    """No name of the documented path is of a file that has gone."""
    assert [file for file in sorted(_documented()) if not (ROOT / file).exists()] == []
