"""Limits on open sockets and on new ones per second."""

from northstar.live.hub import Cut
from northstar.web.sockets.admission import LONGEST_S, AdmissionRate, ConnectionLimit
from support.pipelines import Clock


def test_seats_of_those_who_left() -> None:
    """Addresses without an open socket are removed from memory."""
    limit = ConnectionLimit(in_all=2, per_address=1)
    with limit.hold("one"), limit.hold("other"):
        assert limit.exceeded("third") == Cut.FULL
    with limit.hold("one"):
        assert limit.exceeded("one") == Cut.ADDRESS
        assert limit.exceeded("other") is None

    assert not limit._open_from


def test_rate() -> None:
    """A burst of one second's sockets is admitted; then as many a second as the rate."""
    clock = Clock()
    rate = AdmissionRate(10, clock.monotonic)

    assert [rate.admit() for _ in range(10)] == [0] * 10
    assert rate.admit() > 0
    clock.passed_s += 0.1
    assert rate.admit() == 0
    assert rate.admit() > 0


def test_times_to_come_back() -> None:
    """The times to come back spread viewers at the admission rate."""
    clock = Clock()
    rate = AdmissionRate(8, clock.monotonic)
    waits = [rate.admit() for _ in range(100)]

    assert waits[:8] == [0] * 8
    assert all(waits.count(second) == 8 for second in range(3, 10))
    back = [wait for wait in waits if wait]
    while back:
        clock.passed_s += 1
        assert [rate.admit() for wait in back if wait == 1] == [0] * back.count(1)
        back = [wait - 1 for wait in back if wait > 1]


def test_longest_time_to_come_back() -> None:
    """No viewer has to wait longer than a minute."""
    rate = AdmissionRate(1, Clock().monotonic)

    waits = [rate.admit() for _ in range(1000)]

    assert max(waits) == LONGEST_S
    assert max(map(waits.count, range(3, 60))) - min(map(waits.count, range(3, 60))) <= 1
