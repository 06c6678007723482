"""Sources of messages. A feed delivers bytes as they came and does not decode them."""

from enum import StrEnum
from typing import Protocol

from northstar.feeds.link import Link


class Accept(Protocol):
    """Take one message; return whether the ledger accepted it.

    `fetched` marks a complete state from the API, which is not in the order of the stream.
    """

    def __call__(self, raw: bytes | str, *, fetched: bool = False) -> bool: ...


class Source(StrEnum):
    """Kind of data that a feed delivers; shown on the page."""

    DEMO = "demo"
    LIVE = "live"
    REPLAY = "replay"


class Feed(Protocol):
    """One source of messages, and the state of its connection."""

    source: Source
    name: str
    link: Link

    async def run(self, accept: Accept) -> None:
        """Deliver messages to `accept` until cancelled; never returns."""
