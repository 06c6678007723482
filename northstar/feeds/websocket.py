"""WebSocket client of the source: one message per text or binary frame.

What we use of `websockets` beyond its documentation: `Connection.data_received()`,
`process_event()`, `send_data()`, `loop`, `transport` and `ClientProtocol.fail()`. Without them, a
source that sends pings without end would hold up the dashboard for seconds at each read.
"""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin

from northstar.errors import LinkError
from northstar.feeds.pace import Pace
from northstar.feeds.upstream import (
    CLOSE_TIMEOUT_S,
    OPEN_TIMEOUT_S,
    Deliver,
    Opened,
    Upstream,
    hide_addresses,
    reason,
    too_large,
)

# Interval of pings. If neither a message nor the pong arrives before the next one, the connection
# is closed: a half-open connection is detected within two intervals and the close timeout.
PING_INTERVAL_S = 5
# Refusals that a missing Origin header may explain.
ORIGIN_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
# The library handles all frames of one read at once, some 20 µs each, and a ping has 2 bytes; by
# default, up to 256 kB are read.
READ_BYTES = 4096
# Pings and pongs that a source may send; usual are one ping in 20 s, and one pong for each of ours.
HEARTBEATS, HEARTBEATS_PER_S = 100, 10


class _Connect(connect):
    """Follows no redirects: headers and token must reach only the configured host.

    Names what is wrong with a proxy in the environment, whose address may contain a password.
    """

    async def __aenter__(self) -> ClientConnection:
        try:
            return await super().__aenter__()
        except (OSError, UnicodeError):  # some are a `ValueError`, too
            raise
        except (ImportError, ValueError, websockets.InvalidProxy, websockets.ProxyError) as error:
            raise LinkError(_proxy_problem(error)) from None

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class _Connection(ClientConnection, asyncio.BufferedProtocol):
    """Reads little at a time, and closes the connection of a source that sends too many pings."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._made_at = self.loop.time()
        self._heartbeats = 0

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (it is only a hint)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._buffer[:nbytes]))

    def process_event(self, event: Any) -> None:
        """Handle a frame, or the response to the handshake."""
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode in {Opcode.PING, Opcode.PONG}:
            self._heartbeats += 1
            age_s = self.loop.time() - self._made_at
            if self._heartbeats > HEARTBEATS + HEARTBEATS_PER_S * age_s:
                self.protocol.fail(CloseCode.POLICY_VIOLATION, "too many pings")
                self.send_data()
                self.transport.abort()


async def read_websocket(upstream: Upstream, pace: Pace, opened: Opened, deliver: Deliver) -> None:
    """Connect and deliver each message until the connection ends; then raise `LinkError`."""
    try:
        async with _Connect(
            upstream.url,
            additional_headers=upstream.all_headers,
            ssl=upstream.tls if upstream.url.startswith("wss:") else None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=None,  # see `_read`
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=upstream.max_message_bytes,
            subprotocols=upstream.subprotocols or None,
            create_connection=_Connection,
        ) as stream:
            opened()
            await _read(stream, pace, deliver)
    except websockets.ConnectionClosed as error:
        if _refused(error):
            raise too_large(upstream.max_message_bytes) from error
        why = upstream.without_secrets(_close_reason(error))
        raise LinkError(f"connection closed ({why})") from error
    except websockets.InvalidURI as error:  # its text contains the URL's password
        raise LinkError(f"not a usable URL: {error.msg}") from None
    except websockets.InvalidStatus as error:
        raise await _refusal(upstream, error.response) from None
    except websockets.InvalidHeader as error:
        raise LinkError(f"not a WebSocket stream: invalid {error.name} header") from None
    except UnicodeError:
        raise LinkError("not a usable host name") from None
    except websockets.WebSocketException as error:
        raise LinkError(f"not a WebSocket stream: {hide_addresses(str(error))}") from error
    except OSError as error:
        raise LinkError(reason(error)) from error


def _proxy_problem(error: Exception) -> str:
    """Return why the proxy that the environment names cannot be used."""
    match error:
        case ImportError():
            return "the proxy of the environment is one of SOCKS, which is not supported"
        case websockets.InvalidProxyStatus(response=Response(status_code=status)):
            return f"the proxy of the environment refused the connection (HTTP {status})"
        case websockets.ProxyError():
            return "the proxy of the environment gave no valid response"
        case _:
            return "the address of the proxy in the environment is not usable"


async def _refusal(upstream: Upstream, response: Response) -> LinkError:
    """Return why the source refused; it may only require the Origin of a page."""
    status = response.status_code
    error = upstream.refusal(status, response.headers, bytes(response.body), "WebSocket")
    has_origin = "origin" in map(str.lower, upstream.headers)
    if status not in ORIGIN_STATUSES or has_origin or error.retry_after_s:
        return error
    origin = str(upstream.http_url.origin())
    if not await _opens_for(upstream, origin):
        return error
    advice = f"missing Origin: set NORTHSTAR_HEADERS to 'Origin: {origin}'"
    return LinkError(f"the source refused the connection (HTTP {status}): {advice}", status=status)


async def _opens_for(upstream: Upstream, origin: str) -> bool:
    """Return whether the source opens its stream to a page of this origin."""
    with suppress(websockets.WebSocketException, LinkError, OSError, TimeoutError):
        async with _Connect(
            upstream.url,
            origin=Origin(origin),
            additional_headers=upstream.all_headers,
            ssl=upstream.tls if upstream.url.startswith("wss:") else None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=upstream.max_message_bytes,
            subprotocols=upstream.subprotocols or None,
            create_connection=_Connection,
        ):
            return True
    return False


async def _read(stream: ClientConnection, pace: Pace, deliver: Deliver) -> None:
    """Deliver messages at the allowed rate; raise `TimeoutError` if the source is silent.

    The library's keepalive would time out while the pong waits behind unread messages.
    """
    answer: asyncio.Future[float] | None = None
    while True:
        heard = False
        try:
            async with asyncio.timeout(PING_INTERVAL_S):
                while True:
                    await pace.wait()
                    message = await stream.recv()
                    pace.charge(len(message))
                    deliver(message)
                    heard = True
        except TimeoutError:
            if answer and not answer.done() and not heard:
                raise
        answer = asyncio.ensure_future(await stream.ping())


def _refused(error: websockets.ConnectionClosed) -> bool:
    """Return whether we closed the connection because of a message over the limit."""
    ours = error.sent if not error.rcvd_then_sent else None
    return ours is not None and ours.code == CloseCode.MESSAGE_TOO_BIG


def _close_reason(error: websockets.ConnectionClosed) -> str:
    received = error.rcvd or error.sent
    if received is None:
        return "no close frame"
    return f"{received.code} {received.reason}".strip()
