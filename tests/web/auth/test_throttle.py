"""How often one address may do something."""

import pytest
from starlette.requests import HTTPConnection

from northstar.errors import Refused
from northstar.web.auth.throttle import Throttle


def request(address: str) -> HTTPConnection:
    """Return a request from an address."""
    return HTTPConnection({"type": "http", "client": (address, 1), "headers": []})


def test_too_often() -> None:
    """Who has used up their minute has to wait, and is told how long."""
    throttle = Throttle(2)
    for _ in range(2):
        throttle.check(request("10.0.0.1"))
        throttle.count(request("10.0.0.1"))

    with pytest.raises(Refused) as refused:
        throttle.check(request("10.0.0.1"))

    assert refused.value.status == 429
    assert refused.value.headers
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60


def test_another_address() -> None:
    """One address does not use up another's minute."""
    throttle = Throttle(1)
    throttle.count(request("10.0.0.1"))

    throttle.check(request("10.0.0.2"))


def test_line_of_many_addresses() -> None:
    """With IPv6, whoever has a line has more addresses than could be counted: it counts as one."""
    throttle = Throttle(1)
    throttle.count(request("2001:db8:1:2::1"))

    throttle.check(request("2001:db8:1:3::1"))
    with pytest.raises(Refused):
        throttle.check(request("2001:db8:1:2:ffff::9"))
