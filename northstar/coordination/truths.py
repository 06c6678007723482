"""The truth and the instances in the database, and the notifications between them.

The truth is one row of the newest state, and one of the running day's line, which changes every few
minutes. Only the leader writes them. A notification only announces a change, which each instance
then reads.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import AsyncConnection

from northstar import __version__
from northstar.coordination.connection import SharedConnection, failing_as_store, parameters
from northstar.coordination.lease import CHANNEL
from northstar.errors import Deposed, StoreError
from northstar.history.database import DatabaseUrl

STATE, DAY = "state", "day"
LIMIT_S = 2.0
CHECK_S = 2.0
LISTEN: LiteralString = f"LISTEN {CHANNEL}"
SEEN_S = 5.0  # an instance that has not been seen for longer is gone


class Version(NamedTuple):
    """The order of truths: of the terms of leaders, and of what each wrote."""

    epoch: int
    seq: int


NEVER = Version(0, 0)


class Part(NamedTuple):
    """A part of the truth as it is stored; it was written `age_s` ago, by the database's clock."""

    name: str
    version: Version
    body: bytes
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance that runs: its viewers, and the newest truth it shows."""

    name: str
    version: str
    viewers: int
    shows: Version


class Leader(NamedTuple):
    """Who holds the lease or held it last, and since when; both times are the database's."""

    name: str
    epoch: int
    since: datetime
    is_held: bool
    now: datetime


class Truths:
    """Reads and writes the truth, for the instance `name`."""

    def __init__(self, url: DatabaseUrl, name: str) -> None:
        self._name = name
        # What is lost in a crash of the database is written again a second later.
        self._writing = SharedConnection(url, LIMIT_S, synchronous_commit="off")
        self._reading = SharedConnection(url, LIMIT_S, synchronous_commit="off")

    async def close(self) -> None:
        """Close the connections."""
        await self._writing.close()
        await self._reading.close()

    async def write(self, parts: Sequence[Part]) -> None:
        """Write parts of one version. Raises `Deposed` without the lease, and `StoreError`."""
        version = parts[0].version
        rows = await self._writing.run(
            "WITH fence AS (SELECT epoch FROM lease "
            "WHERE epoch = %(epoch)s AND until > clock_timestamp() FOR SHARE), "
            "written AS (INSERT INTO truth (part, epoch, seq, body, written_at) "
            "SELECT part, epoch, %(seq)s, body, clock_timestamp() FROM fence, "
            "unnest(%(names)s::text[], %(bodies)s::bytea[]) AS parts (part, body) "
            "ON CONFLICT (part) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, "
            "body = excluded.body, written_at = excluded.written_at "
            "WHERE (truth.epoch, truth.seq) < (excluded.epoch, excluded.seq) RETURNING part) "
            "SELECT pg_notify(%(channel)s, %(notice)s) FROM written WHERE part = %(state)s",
            epoch=version.epoch,
            seq=version.seq,
            names=[part.name for part in parts],
            bodies=[part.body for part in parts],
            channel=CHANNEL,
            notice=f"{version.epoch}.{version.seq}",
            state=STATE,
        )
        if not rows:
            raise Deposed("another instance leads")

    async def read(self, state: Version, day: Version) -> Sequence[Part]:
        """Return the parts that are newer than those known. Raises `StoreError`."""
        rows = await self._reading.run(
            "SELECT part, epoch, seq, body, "
            "extract(epoch FROM clock_timestamp() - written_at)::float AS age_s FROM truth "
            "WHERE part = %(of_state)s AND (epoch, seq) > (%(epoch)s, %(seq)s) "
            "OR part = %(of_day)s AND (epoch, seq) > (%(day_epoch)s, %(day_seq)s)",
            of_state=STATE,
            of_day=DAY,
            epoch=state.epoch,
            seq=state.seq,
            day_epoch=day.epoch,
            day_seq=day.seq,
        )
        return [Part(row.part, Version(row.epoch, row.seq), row.body, row.age_s) for row in rows]

    async def sign(self, viewers: int, shows: Version) -> None:
        """Record that this instance runs, for the others. Raises `StoreError`."""
        await self._reading.run(
            "WITH gone AS (DELETE FROM instances "
            "WHERE name <> %(name)s AND seen_at < clock_timestamp() - interval '1 minute') "
            "INSERT INTO instances (name, version, viewers, epoch, seq, seen_at) "
            "VALUES (%(name)s, %(version)s, %(viewers)s, %(epoch)s, %(seq)s, clock_timestamp()) "
            "ON CONFLICT (name) DO UPDATE SET version = excluded.version, "
            "viewers = excluded.viewers, epoch = excluded.epoch, seq = excluded.seq, "
            "seen_at = excluded.seen_at",
            name=self._name,
            version=__version__,
            viewers=viewers,
            epoch=shows.epoch,
            seq=shows.seq,
        )

    async def notify(self, notice: str) -> None:
        """Notify all instances, this one too. Raises `StoreError`."""
        await self._reading.run(
            "SELECT pg_notify(%(channel)s, %(notice)s)", channel=CHANNEL, notice=notice
        )

    async def sign_off(self) -> None:
        """Remove the record of this instance, as it ends. Raises `StoreError`."""
        await self._reading.run("DELETE FROM instances WHERE name = %(name)s", name=self._name)

    async def instances(self) -> Sequence[Instance]:
        """Return the instances that run, by name. Raises `StoreError`."""
        rows = await self._reading.run(
            "SELECT name, version, viewers, epoch, seq FROM instances "
            "WHERE seen_at > clock_timestamp() - make_interval(secs => %(seen_s)s) ORDER BY name",
            seen_s=SEEN_S,
        )
        return [
            Instance(row.name, row.version, row.viewers, Version(row.epoch, row.seq))
            for row in rows
        ]

    async def leader(self) -> Leader:
        """Return who leads, or led last. Raises `StoreError`.

        If the row of the lease was deleted, it is created again: nobody could take the lease.
        """
        rows = await self._reading.run(
            "WITH made AS (INSERT INTO lease (one, epoch, holder, taken_at, until) "
            "SELECT true, 0, '', to_timestamp(0), to_timestamp(0) "
            "WHERE NOT EXISTS (SELECT FROM lease) ON CONFLICT DO NOTHING) "
            "SELECT holder, epoch, taken_at, until > clock_timestamp() AS is_held, "
            "clock_timestamp() AS now FROM lease"
        )
        if not rows:
            raise StoreError("the lease had no row")
        [row] = rows
        return Leader(row.holder, row.epoch, row.taken_at, row.is_held, row.now)


