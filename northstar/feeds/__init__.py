"""Where updates come from. A feed hands over bytes as they came; it does not read them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeAlias

from northstar.feeds.link import Link

# Takes one message; True if it was accepted into the ledger.
Accept: TypeAlias = Callable[[bytes | str], bool]


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
