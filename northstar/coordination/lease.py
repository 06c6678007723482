"""The lease of a cluster: the instance that holds it leads.

Each time the lease is taken, its `epoch` increases. The transactions that only the leader may write
check it, so that a leader that has lost the lease without noticing writes nothing.
"""

from datetime import UTC, datetime

import psycopg

from northstar.coordination.clock import DatabaseClock
from northstar.coordination.connection import SharedConnection, failing_as_store, parameters
from northstar.errors import StoreError
from northstar.history.database import DatabaseUrl

CHANNEL = "northstar"
FREE = "free"  # what is notified when the lease is given up


class Lease:
    """The row of the lease, taken for `lasts_s` at a time under the name `holder`.

    `clock` is corrected whenever the lease is taken.
    """

    def __init__(self, url: DatabaseUrl, holder: str, lasts_s: float, clock: DatabaseClock) -> None:
        self.lasts_s = lasts_s
        self._clock = clock
        self._holder = holder
        self._connection = SharedConnection(url, limit_s=lasts_s)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def take(self, seen: int) -> int | None:
        """Take the lease if nobody else holds it; return its new epoch, above `seen`.

        `seen` is the highest epoch that this instance knows: a database restored from a backup has
        an older one. A lease taken by a statement that timed out is taken again. It does not wait
        for a transaction of the last holder: the database would give the lease to an instance that
        has given up waiting. Raises `StoreError`.
        """
        asked_at = datetime.now(UTC)
        rows = await self._connection.run(
            "UPDATE lease SET epoch = greatest(epoch, %(seen)s, "
            "(extract(epoch FROM clock_timestamp()) * 1000)::bigint) + 1, "
            "holder = %(holder)s, taken_at = clock_timestamp(), "
            "until = clock_timestamp() + make_interval(secs => %(lasts_s)s) "
            "WHERE one = (SELECT one FROM lease "
            "WHERE until < clock_timestamp() OR holder = %(holder)s "
            "FOR UPDATE SKIP LOCKED) RETURNING epoch, taken_at",
            seen=seen,
            holder=self._holder,
            lasts_s=self.lasts_s,
        )
        if not rows:
            return None
        self._clock.note(rows[0].taken_at, asked_at)
        return int(rows[0].epoch)

    async def renew(self, epoch: int) -> bool:
        """Extend the lease from now; return whether it is still held. Raises `StoreError`."""
        rows = await self._connection.run(
            "UPDATE lease SET until = clock_timestamp() + make_interval(secs => %(lasts_s)s) "
            "WHERE epoch = %(epoch)s AND until > clock_timestamp() RETURNING epoch",
            epoch=epoch,
            lasts_s=self.lasts_s,
        )
        return bool(rows)

    async def give_up(self, epoch: int) -> None:
        """End the lease now, and let the others know. Raises `StoreError`."""
        await self._connection.run(
            "WITH ended AS (UPDATE lease SET until = clock_timestamp() "
            "WHERE epoch = %(epoch)s RETURNING epoch) "
            "SELECT pg_notify(%(channel)s, %(free)s) FROM ended",
            epoch=epoch,
            channel=CHANNEL,
            free=FREE,
        )


def require_writable(url: DatabaseUrl) -> None:
    """Raise `StoreError` if this instance could not lead, as with a user who only reads. Blocks."""
    with failing_as_store(), psycopg.connect(**parameters(url)) as connection:
        connection.execute("UPDATE lease SET holder = holder WHERE false")
        connection.execute("UPDATE truth SET seq = seq WHERE false")
        connection.execute("UPDATE instances SET seq = seq WHERE false")


def require_free(url: DatabaseUrl) -> None:
    """Raise `StoreError` if an instance of a cluster holds the lease. Blocks."""
    with failing_as_store(), psycopg.connect(**parameters(url)) as connection:
        held = "SELECT holder FROM lease WHERE until > clock_timestamp()"
        row = connection.execute(held).fetchone()
    if row:
        raise StoreError(
            f"{row[0]} leads a cluster on it: set NORTHSTAR_CLUSTER=true to be another instance"
        )
