"""Detect whether a source speaks TLS, contrary to the scheme of its address.

Uses no credentials and no certificates: no data of ours is sent.
"""

import asyncio
import ssl
from contextlib import suppress
from http import HTTPStatus

from northstar.errors import LinkError
from northstar.feeds.upstream import Upstream

TIMEOUT_S = 3
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
TRY_PLAIN = "the source does not speak TLS: try ws:// in the address"
TRY_TLS = "the source speaks TLS: try wss:// in the address"
# Responses to a plain request at a port for TLS: none that is HTTP, or this one.
STATUSES = {None, HTTPStatus.BAD_REQUEST}


async def other_scheme(upstream: Upstream, error: LinkError) -> str | None:
    """Return the advice to use the other scheme if that explains why the source did not open."""
    url = upstream.http_url
    causes = list(_causes(error))
    if url.scheme == "http":
        timed_out = any(isinstance(cause, TimeoutError) for cause in causes)
        suspicious = error.status in STATUSES and not timed_out
        return TRY_TLS if suspicious and await _speaks_tls(url.host, url.port) else None
    if any(getattr(cause, "reason", None) == "WRONG_VERSION_NUMBER" for cause in causes):
        return TRY_PLAIN
    hung_up = any(isinstance(cause, ConnectionResetError | ssl.SSLEOFError) for cause in causes)
    return TRY_PLAIN if hung_up and await _speaks_http(url.host, url.port) else None


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what caused it."""
    causes = [error]
    while cause := causes[-1].__cause__ or getattr(causes[-1], "os_error", None):
        causes.append(cause)
    return causes


async def _speaks_tls(host: str | None, port: int | None) -> bool:
    """Return whether a TLS handshake succeeds, whatever the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError, TimeoutError, UnicodeError):
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
            writer.transport.abort()
            return True
    return False


async def _speaks_http(host: str | None, port: int | None) -> bool:
    """Return whether the source answers a plain request for its first page."""
    with suppress(OSError, TimeoutError, UnicodeError):
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(REQUEST)
                return await reader.read(5) == b"HTTP/"
            finally:
                writer.transport.abort()
    return False
