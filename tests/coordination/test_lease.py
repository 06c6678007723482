"""The lease and what it protects, in a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text

from northstar.coordination import truths
from northstar.coordination.clock import DatabaseClock
from northstar.coordination.connection import parameters
from northstar.coordination.lease import Lease, require_free, require_writable
from northstar.coordination.truths import (
    DAY,
    NEVER,
    STATE,
    Part,
    Truths,
    Version,
    listen,
    require_notifications,
)
from northstar.errors import Deposed, StoreError
from northstar.history import database
from northstar.history.database import DatabaseUrl, open_database, read_url, writing
from northstar.history.fence import lease_fence
from northstar.history.schema import LEASE
from support.databases import Postgres, empty_database
from support.waiting import eventually


@pytest.fixture
def url(postgres: Postgres) -> Iterator[DatabaseUrl]:
    """Return the address of an empty history in PostgreSQL."""
    with empty_database(postgres) as db:
        url = read_url(db)
        open_database(url).dispose()
        yield url


class Place:
    """A database and the connections that instances open to it."""

    def __init__(self, url: DatabaseUrl) -> None:
        self.url = url
        self.opened: list[Lease | Truths] = []

    def lease(self, name: str = "one", lasts_s: float = 30) -> Lease:
        lease = Lease(self.url, name, lasts_s, DatabaseClock())
        self.opened.append(lease)
        return lease

    def truths(self, name: str) -> Truths:
        truths = Truths(self.url, name)
        self.opened.append(truths)
        return truths


@pytest.fixture
async def place(url: DatabaseUrl) -> AsyncIterator[Place]:
    """Close everything that a test has opened."""
    place = Place(url)
    yield place
    for each in place.opened:
        await each.close()


async def test_taking_turns(place: Place) -> None:
    """One instance holds the lease; after it is given up, the other gets a higher epoch."""
    first, second = place.lease("first"), place.lease("second")
    epoch = await first.take(0)
    assert epoch
    assert await second.take(0) is None
    assert await first.renew(epoch)
    await first.give_up(epoch)
    assert not await first.renew(epoch)
    later = await second.take(0)
    assert later
    assert later > epoch


async def test_lease_that_ends(place: Place) -> None:
    """A lease that is not renewed expires by the database's clock."""
    first, second = place.lease("first", 2), place.lease("second", 2)
    epoch = await first.take(0)
    assert epoch
    taken = []

    async def has_taken() -> bool:
        taken.append(await second.take(0))
        return taken[-1] is not None

    while not await has_taken():
        pass
    assert not await first.renew(epoch)


async def test_epoch_of_a_restored_database(place: Place) -> None:
    """An epoch is higher than any that the instance has seen."""
    assert await place.lease("one", 1).take(10**15) == 10**15 + 1


async def test_lease_of_a_statement_given_up(place: Place) -> None:
    """A holder that does not know it holds the lease can take it again; others cannot."""
    one, two = place.lease("one"), place.lease("two")
    epoch = await one.take(0)
    assert epoch
    assert await two.take(0) is None
    again = await one.take(0)
    assert again
    assert again > epoch
    assert not await one.renew(epoch)


async def test_race(place: Place) -> None:
    """Of twenty simultaneous attempts one gets the lease."""
    leases = [place.lease(f"number {number}") for number in range(20)]
    taken = await asyncio.gather(*(lease.take(0) for lease in leases))
    assert len([epoch for epoch in taken if epoch]) == 1


async def test_fence(place: Place, url: DatabaseUrl) -> None:
    """A transaction of the holder is committed; one of an earlier holder is refused."""
    engine = open_database(url)
    first, second = place.lease("first"), place.lease("second")
    epoch = await first.take(0)
    assert epoch
    with writing(engine, lease_fence(epoch)) as connection:
        connection.execute(select(LEASE))
    await first.give_up(epoch)
    with pytest.raises(Deposed), writing(engine, lease_fence(epoch)):
        pytest.fail("it was let in")
    assert await second.take(0)
    with pytest.raises(Deposed), writing(engine, lease_fence(epoch)):
        pytest.fail("it was let in")
    engine.dispose()


async def test_transaction_of_a_holder(place: Place, url: DatabaseUrl) -> None:
    """The lease cannot be taken before the last holder's transaction has ended."""
    engine = open_database(url)
    first, second = place.lease("first"), place.lease("second")
    epoch = await first.take(0)
    assert epoch
    with ExitStack() as transaction:
        connection = transaction.enter_context(writing(engine, lease_fence(epoch)))
        ending = asyncio.create_task(first.give_up(epoch))
        await eventually(lambda: _waits_for_a_lock(url))
        assert await second.take(0) is None
        connection.execute(text("SELECT 1"))
    await ending
    assert await second.take(0)
    engine.dispose()


