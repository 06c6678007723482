"""Address, credentials and limits of the source, for every protocol.

Uses one undocumented part of aiohttp: `ClientResponse.start()` reads interim responses through
`connection.protocol.read()`. Without the limit here, a source could send them without end.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeAlias

import aiohttp
from aiohttp.hdrs import AUTHORIZATION
from yarl import URL

from northstar.errors import LinkError

KB = 1024
OPEN_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 1
REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
INTERIM_ANSWERS = 8
# Detects a half-open connection within 5 + 3 × 2 s; units: seconds, seconds, probes, milliseconds.
KEEPALIVE = {
    "TCP_KEEPIDLE": 5,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 11_000,
}

# Called once the connection is open, and for each message.
Opened: TypeAlias = Callable[[], None]
Deliver: TypeAlias = Callable[[bytes | str], None]


class Protocol(StrEnum):
    """Protocol of the source; AUTO detects it from the source's response."""

    AUTO = "auto"
    WEBSOCKET = "websocket"
    SOCKETIO = "socketio"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A stream at `url`, ws:// or wss://; `name` is its address without secrets.

    Every request carries `headers`, and `token` in the form of the protocol. `api_url` is the API
    that has the state, empty if there is none. `tls` verifies the certificates of both. Messages
    over `max_message_bytes` are refused; at most `max_rate` messages are read per second. `own` is
    host and port at which the dashboard itself listens, None if it does not.
    """

    url: str = field(repr=False)
    name: str
    max_message_bytes: int
    max_rate: float
    protocol: Protocol = Protocol.AUTO
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)
    api_url: str = field(default="", repr=False)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    own: tuple[str, int] | None = None

    @property
    def http_url(self) -> URL:
        """The stream's address with http:// or https://."""
        url = URL(self.url)
        return url.with_scheme({"ws": "http", "wss": "https"}[url.scheme])

    @property
    def state_url(self) -> URL:
        """The address of the state in the API, in the guide's format."""
        url = URL(self.api_url)
        return (url / "pnl").with_query(url.query)

    @property
    def all_headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**self.headers, **bearer}

    def http(self, answer: type["Answer"] | None = None) -> aiohttp.ClientSession:
        """Return a new HTTP client for this source; `answer` is its response class.

        The caller closes it. A request raises `LinkError` for a redirect: headers and token must
        reach only the configured hosts.
        """
        addresses = self.http_url, URL(self.api_url)
        with_login = {(url.host, url.port) for url in addresses if url.user}

        async def exchange(
            request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            if (request.url.host, request.url.port) not in with_login:
                request.headers.pop(AUTHORIZATION, None)  # `trust_env` adds one from ~/.netrc
            request.headers.update(self.all_headers)
            response = await send(request)
            if response.status in REDIRECTS:
                response.close()
                raise redirected(response.status)
            return response

        connector = aiohttp.TCPConnector(ssl=self.tls, socket_factory=_create_socket)
        return aiohttp.ClientSession(
            connector=connector,
            response_class=answer or Answer,
            middlewares=(exchange,),
            trust_env=True,  # use the proxy of the environment, as `websockets` does
        )


class Answer(aiohttp.ClientResponse):
    """A response with a limit on interim responses (HTTP 1xx); aiohttp has none."""

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        """Read status and headers; raise `LinkError` for too many interim responses."""
        protocol: Any = connection.protocol
        read, left = protocol.read, INTERIM_ANSWERS + 1

        async def read_counted() -> object:
            nonlocal left
            if not left:
                raise LinkError(f"more than {INTERIM_ANSWERS} interim responses (HTTP 1xx)")
            left -= 1
            return await read()

        protocol.read = read_counted
        try:
            return await super().start(connection)
        finally:
            del protocol.read


def _create_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket with TCP keepalive, which detects a half-open connection.

    Socket.IO alone detects it after the server's ping interval and timeout, 45 s by default.
    """
    created = socket.socket(*address[:3])
    created.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):  # not every platform has all of them
            created.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return created


async def read_up_to(limit: int, response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body of a response; None if it has more than `limit` bytes; reads no further."""
    try:
        await response.content.readexactly(limit + 1)
    except asyncio.IncompleteReadError as error:
        return error.partial
    return None


def redirected(status: int) -> LinkError:
    """Return the error for a redirect."""
    return LinkError(f"redirects are not followed (HTTP {status})")


def refusal(status: int, stream: str) -> LinkError:
    """Return the error for an HTTP response with which the stream did not open."""
    if status in REFUSED:
        return LinkError(f"the source refused the credentials (HTTP {status})")
    if status in REDIRECTS:
        return redirected(status)
    return LinkError(f"not a {stream} stream: HTTP {status}")


def too_large(limit: int) -> LinkError:
    """Return the error for a message of more than `limit` bytes."""
    return LinkError(f"message larger than {limit // KB:,} kB")


def hide_addresses(text: str) -> str:
    """Replace URLs in a library's error message: they may contain secrets."""
    return re.sub(r"\w+://\S+", "…", text)


def reason(error: Exception) -> str:
    """Return why a connection failed, without the address, which may contain a secret."""
    match error:
        case (
            aiohttp.ClientConnectorCertificateError(certificate_error=cause)
            | aiohttp.ClientConnectorError(os_error=cause)
        ):
            return reason(cause)
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted: {error.verify_message}"
        case TimeoutError():
            return "timed out"
        case OSError():
            return f"cannot connect: {error.strerror or type(error).__name__}"
        case _:
            return f"invalid response: {type(error).__name__}"
