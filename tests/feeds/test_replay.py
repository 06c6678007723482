"""Replay: the messages of a recording in order, never early, at the configured speed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from northstar.domain.freshness import LinkState
from northstar.errors import ConfigurationError
from northstar.feeds import Source
from northstar.feeds.recording import Recorder
from northstar.feeds.replay import ReplayFeed
from support.waiting import eventually

START = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
HOUR_S = 3600.0
AT_ONCE = 1e12


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a test's recording."""
    return tmp_path / "day.jsonl.gz"


def record(path: Path, *offsets_s: float) -> list[datetime]:
    """Record a message at each offset from START; return their times."""
    times = [START + timedelta(seconds=offset_s) for offset_s in offsets_s]
    with closing(Recorder(path)) as recorder:
        for number, at in enumerate(times):
            recorder.write(str(number), at)
    return times


class Audience:
    """Records every message with its arrival and the replayed time."""

    def __init__(self, feed: ReplayFeed) -> None:
        self.feed = feed
        self.clock = asyncio.get_running_loop().time
        self.start = self.clock()
        self.messages: list[bytes | str] = []
        self.elapsed_s: list[float] = []
        self.replayed: list[datetime] = []
        self.fetched: list[bool] = []

    def __call__(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        self.messages.append(raw)
        self.elapsed_s.append(self.clock() - self.start)
        self.replayed.append(self.feed.now())
        self.fetched.append(fetched)
        return True


@asynccontextmanager
async def playing(feed: ReplayFeed) -> AsyncIterator[Audience]:
    """Run `feed` for an audience; it must still run when it is cancelled."""
    audience = Audience(feed)
    running = asyncio.create_task(feed.run(audience))
    try:
        yield audience
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()


async def play(feed: ReplayFeed) -> Audience:
    """Run `feed` until its recording has ended."""
    async with playing(feed) as audience:
        await eventually(lambda: feed.link.state is LinkState.ENDED)
    return audience


async def test_before_the_start(path: Path) -> None:
    """Before the start the feed is named a replay of the file, at the first message's time."""
    record(path, 0, 10)
    feed = ReplayFeed(path, 10)

    assert feed.source is Source.REPLAY
    assert feed.name == "day.jsonl.gz"
    assert feed.link.state is LinkState.CONNECTING
    assert feed.now() == START


async def test_order_and_pace(path: Path) -> None:
    """Messages are delivered in order, and none before its time."""
    offsets_s = [0, 0.5, 0.5, 7, 20.25, 21, 60]
    times = record(path, *offsets_s)
    audience = await play(ReplayFeed(path, 200))

    assert audience.messages == ["0", "1", "2", "3", "4", "5", "6"]
    assert audience.replayed == times
    for elapsed_s, offset_s in zip(audience.elapsed_s, offsets_s, strict=True):
        assert elapsed_s >= offset_s / 200


async def test_time_between_messages(path: Path) -> None:
    """The replayed time runs at the configured speed."""
    times = record(path, 0, HOUR_S)
    feed = ReplayFeed(path, 60)

    async with playing(feed) as audience:
        await eventually(lambda: feed.now() > times[0])
        replayed_s = (feed.now() - times[0]).total_seconds()
        elapsed_s = audience.clock() - audience.start
        await eventually(lambda: feed.now() > times[0] + timedelta(seconds=replayed_s))

    assert feed.link.state is LinkState.OPEN
    assert 0 < replayed_s <= elapsed_s * 60
    assert feed.now() < times[1]
    assert audience.messages == ["0"]


async def test_no_drift(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that takes long to accept does not delay later ones."""
    times = record(path, *range(0, 3600, 600))
    feed = ReplayFeed(path, 1)
    loop = asyncio.get_running_loop()
    clock, lost_s = loop.time, 0.0
    audience = Audience(feed)

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        nonlocal lost_s
        lost_s = HOUR_S
        return audience(raw, fetched=fetched)

    monkeypatch.setattr(loop, "time", lambda: clock() + lost_s)
    running = asyncio.create_task(feed.run(accept))
    await eventually(lambda: feed.link.state is LinkState.ENDED)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert audience.replayed == times


async def test_others_get_their_turn(path: Path) -> None:
    """However late the replay is, the event loop runs between two messages."""
    record(path, *range(100))
    feed = ReplayFeed(path, AT_ONCE)
    seen: list[int] = []

    async with playing(feed) as audience:
        while feed.link.state is not LinkState.ENDED:
            seen.append(len(audience.messages))
            await asyncio.sleep(0)

    assert len(audience.messages) == 100
    assert set(range(1, 100)) <= set(seen)


async def test_end(path: Path) -> None:
    """At the end the link says so, the time stops, and the feed waits to be cancelled."""
    times = record(path, 0, 5)
    feed = ReplayFeed(path, AT_ONCE)

    async with playing(feed):
        await eventually(lambda: feed.link.state is LinkState.ENDED)
        assert feed.link.problem == "the recording has ended"
        assert feed.now() == times[-1]
        start = asyncio.get_running_loop().time()
        await eventually(lambda: asyncio.get_running_loop().time() > start)
        assert feed.now() == times[-1]


async def test_run_again(path: Path) -> None:
    """A restarted feed replays from the beginning."""
    times = record(path, 0, 5, 10)
    feed = ReplayFeed(path, AT_ONCE)
    first = await play(feed)
    opened: list[LinkState] = []
    feed.link.changed.subscribe(lambda: opened.append(feed.link.state))
    feed.link.connecting()
    second = await play(feed)

    assert first.messages == second.messages == ["0", "1", "2"]
    assert second.replayed == times
    assert opened == [LinkState.CONNECTING, LinkState.OPEN, LinkState.ENDED]


async def test_clock_set_back(path: Path) -> None:
    """Where recorded times go back, the next message follows at once and the rest on time."""
    times = record(path, 0, 10, -HOUR_S, 5 - HOUR_S)
    audience = await play(ReplayFeed(path, 100))

    assert audience.messages == ["0", "1", "2", "3"]
    assert audience.replayed == times
    assert audience.elapsed_s[3] >= 15 / 100


async def test_years_between_messages(path: Path) -> None:
    """The longest gaps and the extreme speeds work."""
    with closing(Recorder(path)) as recorder:
        for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
            recorder.write("{}", at)

    assert len((await play(ReplayFeed(path, 1e300))).messages) == 2
    slow = ReplayFeed(path, 1e-9)
    async with playing(slow) as audience:
        await eventually(lambda: audience.messages)
        assert slow.now().year == 1


async def test_fetched_state(path: Path) -> None:
    """A fetched state is delivered as one."""
    with closing(Recorder(path)) as recorder:
        recorder.write("{}", START, fetched=True)
        recorder.write("{}", START)

    assert (await play(ReplayFeed(path, 1))).fetched == [True, False]


def test_nothing_to_play(tmp_path: Path) -> None:
    """A missing file refuses the start."""
    with pytest.raises(ConfigurationError, match="cannot replay"):
        ReplayFeed(tmp_path / "day.jsonl", 1)


async def test_long_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long pause between two sessions of one file is shortened."""
    monkeypatch.setattr("northstar.feeds.replay.LONGEST_SILENCE_S", 0.05)
    path = tmp_path / "two days.jsonl"
    times = record(path, 0, 24 * HOUR_S)
    feed = ReplayFeed(path, 1)
    replayed: list[datetime] = []

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        replayed.append(feed.now())
        return bool(raw) and not fetched

    running = asyncio.create_task(feed.run(accept))
    await eventually(lambda: feed.link.state is LinkState.ENDED)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert replayed == times
