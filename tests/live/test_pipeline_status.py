"""The pipeline's status: recording, source, clock, and a source that has ended."""

import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from northstar.domain.freshness import LinkState
from northstar.domain.outcomes import Receipt
from northstar.feeds import Source
from northstar.feeds.recording import Recorder, read
from northstar.settings.table import Settings
from northstar.view.shared.money import Notation
from northstar.web.health import unready_reason
from support import guide
from support.dashboard import dashboard
from support.frames import shown_revenue
from support.pipelines import AT, ManualPipeline, RunningPipeline, running, running_pipeline
from support.sources import stream
from support.waiting import eventually, until


class FullDisk(Recorder):
    """A recorder whose disk is full after one message."""

    def write(self, raw: bytes | str, at: datetime, *, fetched: bool = False) -> None:
        if self._file.tell():
            raise OSError(28, "No space left on device")
        super().write(raw, at, fetched=fetched)


def test_recording(tmp_path: Path) -> None:
    """Every accepted message is recorded unchanged with its time of arrival; others are not."""
    path = tmp_path / "day.jsonl"
    recorder = Recorder(path)
    pipeline = ManualPipeline(Settings(demo=True, record=path), recorder=recorder)

    pipeline.take(fetched=True)
    pipeline.clock.passed_s = 1
    pipeline.take(revenue=1.50, timestamp="2026-02-25T22:24:01Z")
    assert not pipeline.take(revenue="a lot")
    assert not pipeline.take()
    recorder.close()

    first, second = read(path)
    assert (first.message, first.at, first.fetched) == (guide.text(), AT, True)
    assert second.message == guide.text(revenue=1.50, timestamp="2026-02-25T22:24:01Z")
    assert (second.at, second.fetched) == (AT + timedelta(seconds=1), False)
    assert pipeline.status.recording == "day.jsonl"


def test_recording_switched_off() -> None:
    """Without a file the status has no recording."""
    assert ManualPipeline().status.recording is None


def test_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk ends the recording, is logged once, and affects nothing else."""
    path = tmp_path / "day.jsonl"
    recorder = FullDisk(path)
    pipeline = ManualPipeline(Settings(demo=True, record=path), recorder=recorder)

    for revenue in (1, 2, 3):
        assert pipeline.take(revenue=revenue)
    recorder.close()

    assert pipeline.status.recording == "stopped: No space left on device"
    assert pipeline.status.tally.accepted == 3
    assert pipeline.faults == 0
    assert len(caplog.records) == 1
    assert len(list(read(path))) == 1


def test_recording_that_fails_without_a_reason(tmp_path: Path) -> None:
    """An error without a system message is shown with its own text."""

    class Broken(Recorder):
        def write(self, raw: bytes | str, at: datetime, *, fetched: bool = False) -> None:
            del raw, at, fetched
            raise OSError("it is gone")

    recorder = Broken(tmp_path / "day.jsonl")
    pipeline = ManualPipeline(Settings(demo=True, record=tmp_path / "day.jsonl"), recorder=recorder)
    assert pipeline.take()
    recorder.close()

    assert pipeline.status.recording == "stopped: it is gone"


async def test_end_of_the_recording(tmp_path: Path) -> None:
    """The file is closed with the pipeline."""
    recorder = Recorder(tmp_path / "day.jsonl")
    pipeline = ManualPipeline(recorder=recorder)
    async with running(pipeline):
        await eventually(lambda: pipeline.feed.accept)
        assert not recorder._raw.closed

    assert recorder._raw.closed


@pytest.mark.parametrize(
    ("feed", "claimed", "source"),
    [
        (Source.LIVE, ..., "live"),
        (Source.LIVE, "demo", "demo"),
        (Source.LIVE, "replay", "replay"),
        (Source.LIVE, "live", "live"),
        (Source.LIVE, "Bloomberg", "live"),
        (Source.LIVE, None, "live"),
        (Source.LIVE, 7, "live"),
        (Source.DEMO, "replay", "demo"),
        (Source.REPLAY, "demo", "replay"),
    ],
)
def test_source(feed: Source, claimed: object, source: str) -> None:
    """Data that another dashboard marks as not real is marked here, too."""
    pipeline = ManualPipeline(source=feed)
    assert pipeline.status.source == feed

    assert pipeline.take(source=claimed)

    assert pipeline.status.source == source
    passed_on = json.loads(pipeline.broadcast.message() or "")
    assert passed_on.get("source") == (None if source == "live" else source)


def test_source_that_becomes_real() -> None:
    """Each message states anew whether it is real."""
    pipeline = ManualPipeline()
    pipeline.take(source="demo")
    pipeline.take(timestamp="2026-02-25T22:24:01Z")

    assert pipeline.status.source == "live"
    assert "source" not in json.loads(pipeline.broadcast.message() or "")


def test_interface_over_a_demo_of_another(free_port: int) -> None:
    """`/api/pnl` and `/api/feed` mark the numbers of another dashboard's demo."""
    with stream() as source, dashboard(free_port, "--ws-url", source.url) as at:
        source.send(guide.text(source="demo"))
        until(lambda: at.get("/api/feed")["tally"]["accepted"])

        assert at.get("/api/pnl")["source"] == "demo"
        assert at.get("/api/feed")["source"] == "demo"


