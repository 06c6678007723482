"""The Socket.IO feed with a real Node server, which emits in all its ways."""

import json

import pytest

from support.programs import desks, running
from support.upstreams import Reader, reading
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

ENOUGH = 5  # messages, during which the server's other events would have arrived, too
FOREIGN = 1_000_000  # larger revenues belong to another desk


async def shows_the_desk(reader: Reader) -> None:
    """Wait for messages, which must all be the desk's on one connection."""
    await eventually(lambda: reader.ledger.tally.accepted >= ENOUGH, what=str(reader.link))

    bodies = [json.loads(raw)["data"] for raw in reader.received]
    assert max(body["revenue"] for body in bodies if isinstance(body, dict)) < FOREIGN
    assert reader.ledger.tally.rejected == 0
    assert reader.link.openings == 1


async def test_connection_state_recovery() -> None:
    """An event's first argument is its body, whatever the server appends to it."""
    with running(desks(), OPTIONS='{"connectionStateRecovery": {}}') as server:
        async with reading(server.url) as reader:
            await shows_the_desk(reader)


@pytest.mark.parametrize("address", ["/desk-a", "/desk-a/", "/desk-a?room=7"])
async def test_default_namespace_that_emits_too(address: str) -> None:
    """A namespace in the address excludes the default one."""
    with running(desks(), NAMESPACE="/desk-a", DEFAULT="emits") as server:
        async with reading(server.url + address) as reader:
            await shows_the_desk(reader)

            assert reader.link.namespace == "/desk-a"
            assert reader.ledger.tally.ignored == 0


async def test_default_namespace_that_shows_out() -> None:
    """A server that refuses its default namespace is read in another one."""
    with running(desks(), NAMESPACE="/pnl-stream", DEFAULT="shows out") as server:
        async with reading(f"{server.url}/pnl-stream") as reader:
            await shows_the_desk(reader)

            assert reader.link.namespace == "/pnl-stream"


@pytest.mark.parametrize("recovery", ["{}", '{"connectionStateRecovery": {}}'])
@pytest.mark.parametrize("how", ["volatile", "acknowledged", "bytes", "bytes beside"])
async def test_way_of_emitting(how: str, recovery: str) -> None:
    """Updates are shown however they are emitted."""
    with running(desks(), NAMESPACE="/desk-a", EMIT=how, OPTIONS=recovery) as server:
        async with reading(f"{server.url}/desk-a") as reader:
            await shows_the_desk(reader)


async def test_acknowledgement() -> None:
    """An event that requests an acknowledgement gets one."""
    with running(desks(), EMIT="acknowledged") as server:
        async with reading(server.url) as reader:
            await eventually(lambda: '{"event":"acknowledged","data":1}' in reader.received)


async def test_bytes_of_another_event() -> None:
    """Bytes of another event are ignored, whatever they contain."""
    with running(desks(), EMIT="bytes of another event") as server:
        async with reading(server.url) as reader:
            await eventually(lambda: reader.ledger.tally.accepted >= ENOUGH)

            assert reader.ledger.tally.ignored >= ENOUGH
            assert reader.ledger.tally.rejected == 0
            assert reader.ledger.snapshot is not None
            assert reader.ledger.snapshot.revenue < FOREIGN


@pytest.mark.usefixtures("long_wait")
async def test_namespace_that_the_server_does_not_have() -> None:
    """A missing namespace is reported, and the default one is not used instead."""
    with running(desks()) as server:
        async with reading(f"{server.url}/desk-b") as reader:
            await eventually(lambda: reader.problem)

            assert reader.problem == (
                "the Socket.IO server has no namespace /desk-b:"
                " remove the path from the address for the default namespace"
            )
            assert reader.received == []


async def test_path_of_the_guide() -> None:
    """The guide's path means the default namespace on a server without a namespace of its name."""
    with running(desks()) as server:
        async with reading(f"{server.url}/pnl-stream") as reader:
            await shows_the_desk(reader)

            assert reader.link.namespace == "/"
