"""The database's clock, estimated from its answers."""

from datetime import UTC, datetime, timedelta

from northstar.coordination.clock import DatabaseClock

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def test_ahead() -> None:
    """A clock offset is measured, and measured again after a change."""
    clock = DatabaseClock()
    for ahead in (timedelta(), HOUR, -HOUR):
        now = datetime.now(UTC)
        clock.note(now + ahead, now)
        assert abs(clock.now() - datetime.now(UTC) - ahead) < SECOND


def test_slow_answer() -> None:
    """A slow answer that is consistent with the known offset changes nothing."""
    clock = DatabaseClock()
    now = datetime.now(UTC)
    clock.note(now + HOUR, now)
    before = clock.now()
    now = datetime.now(UTC)
    clock.note(now + HOUR - 2 * SECOND, now - 10 * SECOND)
    assert clock.now() >= before
