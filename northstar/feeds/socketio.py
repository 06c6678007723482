"""Socket.IO client of the source: one message per event.

The path of the URL names the namespace to join, as for every Socket.IO client; a path that contains
`socket.io` is the path of the server itself. If the server has no namespace `/pnl-stream`, that
path means the default one: the guide connects to it, and its servers emit to the default namespace.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import TypeVar

import aiohttp
import msgspec
import socketio
from yarl import URL

from northstar.answers import retry_after_s
from northstar.domain.messages import wrap
from northstar.errors import LinkError
from northstar.feeds.engine import MALFORMED, SOCKETIO_2, Client, poll_answer
from northstar.feeds.pace import Pace
from northstar.feeds.upstream import (
    CLOSE_TIMEOUT_S,
    OPEN_TIMEOUT_S,
    Deliver,
    Upstream,
    hide_addresses,
    read_up_to,
    reason,
    too_large,
)

ENGINE = "socket.io"
PROBE_TIMEOUT = aiohttp.ClientTimeout(total=3)
CLOSE_TIMEOUT = aiohttp.ClientTimeout(total=1)
PROBE_BYTES = 4096
GUIDE_PATH = "/pnl-stream"
# Errors of the Node and Python servers for a namespace they do not have.
NO_NAMESPACE = {"Invalid namespace", "Unable to connect"}
REFUSED = "the Socket.IO server refused the connection"
# The text of the Python server where it gives no reason.
NO_REASON = {"", "Connection rejected by server"}
ALONE = ["websocket"]
MSGPACK_TIMEOUT_S = 3
NOT_JSON = '"bytes that are not JSON"'
# Engine.IO packet types that open and close a session.
OPEN, CLOSE = b"0", b"1"
# The response of version 2 begins with its length.
OPEN_2 = re.compile(rb"\d+:0\{")
MSGPACK = "this Socket.IO server uses the msgpack parser: the default parser is required"

T = TypeVar("T")

# Exceptions of `connect` if the server does not speak this version of Socket.IO.
NOT_SPOKEN = (
    socketio.exceptions.SocketIOError,
    aiohttp.ClientError,
    *MALFORMED,
)


async def offered_transports(upstream: Upstream, http: aiohttp.ClientSession) -> list[str]:
    """Return the transports that a Socket.IO server offers; empty if the source is not one.

    Raises `LinkError` if the source cannot be reached, asks to wait, or is of another version.
    """
    url = _address(upstream)
    handshake = url.with_path(f"/{engine_path(url)}/").update_query(EIO="4", transport="polling")
    try:
        async with http.get(handshake, timeout=PROBE_TIMEOUT) as response:
            answer = await read_up_to(PROBE_BYTES, response) or b""
    except TimeoutError:  # some WebSocket servers do not answer other requests
        return []
    except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError) as error:
        raise LinkError(reason(error)) from error
    except (aiohttp.ClientError, LinkError, ValueError):
        return []
    if retry_after_s(response.status, response.headers):
        raise upstream.refusal(response.status, response.headers, answer, "Socket.IO")
    if response.status == HTTPStatus.OK and OPEN_2.match(answer):
        raise LinkError(SOCKETIO_2)
    match response.status, _read_json(answer):
        case HTTPStatus.OK, {"sid": str(session), "upgrades": [*upgrades]}:
            await _close_session(handshake.update_query(sid=session), http)
            return ["polling", *upgrades]
        # Errors of Node and Python servers that do not support polling.
        case HTTPStatus.BAD_REQUEST, {"code": int(), "message": str()} | "Invalid transport":
            return ["websocket"]
        case _:
            return []


async def _close_session(url: URL, http: aiohttp.ClientSession) -> None:
    """Close the session that the probe opened; on failure, the server times it out."""
    with suppress(aiohttp.ClientError, LinkError, TimeoutError):
        async with http.post(url, data=CLOSE, timeout=CLOSE_TIMEOUT):
            pass


def _read_json(answer: bytes) -> object:
    """Decode the response to a handshake, after its packet type; None if it is not JSON."""
    try:
        return json.loads(answer.removeprefix(OPEN))
    except (ValueError, RecursionError):
        return None


class _NoNamespaceError(LinkError):
    """The server does not have the namespace."""

    def __init__(self, namespace: str) -> None:
        hint = (
            ""
            if namespace == "/"
            else ": remove the path from the address for the default namespace"
        )
        super().__init__(f"the Socket.IO server has no namespace {namespace}{hint}")


class _ClosedEarlyError(LinkError):
    """The connection ended before the namespace was joined, or while it was polled."""


async def read_socketio(
    upstream: Upstream,
    pace: Pace,
    transports: list[str],
    opened: Callable[[str], None],
    deliver: Deliver,
) -> None:
    """Connect and deliver each event until the connection ends; then raise `LinkError`.

    Each event is delivered in an envelope with its name and its body verbatim. Calls `opened` with
    the namespace joined. If polling fails, WebSocket alone is tried: the workers of a server need
    to know each other's sessions for polling, or to be behind a balancer with sticky sessions.
    """
    transports = upstream.transports or transports
    async with upstream.http(poll_answer(upstream)) as http:

        async def read(namespace: str, transports: list[str]) -> None:
            connection = _Connection(upstream, pace, http, namespace, deliver)
            await _read(upstream, connection, transports, opened)

        async def read_by(transports: list[str]) -> None:
            namespace = _namespace(_address(upstream))
            try:
                await read(namespace, transports)
            except _NoNamespaceError:
                if namespace != GUIDE_PATH:
                    raise
            await read("/", transports)

        try:
            try:
                await read_by(transports)
            except _ClosedEarlyError:
                if transports == ALONE or (transports and "websocket" not in transports):
                    raise
                await read_by(ALONE)
        except _ClosedEarlyError as error:
            if await uses_msgpack(_engine_url(upstream), http):
                raise LinkError(MSGPACK) from error
            raise


async def _read(
    upstream: Upstream,
    connection: "_Connection",
    transports: list[str],
    opened: Callable[[str], None],
) -> None:
    url = _address(upstream)
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await connection.client.connect(
                str(url),
                auth={"token": upstream.token} if upstream.token else None,
                transports=transports or None,
                namespaces=connection.namespace,
                socketio_path=engine_path(url),
                wait=False,
            )
            if refusal := await connection.first(connection.joined):
                raise refusal
        opened(connection.namespace)
        why = await connection.first(connection.ended)
        raise LinkError(f"connection closed ({why})")
    except NOT_SPOKEN as error:
        cause = _network_error(error)
        text = reason(cause) if cause else f"not a Socket.IO stream: {_problem(error)}"
        raise LinkError(text) from cause or error
    except OSError as error:
        raise LinkError(reason(error)) from error
    finally:
        await connection.close()


def _network_error(error: BaseException | None) -> Exception | None:
    """Return the network's error that led to one of the library, None if there is none."""
    while error and not isinstance(error, aiohttp.ClientError | OSError):
        error = error.__cause__ or error.__context__
    return error if isinstance(error, Exception) else None


