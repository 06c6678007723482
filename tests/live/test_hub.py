"""Fan-out and beats on a simulated clock: exact times without waiting."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from northstar.live.hub import EncodedText, Hub, Slot, beats
from support.jumping_loop import run

GAP_S = 1.0
HEARTBEAT_S = 5.0


async def watch(
    changes_at_s: Iterable[float],
    until_s: float,
    busy_s: Callable[[], float] = lambda: 0.0,
) -> list[tuple[float, bool]]:
    """Return the beats up to `until_s` and their times, for changes at the given times.

    Processing each beat takes `busy_s`.
    """
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    seen: list[tuple[float, bool]] = []
    for moment in changes_at_s:
        loop.call_at(moment, changed.set)
    try:
        async with asyncio.timeout_at(until_s):
            async for beat in beats(changed, gap_s=GAP_S, heartbeat_s=HEARTBEAT_S):
                seen.append((round(loop.time(), 6), beat))
                await asyncio.sleep(busy_s())
    except TimeoutError:
        return seen
    raise AssertionError("the beat has ended")


def test_slot_with_several_frames() -> None:
    """Only the newest frame is stored."""
    slot = Slot[str]()
    for frame in ("one", "two", "three"):
        slot.put(frame)
    assert slot.full

    assert run(slot.take()) == "three"
    assert not slot.full


def test_slot_of_a_viewer_that_is_ready() -> None:
    """A frame that can be sent now is not stored; once one cannot, later ones are stored, too."""
    sent: list[str] = []
    ready = True

    def send_now(frame: str) -> bool:
        if ready:
            sent.append(frame)
        return ready

    slot = Slot[str](send_now=send_now)
    slot.put("one")
    assert not slot.full
    ready = False
    slot.put("two")
    ready = True
    slot.put("three")

    assert sent == ["one"]
    assert run(slot.take()) == "three"


def test_slot_while_empty() -> None:
    """Taking waits for a frame, and the same frame is not taken twice."""

    async def take_twice() -> list[str]:
        loop = asyncio.get_running_loop()
        slot = Slot[str]()
        loop.call_at(3, slot.put, "first")
        loop.call_at(7, slot.put, "second")
        taken = [await slot.take()]
        assert loop.time() == 3
        taken.append(await slot.take())
        assert loop.time() == 7
        return taken

    assert run(take_twice()) == ["first", "second"]


@pytest.mark.parametrize("put_first", [False, True], ids=["before the frame", "after the frame"])
def test_slot_after_a_cancelled_take(put_first: bool) -> None:  # noqa: FBT001
    """A frame that arrives while its taker is cancelled stays for the next one."""

    async def cancel_and_take() -> str:
        slot = Slot[str]()
        taking = asyncio.create_task(slot.take())
        await asyncio.sleep(1)
        if put_first:
            slot.put("frame")
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        assert taking.cancelled()
        if not put_first:
            slot.put("frame")
        return await slot.take()

    assert run(cancel_and_take()) == "frame"


def test_hub_with_viewers_that_come_and_go() -> None:
    """A frame reaches the current viewers, and a viewer that leaves frees its slot."""
    hub = Hub[str]()
    hub.publish("before anyone")
    with hub.join() as stays:
        assert not stays.full
        with hub.join() as leaves:
            hub.publish("both")
            assert len(hub) == 2
        assert len(hub) == 1
        hub.publish("one")
        assert run(stays.take()) == "one"
        assert run(leaves.take()) == "both"

    assert len(hub) == 0


def test_hub_with_a_viewer_that_does_not_read() -> None:
    """For a viewer that does not read, only the newest frame is stored; others get every frame."""
    hub = Hub[str]()
    with hub.join() as slow, hub.join() as quick:
        for number in range(100):
            hub.publish(f"{number}")
            assert run(quick.take()) == f"{number}"

        assert run(slow.take()) == "99"
        assert not slow.full


def test_beats_after_a_quiet_time() -> None:
    """The first change is reported at once."""
    assert run(watch([3.25], until_s=5)) == [(3.25, True)]


def test_beats_before_any_change() -> None:
    """Without changes, there is a beat after each heartbeat interval."""
    assert run(watch([], until_s=16)) == [(5, False), (10, False), (15, False)]


def test_beats_after_the_last_change() -> None:
    """The heartbeat interval starts at the last beat."""
    assert run(watch([3], until_s=15)) == [(3, True), (8, False), (13, False)]


def test_beats_in_a_flood() -> None:
    """Changes faster than the gap are reported once per gap, one of them early."""
    flood = [moment / 100 for moment in range(1001)]

    told = [when for when, _ in run(watch(flood, until_s=9.6))]

    assert told == pytest.approx([0, 0.01, *(0.95 * number for number in range(1, 11))])


def test_beats_after_a_flood() -> None:
    """The last change is reported, even right after another."""
    told = [when for when, _ in run(watch([2.0, 2.1, 2.2, 2.3], until_s=6))]

    assert told == pytest.approx([2.0, 2.1, 2.95])


def test_beats_while_the_taker_is_busy() -> None:
    """A change that arrives while the previous one is processed is reported afterwards."""
    durations = iter([0.5, 0.0])

    told = run(watch([2.0, 2.4], until_s=6, busy_s=lambda: next(durations)))

    assert told == [(2.0, True), (2.5, True)]


def test_beats_at_the_pace_of_the_gap() -> None:
    """With a source at the pace of the gap and occasional delays, the lag does not grow."""
    late_by = [0.0, 0.7, 0.1, 0.9, 0.0, 0.4, 0.8, 0.2]
    changes = [1 + number * GAP_S + late_by[number % len(late_by)] for number in range(400)]

    told = run(watch(changes, until_s=402))

    assert [beat for _, beat in told] == [True] * len(changes)
    lags = [when - change for (when, _), change in zip(told, changes, strict=True)]
    assert max(lags) <= max(late_by)
    assert sum(lags) / len(lags) < 0.05


def test_beats_after_a_long_pause_of_the_source() -> None:
    """After a backlog, every change is reported at once again."""
    changes = [1.0, 2.0, 5.5, 5.6, 5.7, *(float(second) for second in range(6, 60))]

    told = [when for when, _ in run(watch(changes, until_s=61))]

    assert told[-20:] == pytest.approx(changes[-20:])


def test_hub_with_a_viewer_that_fails() -> None:
    """A viewer whose connection fails frees its slot, too."""
    hub = Hub[str]()

    def fail() -> None:
        with hub.join():
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        fail()
    assert len(hub) == 0


def test_skipped_frames() -> None:
    """Frames replaced by a newer one are counted, including those of viewers that have left."""
    hub = Hub[str]()
    with hub.join(), hub.join() as quick:
        for number in range(3):
            hub.publish(f"{number}")
            run(quick.take())
        assert hub.skipped == 2

    assert hub.skipped == 2
    with hub.join() as next_one:
        hub.publish("frame")
        run(next_one.take())
        assert hub.skipped == 2


def test_skipped_frames_of_one_who_leaves() -> None:
    """A frame that waits when its viewer leaves is not counted as skipped."""
    hub = Hub[str]()
    with hub.join():
        hub.publish("frame")

    assert hub.skipped == 0


def test_frame_for_many_viewers() -> None:
    """All viewers take the same object."""
    hub = Hub[EncodedText]()
    frame = EncodedText("▲ +$250.00")
    with hub.join() as one, hub.join() as other:
        hub.publish(frame)

        assert run(one.take()) is frame
        assert run(other.take()) is frame


def test_bytes_of_a_frame() -> None:
    """A text is encoded once."""
    text = EncodedText("▲ +$250.00")

    assert text.encode() == "▲ +$250.00".encode()
    assert text.encode() is text.encode()
    assert text.encode("utf-16") == "▲ +$250.00".encode("utf-16")
