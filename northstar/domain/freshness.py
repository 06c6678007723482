"""State of the feed and age of its data at one moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from northstar.domain.cluster import ClusterStatus
from northstar.domain.outcomes import Tally


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The state of the source at one moment.

    `state` is a value of `feed-status`, `link` the state of the connection alone. `source` is
    "live", "demo" or "replay"; `name` contains no secrets. `age_s` is the time since the data's
    timestamp last advanced, None before the first message; `silence_s` is the same, counted from
    the start of the program before the first message. `retry_in_s` is set while waiting for the
    next attempt. `history` describes whether states are stored, `history_problem` why they cannot
    be written now. `replaying` is the time being replayed, None without a recording.
    `clock_ahead_s` is how far the last message's time was ahead of our clock on arrival;
    `clock_off_s` by how much the source's clock is off, if that is known and more than a minute.
    `problem` is why the connection failed, or why nothing usable comes from an open one.
    `namespace` is the Socket.IO namespace joined. `of_today` is whether the data is of the running
    day, true without data.
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
    clock_off_s: float | None
    tally: Tally
    of_today: bool


@dataclass(frozen=True, slots=True)
class StreamStatus(FeedStatus):
    """The state of the feed, with counts of frames and viewers.

    `epoch` changes when the server restarts. `frames` counts the frames rendered since, `skipped`
    those replaced by a newer one before a viewer took them. `warning` is set if data arrives but
    the source's clock is off. `cluster` has the instances of a cluster, None in a single process.
    """

    epoch: str
    frames: int
    skipped: int
    viewers: int
    warning: str | None
    cluster: ClusterStatus | None = None


class LinkState(StrEnum):
    """State of the connection to the source."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"
    ENDED = "ended"


def feed_state(link: LinkState, problem: str | None, *, overdue: bool, empty: bool) -> str:
    """Return the value of `feed-status`; an open link is "live" only while the data is fresh.

    `problem` is why the last attempt to connect failed. `overdue` is whether the data is older than
    its limit, `empty` whether there is none yet.
    """
    if link is LinkState.ENDED:
        return "ended"
    if link is LinkState.OPEN:
        return "stale" if overdue else "connecting" if empty else "live"
    if problem is None and overdue and not empty:
        return "stale"  # a state restored from the history, until the first attempt fails
    return "offline" if overdue else "reconnecting" if problem else "connecting"
