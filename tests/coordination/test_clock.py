"""The clock of the database, as answers to questions tell it."""

from datetime import UTC, datetime, timedelta

from northstar.coordination.clock import DatabaseClock

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def test_ahead() -> None:
    """A difference between the clocks is noted, and noted again when it has changed."""
    clock = DatabaseClock()
    for ahead in (timedelta(), HOUR, -HOUR):
        now = datetime.now(UTC)
        clock.note(now + ahead, now)
        assert abs(clock.now() - datetime.now(UTC) - ahead) < SECOND


def test_slow_answer() -> None:
    """An answer that took long, and could be right by the clock as it is, changes nothing."""
    clock = DatabaseClock()
    now = datetime.now(UTC)
    clock.note(now + HOUR, now)
    before = clock.now()
    now = datetime.now(UTC)
    clock.note(now + HOUR - 2 * SECOND, now - 10 * SECOND)
    assert clock.now() >= before