def _problem(error: Exception) -> str:
    """Return the library's words for an error, or ours for one of Python's."""
    if isinstance(error, socketio.exceptions.SocketIOError):
        return hide_addresses(str(error))
    return "its first packet is malformed"


def _engine_url(upstream: Upstream) -> URL:
    """Return the address at which the server opens a session by WebSocket."""
    url = _address(upstream)
    path = f"/{engine_path(url)}/"
    return url.with_path(path).update_query(EIO="4", transport="websocket")


async def uses_msgpack(url: URL, http: aiohttp.ClientSession) -> bool:
    """Return whether a server that hung up on a text packet answers one of msgpack."""
    connect = msgspec.msgpack.encode({"type": 0, "data": {}, "nsp": "/"})
    with suppress(aiohttp.ClientError, LinkError, TimeoutError, TypeError, msgspec.DecodeError):
        async with asyncio.timeout(MSGPACK_TIMEOUT_S), http.ws_connect(url) as stream:
            await stream.receive_str()  # the session
            await stream.send_bytes(connect)
            match msgspec.msgpack.decode(await stream.receive_bytes()):
                case {"type": int(), "nsp": str()}:
                    return True
    return False


def _address(upstream: Upstream) -> URL:
    """Return the address without the parameters that each client adds itself.

    A URL copied from a browser may contain them.
    """
    return upstream.http_url.without_query_params("EIO", "transport", "sid", "t")


