"""The pipeline with a feed that the test controls."""

import asyncio
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.day import Amounts, DayRecord
from northstar.settings.table import Settings
from support import guide
from support.frames import shown_revenue
from support.pipelines import TAKE_S, running_pipeline
from support.waiting import eventually

IMPATIENT = Settings(demo=True, max_fps=60, stale_after=1)
BRIEF_S = 0.1


async def test_frame_before_any_message() -> None:
    """Before any message the frame says that it is connecting, without a number or an age."""
    async with running_pipeline() as at:
        frame = at.frame()

        assert frame["feed"]["state"] == "connecting"
        assert frame["feed"]["age_s"] is None
        assert frame["as_of"] is None
        assert frame["props"] is None
        assert at.pipeline.broadcast.message() is None

        at.feed.link.opened()
        assert at.state == "connecting"


async def test_frame_after_a_message() -> None:
    """After a message the frame has its numbers and is live."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()

        frame = await at.frame_with("$125,450.00")

        assert frame["feed"]["state"] == "live"
        assert frame["feed"]["source"] == "live"
        assert frame["feed"]["name"] == "hand feed"
        assert frame["feed"]["tally"]["accepted"] == 1
        assert frame["as_of"] == "2026-02-25T22:24:00Z"


async def test_frames_after_several_messages() -> None:
    """Frame numbers increase within one epoch, and the last message is always shown."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        seen = [await at.next_frame()]
        for revenue in range(1, 51):
            at.feed.send(revenue=revenue)
            await asyncio.sleep(0)
        async with asyncio.timeout(TAKE_S):
            while shown_revenue(seen[-1]) != "$50.00":
                seen.append(await at.next_frame())

        numbers = [frame["seq"] for frame in seen]
        assert numbers == sorted(set(numbers))
        assert len({frame["epoch"] for frame in seen}) == 1
        assert len(seen) < 25

    async with running_pipeline() as another:
        assert another.frame()["epoch"] != seen[0]["epoch"]


async def test_subscribers() -> None:
    """Subscribers get each new state in the guide's format, but nothing for rejected messages."""
    async with running_pipeline() as at:
        with at.pipeline.broadcast.subscribers.join() as subscriber:
            at.feed.link.opened()
            assert not at.feed.send(revenue="a lot")
            at.feed.send(netPnL=0)
            async with asyncio.timeout(TAKE_S):
                message = json.loads(await subscriber.take())

            assert message == guide.message()
            assert not subscriber.full


async def test_silence() -> None:
    """Live data is stale after the limit, also on an open connection, and has its age."""
    async with running_pipeline(IMPATIENT) as at:
        at.feed.link.opened()
        at.feed.send()
        assert at.state == "live"

        await eventually(lambda: at.state != "live")

        status = at.frame()["feed"]
        assert status["state"] == "stale"
        assert status["age_s"] >= 1
        assert status["silence_s"] == status["age_s"]

        at.feed.send(timestamp="2026-02-25T22:24:01Z")
        assert at.state == "live"


async def test_same_state_again() -> None:
    """Repeated states do not make the data younger."""
    async with running_pipeline(IMPATIENT) as at:
        at.feed.link.opened()
        at.feed.send()
        assert at.state == "live"

        await eventually(lambda: at.feed.send() and at.state == "stale")


async def test_first_message_that_is_old() -> None:
    """A first message is as old as its time says, until the source keeps pace."""
    async with running_pipeline(late_s=3600) as at:
        at.feed.link.opened()
        at.feed.send()
        assert at.state == "stale"
        assert at.frame()["feed"]["age_s"] >= 3600

        at.feed.send(timestamp="2026-02-25T22:24:01Z")
        assert at.state == "stale"
        ticks = (f"2026-02-25T22:24:01.{tick:06}Z" for tick in range(1, 10**6))
        await eventually(lambda: at.feed.send(timestamp=next(ticks)) and at.state == "live")


async def test_first_message_ahead_of_its_time() -> None:
    """A source whose clock is ahead is accepted, and its data is not younger than now."""
    async with running_pipeline(late_s=-3600) as at:
        at.feed.link.opened()
        at.feed.send()

        assert at.state == "live"
        assert at.frame()["feed"]["age_s"] >= 0


async def test_silence_from_the_start() -> None:
    """A source that is connected but silent is stale without an age."""
    async with running_pipeline(IMPATIENT) as at:
        at.feed.link.opened()
        await eventually(lambda: at.state == "stale")

        status = at.frame()["feed"]
        assert status["age_s"] is None
        assert status["silence_s"] >= 1


