"""The age of the data: across sleep, changed clocks and coarse timestamps."""

from datetime import timedelta
from typing import Any

import pytest

from northstar.domain.outcomes import Tally
from northstar.feeds import Source
from northstar.live.intake import Intake
from northstar.web.health import unready_reason
from support.pipelines import AT, ManualPipeline

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def live() -> ManualPipeline:
    """Return a pipeline with an open link."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened()
    return pipeline


def intake(pipeline: ManualPipeline) -> Intake:
    """Return what takes the messages."""
    return pipeline.intake


def take(pipeline: ManualPipeline, stamp_s: float, **changes: Any) -> bool:
    """Take a message with a timestamp `stamp_s` after the example."""
    return pipeline.take(timestamp=(AT + timedelta(seconds=stamp_s)).isoformat(), **changes)


def run(pipeline: ManualPipeline, seconds: range, offset_s: float = 0.0) -> None:
    """Take a message each second, with a constant clock offset."""
    for second in seconds:
        pipeline.clock.passed_s = second
        take(pipeline, second + offset_s, revenue=second)


def test_age_after_a_sleep() -> None:
    """The data ages while the machine sleeps, although the monotonic clock stands still.

    So it does with a source whose clock is off, and with a message delayed by the sleep.
    """
    for offset_s in (0.0, HOUR_S, -HOUR_S):
        pipeline = live()
        run(pipeline, range(10), offset_s)
        pipeline.clock.passed_s, pipeline.clock.set_s = 9.6, 62

        assert pipeline.status.state == "stale"
        assert pipeline.status.age_s == pytest.approx(62.6)
        assert unready_reason(pipeline.status) == "the data is 1 m 2 s old, more than 10 s"

        take(pipeline, 10 + offset_s)
        assert pipeline.status.age_s == pytest.approx(61.6, abs=0.1)
        take(pipeline, 9.6 + 62 + offset_s)
        assert pipeline.status.age_s == pytest.approx(0, abs=0.1)
        assert pipeline.status.state == "live"


def test_silence_from_the_start_over_a_sleep() -> None:
    """Without data, the wait since the start includes sleep, too."""
    pipeline = live()
    pipeline.clock.set_s = 62

    assert pipeline.status.silence_s == 62
    assert pipeline.status.state == "stale"


@pytest.mark.parametrize("offset_s", [0.0, HOUR_S, -HOUR_S])
def test_wall_clock_that_is_set_back(offset_s: float) -> None:
    """Setting the wall clock back does not make old data younger, nor new data older."""
    pipeline = live()
    run(pipeline, range(10), offset_s)
    pipeline.clock.set_s = -HOUR_S

    pipeline.clock.passed_s = 29
    assert pipeline.status.age_s == 20
    run(pipeline, range(30, 40), offset_s)
    assert pipeline.status.age_s == pytest.approx(0, abs=0.1)
    pipeline.clock.passed_s = 59
    assert pipeline.status.age_s == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("offset_s", [0.0, HOUR_S, -HOUR_S])
@pytest.mark.parametrize("set_s", [HOUR_S, 100 * DAY_S])
def test_wall_clock_that_is_set_forward(set_s: float, offset_s: float) -> None:
    """After a jump ahead, data is stale until messages have kept their new offset for 5 s."""
    pipeline = live()
    run(pipeline, range(10), offset_s)
    pipeline.clock.set_s = set_s

    run(pipeline, range(10, 14), offset_s)
    assert pipeline.status.state == "stale"
    run(pipeline, range(14, 18), offset_s)
    assert pipeline.status.state == "live"

    pipeline.clock.set_s = 0
    run(pipeline, range(18, 30), offset_s)
    assert pipeline.status.state == "live"
    assert pipeline.status.age_s == pytest.approx(0, abs=0.1)


def test_wall_clock_that_is_set_while_the_source_is_quiet() -> None:
    """A clock that is set forward and back changes nothing."""
    pipeline = live()
    run(pipeline, range(10))
    pipeline.clock.set_s = 100 * DAY_S
    assert pipeline.status.state == "stale"

    pipeline.clock.set_s = 0
    assert pipeline.status.state == "live"


def test_time_being_replayed() -> None:
    """Replayed time has its own speed, and a sleep does not age it."""
    pipeline = ManualPipeline(source=Source.REPLAY)
    pipeline.feed.link.opened()
    pipeline.take()
    pipeline.clock.set_s = HOUR_S

    assert pipeline.status.age_s == 0


@pytest.mark.parametrize("jump_s", [20.0, 600.0, HOUR_S, 30 * DAY_S])
@pytest.mark.parametrize("offset_s", [0.0, 30.0, -30.0, HOUR_S, -HOUR_S, -4 * HOUR_S])
@pytest.mark.parametrize("every_s", [1, 60])
def test_source_s_clock_that_jumps_ahead_once(offset_s: float, jump_s: float, every_s: int) -> None:
    """Messages are accepted again after two of them, two seconds apart, have the earlier offset."""
    pipeline = live()
    run(pipeline, range(0, 10 * every_s, every_s), offset_s)
    pipeline.clock.passed_s = 10 * every_s
    assert take(pipeline, 10 * every_s + offset_s + jump_s)

    start = 11 * every_s
    run(pipeline, range(start, start + 5 * every_s, every_s), offset_s)

    assert pipeline.status.tally.accepted >= 13
    assert intake(pipeline).snapshot is not None
    assert pipeline.status.state == "live"
    assert pipeline.status.age_s == pytest.approx(0, abs=0.1)


def test_one_old_message() -> None:
    """Any number of old messages changes nothing unless their times advance at real speed."""
    pipeline = live()
    run(pipeline, range(100))
    accepted = pipeline.status.tally.accepted

    for second in range(100, 120):
        pipeline.clock.passed_s = second
        assert not take(pipeline, 10)
        assert not take(pipeline, second - 100)

    assert pipeline.status.tally == Tally(
        accepted=accepted,
        out_of_order=40,
        last_out_of_order=pipeline.status.tally.last_out_of_order,
    )


def whole_minutes(
    pipeline: ManualPipeline, seconds: range, late_s: float = 0.0, *, moves: bool = True
) -> None:
    """Take a message each second, `late_s` late, with a timestamp of the whole minute."""
    for second in seconds:
        pipeline.clock.passed_s = second
        take(pipeline, (second - late_s) // 60 * 60, revenue=second if moves else 1)


def test_time_stamps_of_whole_minutes() -> None:
    """Changing totals are as fresh as the first message of their minute."""
    pipeline = live()
    whole_minutes(pipeline, range(50, 61))
    states = set()
    for second in range(61, 600):
        whole_minutes(pipeline, range(second, second + 1))
        states.add(pipeline.status.state)

    assert states == {"live"}
    assert pipeline.status.age_s == pytest.approx(0, abs=0.1)


def test_time_stamps_of_whole_minutes_that_are_late() -> None:
    """A delay is measured each minute and counts as age."""
    pipeline = live()
    whole_minutes(pipeline, range(50, 240))

    whole_minutes(pipeline, range(240, 600), late_s=130)

    assert pipeline.status.age_s == pytest.approx(130, abs=1)


def test_totals_that_stand_still_under_one_time_stamp() -> None:
    """Unchanged totals under one timestamp age however often they are sent."""
    pipeline = live()
    whole_minutes(pipeline, range(120))

    whole_minutes(pipeline, range(120, 175), moves=False)

    assert pipeline.status.age_s == pytest.approx(54, abs=1)


def test_time_stamps_of_whole_days() -> None:
    """After the timestamp has been constant for a while, changed totals count as new."""
    pipeline = live()
    for second in range(30):
        pipeline.clock.passed_s = second
        take(pipeline, -HOUR_S, revenue=second)
        assert pipeline.status.state == ("live" if second >= 10 else "stale")

    pipeline.clock.passed_s = 40
    assert pipeline.status.state == "stale"
