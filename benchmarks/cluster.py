"""Measure a cluster: latency, workers, the death of an instance, and the load of the database.

Needs an empty database in PostgreSQL, which is filled. Everything runs on this machine, which
should be idle; on few cores, instances, viewers and the database compete, and only the ratio to one
process is meaningful.

    python benchmarks/cluster.py --db postgresql://postgres@127.0.0.1/bench
    python benchmarks/cluster.py --db … --viewers 1000 --returning 200 --seconds 5    # smaller
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import uvloop
from websockets.asyncio.client import connect
from websockets.asyncio.server import broadcast, serve

from load import SPARE_FILES, Audience, free_port, raise_limit
from viewers import MAX_CONCURRENT, Notes, Stream, Viewer

ROOT = Path(__file__).parent.parent
SECONDS, VIEWERS, RETURNING = 10.0, 10_000, 2_000
FRAMES_S = 10.0
SOCKETS_PER_S = 200  # that each instance is to admit when viewers come back
LAG_WINDOW_S = 60.0  # of northstar_event_loop_lag_max_seconds
START_S, SETTLE_S, BACK_S = 120.0, 5.0, 120.0
LIMITS = ("--max-viewers", 20_000, "--max-viewers-per-address", 20_000, "--admit-rate", 20_000)
AS_OF = re.compile(r'"as_of":"([^"]+)"')
LAG = re.compile(r"^northstar_event_loop_lag_max_seconds(?:\{.*\})? (\S+)$", re.MULTILINE)


# ---- The source ----------------------------------------------------------------------------


def run_source(port: int, rate: float) -> None:
    """Send a message `rate` times a second, with the time of its sending, until terminated."""
    uvloop.run(_run_source(port, rate))


async def _run_source(port: int, rate: float) -> None:
    async with serve(lambda client: client.wait_closed(), "127.0.0.1", port) as server:
        number = 0
        while True:
            number += 1
            message = {
                "timestamp": datetime.now(UTC).isoformat(),
                "revenue": 125_000 + number,
                "expenses": 48_320,
                "netPnL": 76_680 + number,
            }
            broadcast(server.connections, json.dumps(message))
            await asyncio.sleep(1 / rate)


@contextmanager
def source(rate: float) -> Iterator[str]:
    """Run a source, and return its address."""
    port = free_port()
    running = multiprocessing.get_context("spawn").Process(
        target=run_source, args=(port, rate), daemon=True
    )
    running.start()
    try:
        yield f"ws://127.0.0.1:{port}/pnl-stream"
    finally:
        running.kill()
        running.join()


# ---- Instances -----------------------------------------------------------------------------


class Instance:
    """A dashboard on a port of its own, which shows the source once it is ready."""

    def __init__(self, url: str, *arguments: object) -> None:
        self.port = free_port()
        given = ("--port", self.port, "--ws-url", url, *LIMITS, *arguments)
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "app.py", *map(str, given)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Return once it is live."""
        deadline = time.monotonic() + START_S
        while not self._is_live():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError("an instance does not start")
            time.sleep(0.2)

    def get(self, path: str) -> str:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())

    def cpu_s(self) -> float:
        """Return the processor time of it and its workers."""
        pid = self._process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(_cpu_s(each) for each in (str(pid), *workers))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, and its workers, at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(START_S)

    def _is_live(self) -> bool:
        try:
            return bool(json.loads(self.get("/api/feed"))["state"] == "live")
        except OSError:
            return False


