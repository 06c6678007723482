"""Check in a transaction that this instance holds the lease of its cluster."""

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from northstar.errors import Deposed
from northstar.history.schema import LEASE

Fence: TypeAlias = Callable[[Connection], None]


def unfenced(_: Connection) -> None:
    """Let every transaction pass, as without a cluster."""


def lease_fence(epoch: int) -> Fence:
    """Return the fence for the holder of the lease of `epoch`.

    It raises `Deposed` unless the lease is held until the transaction ends: an instance that takes
    it waits for the transactions that share its row.
    """
    of_epoch = LEASE.c.epoch == epoch, LEASE.c.until > func.clock_timestamp()
    held = select(LEASE.c.epoch).where(*of_epoch).with_for_update(read=True)

    def require_lease(connection: Connection) -> None:
        if connection.execute(held).first() is None:
            raise Deposed("another instance leads")

    return require_lease
