"""Address, credentials and limits of the source, for every protocol.

Undocumented parts of aiohttp used here, and by no other module:

- `ClientResponse.start()` reads interim responses through `connection.protocol.read()`. Without the
  limit here, a source could send them without end.
- `ClientResponse._body`: what `text()` and `json()` decode. Without it, a body that is read in
  pieces, up to a limit, would be read again without one.
"""

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from typing import Any, TypeAlias

import aiohttp
from aiohttp.hdrs import AUTHORIZATION
from websockets.typing import Subprotocol
from yarl import URL

from northstar.answers import retry_after_s
from northstar.errors import LinkError
from northstar.feeds.refusal import REDIRECTS, redirected, refusal

KB = 1024
OPEN_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 1
INTERIM_ANSWERS = 8
# A shorter word of a header or query is no secret, and would be replaced within words.
SECRET_LENGTH = 4
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


class Holds:
    """Until when servers asked us to wait, on the event loop's clock."""

    def __init__(self) -> None:
        self._until: dict[tuple[str | None, int | None], float] = {}

    def note(self, url: URL, status: int, headers: Mapping[str, str]) -> None:
        """Take note of a response of the server of `url`."""
        if wait_s := retry_after_s(status, headers):
            until = asyncio.get_running_loop().time() + wait_s
            self._until[url.host, url.port] = until

    def left_s(self, url: URL) -> float:
        """Return for how many seconds more the server of `url` is not to be sent a request."""
        until = self._until.get((url.host, url.port), 0.0)
        return max(0.0, until - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Upstream:
    """A stream at `url`, ws:// or wss://; `name` is its address without secrets.

    Every request carries `headers`, and `token` in the form of the protocol. `api_url` is the API
    that has the state, empty if there is none. `tls` verifies the certificates of both, with those
    in `ca_file` as they are now. Messages over `max_message_bytes` are refused; at most `max_rate`
    messages are read per second. `own` is host and port at which the dashboard itself listens, None
    if it does not. `transports` are those of Socket.IO to use, empty for what the server offers;
    `subprotocols` are requested by WebSocket.
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
    ca_file: str = ""
    own: tuple[str, int] | None = None
    transports: list[str] = field(default_factory=list)
    subprotocols: list[Subprotocol] = field(default_factory=list)
    holds: Holds = field(default_factory=Holds, compare=False, repr=False)

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

    @property
    def has_credentials(self) -> bool:
        """Whether requests carry a token, a login or an Authorization header."""
        login = self.http_url.user is not None
        return bool(self.token) or login or "authorization" in map(str.lower, self.headers)

    def refusal(
        self, status: int, headers: Mapping[str, str], body: bytes, stream: str
    ) -> LinkError:
        """Return the error for a response of the stream, in the source's words.

        Credentials that the source repeats are removed. No request is to be sent until the time
        has passed for which the source asks to wait.
        """
        self.holds.note(self.http_url, status, headers)
        text = self.without_secrets(body.decode(errors="replace"))
        credentials = self.has_credentials
        return refusal(status, headers, text.encode(), stream, credentials=credentials)

    def without_secrets(self, text: str) -> str:
        """Return the source's words without our credentials and addresses, which it may repeat."""
        url = URL(self.url)
        values = " ".join((*self.headers.values(), *url.query.values())).split()
        long_values = (value for value in values if len(value) >= SECRET_LENGTH)
        secrets = filter(None, (self.token, url.password, *long_values))
        return reduce(
            lambda shown, secret: shown.replace(secret, "…"), secrets, hide_addresses(text)
        )

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
            self.holds.note(request.url, response.status, response.headers)
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
            await super().start(connection)
        finally:
            del protocol.read
        await self.check()
        return self

    async def check(self) -> None:
        """Accept status and headers; a subclass raises an error to refuse them.

        The request then raises that error, and the connection is closed.
        """

    def hold(self, body: bytes) -> bytes:
        """Set the body that `text` and `json` decode, and return it."""
        self._body = body
        return body


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


def too_large(limit: int) -> LinkError:
    """Return the error for a message of more than `limit` bytes."""
    return LinkError(f"message larger than {limit // KB:,} kB")


def hide_addresses(text: str) -> str:
    """Replace URLs in a library's error message: they may contain secrets."""
    return re.sub(r"\w+://\S+", "…", text)


# Errors for which the system has no text.
WORDS: Mapping[type[Exception], str] = {
    ConnectionResetError: "cannot connect: the connection was reset",
    BrokenPipeError: "cannot connect: the connection was closed",
    aiohttp.ServerDisconnectedError: "the source closed the connection without a response",
    aiohttp.ClientPayloadError: "the source's response is incomplete",
    aiohttp.InvalidURL: "not a usable URL",
    aiohttp.ClientHttpProxyError: "the proxy of the environment refused the connection",
    aiohttp.ClientResponseError: "the source's response is not valid HTTP",
}


def reason(error: Exception) -> str:
    """Return why a connection failed, without the address, which may contain a secret.

    These are our words or the system's, not those of a library.
    """
    match error:
        case (
            aiohttp.ClientConnectorCertificateError(certificate_error=cause)
            | aiohttp.ClientConnectorError(os_error=cause)
        ):
            by_proxy = isinstance(error, aiohttp.ClientProxyConnectionError)
            return f"{'the proxy of the environment: ' if by_proxy else ''}{reason(cause)}"
        case ssl.SSLCertVerificationError():
            return f"certificate not trusted: {error.verify_message}"
        case TimeoutError():
            return "timed out"
        case ssl.SSLError():
            return f"the TLS handshake failed: {_lower(getattr(error, 'reason', None))}"
        case OSError() if system := _system_words(error):
            return f"cannot connect: {system}"
        case _:
            return _words(error)


def _words(error: Exception) -> str:
    words = (text for kind, text in WORDS.items() if isinstance(error, kind))
    return next(words, "cannot connect" if isinstance(error, OSError) else "invalid response")


def _lower(reason: str | None) -> str:
    """Return OpenSSL's name of a reason as words."""
    return (reason or "no reason given").replace("_", " ").lower()


def _system_words(error: OSError) -> str:
    """Return the system's words for an error, or for the first of several; "" if it has none."""
    if isinstance(error, socket.gaierror):
        return error.strerror or ""
    number = error.errno or next(iter(re.findall(r"\[Errno (\d+)\]", str(error))), None)
    return os.strerror(int(number)) if number else ""
