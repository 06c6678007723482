"""The age of a message on arrival, for any clock of the source."""

from collections.abc import Callable, Iterable

import pytest

from northstar.domain.clocks import DRIFT, IN_STEP_S, SourceClock

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
OFFSETS = [0.0, 0.5, 30.0, HOUR_S, -30.0, -HOUR_S]


def ages(*messages: tuple[float, float]) -> list[float]:
    """Return the ages of messages from their arrival and the offset of their time."""
    clock = SourceClock()
    return [clock.age_s(ahead_s, arrived_s) for arrived_s, ahead_s in messages]


def delayed(
    delay_s: Callable[[float], float], offset_s: float, arrivals: Iterable[float]
) -> list[tuple[float, float, float]]:
    """Return (arrival, true delay, age) of messages with a growing delay and a clock offset.

    In the ten seconds before, messages come without delay and the clock can be learned. Messages do
    not overtake each other: while the delay grows faster than time passes, none comes.
    """
    clock = SourceClock()
    for second in range(-10, 0):
        clock.age_s(offset_s, second)
    sent_s, messages = -1.0, []
    for arrived_s in arrivals:
        late_s = delay_s(arrived_s)
        if arrived_s - late_s >= sent_s:
            sent_s = arrived_s - late_s
            messages.append((arrived_s, late_s, clock.age_s(offset_s - late_s, arrived_s)))
    return messages


def test_age_in_step() -> None:
    """With equal clocks, a message is as old as its time says."""
    assert ages((0, -0.1), (1, -0.2), (2, 0.3), (60, -30)) == pytest.approx(
        [0.1, 0.2, 0.0, 30.3], abs=0.01
    )


@pytest.mark.parametrize("offset_s", [HOUR_S, -HOUR_S])
def test_age_by_a_clock_that_is_off(offset_s: float) -> None:
    """A clock offset is accepted once messages have kept pace for a while."""
    *_, last, held_up = ages(
        *((second, offset_s - 0.01) for second in range(4)), (10, offset_s - 5)
    )

    assert last == pytest.approx(0, abs=0.1)
    assert held_up == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("offset_s", OFFSETS)
@pytest.mark.parametrize("every_s", [0.1, 1, 60])
def test_age_by_a_clock_that_is_off_for_days(offset_s: float, every_s: float) -> None:
    """A constant offset stays accepted, and so does the drift of a clock that is never set."""
    clock = SourceClock()
    arrivals = [*(every_s * n for n in range(200)), *(DAY_S + every_s * n for n in range(200))]

    told = [clock.age_s(offset_s - DRIFT / 2 * arrived, arrived) for arrived in arrivals]

    known = [age for age, arrived in zip(told, arrivals, strict=True) if arrived > max(60, every_s)]
    assert max(known) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("offset_s", OFFSETS)
@pytest.mark.parametrize(
    "delay_s",
    [
        pytest.param(lambda t: t / 2, id="half pace"),
        pytest.param(lambda t: t * 0.9, id="a tenth of the pace"),
        pytest.param(lambda t: t * 0.02, id="slowly"),
        pytest.param(lambda t: t**2 / 1000, id="faster and faster"),
        pytest.param(lambda t: t // 60 * 7, id="in steps"),
        pytest.param(lambda t: 40.0 if t > 30 else 0.0, id="once and for good"),
        pytest.param(lambda t: max(0.0, t - 300), id="not at all, then alert_status still"),
    ],
)
def test_age_while_the_delay_grows(delay_s: Callable[[float], float], offset_s: float) -> None:
    """A growing delay counts as age and never as an offset."""
    told = delayed(delay_s, offset_s, range(3600))

    for arrived_s, true_s, age_s in told:
        drifted_s = DRIFT * (arrived_s + 10) + IN_STEP_S
        assert age_s == pytest.approx(true_s, abs=drifted_s), f"after {arrived_s} s"


def test_age_from_the_start_at_half_pace() -> None:
    """For a source that falls behind from the start, age is measured by our clock."""
    told = ages(*((second, -second / 2) for second in range(60)))

    assert told[-1] == pytest.approx(29.5)


def test_age_from_the_start_almost_at_pace() -> None:
    """An offset learned at the start does not grow with the delay."""
    told = ages(*((second, -30 - second * 0.05) for second in range(1000)))

    assert told[0] == 30
    assert told[-1] == pytest.approx(1000 * 0.05, abs=1)


def test_age_before_a_clock_is_known() -> None:
    """A first message can be old; one from the future has age zero."""
    assert ages((0, -HOUR_S)) == [HOUR_S]
    assert ages((0, HOUR_S)) == [0]


def test_age_by_a_clock_ahead_before_it_is_known() -> None:
    """A delay counts as age even while the message's time is in our future."""
    assert ages((0, 30), (2, 29), (20, 13))[1:] == pytest.approx([1, 17], abs=0.01)


def test_age_of_a_backlog() -> None:
    """Delayed messages that arrive at once are not considered new."""
    backlog = [(10 + n / 100, -300.0 + n) for n in range(300)]
    before = [(float(second), 0.0) for second in range(5)]

    told = ages(*before, *backlog)

    assert told[5] == 300
    assert told[-1] == pytest.approx(1)
    assert ages(*backlog)[250] == pytest.approx(50)


def test_age_after_a_clock_was_put_right() -> None:
    """An earlier time that the ledger accepts as a correction is used at once."""
    *_, last, held_up = ages(*((second, HOUR_S) for second in range(10)), (11, 0), (30, -15))

    assert last == 0
    assert held_up == 15


def test_age_after_a_clock_was_put_right_during_a_pause() -> None:
    """After a correction during a pause, messages may count as late for a minute."""
    before = [(float(second), 60.0) for second in range(10)]
    after = [(120.0 + second, 0.1) for second in range(70)]

    told = ages(*before, *after)[len(before) :]

    assert told[:60] == pytest.approx([60] * 60, abs=0.2)
    assert told[61:] == [0.0] * len(told[61:])


@pytest.mark.parametrize(
    ("before_s", "after_s"), [(-4 * HOUR_S, -5 * HOUR_S), (7200, 3600), (30, 10), (0, -HOUR_S)]
)
def test_age_after_a_clock_was_set_back(before_s: float, after_s: float) -> None:
    """After the source's clock was set back, its refused messages teach the new offset."""
    clock = SourceClock()
    for second in range(10):
        clock.age_s(before_s, second)
    behind_s = round(before_s - after_s)
    for second in range(10, behind_s + 10):
        clock.note_refused(after_s, second)

    told = [clock.age_s(after_s, behind_s + 10 + second) for second in range(10)]

    assert told == pytest.approx([0] * 10, abs=0.1)


def test_age_while_old_messages_come_again() -> None:
    """Repeated messages at any other than real speed do not change the learned offset."""
    clock = SourceClock()
    for second in range(10):
        clock.age_s(0.0, second)
    for number in range(300):
        clock.note_refused(-600 + number * 0.9, 10 + number)

    assert clock.age_s(-30, 400) == pytest.approx(30, abs=0.1)


def test_age_after_a_late_clock_was_put_right() -> None:
    """Messages that were late by the old clock are current after the correction."""
    *_, last = ages(*((second, HOUR_S) for second in range(10)), (11, HOUR_S - 60), (12, 0.1))

    assert last == 0


def test_age_while_messages_come_fast() -> None:
    """Small differences of our processing time do not change the learned offset."""
    *_, last = ages(
        *((second, -HOUR_S) for second in range(10)), (10.05, -HOUR_S), (10.051, -HOUR_S - 0.05)
    )

    assert last == pytest.approx(0.05, abs=0.01)
