"""A rate limit of several instances, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from sqlalchemy import Engine, text
from starlette.requests import HTTPConnection

from northstar.errors import Refused
from northstar.history.attempts import Attempts
from northstar.history.database import open_database, read_url
from northstar.web.auth.shared_throttle import SharedThrottle
from northstar.web.auth.throttle import rate_limit_key
from support.databases import Postgres, empty_database
from support.waiting import eventually

ADDRESS = "10.0.0.1"
WINDOW_S = 60


@pytest.fixture
def shared(postgres: Postgres) -> Iterator[Engine]:
    """Return the database of a cluster."""
    with empty_database(postgres) as db:
        engine = open_database(read_url(db))
        yield engine
        engine.dispose()


def request(address: str = ADDRESS) -> HTTPConnection:
    """Return a request from an address."""
    return HTTPConnection({"type": "http", "client": (address, 1), "headers": []})


def is_refused(throttle: SharedThrottle) -> bool:
    """Tell whether the address is refused."""
    try:
        throttle.check(request())
    except Refused:
        return True
    return False


@asynccontextmanager
async def instance(engine: Engine, per_minute: int) -> AsyncIterator[SharedThrottle]:
    """Run the throttle of one instance while the context is open."""
    throttle = SharedThrottle(per_minute, Attempts(engine))
    sharing = asyncio.create_task(throttle.share())
    try:
        yield throttle
    finally:
        sharing.cancel()
        with suppress(asyncio.CancelledError):
            await sharing


def has_counted(engine: Engine, number: int) -> bool:
    """Tell whether the database has this many events."""
    return counted(engine) == number


def counted(engine: Engine) -> int:
    """Return the events of the address in the database."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT sum(events) FROM attempts")).scalar()
    return int(found or 0)


async def test_instances_count_together(shared: Engine) -> None:
    """An address that has used up its limit at two instances is refused by both."""
    async with instance(shared, 3) as one, instance(shared, 3) as other:
        for throttle, number in ((one, 1), (one, 2), (other, 3)):
            throttle.check(request())
            throttle.count(request())
            await eventually(partial(has_counted, shared, number), what="the event is counted")
        await eventually(lambda: is_refused(other), what="the second instance refuses")

        assert not is_refused(one), "which has not heard of the third"
        one.count(request())
        assert is_refused(one)


async def test_database_that_does_not_answer(
    shared: Engine, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the database an instance uses its own counts at once and logs this once."""
    async with instance(shared, 2) as throttle:
        postgres.stop()
        try:
            throttle.count(request())
            throttle.count(request())

            assert is_refused(throttle)
            await eventually(lambda: not throttle._waiting, what="both events were tried")
            await eventually(lambda: caplog.messages, what="the failure is logged")
        finally:
            postgres.start()
        assert len(caplog.messages) == 1
        throttle.count(request())
        await eventually(lambda: counted(shared) == 1, what="events are counted again")


def test_windows(shared: Engine) -> None:
    """A window begins with the first event and is followed by another after its end."""
    attempts = Attempts(shared)
    first, second = (attempts.count(ADDRESS, WINDOW_S) for _ in range(2))
    with shared.begin() as connection:
        connection.execute(text("UPDATE attempts SET until = until - 60000"))
    third = attempts.count(ADDRESS, WINDOW_S)

    assert [first.events, second.events, third.events] == [1, 2, 1]
    assert WINDOW_S - 5 < second.left_s <= first.left_s <= third.left_s <= WINDOW_S


def test_size(shared: Engine) -> None:
    """Expired counts are deleted; above the limit of addresses, the oldest are deleted first."""
    attempts = Attempts(shared)
    for number, window_s in enumerate([-1, 10, 20, 30, 40]):
        attempts.count(rate_limit_key({"client": (f"10.0.0.{number}", 1)}), window_s)

    attempts.forget(most=2)

    with shared.connect() as connection:
        kept = connection.execute(text("SELECT address FROM attempts ORDER BY address")).scalars()
        assert [*kept] == ["10.0.0.3", "10.0.0.4"]
    attempts.forget()
    assert counted(shared) == 2
