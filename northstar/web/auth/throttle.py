"""Rate limits per address."""

import time
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import Scope

from northstar.errors import Refused

CUSTOMER_BITS = 64  # prefix length of one IPv6 customer, who can use any address in it


class Throttle:
    """Counts the events of each address per minute."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, request: HTTPConnection) -> None:
        """Raise `Refused` if the address of a request is over its limit."""
        key = rate_limit_key(request.scope)
        if not self._limiter.test(self._limit, key):
            reset_at, _ = self._limiter.get_window_stats(self._limit, key)
            wait_s = max(1, round(reset_at - time.time()))
            headers = {"Retry-After": str(wait_s)}
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS, f"too many requests: try again in {wait_s} s", headers
            )

    def count(self, request: HTTPConnection) -> None:
        """Count one event of the request's address."""
        self._limiter.hit(self._limit, rate_limit_key(request.scope))


def rate_limit_key(scope: Scope) -> str:
    """Return the rate-limit key of a connection: an IPv4 address or an IPv6 /64."""
    address = str(scope["client"][0]) if scope.get("client") else ""
    try:
        known = ip_address(address)
    except ValueError:  # a test client has a name
        return address
    if isinstance(known, IPv6Address) and not known.ipv4_mapped:
        return str(IPv6Network((int(known) >> CUSTOMER_BITS << CUSTOMER_BITS, CUSTOMER_BITS)))
    return str(known.ipv4_mapped or known) if isinstance(known, IPv6Address) else address
