"""Sources of messages. A feed delivers bytes as they came and does not decode them."""

from enum import StrEnum
from typing import Protocol

from northstar.feeds.link import Link


class Accept(Protocol):
    """Takes one message; True if it was accepted into the ledger.

    `fetched` says that it is a whole state, asked for apart from the stream and its order.
    """

    def __call__(self, raw: bytes | str, *, fetched: bool = False) -> bool: ...


class Source(StrEnum):
    """What kind of data a feed brings; the page says so."""

    DEMO = "demo"
    LIVE = "live"
    REPLAY = "replay"


class Feed(Protocol):
    """One source of messages and the state of the connection to it."""

    source: Source
    name: str
    link: Link

    async def run(self, accept: Accept) -> None:
        """Deliver messages to `accept` until cancelled. Does not end by itself."""
