"""How old the data is: over sleeps, with clocks that are set, and with coarse timestamps."""

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
    told = ManualPipeline()
    told.feed.link.opened()
    return told


def intake(told: ManualPipeline) -> Intake:
    """Return what takes the messages."""
    return told.pipeline.intake


def take(told: ManualPipeline, stamp_s: float, **changes: Any) -> bool:
    """Take a message that is stamped `stamp_s` after the example."""
    return told.take(timestamp=(AT + timedelta(seconds=stamp_s)).isoformat(), **changes)


def run(told: ManualPipeline, seconds: range, offset_s: float = 0.0) -> None:
    """Take a message each second, stamped by a clock that is ahead of ours as it was at first."""
    for second in seconds:
        told.clock.passed_s = second
        take(told, second + offset_s, revenue=second)


def test_age_after_a_sleep() -> None:
    """The monotonic clock stands still while the machine sleeps; the data gets older all the same.

    So it is with a source whose time is off, also by a message that waited for us to wake up.
    """
    for offset_s in (0.0, HOUR_S, -HOUR_S):
        told = live()
        run(told, range(10), offset_s)
        told.clock.passed_s, told.clock.set_s = 9.6, 62

        assert told.status.state == "stale"
        assert told.status.age_s == pytest.approx(62.6)
        assert unready_reason(told.status) == "the data is 1 m 2 s old, more than 10 s"

        take(told, 10 + offset_s)
        assert told.status.age_s == pytest.approx(61.6, abs=0.1)
        take(told, 9.6 + 62 + offset_s)
        assert told.status.age_s == pytest.approx(0, abs=0.1)
        assert told.status.state == "live"


def test_silence_from_the_start_over_a_sleep() -> None:
    """Without data, the wait since the start includes sleeps, too."""
    told = live()
    told.clock.set_s = 62

    assert told.status.silence_s == 62
    assert told.status.state == "stale"


@pytest.mark.parametrize("offset_s", [0.0, HOUR_S, -HOUR_S])
def test_wall_clock_that_is_set_back(offset_s: float) -> None:
    """It makes old data no younger, and new data is as new as before."""
    told = live()
    run(told, range(10), offset_s)
    told.clock.set_s = -HOUR_S

    told.clock.passed_s = 29
    assert told.status.age_s == 20
    run(told, range(30, 40), offset_s)
    assert told.status.age_s == pytest.approx(0, abs=0.1)
    told.clock.passed_s = 59
    assert told.status.age_s == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("offset_s", [0.0, HOUR_S, -HOUR_S])
@pytest.mark.parametrize("set_s", [HOUR_S, 100 * DAY_S])
def test_wall_clock_that_is_set_forward(set_s: float, offset_s: float) -> None:
    """It may have slept, so the data is stale until messages have kept their new offset for 5 s."""
    told = live()
    run(told, range(10), offset_s)
    told.clock.set_s = set_s

    run(told, range(10, 14), offset_s)
    assert told.status.state == "stale"
    run(told, range(14, 18), offset_s)
    assert told.status.state == "live"

    told.clock.set_s = 0
    run(told, range(18, 30), offset_s)
    assert told.status.state == "live"
    assert told.status.age_s == pytest.approx(0, abs=0.1)


def test_wall_clock_that_is_set_while_the_source_is_quiet() -> None:
    """What is set forward and back leaves no trace."""
    told = live()
    run(told, range(10))
    told.clock.set_s = 100 * DAY_S
    assert told.status.state == "stale"

    told.clock.set_s = 0
    assert told.status.state == "live"


def test_time_being_replayed() -> None:
    """It runs at another pace than ours, and does not show a sleep."""
    told = ManualPipeline(source=Source.REPLAY)
    told.feed.link.opened()
    told.take()
    told.clock.set_s = HOUR_S

    assert told.status.age_s == 0


@pytest.mark.parametrize("jump_s", [20.0, 600.0, HOUR_S, 30 * DAY_S])
@pytest.mark.parametrize("offset_s", [0.0, 30.0, -30.0, HOUR_S, -HOUR_S, -4 * HOUR_S])
@pytest.mark.parametrize("every_s", [1, 60])
def test_source_s_clock_that_jumps_ahead_once(offset_s: float, jump_s: float, every_s: int) -> None:
    """Its messages are taken again once two of them, over two seconds, are where they were."""
    told = live()
    run(told, range(0, 10 * every_s, every_s), offset_s)
    told.clock.passed_s = 10 * every_s
    assert take(told, 10 * every_s + offset_s + jump_s)

    start = 11 * every_s
    run(told, range(start, start + 5 * every_s, every_s), offset_s)

    assert told.status.tally.accepted >= 13
    assert intake(told).snapshot is not None
    assert told.status.state == "live"
    assert told.status.age_s == pytest.approx(0, abs=0.1)


def test_one_old_message() -> None:
    """Messages of old times change nothing, however many, unless they go on at time's own pace."""
    told = live()
    run(told, range(100))
    accepted = told.status.tally.accepted

    for second in range(100, 120):
        told.clock.passed_s = second
        assert not take(told, 10)
        assert not take(told, second - 100)

    assert told.status.tally == Tally(
        accepted=accepted, out_of_order=40, last_out_of_order=told.status.tally.last_out_of_order
    )


def whole_minutes(
    told: ManualPipeline, seconds: range, late_s: float = 0.0, *, moves: bool = True
) -> None:
    """Take a message each second, stamped with the whole minute, `late_s` after it was sent."""
    for second in seconds:
        told.clock.passed_s = second
        take(told, (second - late_s) // 60 * 60, revenue=second if moves else 1)


def test_time_stamps_of_whole_minutes() -> None:
    """Totals that move are as new as the minute's first message was."""
    told = live()
    whole_minutes(told, range(50, 61))
    states = set()
    for second in range(61, 600):
        whole_minutes(told, range(second, second + 1))
        states.add(told.status.state)

    assert states == {"live"}
    assert told.status.age_s == pytest.approx(0, abs=0.1)


def test_time_stamps_of_whole_minutes_that_are_late() -> None:
    """A delay is measured each minute, and shows."""
    told = live()
    whole_minutes(told, range(50, 240))

    whole_minutes(told, range(240, 600), late_s=130)

    assert told.status.age_s == pytest.approx(130, abs=1)


def test_totals_that_stand_still_under_one_time_stamp() -> None:
    """They get older, however often they are sent."""
    told = live()
    whole_minutes(told, range(120))

    whole_minutes(told, range(120, 175), moves=False)

    assert told.status.age_s == pytest.approx(54, abs=1)


def test_time_stamps_of_whole_days() -> None:
    """Nothing measures them; once the stamp has stood for a while, totals that move are new."""
    told = live()
    for second in range(30):
        told.clock.passed_s = second
        take(told, -HOUR_S, revenue=second)
        assert told.status.state == ("live" if second >= 10 else "stale")

    told.clock.passed_s = 40
    assert told.status.state == "stale"
