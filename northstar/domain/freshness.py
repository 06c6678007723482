"""State of the feed and age of its data at one moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from northstar.domain.ledger import Tally


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The source as the server sees it at one moment.

    `state` is one of the words of `feed-status`, `link` the state of the connection alone.
    `source` is "live", "demo" or "replay"; `name` hides what may be secret. `age_s` is how long
    ago the data's time last moved on, None before the first message; `silence_s` is the same,
    counted from the start before the first. `retry_in_s` is set while waiting for the next try.
    `history` says whether states are kept, `history_problem` why they cannot be written now.
    `replaying` is the time being replayed, where it is a recording.
    `clock_ahead_s` is how far the last message's time was ahead of ours when it came. `namespace`
    is the one joined, with Socket.IO.
    """

    state: str
    source: str
    name: str
    protocol: str | None
    namespace: str | None
    link: str
    age_s: float | None
    silence_s: float
    stale_after_s: float
    retry_in_s: float | None
    problem: str | None
    reconnects: int
    api: str | None
    recording: str | None
    history: str
    history_problem: str | None
    replaying: datetime | None
    clock_ahead_s: float | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class StreamStatus(FeedStatus):
    """The feed's state, and what has been sent of it to the pages.

    `epoch` changes when the server restarts; `frames` counts those made since, `skipped` those that
    a newer one replaced before a viewer took them.
    """

    epoch: str
    frames: int
    skipped: int
    viewers: int


class LinkState(StrEnum):
    """Where the connection to the source stands."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    ENDED = "ended"


def feed_state(link: LinkState, problem: str | None, *, overdue: bool, empty: bool) -> str:
    """Return the word for `feed-status`: connected is not live, only fresh data is.

    `problem` is why the last try to connect failed. `overdue` tells whether the data is older than
    its limit, `empty` whether there is none yet.
    """
    if link is LinkState.ENDED:
        return "ended"
    if link is LinkState.OPEN:
        return "stale" if overdue else "connecting" if empty else "live"
    if problem is None and overdue and not empty:
        return "stale"  # a state kept from before, until the first try has failed
    return "offline" if overdue else "reconnecting" if problem else "connecting"
