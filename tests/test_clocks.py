"""How old a message is when it comes, whatever the source's clock says."""

import pytest

from northstar.clocks import SourceClock

HOUR_S = 3600.0


def ages(*messages: tuple[float, float]) -> list[float]:
    """Return the ages of messages: when each came, and how far its time was ahead of ours."""
    clock = SourceClock()
    return [clock.age_s(ahead_s, arrived_s) for arrived_s, ahead_s in messages]


def test_age_in_step() -> None:
    """With clocks that agree, a message is as old as its time says."""
    assert ages((0, -0.1), (1, -0.2), (2, 0.3), (60, -30)) == [0.1, 0.2, 0.0, 30]


@pytest.mark.parametrize("offset_s", [HOUR_S, -HOUR_S])
def test_age_by_a_clock_that_is_off(offset_s: float) -> None:
    """A clock that is off is believed once its messages have kept pace for a while."""
    *_, last, held_up = ages(
        *((second, offset_s - 0.01) for second in range(4)), (10, offset_s - 5)
    )

    assert last == pytest.approx(0, abs=0.1)
    assert held_up == pytest.approx(5, abs=0.1)


def test_age_before_a_clock_is_known() -> None:
    """The first message may be old already; one from the future is as young as can be."""
    assert ages((0, -HOUR_S)) == [HOUR_S]
    assert ages((0, HOUR_S)) == [0]


def test_age_of_a_backlog() -> None:
    """Messages that were held up come all at once, and are not taken for new."""
    backlog = [(10 + n / 100, -300.0 + n) for n in range(300)]
    before = [(float(second), 0.0) for second in range(5)]

    told = ages(*before, *backlog)

    assert told[5] == 300
    assert told[-1] == pytest.approx(1)
    assert ages(*backlog)[250] == pytest.approx(50)


def test_age_after_a_clock_was_put_right() -> None:
    """The right time is believed at once."""
    *_, last = ages(*((second, HOUR_S) for second in range(4)), (5, 0))

    assert last == 0
