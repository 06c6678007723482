"""Rate limits per address."""

import time
import tracemalloc

import pytest
from starlette.requests import HTTPConnection

from northstar.errors import Refused
from northstar.web.auth.throttle import Throttle


def request(address: str) -> HTTPConnection:
    """Return a request from an address."""
    return HTTPConnection({"type": "http", "client": (address, 1), "headers": []})


def test_too_often() -> None:
    """A client that has used up its limit is refused, with the time to wait."""
    throttle = Throttle(2)
    for _ in range(2):
        throttle.check(request("10.0.0.1"))
        throttle.count(request("10.0.0.1"))

    with pytest.raises(Refused) as refused:
        throttle.check(request("10.0.0.1"))

    assert refused.value.status == 429
    assert refused.value.headers
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60


def test_minute_that_has_passed() -> None:
    """A minute after the first event the address may send as many again."""
    times = [1000.0]
    throttle = Throttle(2, clock=lambda: times[0])
    throttle.count(request("10.0.0.1"))
    times[0] += 29.5
    throttle.count(request("10.0.0.1"))
    with pytest.raises(Refused) as refused:
        throttle.check(request("10.0.0.1"))
    times[0] += 30.5
    throttle.check(request("10.0.0.1"))
    throttle.count(request("10.0.0.1"))
    throttle.check(request("10.0.0.1"))

    assert refused.value.headers == {"Retry-After": "31"}


@pytest.mark.parametrize("by_s", [-3600, 86_400 * 100])
def test_clock_of_the_machine(by_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting the wall clock neither prolongs nor shortens a wait."""
    throttle = Throttle(1)
    throttle.count(request("10.0.0.1"))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + by_s)

    with pytest.raises(Refused) as refused:
        throttle.check(request("10.0.0.1"))

    assert refused.value.headers == {"Retry-After": "60"}


def test_addresses_of_earlier_minutes() -> None:
    """Counts older than a minute are removed from memory."""
    times = [0.0]
    throttle = Throttle(2, clock=lambda: times[0])
    tracemalloc.start()
    try:
        for _ in range(20):
            for n in range(1000):
                throttle.count(request(f"10.{int(times[0]) // 61}.{n // 250}.{n % 250}"))
            times[0] += 61
        in_use, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert in_use < 1_000_000


def test_another_address() -> None:
    """Addresses are limited separately."""
    throttle = Throttle(1)
    throttle.count(request("10.0.0.1"))

    throttle.check(request("10.0.0.2"))


def test_line_of_many_addresses() -> None:
    """All addresses of an IPv6 /64 count as one client."""
    throttle = Throttle(1)
    throttle.count(request("2001:db8:1:2::1"))

    throttle.check(request("2001:db8:1:3::1"))
    with pytest.raises(Refused):
        throttle.check(request("2001:db8:1:2:ffff::9"))
