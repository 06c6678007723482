"""How often one address may do something."""

import time
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection

from northstar.errors import Refused

HOME = 64  # bits: what a line has of IPv6, with addresses for all who would be somebody else


class Throttle:
    """Counts what each address does in a minute."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, request: HTTPConnection) -> None:
        """Raises `Refused` where the address of a request has to wait."""
        key = _line(request)
        if not self._limiter.test(self._limit, key):
            reset_at, _ = self._limiter.get_window_stats(self._limit, key)
            wait_s = max(1, round(reset_at - time.time()))
            headers = {"Retry-After": str(wait_s)}
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS, f"too often: try again in {wait_s} s", headers
            )

    def count(self, request: HTTPConnection) -> None:
        """Count one more."""
        self._limiter.hit(self._limit, _line(request))


def _line(request: HTTPConnection) -> str:
    """Return what stands for everybody on the line that a request comes from."""
    address = request.client.host if request.client else ""
    try:
        known = ip_address(address)
    except ValueError:  # a test's client has a name
        return address
    return str(int(known) >> HOME) if isinstance(known, IPv6Address) else address