async def test_lost_link() -> None:
    """After a lost link the state is reconnecting while the data is young, then offline."""
    async with running_pipeline(IMPATIENT) as at:
        at.feed.link.opened()
        at.feed.send()
        at.feed.link.lost("gone", asyncio.get_running_loop().time() + 30)
        status = at.frame()["feed"]
        at.feed.link.connecting()
        assert at.state == "reconnecting"

        assert status["state"] == "reconnecting"
        assert status["problem"] == "gone"
        assert status["reconnects"] == 0
        assert status["link"] == "waiting"
        assert 0 < status["retry_in_s"] <= 30

        await eventually(lambda: at.state != "reconnecting")
        assert at.state == "offline"
        assert shown_revenue(at.frame()) == "$125,450.00"


async def test_change_of_the_link() -> None:
    """Viewers get a change of the link at once, with unchanged numbers."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()
        await at.frame_with("$125,450.00")

        at.feed.link.lost("gone", asyncio.get_running_loop().time() + 30)
        frame = await at.next_frame()

        assert frame["feed"]["problem"] == "gone"
        assert frame["feed"]["state"] == "reconnecting"
        assert shown_revenue(frame) == "$125,450.00"


async def test_rejected_message() -> None:
    """After a rejection the last good state and its age stay; it is counted with its reason."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()
        before = at.frame()["feed"]["age_s"]

        assert not at.feed.send(revenue="a lot")

        status = at.frame()["feed"]
        assert status["tally"]["rejected"] == 1
        assert status["tally"]["last_rejection"].startswith("revenue: ")
        assert status["age_s"] >= before
        assert shown_revenue(await at.next_frame()) == "$125,450.00"


async def test_viewer_who_joins() -> None:
    """The frame for a new viewer has the current age of the data."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()
        drawn = await at.frame_with("$125,450.00")

        await eventually(lambda: at.frame()["feed"]["age_s"] > drawn["feed"]["age_s"] + BRIEF_S)

        joined = at.frame()
        assert joined["props"] == drawn["props"]
        assert joined["seq"] == drawn["seq"]


async def test_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without changes a frame with the same content reports the growing age."""
    monkeypatch.setattr("northstar.live.broadcast.HEARTBEAT_S", BRIEF_S)
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()
        drawn = await at.frame_with("$125,450.00")

        heartbeat = await at.next_frame()

        assert heartbeat["props"] == drawn["props"]
        assert heartbeat["seq"] == drawn["seq"]
        assert heartbeat["as_of"] == drawn["as_of"]
        assert heartbeat["feed"]["age_s"] > drawn["feed"]["age_s"]


async def test_days_of_the_history() -> None:
    """Earlier days learned from the history are shown without another message."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send(trendsData=guide.month())
        await at.frame_with("$125,450.00")
        await eventually(lambda: len(at.pipeline.history.days) > 0)
        day, amounts = date(2026, 2, 22), Amounts(Decimal(100), Decimal(40))
        restated = DayRecord(day, amounts, closed=amounts, restated_at=datetime.now(UTC))

        at.pipeline.history.days = {day: restated}
        at.pipeline.history.changed.notify()

        async with asyncio.timeout(TAKE_S):
            while "22 Feb 2026, restated" not in str((await at.next_frame())["props"]):
                pass


async def test_fault_in_the_feed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed feed is logged, counted and restarted; the state stays."""
    monkeypatch.setattr("northstar.live.supervision.RESTART_DELAY_S", BRIEF_S)
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()

        at.feed.fail()
        await eventually(lambda: at.feed.runs == 2)
        at.feed.send(revenue=2)

        assert shown_revenue(await at.frame_with("$2.00"))
        assert at.pipeline.faults == 1
        assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_fault_while_making_a_frame(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed frame is logged and counted; the next one has its changes."""
    monkeypatch.setattr("northstar.live.supervision.RESTART_DELAY_S", BRIEF_S)
    async with running_pipeline() as at:
        at.feed.link.opened()
        at.feed.send()
        await at.frame_with("$125,450.00")

        at.feed.name = object()  # type: ignore[assignment]  # nothing that fits into a frame
        at.feed.send(revenue=2)
        await eventually(lambda: at.pipeline.faults)
        at.feed.name = "hand feed"

        assert shown_revenue(await at.frame_with("$2.00"))
        assert at.feed.runs == 1
        assert all(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_message_from_the_end_of_time(timestamp: str) -> None:
    """A message at the end of the calendar is shown or refused without a fault."""
    async with running_pipeline() as at:
        at.feed.link.opened()
        if at.feed.send(timestamp=timestamp, trendsData=...):
            await at.frame_with("$125,450.00")

        assert at.pipeline.faults == 0


async def test_hour_that_comes_twice() -> None:
    """When clocks go back an hour, messages of the repeated hour are in order."""
    async with running_pipeline(Settings(demo=True, timezone=ZoneInfo("Europe/Berlin"))) as at:
        assert at.feed.send(timestamp="2026-10-25T00:59:59Z")
        assert at.feed.send(timestamp="2026-10-25T01:00:00Z")
        assert at.pipeline.intake.ledger.tally.out_of_order == 0
