"""The truth of a cluster, as one of its instances has read it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from northstar.alerts.limits import net_limits
from northstar.alerts.rules import Rule
from northstar.coordination.truths import NEVER, Version
from northstar.domain.clocks import Mark
from northstar.domain.day import DayRecord
from northstar.domain.freshness import FeedStatus, LinkState, feed_state
from northstar.domain.outcomes import Receipt, Tally
from northstar.domain.snapshot import Snapshot
from northstar.feeds import Source
from northstar.history.writer import History
from northstar.live.cluster.truth import Truth
from northstar.observers import Observers
from northstar.settings.cluster import common
from northstar.settings.table import Settings

LOST_S = 3.0  # of a leader, which gives a sign of life every second
LOST = "the leading instance is lost"


class Replica:
    """Shows the newest truth that was committed; refuses one that is not newer.

    The age of its data is the leader's, and the time since then: by the database's clock until the
    truth was read, then by ours. `common` has the settings that all instances have in common.
    `problem` is why the database cannot be read. `alerted` notifies
    observers of a change of alerts.
    """

    def __init__(
        self,
        history: History,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.history = history
        self.accepted: Observers[()] = Observers()
        self.changed: Observers[()] = Observers()
        self.alerted: Observers[()] = Observers()
        self.problem: str | None = None
        self.truth: Truth | None = None
        self.rules: Sequence[Rule] = ()
        self.common = common(settings)
        self.recorded: Mapping[date, DayRecord] = history.days
        self._clock = clock
        self._now = now
        self._written = self._mark()  # when the truth was, or we started
        self._before_any = _before_any(settings)
        self.accepted.subscribe(self.changed.notify)
        history.notebook.changed.subscribe(self.changed.notify)

    @property
    def version(self) -> Version:
        return self.truth.version if self.truth else NEVER

    @property
    def snapshot(self) -> Snapshot | None:
        return self.truth.snapshot if self.truth else None

    @property
    def current(self) -> Snapshot | None:
        """The newest state with the running day, those before it, notes, and limits of net."""
        return self.snapshot and self.completed(self.snapshot)

    @property
    def receipt(self) -> Receipt | None:
        return self.truth.receipt if self.truth else None

    @property
    def source(self) -> Source:
        return Source(self.truth.status.source) if self.truth else Source.LIVE

    @property
    def behind_s(self) -> float:
        """How long ago the truth that is shown was written."""
        return self._since_written_s()

    @property
    def is_lost(self) -> bool:
        """Whether no leader has written for `LOST_S`."""
        return self._since_written_s() > LOST_S

    def completed(self, snapshot: Snapshot) -> Snapshot:
        """Return a state with the days before the running one, notes, and limits of net."""
        return replace(
            snapshot,
            recorded=self.recorded,
            notes=self.history.notebook.newest,
            limits=net_limits(self.rules, snapshot),
        )

    def now(self) -> datetime:
        """Return the time of the database's clock."""
        return self.history.now()

    def take(self, truth: Truth, age_s: float = 0.0) -> None:
        """Show a truth that was written `age_s` ago, and the days of the history, if it is newer.

        Its state is `history.days` of the same moment.
        """
        before = self.truth
        if truth.version <= self.version:
            return
        was_lost = self.is_lost
        self.truth, self.recorded = truth, self.history.days
        self._written = self._mark().earlier(age_s)
        if before is None or before.alerts != truth.alerts:
            self.alerted.notify()
        if before is None or before.status.tally.accepted != truth.status.tally.accepted:
            self.accepted.notify()
        elif was_lost or _apart_from_time(before) != _apart_from_time(truth):
            self.changed.notify()

    def note_problem(self, problem: str | None) -> None:
        """Note why the database cannot be read, None once it can."""
        if problem != self.problem:
            self.problem = problem
            self.changed.notify()

    def status(self) -> FeedStatus:
        """Return the last status of the leader, with the time since then."""
        known = self.truth.status if self.truth else self._before_any
        passed_s = self._since_written_s()
        silence_s = known.silence_s + passed_s
        overdue = silence_s >= known.stale_after_s
        link, problem, retry_in_s = LinkState(known.link), known.problem, known.retry_in_s
        if self.is_lost:
            link, problem, retry_in_s = LinkState.WAITING, self.problem or LOST, None
        return replace(
            known,
            state=feed_state(link, problem, overdue=overdue, empty=known.age_s is None),
            link=link,
            problem=problem,
            age_s=None if known.age_s is None else known.age_s + passed_s,
            silence_s=silence_s,
            retry_in_s=None if retry_in_s is None else max(0.0, retry_in_s - passed_s),
            history=f"paused: {self.problem}" if self.problem else known.history,
            history_problem=self.problem or known.history_problem,
            of_today=self._is_of_today(),
        )

    def _is_of_today(self) -> bool:
        if self.snapshot is None:
            return True
        day_of = self.history.store.calendar.day_of
        return day_of(self.now()) <= day_of(self.snapshot.instant)

    def _since_written_s(self) -> float:
        return self._written.passed_s(self._mark())

    def _mark(self) -> Mark:
        return Mark(self._clock(), self._now().timestamp())


def _apart_from_time(truth: Truth) -> tuple[object, ...]:
    """Return what a viewer has to be sent of a status: all except the ages and counts."""
    status = truth.status
    return (
        status.state,
        status.problem,
        status.protocol,
        status.api,
        status.recording,
        status.history,
        truth.history,
        truth.alerts,
    )


def _before_any(settings: Settings) -> FeedStatus:
    """Return the status before the first truth."""
    return FeedStatus(
        state="connecting",
        source=Source.LIVE,
        name=settings.stream_name,
        protocol=None,
        namespace=None,
        link=LinkState.CONNECTING,
        age_s=None,
        silence_s=0.0,
        stale_after_s=settings.stale_after,
        retry_in_s=None,
        problem=None,
        reconnects=0,
        api=None,
        recording=None,
        history="kept",
        history_problem=None,
        replaying=None,
        clock_ahead_s=None,
        clock_off_s=None,
        tally=Tally(),
        of_today=True,
    )