@pytest.mark.parametrize("ahead_s", [-90.5, 0.0, 0.25, 3600.0])
def test_clock_ahead(ahead_s: float) -> None:
    """The offset is the difference of the last message's time to its arrival."""
    pipeline = ManualPipeline()
    assert pipeline.status.clock_ahead_s is None
    pipeline.take()
    pipeline.clock.passed_s = 10

    moment = pipeline.clock.now() + timedelta(seconds=ahead_s)
    accepted = pipeline.take(timestamp=moment.isoformat())

    assert accepted == (moment >= AT)
    assert pipeline.status.clock_ahead_s == (ahead_s if accepted else 0)


def test_clock_that_is_put_right() -> None:
    """A source whose clock was an hour ahead is live again soon after the correction."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()
    pipeline.take(timestamp="2026-02-25T23:24:00Z")
    pipeline.clock.passed_s = 20
    assert pipeline.status.state == "stale"

    taken = []
    for passed_s in (20, 21, 22):
        pipeline.clock.passed_s = passed_s
        taken.append(pipeline.take(timestamp=pipeline.clock.now().isoformat()))

    assert taken == [False, False, True]
    assert pipeline.status.state == "live"
    assert pipeline.status.clock_ahead_s == 0


def test_clock_that_is_set_back() -> None:
    """A source whose local clock goes back an hour is live again once its times advance."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()
    zone, an_hour = timedelta(hours=-4), timedelta(hours=1)

    def run(minutes: range, offset: timedelta) -> bool:
        for passed_s in (60 * minute for minute in minutes):
            pipeline.clock.passed_s = passed_s
            accepted = pipeline.take(timestamp=(pipeline.clock.now() + offset).isoformat())
        return accepted

    assert run(range(60), zone)
    assert pipeline.status.state == "live"
    assert not run(range(60, 119), zone - an_hour)
    assert pipeline.status.state == "stale"
    assert run(range(121, 125), zone - an_hour)
    assert pipeline.status.state == "live"


@pytest.mark.parametrize("offset_s", [0, 3600, -3600])
def test_data_that_falls_behind(offset_s: int) -> None:
    """Updates with a growing delay are stale, whatever the clock offset is."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()
    for second in range(10):
        pipeline.clock.passed_s = second
        pipeline.take(timestamp=(AT + timedelta(seconds=second + offset_s)).isoformat())
    assert pipeline.status.state == "live"

    for second in range(10, 70):
        pipeline.clock.passed_s = second
        stamp = 10 + (second - 10) / 2
        assert pipeline.take(timestamp=(AT + timedelta(seconds=stamp + offset_s)).isoformat())

    assert pipeline.status.state == "stale"
    assert pipeline.status.age_s == pytest.approx(30, abs=1)
    assert unready_reason(pipeline.status) == "the data is 29 s old, more than 10 s"


def test_fetched_state_that_is_older() -> None:
    """An older fetched state does not make the data younger."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()
    pipeline.take()
    pipeline.clock.passed_s = 20

    assert pipeline.take(fetched=True, timestamp="2026-02-25T22:23:00Z")

    assert pipeline.status.state == "stale"
    assert pipeline.status.age_s == 20