def engine_path(url: URL) -> str:
    """Return the path of the Socket.IO server, without leading or trailing slashes."""
    return url.path.strip("/") if ENGINE in url.path else ENGINE


def _namespace(url: URL) -> str:
    return "/" if ENGINE in url.path else url.path.rstrip("/") or "/"


def _json_text(body: bytes) -> str:
    """Return a binary body as JSON text, or `NOT_JSON`, which is rejected, if it is not JSON."""
    try:
        text = body.decode()
        json.loads(text)  # anything but one JSON value could break out of the envelope
    except (ValueError, RecursionError):
        return NOT_JSON
    return text


def _reason_given(why: object) -> str:
    """Return the reason in a server's refusal of a namespace, after a colon; "" if it has none."""
    match why:
        case {"message": str(text)} | str(text) if text not in NO_REASON:
            return f": {text}"
        case _:
            return ""


class _Connection:
    """One connection. `joined` resolves to None or the refusal, `ended` to the reason."""

    def __init__(
        self,
        upstream: Upstream,
        pace: Pace,
        http: aiohttp.ClientSession,
        namespace: str,
        deliver: Deliver,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.namespace = namespace
        self.joined: asyncio.Future[LinkError | None] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self._upstream = upstream
        self._limit = limit = upstream.max_message_bytes
        self._deliver = deliver
        self.client = Client(
            stray=deliver,
            limit=limit,
            pace=pace,
            reconnection=False,
            handle_sigint=False,
            http_session=http,
            websocket_extra_options={"max_msg_size": limit + 1},  # the first size refused
        )
        self.client.on("connect", self._join, namespace=namespace)
        self.client.on("connect_error", self._refuse, namespace=namespace)
        self.client.on("*", self._receive, namespace=namespace)
        self.client.on("disconnect", self._end, namespace=namespace)

    async def first(self, event: asyncio.Future[T]) -> T:
        """Wait for `event`; raise `LinkError` if the connection ends first."""
        engine = self.client.engine
        await engine.wait_for(event)
        if engine.refusal.done():
            raise engine.refusal.result()
        if engine.is_closed_for_size:
            raise too_large(self._limit)
        if not event.done():
            early = event is self.joined or self.client.transport() == "polling"
            kind = _ClosedEarlyError if early else LinkError
            raise kind("connection closed (no close packet)")
        return event.result()

    async def close(self) -> None:
        """Disconnect, and cancel the background tasks of the connection."""
        with suppress(TimeoutError, LinkError, *NOT_SPOKEN):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.client.disconnect()
        await self.client.engine.stop()

    def _join(self) -> None:
        if not self.joined.done():
            self.joined.set_result(None)

    def _refuse(self, why: object = None, *_: object) -> None:
        if self.joined.done():
            self._end("refused")
            return
        match why:
            case {"message": str(text)} | str(text) if text in NO_NAMESPACE:
                self.joined.set_result(_NoNamespaceError(self.namespace))
            case _:
                self.joined.set_result(
                    LinkError(f"{REFUSED}{self._upstream.without_secrets(_reason_given(why))}")
                )

    def _receive(self, event: str, body: bytes | str) -> None:
        self._deliver(wrap(event, body if isinstance(body, str) else _json_text(body)))

    def _end(self, why: object = "", *_: object) -> None:
        if not self.ended.done():
            self.ended.set_result(str(why))
