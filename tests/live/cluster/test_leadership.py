"""Taking, renewing and giving up the lease, with a lease that the test controls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from northstar.errors import StoreError
from northstar.live.cluster import leadership
from northstar.live.cluster.leadership import Leadership, Term
from support.waiting import eventually


class HandLease:
    """A lease that a test grants and revokes."""

    lasts_s = 0.6

    def __init__(self) -> None:
        self.is_free = True
        self.is_reachable = True
        self.epoch = 0
        self.calls: list[str] = []

    async def take(self, seen: int) -> int | None:
        self._note("take")
        if not self.is_free:
            return None
        self.is_free = False
        self.epoch = max(self.epoch, seen) + 1
        return self.epoch

    async def renew(self, epoch: int) -> bool:
        self._note("renew")
        return epoch == self.epoch

    async def give_up(self, epoch: int) -> None:
        self._note("give up")
        assert epoch == self.epoch
        self.is_free = True

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if not self.is_reachable:
            raise StoreError("the database does not answer")


class SlowLease(HandLease):
    """A lease whose database answers when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()

    async def take(self, seen: int) -> int | None:
        epoch = await super().take(seen)
        await self.answers.wait()
        return epoch


class Candidate:
    """An instance that competes and records its terms."""

    def __init__(self, lease: Any, seen: int = 0) -> None:
        self.terms: list[Term] = []
        self.ended = 0
        self.leadership = Leadership(lease, self._lead, lambda: seen)

    async def _lead(self, term: Term) -> None:
        self.terms.append(term)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadership, "TRY_EVERY_S", 0.01)
    monkeypatch.setattr(leadership, "REST_S", 0.01)


@asynccontextmanager
async def competing(*candidates: Candidate) -> AsyncIterator[None]:
    """Let candidates compete while the context is open."""
    tasks = [asyncio.create_task(each.leadership.run()) for each in candidates]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_one_of_two() -> None:
    """One of two leads; when it gives up the lease, the other leads with a higher epoch."""
    lease = HandLease()
    first, second = Candidate(lease), Candidate(lease, seen=40)
    async with competing(first):
        await eventually(lambda: first.terms)
        async with competing(second):
            await eventually(lambda: lease.calls.count("take") > 3)
            assert not second.terms
            await first.leadership.retire()
            assert first.ended == 1
            second.leadership.note_free()
            await eventually(lambda: second.terms)
    assert second.terms[0].epoch == 41


async def test_retired_while_it_is_taken() -> None:
    """A lease granted after the instance has retired is given up at once."""
    lease = SlowLease()
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: lease.calls)
        retiring = asyncio.create_task(one.leadership.retire())
        await asyncio.sleep(0)  # it has begun
        lease.answers.set()
        await retiring
    assert lease.calls == ["take", "give up"]
    assert not one.terms
    assert lease.is_free


async def test_renewal() -> None:
    """The lease is renewed while it is held."""
    lease = HandLease()
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: lease.calls.count("renew") > 3)
    assert len(one.terms) == 1


async def test_lease_that_another_has_taken() -> None:
    """An instance whose lease is held by another ends its term and gives nothing up."""
    lease = HandLease()
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: one.terms)
        lease.epoch += 1
        await eventually(lambda: one.ended)
    assert lease.epoch == 2 or "give up" not in lease.calls


async def test_database_that_cannot_be_reached() -> None:
    """A holder that cannot renew ends its term by its own clock before the lease expires."""
    lease = HandLease()
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: one.terms)
        lease.is_reachable = False
        await eventually(lambda: one.ended)
        assert not one.terms[0].is_held
        lease.is_free = lease.is_reachable = True
        await eventually(lambda: len(one.terms) > 1)


async def test_lease_that_cannot_be_taken(caplog: pytest.LogCaptureFixture) -> None:
    """The reason is logged once, and again after a recovery."""
    lease = HandLease()
    lease.is_reachable = False
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: lease.calls.count("take") > 2)
        assert caplog.messages == ["this instance cannot lead: the database does not answer"]
        lease.is_reachable = True
        await eventually(lambda: one.terms)
        lease.is_reachable = False
        one.terms[0].end()
        await eventually(lambda: len(caplog.messages) > 1)


async def test_term_that_is_to_end() -> None:
    """An instance that ends its term gives up the lease and competes again."""
    lease = HandLease()
    one = Candidate(lease)
    async with competing(one):
        await eventually(lambda: one.terms)
        one.terms[0].end()
        await eventually(lambda: len(one.terms) > 1)
    assert "give up" in lease.calls


@pytest.mark.parametrize("error", [StoreError("the database is gone"), KeyError("a fault")])
async def test_fault_in_a_term(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A failed term is logged; the lease is given up and taken again.

    A database error is logged without a traceback, a bug with one.
    """
    lease, ends = HandLease(), [error]

    async def lead(_: Term) -> None:
        if ends:
            raise ends.pop()
        await asyncio.Event().wait()

    running = asyncio.create_task(Leadership(lease, lead, lambda: 0).run())  # type: ignore[arg-type]
    await eventually(lambda: lease.epoch == 2)
    running.cancel()
    await asyncio.wait([running])
    assert str(error) in caplog.text
    assert ("Traceback" in caplog.text) == isinstance(error, KeyError)