def _cpu_s(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def instances(url: str, count: int, *arguments: object) -> Iterator[Sequence[Instance]]:
    """Run instances for the duration of the context."""
    with ExitStack() as stack:
        started = [Instance(url, *arguments) for _ in range(count)]
        for each in started:
            stack.callback(each.stop)
        for each in started:
            each.wait()
        time.sleep(SETTLE_S)
        yield started


@contextmanager
def alone(url: str, *arguments: object) -> Iterator[Sequence[Instance]]:
    """Run one process with a history of its own in SQLite."""
    with (
        tempfile.TemporaryDirectory() as folder,
        instances(url, 1, "--db", Path(folder, "history.db"), *arguments) as one,
    ):
        yield one


def in_cluster(db: str) -> Sequence[object]:
    """Return the arguments of an instance of a cluster, which ends without waiting."""
    return ("--db", db, "--cluster", "--drain-s", 0)


# ---- Latency -------------------------------------------------------------------------------


def measure_latency(db: str, seconds: float) -> None:
    """Print the time from the source to viewers, of one process and of three instances."""
    with source(FRAMES_S) as url:
        with alone(url) as one:
            before = asyncio.run(_delays(one, seconds))
        with instances(url, 3, *in_cluster(db)) as three:
            after = asyncio.run(_delays(three, seconds))
    for name, delays in (("one process", before), ("three instances", after)):
        print(f"source → viewer, {name}: p50 {delays[49]:.1f} ms, p99 {delays[98]:.1f} ms")
    print(f"added: p50 {after[49] - before[49]:.1f} ms, p99 {after[98] - before[98]:.1f} ms")


async def _delays(running: Sequence[Instance], seconds: float) -> Sequence[float]:
    """Return the percentiles of the delays in ms, of a viewer of each instance."""
    found = await asyncio.gather(*(_delays_of(each.port, seconds) for each in running))
    return statistics.quantiles(chain.from_iterable(found), n=100, method="inclusive")


async def _delays_of(port: int, seconds: float) -> Sequence[float]:
    delays: dict[str, float] = {}
    with contextlib.suppress(TimeoutError):
        async with (
            connect(f"ws://127.0.0.1:{port}/view-stream") as socket,
            asyncio.timeout(seconds),
        ):
            await socket.recv()  # of a state from before
            async for text in socket:
                if found := AS_OF.search(str(text)):
                    sent_s = datetime.fromisoformat(found[1]).timestamp()
                    delays.setdefault(found[1], (time.time() - sent_s) * 1000)
    return [*delays.values()]


# ---- Workers -------------------------------------------------------------------------------


def measure_workers(db: str, viewers: int, seconds: float) -> None:
    """Print what one process and two workers take to send a frame a second to all viewers."""
    with source(1) as url:
        with alone(url) as one:
            _print_delivery("one process", one[0], viewers, seconds)
        with instances(url, 1, *in_cluster(db), "--workers", 2) as two:
            _print_delivery("two workers", two[0], viewers, seconds)


def _print_delivery(name: str, server: Instance, viewers: int, seconds: float) -> None:
    audience = Audience(Stream(server.port, "/view-stream", b'"as_of":'), viewers)
    try:
        audience.record(1)  # until the last viewer has its first frame
        before_s = server.cpu_s()
        notes = audience.record(seconds)
        cpu_s = server.cpu_s() - before_s
    finally:
        audience.close()
    times = [
        [*chain.from_iterable(note.arrivals.get(state, ()) for note in notes)]
        for state in set(chain.from_iterable(note.arrivals for note in notes))
    ]
    spreads = [max(each) - min(each) for each in times if len(each) == viewers]
    spread = f"{statistics.median(spreads):.0f} ms" if spreads else "no frame reached all"
    each_us = cpu_s / seconds / viewers * 1e6
    print(f"{viewers:,} viewers at 1/s, {name}: first to last {spread}, {each_us:.0f} µs a frame")


# ---- The death of an instance --------------------------------------------------------------


def measure_death(db: str, viewers: int) -> None:
    """Print how the viewers of a killed instance come back to the other one."""
    spread_s = 2 * viewers / (2 * SOCKETS_PER_S)
    spawn = multiprocessing.get_context("spawn")
    with source(1) as url, instances(url, 2, *in_cluster(db)) as (dies, survives):
        pipes = []
        for ports in ((dies.port, survives.port), (survives.port, dies.port)):
            ours, theirs = spawn.Pipe()
            given = (ports, viewers, spread_s, theirs)
            spawn.Process(target=run_returning, args=given, daemon=True).start()
            pipes.append(ours)
        for pipe in pipes:
            _receive(pipe)
        time.sleep(LAG_WINDOW_S)  # until the metric has forgotten how they came
        killed_s = time.monotonic()
        dies.kill()
        back_s = _receive(pipes[0]) - killed_s
        lag = LAG.search(survives.get("/metrics"))
    lag_ms = float(lag[1]) * 1000 if lag else float("nan")
    print(
        f"one of two killed, {viewers:,} viewers each: all back after {back_s:.1f} s (spread"
        f" {spread_s:.0f} s), loop lag of the other {lag_ms:.0f} ms"
    )


def _receive(pipe: Connection) -> float:
    if not pipe.poll(BACK_S):
        raise TimeoutError("the viewers do not come back")
    return float(pipe.recv())


def run_returning(ports: tuple[int, int], number: int, spread_s: float, pipe: Connection) -> None:
    """Open viewers at the first port; those that are closed come back at the second.

    Sends the time when all are open, and again when all are back.
    """
    uvloop.run(_run_returning(ports, number, spread_s, pipe))


async def _run_returning(
    ports: tuple[int, int], number: int, spread_s: float, pipe: Connection
) -> None:
    notes = Notes()
    limiter = asyncio.Semaphore(MAX_CONCURRENT)

    async def opened(port: int) -> Returning:
        while True:
            with contextlib.suppress(OSError):
                return await _open(port, notes)
            await asyncio.sleep(random.uniform(0, spread_s))  # noqa: S311 (jitter)

    async def first() -> Returning:
        async with limiter:
            return await opened(ports[0])

    async def come_back(viewer: Returning) -> None:
        await viewer.closed.wait()
        await asyncio.sleep(random.uniform(0, spread_s))  # noqa: S311 (jitter)
        await opened(ports[1])

    viewers = await asyncio.gather(*(first() for _ in range(number)))
    pipe.send(time.monotonic())
    await asyncio.gather(*map(come_back, viewers))
    pipe.send(time.monotonic())
    await asyncio.Event().wait()


async def _open(port: int, notes: Notes) -> "Returning":
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[None] = loop.create_future()
    _, viewer = await loop.create_connection(
        lambda: Returning("/view-stream", notes, opened), "127.0.0.1", port
    )
    await opened
    return viewer


class Returning(Viewer):
    """A viewer that notes its end."""

    def __init__(self, path: str, notes: Notes, opened: "asyncio.Future[None]") -> None:
        super().__init__(path, notes, opened)
        self.closed = asyncio.Event()

    def connection_lost(self, reason: Exception | None) -> None:
        super().connection_lost(reason)
        self.closed.set()


# ---- The database --------------------------------------------------------------------------


def measure_database(db: str, seconds: float) -> None:
    """Print the transactions and the WAL of one process and of three instances at 10/s."""
    with source(FRAMES_S) as url:
        for name, count, arguments in (
            ("one process", 1, ("--db", db)),
            ("three instances", 3, in_cluster(db)),
        ):
            with instances(url, count, *arguments):
                before, began_s = _load(db), time.monotonic()
                time.sleep(seconds)
                after, took_s = _load(db), time.monotonic() - began_s
            transactions, kilobytes = (
                (late - early) / took_s for early, late in zip(before, after, strict=True)
            )
            print(
                f"database at 10/s, {name}: {transactions:.0f} transactions/s,"
                f" {kilobytes:.1f} kB/s of WAL"
            )


def _load(db: str) -> tuple[float, float]:
    """Return the transactions so far, and the kB of WAL of the whole server."""
    with psycopg.connect(db) as connection:
        row = connection.execute(
            "SELECT xact_commit + xact_rollback, pg_current_wal_lsn() - '0/0'::pg_lsn"
            " FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return (float(row[0]), float(row[1]) / 1000) if row else (0, 0)


def main() -> None:
    """Measure everything or some of it, and print the results."""
    measurements = ("latency", "workers", "death", "database")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--db", required=True, help="an empty PostgreSQL database, as a URL")
    parser.add_argument("--only", choices=measurements, action="append", help="measure this only")
    parser.add_argument("--viewers", type=int, default=VIEWERS, help="of the workers")
    parser.add_argument("--returning", type=int, default=RETURNING, help="of each of two instances")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    options = parser.parse_args()
    raise_limit(max(options.viewers, 2 * options.returning) + SPARE_FILES)
    for name in options.only or measurements:
        if name == "latency":
            measure_latency(options.db, options.seconds)
        elif name == "workers":
            measure_workers(options.db, options.viewers, options.seconds)
        elif name == "death":
            measure_death(options.db, options.returning)
        else:
            measure_database(options.db, options.seconds)


if __name__ == "__main__":
    main()
