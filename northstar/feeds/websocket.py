"""A plain WebSocket server as the source: one message a text or binary frame."""

import websockets
from websockets.asyncio.client import connect

from northstar.errors import LinkError
from northstar.feeds import Accept, Source
from northstar.feeds.link import Delivered, Link, keep_up

# A full 30-day message is 4 kB; forty agents and categories make it 12 kB.
MAX_MESSAGE_BYTES = 1 << 20
OPEN_TIMEOUT_S = 10
# A half-open connection is noticed within interval + timeout.
PING_INTERVAL_S = 5
PING_TIMEOUT_S = 5


class WebSocketFeed:
    """Reads the stream at `url` (ws:// or wss://); `name` is what may be shown of it."""

    source = Source.LIVE

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.link = Link()

    async def run(self, accept: Accept) -> None:
        """Deliver messages until cancelled, reconnecting as often as it takes."""

        async def session(delivered: Delivered) -> None:
            await self._read(accept, delivered)

        await keep_up(self.link, session)

    async def _read(self, accept: Accept, delivered: Delivered) -> None:
        try:
            async with connect(
                self.url,
                open_timeout=OPEN_TIMEOUT_S,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                max_size=MAX_MESSAGE_BYTES,
            ) as stream:
                self.link.opened()
                while True:
                    if accept(await stream.recv()):
                        delivered()
        except websockets.ConnectionClosed as error:
            raise LinkError(f"connection closed ({_why(error)})") from error
        except websockets.InvalidURI as error:  # its own text would tell the URL's password
            raise LinkError(f"not a usable URL: {error.msg}") from None
        except UnicodeError:
            raise LinkError("not a usable host name") from None
        except websockets.WebSocketException as error:
            raise LinkError(f"not a WebSocket stream: {error}") from error
        except TimeoutError as error:
            raise LinkError(f"no answer within {OPEN_TIMEOUT_S} s") from error
        except OSError as error:
            raise LinkError(f"cannot connect: {error.strerror or error}") from error


def _why(error: websockets.ConnectionClosed) -> str:
    received = error.rcvd or error.sent
    if received is None:
        return "without a goodbye"
    return f"{received.code} {received.reason}".strip()