def test_first_state_that_is_fetched() -> None:
    """A fetched first state is as old as its time says."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()

    assert pipeline.take(fetched=True, timestamp="2026-02-25T22:23:00Z")

    assert (pipeline.status.state, pipeline.status.age_s) == ("stale", 60)


@pytest.mark.parametrize("passed_s", [0, 3600])
def test_source_that_has_ended(passed_s: float) -> None:
    """An ended source has the state ended, whatever the age of its data."""
    pipeline = ManualPipeline(source=Source.REPLAY)
    pipeline.feed.link.opened()
    pipeline.take()
    pipeline.feed.link.ended("the recording has ended")
    pipeline.clock.passed_s = passed_s

    assert pipeline.status.state == "ended"
    assert pipeline.status.link == LinkState.ENDED
    assert pipeline.status.problem == "the recording has ended"
    assert pipeline.status.retry_in_s is None


def test_time_being_replayed() -> None:
    """Only a recording has a replayed time."""
    assert ManualPipeline(source=Source.REPLAY).status.replaying == AT
    assert ManualPipeline().status.replaying is None


def test_protocol_and_api() -> None:
    """The status includes the protocol and the API's state of the link."""
    pipeline = ManualPipeline()
    assert (pipeline.status.protocol, pipeline.status.api) == (None, None)

    pipeline.feed.link.opened("socketio", "/desk-a")
    pipeline.feed.link.fetched("HTTP 500")

    assert (pipeline.status.protocol, pipeline.status.api) == ("socketio", "HTTP 500")
    assert pipeline.status.namespace == "/desk-a"


def test_receipt_of_a_message() -> None:
    """The last accepted message is stored unchanged, with number, arrival time and source."""
    pipeline = ManualPipeline()
    assert pipeline.intake.receipt is None
    pipeline.take()
    pipeline.clock.passed_s = 1
    pipeline.take(revenue=2, timestamp="2026-02-25T22:24:01Z")
    sent = guide.text(revenue=2, timestamp="2026-02-25T22:24:01Z")

    due = Receipt(2, sent, AT + timedelta(seconds=1), "hand feed")
    assert pipeline.intake.receipt == due

    assert not pipeline.take(revenue="a lot")
    assert not pipeline.take()
    assert pipeline.intake.receipt == due


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (guide.EXAMPLE, guide.EXAMPLE),
        (guide.EXAMPLE.encode(), guide.EXAMPLE),
        (
            guide.EXAMPLE.replace("Other", "手数料").encode(),
            guide.EXAMPLE.replace("Other", "手数料"),
        ),
    ],
    ids=["text", "bytes", "utf-8"],
)
def test_receipt_of_bytes(raw: bytes | str, kept: str) -> None:
    """The receipt is text for messages in bytes, too."""
    pipeline = ManualPipeline()

    assert pipeline.intake.accept(raw)

    assert pipeline.intake.receipt
    assert pipeline.intake.receipt.raw == kept


def test_receipt_of_a_fetched_state() -> None:
    """The receipt says that the state did not come from the stream."""
    pipeline = ManualPipeline()

    pipeline.take(fetched=True)

    assert pipeline.intake.receipt
    assert pipeline.intake.receipt.source == "hand feed, its API"


def test_running_day_of_the_pipeline() -> None:
    """The current day includes every accepted state and no other."""
    pipeline = ManualPipeline()

    pipeline.take()
    pipeline.take(revenue="a lot", timestamp="2026-02-25T22:24:01Z")
    pipeline.take(revenue=2, timestamp="2026-02-25T22:24:02Z")
    pipeline.take(revenue=1)

    day = pipeline.intake.day.view
    assert day
    assert [int(each.amounts.revenue) for each in (day.high, day.newest)] == [125450, 2]


def test_data_of_an_earlier_day() -> None:
    """Data is of today until its day closes, and again after the next message."""
    pipeline = ManualPipeline()
    assert pipeline.status.of_today, "there is none yet"

    pipeline.take(timestamp=pipeline.clock.now().isoformat())
    assert pipeline.status.of_today
    pipeline.clock.passed_s = 24 * 3600
    assert not pipeline.status.of_today
    pipeline.take(timestamp=pipeline.clock.now().isoformat())
    assert pipeline.status.of_today


def test_notation_of_the_pipeline() -> None:
    """Numbers are in the notation of the settings."""
    settings = Settings(demo=True, locale="de_DE", decimals=8, currency="BTC")

    assert ManualPipeline(settings).broadcast.notation == Notation("de_DE", "BTC", 8)


def shows(at: RunningPipeline, revenue: str) -> bool:
    """Tell whether the page shows this revenue."""
    return shown_revenue(at.frame()) == revenue


async def test_frames_that_a_viewer_skips() -> None:
    """Skipped frames are counted, and so are all frames."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        for revenue in (1, 2):
            at.feed.send(revenue=revenue)
            await eventually(partial(shows, at, f"${revenue}.00"))

        status = at.pipeline.broadcast.status()
        assert 0 < status.skipped < status.frames
        assert status.viewers == 1
