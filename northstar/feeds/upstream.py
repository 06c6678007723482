"""Address, credentials and limits of the source, for every protocol.

What we use of aiohttp beyond its documentation: `ClientResponse.start()`, which reads what comes
before an answer by `connection.protocol.read()`. Without it, a source may send interim answers
without end.
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
GOODBYE_TIMEOUT_S = 1
REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
INTERIM_ANSWERS = 8
# A half-open connection is noticed within 5 + 3 × 2 s: seconds, seconds, probes, milliseconds.
KEEPALIVE = {
    "TCP_KEEPIDLE": 5,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 11_000,
}

# What a protocol calls once the connection stands, and then with each message.
Opened: TypeAlias = Callable[[], None]
Deliver: TypeAlias = Callable[[bytes | str], None]


class Protocol(StrEnum):
    """How the source speaks; AUTO finds out from what it answers."""

    AUTO = "auto"
    WEBSOCKET = "websocket"
    SOCKETIO = "socketio"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A stream at `url`, ws:// or wss://; `name` is what may be shown of it.

    `headers` go with every request to it, `token` too, in the way of each protocol. `api_url` is
    where its state can be fetched, empty if nowhere. `tls` checks the certificates of both.
    A message of more than `max_message_bytes` is refused; `max_rate` of them are taken a second.
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

    @property
    def http_url(self) -> URL:
        """The same address as a web server's."""
        url = URL(self.url)
        return url.with_scheme({"ws": "http", "wss": "https"}[url.scheme])

    @property
    def state_url(self) -> URL:
        """Where the API has the state, in the guide's format."""
        url = URL(self.api_url)
        return (url / "pnl").with_query(url.query)

    @property
    def all_headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**self.headers, **bearer}

    def http(self, answer: type["Answer"] | None = None) -> aiohttp.ClientSession:
        """Return a new HTTP client for this source, which gets such answers.

        It is the caller's to close. A request raises `LinkError` for a redirect: the headers and
        the token are for the named hosts alone.
        """
        addresses = self.http_url, URL(self.api_url)
        with_login = {(url.host, url.port) for url in addresses if url.user}

        async def exchange(
            request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            if (request.url.host, request.url.port) not in with_login:
                request.headers.pop(AUTHORIZATION, None)  # `trust_env` takes one from ~/.netrc
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
            trust_env=True,  # a proxy named in the environment, as `websockets` does
        )


class Answer(aiohttp.ClientResponse):
    """An answer that few interim ones (HTTP 1xx) come before; the library takes any number."""

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        """Read the status and the headers; raise `LinkError` for too many interim answers."""
        protocol: Any = connection.protocol
        read, left = protocol.read, INTERIM_ANSWERS + 1

        async def read_counted() -> object:
            nonlocal left
            if not left:
                raise LinkError(f"more than {INTERIM_ANSWERS} interim answers (HTTP 1xx)")
            left -= 1
            return await read()

        protocol.read = read_counted
        try:
            return await super().start(connection)
        finally:
            del protocol.read


def _create_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket that notices when the other side is gone without a goodbye.

    Socket.IO alone would notice after its server's ping interval and timeout, 45 s by default.
    """
    created = socket.socket(*address[:3])
    created.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):  # not every system has each of them
            created.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return created


async def read_up_to(limit: int, response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body of an answer; None if it has more than `limit` bytes, and is not read on."""
    try:
        await response.content.readexactly(limit + 1)
    except asyncio.IncompleteReadError as error:
        return error.partial
    return None


def redirected(status: int) -> LinkError:
    """Return what is the matter with an answer that leads elsewhere."""
    return LinkError(f"redirects are not followed (HTTP {status})")


def refusal(status: int, stream: str) -> LinkError:
    """Return what is the matter with an HTTP answer that opens no such stream."""
    if status in REFUSED:
        return LinkError(f"the source does not let us in with this token (HTTP {status})")
    if status in REDIRECTS:
        return redirected(status)
    return LinkError(f"not a {stream} stream: HTTP {status}")


def too_large(limit: int) -> LinkError:
    """Return what is the matter with a message of more than `limit` bytes."""
    return LinkError(f"message larger than {limit // KB:,} kB")


def hide_addresses(text: str) -> str:
    """Return a library's message without the addresses in it: they may hold secrets."""
    return re.sub(r"\w+://\S+", "…", text)


def reason(error: Exception) -> str:
    """Say why a connection failed, without the address: that may hold a secret."""
    match error:
        case (
            aiohttp.ClientConnectorCertificateError(certificate_error=cause)
            | aiohttp.ClientConnectorError(os_error=cause)
        ):
            return reason(cause)
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted: {error.verify_message}"
        case TimeoutError():
            return "no answer in time"
        case OSError():
            return f"cannot connect: {error.strerror or type(error).__name__}"
        case _:
            return f"no proper answer: {type(error).__name__}"
