"""Rate limits per address."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from starlette.requests import HTTPConnection
from starlette.types import Scope

from northstar.errors import Refused

CUSTOMER_BITS = 64  # prefix length of one IPv6 customer, who can use any address in it
WINDOW_S = 60.0


@dataclass(slots=True)
class _Window:
    """The events of an address until `end`."""

    end: float
    events: int = 0


class Throttle:
    """Counts the events of each address per minute, from its first event on.

    The clock is monotonic: a machine whose clock is set back would keep addresses waiting.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._sweep_at = clock() + WINDOW_S

    def check(self, request: HTTPConnection) -> None:
        """Raise `Refused` if the address of a request is over its limit."""
        window = self._windows.get(rate_limit_key(request.scope))
        left_s = window.end - self._clock() if window and window.events >= self._limit else 0
        if left_s > 0:
            wait_s = ceil(left_s)
            reason = f"too many requests: try again in {wait_s} s"
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, reason, {"Retry-After": str(wait_s)})

    def count(self, request: HTTPConnection) -> None:
        """Count one event of the request's address."""
        key, now = rate_limit_key(request.scope), self._clock()
        if now >= self._sweep_at:
            self._windows = {key: each for key, each in self._windows.items() if each.end > now}
            self._sweep_at = now + WINDOW_S
        window = self._windows.get(key)
        if window is None or window.end <= now:
            window = self._windows[key] = _Window(now + WINDOW_S)
        window.events += 1


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