async def listen(
    url: DatabaseUrl, notice: Callable[[str], None], began: Callable[[], None] = lambda: None
) -> None:
    """Call `began`, then `notice` with each notification until cancelled. Raises `StoreError`."""
    with failing_as_store():
        connection = await AsyncConnection.connect(**parameters(url))
        async with connection:
            await connection.execute(LISTEN)
            began()
            async for notification in connection.notifies():
                notice(notification.payload)
    raise StoreError("the database has closed the connection")


def leaders_state(url: DatabaseUrl) -> Part | None:
    """Return the newest state of the holder of the lease. Blocks. Raises `StoreError`."""
    with failing_as_store(), psycopg.connect(**parameters(url)) as connection:
        row = connection.execute(
            "SELECT epoch, seq, body FROM truth JOIN lease USING (epoch) "
            "WHERE part = %s AND until > clock_timestamp()",
            [STATE],
        ).fetchone()
    return Part(STATE, Version(row[0], row[1]), row[2]) if row else None


def require_notifications(url: DatabaseUrl) -> None:
    """Raise `StoreError` unless a notification from another connection comes; blocks for up to 2 s.

    A pooler in transaction mode drops notifications, except those of the connection itself, which
    arrive with the answer.
    """
    ours = f"check {token_hex(8)}"
    with (
        failing_as_store(),
        psycopg.connect(**parameters(url)) as listening,
        psycopg.connect(**parameters(url)) as notifying,
    ):
        listening.execute(LISTEN)
        notifying.execute("SELECT pg_notify(%s, %s)", [CHANNEL, ours])
        with closing(listening.notifies(timeout=CHECK_S)) as came:
            if any(each.payload == ours for each in came):
                return
    raise StoreError(
        f"no notification came back within {CHECK_S:g} s: a cluster needs a connection to"
        " PostgreSQL itself, or a pooler in session mode"
    )
