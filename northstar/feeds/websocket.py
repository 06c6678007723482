"""A plain WebSocket server as the source: one message a text or binary frame."""

import websockets
from websockets.asyncio.client import connect

from northstar.errors import LinkError
from northstar.feeds.upstream import (
    GOODBYE_TIMEOUT_S,
    MAX_MESSAGE_BYTES,
    OPEN_TIMEOUT_S,
    Deliver,
    Opened,
    Upstream,
    hide_addresses,
    reason,
)

# A half-open connection is noticed within interval + timeout + goodbye.
PING_INTERVAL_S = 5
PING_TIMEOUT_S = 5


class _Connect(connect):
    """Follows no redirect: the headers and the token are for the named host alone."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def read_websocket(upstream: Upstream, opened: Opened, deliver: Deliver) -> None:
    """Connect and deliver each message until the source is gone; then raise `LinkError`."""
    try:
        async with _Connect(
            upstream.url,
            additional_headers=upstream.all_headers,
            ssl=upstream.tls if upstream.url.startswith("wss:") else None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=GOODBYE_TIMEOUT_S,
            max_size=MAX_MESSAGE_BYTES,
        ) as stream:
            opened()
            while True:
                deliver(await stream.recv())
    except websockets.ConnectionClosed as error:
        raise LinkError(f"connection closed ({_goodbye(error)})") from error
    except websockets.InvalidURI as error:  # its own text would tell the URL's password
        raise LinkError(f"not a usable URL: {error.msg}") from None
    except websockets.InvalidHeader as error:
        raise LinkError(f"not a WebSocket stream: invalid {error.name} header") from None
    except UnicodeError:
        raise LinkError("not a usable host name") from None
    except websockets.WebSocketException as error:
        raise LinkError(f"not a WebSocket stream: {hide_addresses(str(error))}") from error
    except OSError as error:
        raise LinkError(reason(error)) from error


def _goodbye(error: websockets.ConnectionClosed) -> str:
    received = error.rcvd or error.sent
    if received is None:
        return "without a goodbye"
    return f"{received.code} {received.reason}".strip()
