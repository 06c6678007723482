"""Read the truth on notification and every second, and report this instance as running."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from northstar.coordination.clock import DatabaseClock
from northstar.coordination.truths import Instance, Leader, Truths, listen
from northstar.errors import StoreError, StoreUnusable
from northstar.history.database import DatabaseUrl
from northstar.live.cluster.replica import Replica
from northstar.live.cluster.truth import Truth, TruthDecoder
from northstar.observers import Observers

log = logging.getLogger(__name__)

READ_EVERY_S = 1.0
SIGN_EVERY_S = 1.0
# After this time without the database, an instance is isolated: its viewers go to others.
ISOLATED_S = 5.0


class Following:
    """Keeps a replica up to date, and a list of the other instances.

    `viewers` returns the number of this instance's viewers; `notices` has what to call with the
    rest of a notification that begins with a text; others are of truths. `instances` are those that
    run, `leader` who leads; `met` notifies observers of each reading of them, which also corrects
    `database_clock`.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        url: DatabaseUrl,
        truths: Truths,
        replica: Replica,
        database_clock: DatabaseClock,
        *,
        viewers: Callable[[], int],
        notices: Mapping[str, Callable[[str], None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.instances: Sequence[Instance] = ()
        self.leader: Leader | None = None
        self.met: Observers[()] = Observers()
        self._url = url
        self._truths = truths
        self._replica = replica
        self._decoder = TruthDecoder(replica.history.store.calendar, replica.common)
        self._viewers = viewers
        self._notices = notices
        self._clock = clock
        self._database_clock = database_clock
        self._read_at_s = clock()
        self._news = asyncio.Event()
        self._listens = True

    @property
    def is_isolated(self) -> bool:
        """Whether the database has not been reached for `ISOLATED_S`."""
        return self._clock() - self._read_at_s > ISOLATED_S

    async def listen(self) -> None:
        """Take notifications until cancelled; without them, the truth is read every second."""
        while True:
            try:
                await listen(self._url, self._note, self._note_listening)
            except StoreError as error:
                if self._listens:  # not each second for as long as the database is away
                    log.warning("no notifications from the database: %s", error)
                self._listens = False
            await asyncio.sleep(READ_EVERY_S)

    async def read(self) -> None:
        """Read the truth when something is new, and every second, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(READ_EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self._read()

    async def catch_up(self) -> None:
        """Read the truth now: before the first viewer, and that of the leader before us."""
        await self._read()

    async def sign(self) -> None:
        """Sign that this instance runs, and read which others do, every second until cancelled."""
        while True:
            try:
                await self._truths.sign(self._viewers(), self._replica.version)
                self.instances = await self._truths.instances()
                asked_at = datetime.now(UTC)
                self.leader = await self._truths.leader()
                self._database_clock.note(self.leader.now, asked_at)
            except StoreError:  # reported by `read`
                self.instances, self.leader = (), None
            self.met.notify()
            await asyncio.sleep(SIGN_EVERY_S)

    def _note_listening(self) -> None:
        if not self._listens:
            log.info("notifications from the database again")
        self._listens = True

    def _note(self, payload: str) -> None:
        for begin, call in self._notices.items():
            if payload.startswith(begin):
                call(payload.removeprefix(begin))
                return
        self._news.set()

    async def _read(self) -> None:
        replica = self._replica
        try:
            parts = await self._truths.read(replica.version, self._decoder.lines)
            if decoded := self._decoder.decode(parts):
                await self._take(*decoded)
        except StoreError as error:
            if isinstance(error, StoreUnusable) and str(error) != replica.problem:
                log.error("the truth of the cluster cannot be shown: %s", error)  # noqa: TRY400
            replica.note_problem(str(error))
        else:
            self._read_at_s = self._clock()
            replica.note_problem(None)

    async def _take(self, truth: Truth, age_s: float) -> None:
        """Show a truth, with the days and notes of the history that it belongs to."""
        history, known = self._replica.history, self._replica.truth
        if truth.snapshot and (known is None or known.history != truth.history):
            began_s = self._clock()
            await asyncio.to_thread(history.follow, truth.snapshot)
            history.notebook.publish()
            age_s += self._clock() - began_s
        self._replica.take(truth, age_s)