async def test_transaction_of_a_holder_that_hangs(
    place: Place, url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database ends an idle transaction, and others can take the lease."""
    brief = database.IDLE_IN_TRANSACTION.replace("2s", "200ms")
    monkeypatch.setattr(database, "IDLE_IN_TRANSACTION", brief)
    engine = open_database(url)
    first, second = place.lease("first", 0.1), place.lease("second")
    epoch = await first.take(0)
    assert epoch
    with ExitStack() as transaction:
        transaction.enter_context(pytest.raises(StoreError))
        connection = transaction.enter_context(writing(engine, lease_fence(epoch)))
        while not await second.take(0):
            pass
        connection.execute(text("SELECT 1"))
    engine.dispose()


def _waits_for_a_lock(url: DatabaseUrl) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(_plain(url)) as connection:
        row = connection.execute(waiting).fetchone()
    return row is not None and row[0] > 0


def _plain(url: DatabaseUrl) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def test_truth(place: Place) -> None:
    """Others read what the holder writes, if it is newer than what they have."""
    epoch = await place.lease("leader").take(0)
    assert epoch
    leader, other = place.truths("leader"), place.truths("other")
    version = Version(epoch, 1)
    await leader.write([Part(STATE, version, b"state"), Part(DAY, version, b"day")])
    await leader.write([Part(STATE, Version(epoch, 2), b"state 2")])

    read = await other.read(NEVER, NEVER)

    assert {part.name: (part.version.seq, part.body) for part in read} == {
        STATE: (2, b"state 2"),
        DAY: (1, b"day"),
    }
    assert all(0 <= part.age_s < 60 for part in read)
    assert await other.read(Version(epoch, 2), version) == []


async def test_truth_of_a_deposed_leader(place: Place) -> None:
    """A truth of an earlier epoch is refused."""
    lease = place.lease("first")
    epoch = await lease.take(0)
    assert epoch
    await lease.give_up(epoch)
    with pytest.raises(Deposed):
        await place.truths("first").write([Part(STATE, Version(epoch, 1), b"state")])


async def test_instances(place: Place) -> None:
    """Registered instances are listed until they sign off."""
    await place.lease("one").take(0)
    one, two = place.truths("one"), place.truths("two")
    await one.sign(3, NEVER)
    await two.sign(4, Version(7, 8))
    assert [(each.name, each.viewers, each.shows) for each in await one.instances()] == [
        ("one", 3, NEVER),
        ("two", 4, (7, 8)),
    ]
    await two.sign_off()
    assert [each.name for each in await one.instances()] == ["one"]
    leader = await two.leader()
    assert (leader.name, leader.is_held) == ("one", True)


async def test_row_that_was_deleted(place: Place, url: DatabaseUrl) -> None:
    """Reading the leader recreates a deleted row of the lease, which can be taken then."""
    one = place.truths("one")
    with psycopg.connect(**parameters(url)) as connection:
        connection.execute("DELETE FROM lease")
    with pytest.raises(StoreError, match="the lease had no row"):
        await one.leader()

    assert not (await one.leader()).is_held
    assert await place.lease("one").take(0)


async def test_notifications(place: Place, url: DatabaseUrl) -> None:
    """A new truth and a lease given up are notified to all listeners."""
    heard: list[str] = []
    listening = asyncio.create_task(listen(url, heard.append))
    lease = place.lease("leader")
    epoch = await lease.take(0)
    assert epoch
    truths, seq = place.truths("leader"), 0
    while not heard:  # it may not be listening yet
        seq += 1
        await truths.write([Part(STATE, Version(epoch, seq), b"state")])
        await asyncio.sleep(0)
    assert heard[0] == f"{epoch}.{seq}" or heard[0].startswith(f"{epoch}.")
    await lease.give_up(epoch)
    await eventually(lambda: "free" in heard)
    listening.cancel()
    await asyncio.wait([listening])


def test_notification_to_ourselves(url: DatabaseUrl) -> None:
    """PostgreSQL without a pooler forwards notifications."""
    require_notifications(url)


def test_pooler_in_transaction_mode(url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that receives only its own notifications is refused."""
    notifies = psycopg.Connection.notifies

    def own(connection: psycopg.Connection[Any], **options: Any) -> Iterator[psycopg.Notify]:
        heard = notifies(connection, **options)
        return (each for each in heard if each.pid == connection.info.backend_pid)

    monkeypatch.setattr(truths, "CHECK_S", 0.1)
    monkeypatch.setattr(psycopg.Connection, "notifies", own)
    with pytest.raises(StoreError, match=r"no notification came back within 0\.1 s"):
        require_notifications(url)


def test_database_that_is_only_read(url: DatabaseUrl) -> None:
    """A read-only database is refused with the reason, because the instance could not lead."""
    require_writable(url)
    only_read = url.update_query_dict({"options": "-c default_transaction_read_only=on"})
    with pytest.raises(StoreError, match="cannot execute UPDATE in a read-only transaction"):
        require_writable(only_read)


async def test_lease_of_somebody_else(place: Place, url: DatabaseUrl) -> None:
    """A single program is refused with the leader's name while a cluster runs."""
    require_free(url)
    await place.lease("desk-1:8050/7").take(0)
    with pytest.raises(StoreError, match="desk-1:8050/7 leads a cluster on it"):
        require_free(url)


async def test_database_that_hangs(place: Place, postgres: Postgres) -> None:
    """A statement that takes too long fails, and later ones succeed."""
    lease = place.lease("one", 0.5)
    epoch = await lease.take(0)
    assert epoch
    postgres.pause()
    try:
        with pytest.raises(StoreError, match="the database does not answer"):
            await lease.renew(epoch)
    finally:
        postgres.resume()
    taken = None
    while taken is None:
        taken = await lease.take(epoch)
    assert taken > epoch
