"""Input of the evaluation: the state at one moment, and the values before it."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from statistics import median
from typing import NamedTuple

from northstar.domain.books import audit
from northstar.domain.freshness import LinkState
from northstar.domain.intraday import Intraday
from northstar.domain.messages import EXACT, AgentMetrics
from northstar.domain.snapshot import Snapshot

MINUTE_S = 60


class Restatement(NamedTuple):
    """A closed day whose net the source changed, and by how much."""

    day: date
    by: Decimal


@dataclass(frozen=True)
class Reading:
    """The state at one moment.

    `at` is the time of our clock, `steady_s` a clock that is never set. `feed` is the value of
    `feed-status`, `since_message_s` the time since the last message, or since the connection, and
    `age_s` the age of the data.
    `accepted` and `refused` count messages since the start. `restated` are the days restated since
    the last reading. What several rules measure is computed once.
    """

    at: datetime
    steady_s: float
    snapshot: Snapshot | None
    day: Intraday | None
    feed: str
    link: LinkState
    since_message_s: float
    age_s: float | None = None
    accepted: int = 0
    refused: int = 0
    history_problem: str | None = None
    restated: Sequence[Restatement] = ()

    @property
    def data(self) -> Snapshot:
        """The state, for rules that are evaluated only while it is live."""
        if self.snapshot is None:
            raise LookupError("there is no state yet")
        return self.snapshot

    @property
    def is_live(self) -> bool:
        return self.snapshot is not None and self.feed == "live"

    @cached_property
    def net(self) -> Decimal:
        """The net of `data`."""
        return self.data.net

    @cached_property
    def previous_net(self) -> Decimal | None:
        """The net of the period before that of `data`."""
        return self.data.previous_net

    @cached_property
    def agents(self) -> Sequence[AgentMetrics]:
        """The agents of `data`, highest net first."""
        return self.data.agents

    @cached_property
    def imbalance(self) -> Decimal:
        """The largest amount by which the books do not balance."""
        amounts = (abs(check.amount) for check in audit(self.data) if check.unit == "money")
        return max(amounts, default=Decimal(0))


@dataclass(slots=True)
class Extremes:
    """The least and largest value of the last `window_s` seconds, in constant time."""

    window_s: float
    _falling: deque[tuple[float, Decimal]] = field(default_factory=deque)
    _rising: deque[tuple[float, Decimal]] = field(default_factory=deque)

    def add(self, at_s: float, value: Decimal) -> None:
        """Add a value, and drop those that are too old; times do not go back."""
        for ends, is_worse in ((self._rising, value.__le__), (self._falling, value.__ge__)):
            while ends and is_worse(ends[-1][1]):
                ends.pop()
            ends.append((at_s, value))
            while ends[0][0] < at_s - self.window_s:
                ends.popleft()

    def farthest(self, value: Decimal) -> Decimal:
        """Return the largest difference of `value` from one of the window; zero without any."""
        if not self._rising:
            return Decimal(0)
        rise = EXACT.subtract(value, self._rising[0][1])
        fall = EXACT.subtract(value, self._falling[0][1])
        return rise if rise >= -fall else fall


@dataclass(slots=True)
class MinuteMedian:
    """The median of the last value of each of the last `minutes`, without the current minute."""

    minutes: int
    _closed: deque[Decimal] = field(default_factory=deque)
    _minute: int | None = None
    _last: Decimal = Decimal(0)
    _median: Decimal | None = None

    def add(self, at_s: float, value: Decimal) -> None:
        """Add a value; times do not go back."""
        minute = int(at_s // MINUTE_S)
        if self._minute is not None and minute != self._minute:
            self._closed.append(self._last)
            while len(self._closed) > self.minutes:
                self._closed.popleft()
            self._median = median(self._closed)
        self._minute, self._last = minute, value

    @property
    def value(self) -> Decimal | None:
        """The median; None before the first minute is over."""
        return self._median


@dataclass(slots=True)
class RefusedShare:
    """The share of messages refused in the last `window_s` seconds."""

    window_s: float
    _counts: deque[tuple[float, int, int]] = field(default_factory=deque)

    def add(self, at_s: float, accepted: int, refused: int) -> None:
        """Add the counts at a time, at most one for each tenth of the window."""
        counts = self._counts
        if not counts or at_s - counts[-1][0] >= self.window_s / 10:
            counts.append((at_s, accepted, refused))
        while len(counts) > 1 and counts[1][0] <= at_s - self.window_s:
            counts.popleft()

    def percent(self, accepted: int, refused: int) -> Decimal | None:
        """Return the share up to these counts; None if no message has come."""
        _, accepted_before, refused_before = self._counts[0]
        refused_since = refused - refused_before
        received = accepted - accepted_before + refused_since
        return Decimal(100 * refused_since) / received if received else None


@dataclass(slots=True)
class Aggregates:
    """Aggregates of earlier readings, as far as rules need them.

    Times of amounts are in `live_s`, a clock that stops while the data is not live.
    """

    live_s: float = 0.0
    changed: dict[str, tuple[float, object]] = field(default_factory=dict)  # by agent
    windows: dict[str, Extremes] = field(default_factory=dict)  # by rule, as the others
    medians: dict[str, MinuteMedian] = field(default_factory=dict)
    shares: dict[str, RefusedShare] = field(default_factory=dict)

    def note_agents(self, figures: Mapping[str, object]) -> None:
        """Note the figures of agents, and when they changed."""
        for agent, figure in figures.items():
            if (known := self.changed.get(agent)) is None or known[1] != figure:
                self.changed[agent] = self.live_s, figure

    def silent_s(self, agent: str) -> float:
        """Return for how long an agent's figures have not changed; from now on if unknown."""
        return self.live_s - self.changed.setdefault(agent, (self.live_s, None))[0]
