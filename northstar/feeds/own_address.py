"""Detect a source address that is the dashboard's own."""

import asyncio
import socket
from contextlib import closing, suppress
from ipaddress import ip_address

from yarl import URL


async def is_own(url: URL, host: str, port: int) -> bool:
    """Return whether `url` leads to a server of this machine that listens on `host` and `port`."""
    if url.port != port or url.host is None:
        return False
    ours, theirs = await _addresses(host), await _addresses(url.host)
    if any(ip_address(address).is_unspecified for address in ours):
        return any(map(_is_local, theirs))
    return bool(ours & theirs)


async def _addresses(host: str) -> set[str]:
    """Return the IP addresses of a host, without scope; empty if it is not found."""
    with suppress(OSError, UnicodeError):
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return {str(address[0]).partition("%")[0] for *_, address in found}
    return set()


def _is_local(address: str) -> bool:
    """Return whether an IP address is one of this machine: only those can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as bound:
        bound.bind((address, 0))
        return True
    return False
