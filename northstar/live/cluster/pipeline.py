"""The pipeline of one instance of a cluster: it follows, and leads while it holds the lease."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from northstar.coordination.clock import DatabaseClock
from northstar.coordination.lease import FREE, Lease
from northstar.coordination.truths import Truths
from northstar.domain.cluster import ClusterStatus, Member
from northstar.errors import StoreError
from northstar.history.database import DatabaseUrl
from northstar.history.requests import REQUESTED
from northstar.history.writer import History
from northstar.live.cluster.following import Following
from northstar.live.cluster.leadership import Leadership, Term
from northstar.live.cluster.leading import Leading
from northstar.live.cluster.replica import Replica
from northstar.live.pipeline import Pipeline, Task
from northstar.live.population import Population
from northstar.settings.table import Settings

log = logging.getLogger(__name__)

ENDED = "ended "  # begins a notification of a session
LEASE_S = 3.0
LEASE_PART = 3  # of the time after which data is stale: a new leader is in time


class CreateLeading(Protocol):
    """Return the work of a term; blocks on the database, and raises `StoreError`."""

    def __call__(self, term: Term, replica: Replica, truths: Truths) -> Leading: ...


class Clustered(Pipeline):
    """Shows the truth of a cluster, under the `name` of this instance.

    `leading` is the work of the present term, None while another instance leads. `clock` is that
    of `history`.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        settings: Settings,
        history: History,
        url: DatabaseUrl,
        name: str,
        create: CreateLeading,
        *,
        clock: DatabaseClock,
    ) -> None:
        self.name = name
        self.clock = clock
        self.replica = Replica(history, settings)
        super().__init__(self.replica, settings)
        self.leading: Leading | None = None
        self._sending: set[asyncio.Future[None]] = set()
        self._create = create
        self._truths = Truths(url, name)
        lasts_s = min(LEASE_S, settings.stale_after / LEASE_PART)
        self._lease = Lease(url, name, lasts_s, clock)
        self.leadership = Leadership(self._lease, self._lead, lambda: self.replica.version.epoch)
        self.following = Following(
            url,
            self._truths,
            self.replica,
            clock,
            viewers=lambda: len(self.broadcast.viewers),
            notices={
                FREE: lambda _: self.leadership.note_free(),
                REQUESTED: lambda _: self._note_request(),
                ENDED: self.session_ended.notify,
            },
        )
        self.following.met.subscribe(self._note_others)
        self.replica.alerted.subscribe(self.broadcast.note_alerts)
        history.notebook.changed.subscribe(self._note_notes)
        self._note_others()

    @property
    def tasks(self) -> Sequence[Task]:
        """The tasks that run until the end."""
        following = self.following
        return (
            *super().tasks,
            following.read,
            following.listen,
            following.sign,
            self.leadership.run,
        )

    @property
    def is_isolated(self) -> bool:
        """Whether the database has not been reached for too long."""
        return self.following.is_isolated

    @property
    def leads(self) -> bool:
        """Whether this instance leads."""
        return self.leading is not None

    def announce_end(self, session: str) -> None:
        """Let the other instances know that a session has ended, by the digest of its cookie."""
        sending = asyncio.ensure_future(self._announce_end(session))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _announce_end(self, session: str) -> None:
        try:
            await self._truths.notify(f"{ENDED}{session}")
        except StoreError as error:
            log.warning("a sign-out is not known to other instances: %s", error)

    async def hand_over(self) -> None:
        """Let another instance lead from now on."""
        await self.leadership.retire()

    async def prepare(self) -> None:
        """Read the truth, which viewers of other instances have seen; wait for a limited time."""
        await self.following.catch_up()

    async def run(self, *others: Task) -> None:
        """Run all tasks until cancelled, and `others`, which monitor them."""
        try:
            await super().run(*others)
        finally:
            with suppress(StoreError):
                await self._truths.sign_off()
            await self._truths.close()
            await self._lease.close()

    async def _lead(self, term: Term) -> None:
        await self.following.catch_up()
        self.leading = await self._created(term)
        self.evaluated = self.leading.alerts
        try:
            await self.leading.run(self._others, self._count_fault)
        finally:
            self.leading = self.evaluated = None

    async def _created(self, term: Term) -> Leading:
        """Return the work of a term; its thread cannot be cancelled, and is waited for."""
        creating = asyncio.ensure_future(
            asyncio.to_thread(self._create, term, self.replica, self._truths)
        )
        try:
            return await asyncio.shield(creating)
        except asyncio.CancelledError:
            await asyncio.wait([creating])
            if not creating.exception():
                creating.result().intake.close()
            raise

    def _note_notes(self) -> None:
        """Let the other instances read notes that have changed."""
        if self.leading:
            self.leading.note_notes()

    def _note_request(self) -> None:
        """Let the leader answer the requests of viewers about alerts."""
        if self.leading and self.leading.answering:
            self.leading.answering.requested.set()

    def _note_others(self) -> None:
        others = [each for each in self.following.instances if each.name != self.name]
        viewers = sum(each.viewers for each in others)
        self.broadcast.elsewhere = Population(viewers, len(others))
        self.broadcast.cluster = self._status()

    def _status(self) -> ClusterStatus:
        """Return what is known of the cluster."""
        leader = self.following.leader
        held = leader if leader and leader.is_held else None
        members = [
            Member(each.name, each.version, each.viewers) for each in self.following.instances
        ]
        return ClusterStatus(
            self.name,
            held and held.name,
            held and held.since.astimezone(self.history.store.calendar.zone),
            self.replica.behind_s,
            members,
        )

    def _others(self) -> int:
        """Return the number of other instances that run."""
        return self.broadcast.elsewhere.instances
