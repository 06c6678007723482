"""Key frames: which form of a frame a viewer gets; both forms give the same page."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from northstar.live.keyframes import PROTOCOL, RENEWAL_S, Frame, FrameEncoder
from northstar.view.live.frames import render, status_content
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED
from support.frames import Reader, read_whole

WRITE = Notation()


class SteppedEncoder:
    """An encoder that gets states one second apart."""

    def __init__(self) -> None:
        self.encoder = FrameEncoder("e1")
        self.seq = 0
        self.now_s = 100.0
        self.shown: Any = None
        self._state: Snapshot | None = None

    def show(self, after_s: float = 1, **changes: Any) -> Frame:
        """Return the first frame of the guide's example with some fields changed."""
        self._state = merge(self._state, decode(guide.text(**changes), ZoneInfo("UTC")))
        self.encoder.take(self.encoder.prepare(render(self._state, WRITE)))
        self.seq += 1
        return self.frame(after_s, new_state=True)

    def frame(self, after_s: float = 1, *, new_state: bool = False) -> Frame:
        """Return another frame of the same state."""
        self.now_s += after_s
        feed = replace(FEED, frames=self.seq, age_s=after_s)
        self.shown = status_content(feed, self._state, WRITE)
        return self.encoder.encode(self.seq, self.now_s, self.shown, new_state=new_state)


def test_whole_frame() -> None:
    """A frame has its protocol, the server's epoch, its number, its time and the content."""
    stepped = SteppedEncoder()

    sent = read_whole(stepped.show().whole)

    assert (sent["protocol"], sent["epoch"], sent["seq"]) == (PROTOCOL, "e1", 1)
    assert sent["sent_ms"] == 101_000
    assert sent["props"]["kpi-net-value"]["children"] == "$77,130.00"
    assert {name: sent[name] for name in stepped.shown} == stepped.shown


def test_more() -> None:
    """A frame has the additional fields that it is given."""
    stepped = SteppedEncoder()
    status = status_content(FEED, None, WRITE)

    first = stepped.encoder.encode(1, 101, status, more={"truth": (1_770_000_000_000, 7)})

    assert read_whole(first.whole)["truth"] == [1_770_000_000_000, 7]
    assert "truth" not in read_whole(stepped.show().whole)


def test_frame_before_any_state() -> None:
    """Before the first message a frame has the status and no props."""
    stepped = SteppedEncoder()

    sent = read_whole(stepped.frame().whole)

    assert sent["props"] is None
    assert sent["feed"]["state"] == FEED.state


def test_frame_for_a_viewer_with_the_key_frame() -> None:
    """The frame has only the differences, and gives the same page as the whole frame."""
    stepped = SteppedEncoder()
    reader = Reader()
    first = stepped.show()
    reader.read(first.text_for(""))

    second = stepped.show(revenue=125_451, timestamp="2026-02-25T22:24:01Z")
    text = second.text_for(first.key)

    assert "content" not in json.loads(text)
    assert len(text) < len(second.whole) / 8
    assert reader.read(text) == read_whole(second.whole)


def test_key_frame_after_a_large_change() -> None:
    """A frame with more than a fifth changed becomes the key frame of its viewers."""
    stepped = SteppedEncoder()
    key = stepped.show().key

    small = stepped.show(revenue=125_451)
    large = stepped.show(trendsData=guide.month(), agentAttribution=[])

    assert small.key == key
    assert large.key != key
    assert "content" not in json.loads(large.text_for(key))
    assert len(stepped.frame().text_for(large.key)) < len(large.text_for(key)) / 5


def test_age_of_a_key_frame() -> None:
    """A key frame is replaced after some time by a new state."""
    stepped = SteppedEncoder()
    key = stepped.show().key

    assert stepped.show(RENEWAL_S - 1, revenue=1).key == key
    assert stepped.frame(RENEWAL_S).key == key
    assert stepped.show(revenue=2).key != key


def test_viewer_with_another_key_frame() -> None:
    """A viewer with an earlier key frame or one of another server gets the whole frame."""
    stepped = SteppedEncoder()
    frame = stepped.show()

    assert frame.text_for("") is frame.whole
    assert frame.text_for("e0.1") is frame.whole


def states(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield variations of the example: amounts, names, number of rows, or none."""
    names = ["Fees", "Rent", "Tools", "<b>", "Gebühr"]
    for second in range(1, 60):
        changes: dict[str, Any] = {"timestamp": f"2026-02-25T22:24:{second:02}Z"}
        if chance.random() < 0.7:
            changes["revenue"] = chance.randint(-10, 200_000)
        if chance.random() < 0.3:
            chosen = chance.sample(names, chance.randint(0, 5))
            rows = [{"name": name, "value": chance.randint(-5, 900)} for name in chosen]
            changes["costBreakdown"] = rows
            changes["agentAttribution"] = [
                {"agent": row["name"], "revenue": row["value"], "expenses": 1} for row in rows
            ]
        if chance.random() < 0.2:
            changes["trendsData"] = guide.month()[: chance.randint(1, 30)]
        yield changes


def test_viewers_that_skip_frames() -> None:
    """After any skipped frames, each received frame gives the page of the whole frame."""
    for seed in range(12):
        chance = random.Random(seed)  # noqa: S311 (nothing secret)
        stepped = SteppedEncoder()
        readers = {Reader(): share for share in (1.0, 0.5, 0.1)}
        for changes in states(chance):
            after_s = chance.choice([0.1, 1, 30])
            frame = (
                stepped.show(after_s, **changes)
                if chance.random() < 0.9
                else stepped.frame(after_s)
            )
            whole = read_whole(frame.whole)
            for reader, share in readers.items():
                if chance.random() < share:
                    assert reader.read(frame.text_for(reader.key)) == whole
                    assert reader.key == frame.key
