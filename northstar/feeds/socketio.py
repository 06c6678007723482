"""A Socket.IO server as the source: one message an event.

A path in the URL names a namespace, as it does for every Socket.IO client, and is joined next to
the default one; or it is the path of the server itself, where it has `socket.io` in it.
"""

import asyncio
import json
from contextlib import suppress
from http import HTTPStatus

import aiohttp
import socketio
from socketio.packet import Packet
from yarl import URL

from northstar.errors import LinkError
from northstar.feeds.upstream import (
    MAX_MESSAGE_BYTES,
    OPEN_TIMEOUT_S,
    Deliver,
    Opened,
    Upstream,
    read_up_to,
    reason,
)
from northstar.messages import wrap

ENGINE = "socket.io"
GOODBYE_TIMEOUT_S = 1
PROBE_TIMEOUT = aiohttp.ClientTimeout(total=3)
PROBE_BYTES = 4096
# Stands in an event's JSON where bytes follow in a frame of their own.
PLACEHOLDER = '"_placeholder"'

# What a client's `connect` raises where the other side is no Socket.IO server of this version.
NOT_SPOKEN = (
    socketio.exceptions.SocketIOError,
    aiohttp.ClientError,
    LookupError,
    TypeError,
    ValueError,
)


async def offered_transports(upstream: Upstream, http: aiohttp.ClientSession) -> list[str]:
    """Ask the source whether it is a Socket.IO server, and what it offers; nothing if it is none.

    Raises `LinkError` where nobody can be reached at all.
    """
    url = upstream.http_url
    handshake = url.with_path(f"/{engine_path(url)}/").update_query(EIO="4", transport="polling")
    try:
        async with http.get(handshake, timeout=PROBE_TIMEOUT) as response:
            return _transports(response.status, await read_up_to(PROBE_BYTES, response))
    except TimeoutError:  # some WebSocket servers leave other requests without an answer
        return []
    except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError) as error:
        raise LinkError(reason(error)) from error
    except (aiohttp.ClientError, ValueError):
        return []


def _transports(status: int, answer: bytes) -> list[str]:
    """Read a handshake's answer: `0{…}` opens, an error with a `code` is Socket.IO's own."""
    try:
        told = json.loads(answer.removeprefix(b"0"))
    except ValueError:
        return []
    match told:
        case {"sid": _, "upgrades": [*upgrades]} if status == HTTPStatus.OK:
            return ["polling", *upgrades]
        case {"code": int(), "message": str()} if status == HTTPStatus.BAD_REQUEST:
            return ["websocket"]
        case _:
            return []


async def read_socketio(
    upstream: Upstream,
    http: aiohttp.ClientSession,
    transports: list[str],
    opened: Opened,
    deliver: Deliver,
) -> None:
    """Connect and deliver each event until the source is gone; then raise `LinkError`.

    An event comes in an envelope that tells its name, its body letter for letter.
    """
    session = _Session(http, _namespaces(upstream.http_url), deliver)
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await session.client.connect(
                str(upstream.http_url),
                auth={"token": upstream.token} if upstream.token else None,
                transports=transports or None,
                namespaces=session.namespaces,
                socketio_path=engine_path(upstream.http_url),
                wait=False,
            )
            if not await session.joined:
                raise LinkError("the Socket.IO server does not let us in")
        opened()
        raise LinkError(f"connection closed ({await session.ended})")
    except NOT_SPOKEN as error:
        raise LinkError(f"not a Socket.IO stream: {error}") from error
    except OSError as error:
        raise LinkError(reason(error)) from error
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                await session.client.disconnect()


def engine_path(url: URL) -> str:
    """Return the path of the server itself, without slashes around it."""
    return url.path.strip("/") if ENGINE in url.path else ENGINE


def _namespaces(url: URL) -> list[str]:
    named = url.path.rstrip("/")
    return ["/", named] if named and ENGINE not in named else ["/"]


class _Session:
    """One connection. `joined` tells whether a namespace lets us in, `ended` why it was the end."""

    def __init__(
        self, http: aiohttp.ClientSession, namespaces: list[str], deliver: Deliver
    ) -> None:
        loop = asyncio.get_running_loop()
        self.namespaces = namespaces
        self.joined: asyncio.Future[bool] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self._deliver = deliver
        self._refusals = 0
        self.client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            http_session=http,
            serializer=_EventPacket,
            websocket_extra_options={"max_msg_size": MAX_MESSAGE_BYTES},
        )
        self.client.on("connect", self._join, namespace="*")
        self.client.on("connect_error", self._refuse, namespace="*")
        self.client.on("*", self._receive, namespace="*")
        self.client.on("disconnect", self._end, namespace="*")

    def _join(self, _: str) -> None:
        if not self.joined.done():
            self.joined.set_result(True)

    def _refuse(self, *_: object) -> None:
        self._refusals += 1
        if self._refusals == len(self.namespaces) and not self.joined.done():
            self.joined.set_result(False)

    def _receive(self, event: str, _: str, body: bytes | str = "null", *__: object) -> None:
        self._deliver(body if isinstance(body, bytes) else wrap(event, body))

    def _end(self, _: str, why: object = "", *__: object) -> None:
        if not self.ended.done():
            self.ended.set_result(str(why))


class _Json:
    """Reads an event's name and leaves its body as it is, for one reader to judge it."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> object:
        try:
            if not text.startswith("[") or PLACEHOLDER in text:
                return json.loads(text)
            event, end = json.JSONDecoder().raw_decode(text, 1)
        except (ValueError, RecursionError):
            return ["", text]
        body = text[end:].lstrip(" ,").rstrip()[:-1]
        return [str(event), body or "null"]


class _EventPacket(Packet):  # type: ignore[misc]  # comes without types
    json = _Json
