"""What the pages and the API show: the current state, its status, and the history."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from northstar.domain.day import DayRecord
from northstar.domain.freshness import FeedStatus
from northstar.domain.outcomes import Receipt
from northstar.domain.snapshot import Snapshot
from northstar.feeds import Source
from northstar.history.writer import History
from northstar.observers import Observers


class Shown(Protocol):
    """The newest state and its status: those of our own source, or of a cluster.

    `accepted` notifies observers of each new state, `changed` also of a change of its status.
    """

    history: History
    accepted: Observers[()]
    changed: Observers[()]

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest state; None before the first."""

    @property
    def current(self) -> Snapshot | None:
        """The newest state with the running day, those before it, and the notes."""

    @property
    def receipt(self) -> Receipt | None:
        """The message that led to the state."""

    @property
    def recorded(self) -> Mapping[date, DayRecord]:
        """The days before the running one, as they are in the history."""

    @property
    def source(self) -> Source:
        """Kind of data shown."""

    @property
    def version(self) -> tuple[int, int] | None:
        """The order of the state among the instances of a cluster; None without one."""

    def completed(self, snapshot: Snapshot) -> Snapshot:
        """Return a state with the running day, those before it, and the notes."""

    def status(self) -> FeedStatus:
        """Return the current status of the source and the age of its data."""

    def now(self) -> datetime:
        """Return the time of our clock, or the time being replayed."""
