"""Background writer for the history; never blocks the event loop."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from itertools import chain, pairwise
from threading import Lock

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential_jitter,
)

from northstar.domain.day import DayRecord
from northstar.domain.messages import TrendDay
from northstar.domain.outcomes import Received
from northstar.domain.snapshot import Snapshot
from northstar.errors import Deposed, StoreError, StoreReplaced, StoreUnusable
from northstar.history.fence import Fence
from northstar.history.notebook import Notebook
from northstar.history.retention import Retention
from northstar.history.steadiness import Steadiness
from northstar.history.store import Accepted, Store
from northstar.observers import Observers

log = logging.getLogger(__name__)

BATCH_S = 1.0
CHECK_S = 10.0  # interval of checks of the database while there is nothing to write
# Longer than the timeouts of locks and connections: a database that takes longer hangs.
ANSWER_S = 7.0
# For the last batch on shutdown, which may take five seconds in all, two of them for the streams.
# A writer that hangs for longer is abandoned, see `uvicorn_server.Server`.
END_S = 2.0
PRUNE_EVERY_S = 3600  # and only if our clock has been steady for as long
BACKOFF = wait_exponential_jitter(initial=1, max=30, exp_base=2, jitter=1)
# Seconds of states queued while writing fails; beyond that, only the last of each minute stays.
MOST_WAITING = 3600


class History:
    """Queues accepted states, the last of each second, and writes them to `store` in a thread.

    A `temporary` history is removed at the end, so nothing is written to it then. `days` are the
    days before the running one, those of its month and of the trend, as they are in the store;
    `changed` notifies observers of a change of them. `notebook` writes notes to the same database,
    between two batches.
    """

    def __init__(
        self,
        store: Store,
        retention: Retention,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        *,
        temporary: bool = False,
    ) -> None:
        self.store = store
        self.temporary = temporary
        self.problem: str | None = None  # why writing fails now
        self.refused: str | None = None  # why the newest state is not written at all
        self.late: date | None = None  # the closed day of the last state skipped as late
        self.connected_since: datetime | None = None  # set by the task that watches the connection
        self.lost = 0  # seconds whose state was dropped, or could not be written at the end
        self.batches: Observers[float] = Observers()  # time to write each batch, in s
        self.days: Mapping[date, DayRecord] = {}
        self.changed: Observers[()] = Observers()
        self._days_at: tuple[date, int] | None = None  # the day and version of `days`
        self._retention = retention
        self.now = now
        self.turn = Lock()  # of what writes to the database
        self.notebook = Notebook(store.engine, self.turn)
        self._waiting: dict[int, Accepted] = {}  # by second of the state's timestamp
        self._written: Sequence[Accepted] = ()  # the last batch
        self._reopens = False  # whether the database must be opened again before a batch
        self._due = asyncio.Event()
        self._noted_until: datetime | None = None  # up to when `connected_since` was noted
        self._steadiness = Steadiness(clock)

    @property
    def waiting(self) -> int:
        """Number of states not written yet."""
        return len(self._waiting)

    @property
    def lacks(self) -> bool:
        """Whether accepted states are missing for good from a history that is not temporary."""
        return self.lost > 0 and not self.temporary

    @property
    def status(self) -> str:
        """The status of the history, in one line."""
        if self.refused:
            return f"not kept: {self.refused}"
        if self.problem:
            lost = f", dropped: {self.lost}" if self.lost else ""
            return f"paused: {self.problem}; states queued: {self.waiting}{lost}"
        if self.late:
            return f"not kept: {self.late} has closed, and newer states exist"
        return "kept"

    def restore(self, stored: Accepted) -> None:
        """Take the state read from the store at the start."""
        self._written = [stored]

    def begin(self, fence: Fence) -> None:
        """Start over, under a fence, where another instance of a cluster has written.

        Observers of `changed` are those of an earlier term, and are removed.
        """
        self.store.fence = fence
        self.changed.clear()
        self.store.forget()
        self._waiting.clear()
        self._written, self._reopens, self._noted_until = (), False, None
        self.problem = self.refused = self.late = self.connected_since = None

    def follow(self, snapshot: Snapshot) -> None:
        """Read the days and notes that another instance may have written. Blocks on the database.

        Raises `StoreError`.
        """
        self.store.forget()
        self.read_days(snapshot)
        self.notebook.read_newest()

    def read_days(self, snapshot: Snapshot) -> None:
        """Read the days before that of a state if they may have changed. Blocks on the database."""
        today = self.store.calendar.day_of(snapshot.instant)
        if self._days_at == (at := (today, self.store.version)):
            return
        first = min([today.replace(day=1), *(row.date for row in snapshot.trend[:1])])
        records = self.store.days(first, today, sums_only=True)
        days = {record.day: record for record in records if record.day < today}
        if days != self.days:
            self.days = days
        self._days_at = at

    def add(
        self,
        snapshot: Snapshot,
        accepted_at: datetime,
        received: Received | None = None,
        age_s: float = 0.0,
    ) -> None:
        """Queue an accepted state, with the message that led to it, for the next batch.

        Without a message, the whole state counts as one. `age_s` is the age of the state on
        acceptance. Figures that are not real are refused: whether the
        source of a stream is a demo is known only from its messages.
        """
        unreal = snapshot.state.source
        self.refused = f"{unreal} data" if unreal else None
        if unreal:
            return
        second = int(snapshot.instant.timestamp() // 1)
        before = self._waiting.pop(second, None)  # to preserve the order of acceptance
        rows = received.news if received else snapshot.trend
        news = _newest_rows(before.news if before else (), rows)
        dates = _dates(received) or (before.dates if before else ())
        self._waiting[second] = Accepted(snapshot, accepted_at, news, age_s, dates)
        if len(self._waiting) > MOST_WAITING:
            self._drop_one()
        self._due.set()

    async def run(self) -> None:
        """Write queued states until cancelled; then write the rest within `END_S`.

        A temporary history does not wait for its thread, which ends after its current batch. Raises
        `Deposed` if another instance leads.
        """
        writer = ThreadPoolExecutor(1, "history")
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_S):
                        await self._due.wait()
                self._due.clear()
                await self._until_written(writer)
                await asyncio.sleep(BATCH_S)
        finally:
            if self.temporary:
                writer.shutdown(wait=False)
            else:
                await self._write_rest(writer)

    async def _write_rest(self, writer: ThreadPoolExecutor) -> None:
        rest = tuple(self._waiting.values())
        end = asyncio.wrap_future(writer.submit(self._end, rest))
        writer.shutdown(wait=False)
        _, hanging = await asyncio.wait([end], timeout=END_S)
        if hanging and rest:
            self._lose(len(rest), self.problem or "the database does not answer")

    async def _until_written(self, writer: ThreadPoolExecutor) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass), wait=BACKOFF, before_sleep=self._pause
        )
        before = self.days
        async for attempt in retrying:
            with attempt:
                batch = dict(self._waiting)
                await self._answer(writer, tuple(batch.values()))
        if self.days is not before:
            self.changed.notify()
        self._reopens = False
        self.notebook.publish()
        # Without rows of other days: the state's trend has their newest figures.
        self._written = [one._replace(news=(), dates=()) for one in batch.values()] or self._written
        for second in [key for key in batch if self._waiting.get(key) is batch[key]]:
            del self._waiting[second]
        if self.problem:
            log.warning("history resumed")
            self.problem = None

    async def _answer(self, writer: ThreadPoolExecutor, batch: Sequence[Accepted]) -> None:
        """Write a batch, however long it takes; report a problem after `ANSWER_S`."""
        loop = asyncio.get_running_loop()
        late = loop.call_later(ANSWER_S, self._report, "the database does not answer")
        try:
            await loop.run_in_executor(writer, self._write, batch)
        finally:
            late.cancel()

    def _pause(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        self._reopens |= isinstance(error, StoreReplaced | StoreUnusable)
        self._report(str(error))

    def _report(self, problem: str) -> None:
        if self.problem is None:
            log.warning("history paused: %s", problem)
        self.problem = problem

    def _write(self, batch: Sequence[Accepted]) -> None:
        """Write a batch and what is due with it, while nothing else writes."""
        with self.turn:
            self._write_in_turn(batch)
        self.notebook.read_newest()

    def _write_in_turn(self, batch: Sequence[Accepted]) -> None:
        """Write a batch; every `PRUNE_EVERY_S`, delete rows that are too old or in the future."""
        started = time.perf_counter()
        late = self._store(batch)
        self.batches.notify(time.perf_counter() - started)
        if late and late != self.late:
            log.warning("states of %s are not kept: it has closed, and newer states exist", late)
        self.late = late
        if newest := (*self._written, *batch)[-1:]:
            self.read_days(newest[0].snapshot)
        now = self.now()
        if self._steadiness.note(now):
            self._noted_until = now  # the time of the jump is no time of a connection
        self._note_connected(now)
        if self._steadiness.held_s >= PRUNE_EVERY_S:
            self._prune(now)
            self._steadiness.restart()

    def _prune(self, now: datetime) -> None:
        newest = self._written[-1].snapshot.instant if self._written else now
        deleted = self.store.prune(self._retention, now)
        ahead = self.store.delete_future(max(now, newest))
        if any(deleted):
            log.info("deleted from history, older than configured: %s", deleted)
        if any(ahead):
            log.warning("deleted from history, more than a day in the future: %s", ahead)

    def _note_connected(self, now: datetime) -> None:
        """Note the days that closed while the source was connected."""
        if (since := self.connected_since) is None:
            return
        since = max(since, self._noted_until or since)
        if self.store.calendar.end(self.store.calendar.day_of(since)) <= now:
            self.store.note_connected(since, now)
        self._noted_until = now

    def _store(self, batch: Sequence[Accepted]) -> date | None:
        """Write a batch, together with the previous one if the database is opened again.

        Returns the day of the last state skipped as late.
        """
        if self._reopens:
            self.store.reopen()
            batch = (*self._written, *batch)
        if not batch:
            self.store.check()
            return self.late
        late = self.store.write(batch)
        if self._reopens:
            self.store.fill_in(batch[-1])
        return late

    def _end(self, batch: Sequence[Accepted]) -> None:
        try:
            with self.turn:
                self._end_in_turn(batch)
        except Deposed:
            log.info("left to the instance that leads: %d s of history", len(batch))
        except StoreError as error:
            if batch:
                self._lose(len(batch), str(error))

    def _end_in_turn(self, batch: Sequence[Accepted]) -> None:
        try:
            if batch or self._reopens:
                self._store(batch)
        except (StoreReplaced, StoreUnusable):  # no time for a backoff
            self._reopens = True
            self._store(batch)

    def _lose(self, seconds: int, reason: str) -> None:
        self.lost += seconds
        log.error("the last %d s of history are lost: %s", seconds, reason)

    def _drop_one(self) -> None:
        """Drop the oldest state that is not the last of its minute, else the oldest one."""
        seconds = sorted(self._waiting)
        of_one_minute = (one for one, after in pairwise(seconds) if one // 60 == after // 60)
        gone = next(of_one_minute, seconds[0])
        dropped = self._waiting.pop(gone)
        after = seconds[seconds.index(gone) + 1]
        later = self._waiting[after]
        self._waiting[after] = later._replace(
            news=_newest_rows(dropped.news, later.news), dates=later.dates or dropped.dates
        )
        self.lost += 1


def _may_pass(error: BaseException) -> bool:
    """Return whether another attempt to write may succeed."""
    return isinstance(error, StoreError) and not isinstance(error, Deposed)


def _dates(received: Received | None) -> Sequence[date]:
    """Return the days of a message's trend; a single day leaves none out."""
    if received is None or not received.totals_are_new or len(received.news) == 1:
        return ()
    return tuple(row.date for row in received.news)


def _newest_rows(*trends: Iterable[TrendDay]) -> Sequence[TrendDay]:
    """Return the last row of each day in several trends, oldest day first."""
    by_date = {row.date: row for row in chain(*trends)}
    return [by_date[day] for day in sorted(by_date)]
