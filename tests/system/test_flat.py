"""The process does not grow over a million messages and ten thousand viewers."""

import asyncio
import random
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

import pytest
from websockets.frames import Frame, Opcode

from support.dashboard import Process, process
from support.faults import Source
from support.programs import SERVERS
from support.vitals import Vitals, vitals
from support.waiting import until

pytestmark = pytest.mark.long

COUNTED = SERVERS / "counted.py"
TOLERANCE = 0.1
MESSAGES, WARM_MESSAGES, BATCH = 1_000_000, 200_000, 20_000
RUSH_PER_S = "20000"  # above its rate
RUSH_S = 300  # for a minute or two of work
VISITS, WARM_VISITS, AT_A_TIME = 10_000, 1000, 20
KNOCK = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
GOODBYE = Frame(Opcode.CLOSE, (1001).to_bytes(2)).serialize(mask=True)


@pytest.fixture
def source() -> Iterator[Source]:
    """Return a stream that is not running yet."""
    with closing(Source()) as source:
        yield source


def is_flat(taken: list[float]) -> bool:
    """Return whether a measurement has grown by at most a tenth from its start to its end.

    It may shrink, because the start compresses files and then frees buffers. Medians of quarters
    are compared, because a single measurement may coincide with the rendering of a frame.
    """
    quarter = len(taken) // 4
    return median(taken[-quarter:]) / median(taken[:quarter]) - 1 <= TOLERANCE


def accepted(server: Process) -> int:
    """Return the number of accepted messages; zero while the server is too busy to answer."""
    try:
        return int(server.get("/api/feed")["tally"]["accepted"])
    except TimeoutError:
        return 0


def has_accepted(server: Process, count: int) -> Callable[[], bool]:
    """Return whether at least this many messages were accepted."""
    return lambda: accepted(server) >= count


def test_million_messages(source: Source, free_port: int) -> None:
    """A million messages leave no memory, file or thread behind, and none is lost."""
    source.start("--mode", "rush", "--updates", str(MESSAGES))
    arguments = ("--ws-url", source.url, "--max-rate", RUSH_PER_S)
    with process(free_port, *arguments, script=COUNTED) as server:
        taken: list[Vitals] = []
        for count in range(WARM_MESSAGES, MESSAGES + 1, BATCH):
            until(has_accepted(server, count), RUSH_S, f"{count} messages")
            taken.append(vitals(server.pid))

    assert is_flat([each.rss_mb for each in taken]), taken
    # The request needs a connection, and for each one `limits` removes old entries in a thread that
    # lives for about 10 ms.
    for counted in ([each.descriptors for each in taken], [each.threads for each in taken]):
        assert max(counted) - min(counted) <= 1, counted


def has_rendered(server: Process) -> bool:
    """Tell whether a frame was rendered, for which the last packages are imported."""
    with urllib.request.urlopen(f"{server.url}/metrics") as told:  # noqa: S310
        return b"\nnorthstar_render_seconds_count 0.0\n" not in told.read()


def tasks(server: Process) -> int:
    """Return the number of tasks of the event loop."""
    return int(server.get("/tasks"))


async def visit(port: int, path: str, *, polite: bool) -> None:
    """Connect as a viewer, read the first message, and leave with or without a close frame."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(KNOCK.format(path=path, port=port).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    assert await reader.read(1)
    if polite:
        writer.write(GOODBYE)
        while await reader.read(1 << 16):
            pass
        writer.close()
    else:
        writer.transport.abort()


async def visit_many(port: int, visits: int) -> None:
    """Visit this many times, a few at once."""
    chance = random.Random(visits)  # noqa: S311 (nothing secret)
    coming = iter(range(visits))

    async def visit_in_turn() -> None:
        for _ in coming:
            path = chance.choice(["/view-stream", "/pnl-stream"])
            await visit(port, path, polite=chance.random() < 0.5)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_A_TIME):
            group.create_task(visit_in_turn())


def test_ten_thousand_viewers(free_port: int) -> None:
    """Ten thousand viewers leave no memory, file, thread, task or slot behind."""
    with process(free_port, "--demo", "--demo-scene", "calm", script=COUNTED) as server:
        until(lambda: has_rendered(server), what="all modules are imported")
        asyncio.run(visit_many(server.port, WARM_VISITS))
        until(lambda: server.get("/api/feed")["viewers"] == 0, what="the first viewers are gone")
        before, tasks_before = vitals(server.pid), tasks(server)
        taken = []
        for _ in range(VISITS // WARM_VISITS):
            asyncio.run(visit_many(server.port, WARM_VISITS))
            taken.append(vitals(server.pid).rss_mb)

        def back() -> bool:
            now = vitals(server.pid)
            return (
                now.descriptors <= before.descriptors
                and now.threads <= before.threads
                and tasks(server) <= tasks_before
            )

        until(back, what="files, threads and tasks are as before")
        assert server.get("/api/feed")["viewers"] == 0

    assert is_flat([before.rss_mb, *taken]), taken
