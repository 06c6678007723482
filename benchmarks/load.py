"""Measure the delay and the cost per viewer of one server process: `benchmarks/load.py`.

Runs the dashboard on its demo and, alternately, a baseline (`floor.py`): a bare `websockets` server
that broadcasts the same amount of text at the same rate. Everything runs on this machine. The
server has its own core if there are two or more; run this on an idle machine.
"""

import argparse
import http.client
import multiprocessing
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from rules import write_rules
from viewers import Notes, Stream, run_viewers

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from messages import measure_messages  # noqa: E402 (importable once the path is set)

# Viewers and frames a second, as in the performance targets.
LOADS = ((200, 10.0), (2_000, 1.0), (10_000, 1.0))
SECONDS = 10
PROCESSES = 2  # of viewers
LOADS_OF_PAGE = 50
WARM_UP = 50  # viewers before a measurement, so that one-time costs are not included
SPARE_FILES = 200  # files of a process besides its viewers' sockets
START_S, QUIET_S, CONNECT_S, ANSWER_S = 60, 30, 120, 30
# A server is idle below this share of a core for this time. The dashboard compresses its files for
# some seconds after its start; the baseline has nothing to prepare.
CALM_SHARE, CALM_S, FLOOR_CALM_S = 0.15, 5, 1
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES, VIEWER_CORES = {CORES[0]}, set(CORES[1:] or CORES)
NICEST = 19  # page loads must not delay the viewers, which record times
HEAD = (
    f"{'viewers':>7} {'rate':>5} {'':9} {'p50':>6} {'p99':>6} {'worst':>6}"
    f" {'spread':>7} {'worst':>6} {'CPU %':>6} {'kB each':>8}  {'frames':>7}"
)


class Usage(NamedTuple):
    """CPU time used by a process, and its current memory."""

    cpu_s: float
    memory_kb: float


class Cost(NamedTuple):
    """Cost of viewers: CPU in percent of a core, and memory per viewer."""

    cpu_percent: float
    memory_kb: float


class Server:
    """A server process on a local port, on its own core."""

    def __init__(self, name: str, port: int, *command: object) -> None:
        self.name = name
        self.port = port
        self._process = subprocess.Popen(  # noqa: S603 (our own programs)
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORES),  # noqa: PLW1509 (no threads)
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def usage(self) -> Usage:
        process = Path(f"/proc/{self._process.pid}")
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1000)

    def wait_until_ready(self, calm_s: int) -> None:
        """Return once it accepts connections and has been idle for `calm_s`."""
        deadline = time.monotonic() + START_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"the {self.name} does not answer")
            time.sleep(0.1)
        calm_for_s, deadline = 0, time.monotonic() + QUIET_S
        while calm_for_s < calm_s and time.monotonic() < deadline:
            before = self.usage().cpu_s
            time.sleep(1)
            calm_for_s = calm_for_s + 1 if self.usage().cpu_s - before < CALM_SHARE else 0

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Audience:
    """The viewers of one server, in several processes."""

    def __init__(self, stream: Stream, viewers: int) -> None:
        self.viewers = viewers
        spawn = multiprocessing.get_context("spawn")  # without our memory and threads
        self._pipes: list[Connection] = []
        self._processes = []
        for share in _shares(viewers, PROCESSES):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(
                target=run_viewers,
                args=(stream, share, VIEWER_CORES, theirs),
                daemon=True,
            )
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        self._receive(CONNECT_S)

    def watch(self, seconds: float) -> "Delivery":
        """Return what the viewers receive in the next `seconds`."""
        return Delivery.of(self.record(seconds), self.viewers)

    def record(self, seconds: float) -> list[Notes]:
        """Return the notes of each process of the next `seconds`."""
        self._request("reset")
        time.sleep(seconds)
        return self._request("report")

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.send("end")
        for process in self._processes:
            process.join(ANSWER_S)
            process.kill()

    def _request(self, command: str) -> list[Notes]:
        for pipe in self._pipes:
            pipe.send(command)
        return self._receive(ANSWER_S)

    def _receive(self, timeout_s: float) -> list[Notes]:
        for pipe in self._pipes:
            if not pipe.poll(timeout_s):
                raise TimeoutError("the viewers do not answer")
        return [pipe.recv() for pipe in self._pipes]


@dataclass(frozen=True)
class Delivery:
    """Times in ms: from sending a frame to each arrival, and from the first to the last arrival."""

    delays: Sequence[float]
    spreads: Sequence[float]
    frames: int  # including those that did not reach every viewer, which have no times
    size: int
    lost: int

    @classmethod
    def of(cls, notes: Sequence[Notes], viewers: int) -> "Delivery":
        """Combine all processes; the first and the last frame may be incomplete."""
        sent = sorted(set(chain.from_iterable(note.arrivals for note in notes)), key=float)
        frames = [
            (float(at), arrivals)
            for at in sent
            if len(arrivals := [*chain.from_iterable(n.arrivals.get(at, ()) for n in notes)])
            == viewers
        ]
        return cls(
            sorted(arrival - at for at, arrivals in frames for arrival in arrivals),
            [max(arrivals) - min(arrivals) for _, arrivals in frames],
            len(sent),
            notes[0].size,
            sum(note.lost for note in notes),
        )

    def row(self, viewers: int, rate: float, name: str, cost: Cost) -> str:
        """Return a row of the table."""
        if not self.spreads:
            return f"{viewers:7,} {rate:5.0f} {name:9} no frame reached every viewer"
        percentiles = statistics.quantiles(self.delays, n=100, method="inclusive")
        lost = f", {self.lost} viewers lost" if self.lost else ""
        return (
            f"{viewers:7,} {rate:5.0f} {name:9}"
            f" {percentiles[49]:6.1f} {percentiles[98]:6.1f} {self.delays[-1]:6.1f}"
            f" {statistics.median(self.spreads):7.1f} {max(self.spreads):6.1f}"
            f" {cost.cpu_percent:6.1f} {cost.memory_kb:8.1f}"
            f" {len(self.spreads):>5}/{self.frames}{lost}"
        )


def main() -> None:
    """Measure one load or all, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, help="measure this load only")
    parser.add_argument("--rate", type=float, default=1.0, help="frames a second, with --viewers")
    parser.add_argument("--alerts", type=int, help="measure it also with so many alert rules")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    options = parser.parse_args()
    loads = ((options.viewers, options.rate),) if options.viewers else LOADS
    raise_limit(max(viewers for viewers, _ in loads) + SPARE_FILES)
    print("Delivery, and from a frame's first viewer to its last, in ms:\n\n" + HEAD, flush=True)
    for viewers, rate in loads:
        measure_delivery(viewers, rate, options.seconds, options.alerts)
    if not options.viewers:
        measure_page_loads(options.seconds)
        measure_messages()


def raise_limit(files: int) -> None:
    """Raise the limit of open files, also for child processes; exit with a hint if that fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < files:
        sys.exit(f"{files:,} open files are needed, {hard:,} are allowed: see ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))


# ---- Delivery ------------------------------------------------------------------------------


def measure_delivery(viewers: int, rate: float, seconds: float, rules: int | None) -> None:
    """Print a row for the dashboard, one for it with alert rules, and one for the baseline."""
    with dashboard(rate) as server:
        size = measure(server, "/view-stream", viewers, rate, seconds)
    if rules:
        with dashboard(rate, rules) as server:
            measure(server, "/view-stream", viewers, rate, seconds)
    with floor(rate, size) as server:
        measure(server, "/", viewers, rate, seconds)


def measure(server: Server, path: str, viewers: int, rate: float, seconds: float) -> int:
    """Print the row of a server; return the size of its frames in bytes."""
    with audience(server, path, WARM_UP) as first:
        first.watch(2)
    empty = server.usage()
    with audience(server, path, viewers) as there:
        there.watch(1)  # until the last viewer has its first frame
        before = server.usage()
        delivery = there.watch(seconds)
        after = server.usage()
    cpu_percent = (after.cpu_s - before.cpu_s) / seconds * 100
    cost = Cost(cpu_percent, (after.memory_kb - empty.memory_kb) / viewers)
    print(delivery.row(viewers, rate, server.name, cost), flush=True)
    return delivery.size


@contextmanager
def dashboard(rate: float, rules: int = 0) -> Iterator[Server]:
    """Run the demo at `rate` messages and frames a second, with so many alert rules."""
    port = free_port()
    limits = ("--max-viewers", 20_000, "--max-viewers-per-address", 20_000, "--admit-rate", 20_000)
    pace = ("--demo", "--demo-scene", "calm", "--demo-rate", rate, "--max-fps", rate)
    with ExitStack() as stack:
        alerts: Sequence[object] = ()
        if rules:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            alerts = ("--alerts", write_rules(Path(folder), rules))
        name = f"{rules} rules" if rules else "dashboard"
        server = Server(name, port, "app.py", "--port", port, *pace, *limits, *alerts)
        stack.enter_context(running(server, CALM_S))
        yield server


@contextmanager
def floor(rate: float, size: int) -> Iterator[Server]:
    """Run a bare broadcast server that sends `size` bytes at `rate`."""
    port = free_port()
    server = Server("floor", port, "benchmarks/floor.py", port, rate, size)
    with running(server, FLOOR_CALM_S):
        yield server


@contextmanager
def running(server: Server, calm_s: int) -> Iterator[None]:
    """Wait until the server is ready, and stop it at the end."""
    try:
        server.wait_until_ready(calm_s)
        yield
    finally:
        server.stop()


@contextmanager
def audience(server: Server, path: str, viewers: int) -> Iterator[Audience]:
    """Connect viewers for the duration of the context."""
    there = Audience(Stream(server.port, path), viewers)
    try:
        yield there
    finally:
        there.close()


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _shares(whole: int, parts: int) -> list[int]:
    """Split `whole` into `parts` as equal as possible."""
    return [whole // parts + (part < whole % parts) for part in range(parts)]


# ---- Cold page loads -----------------------------------------------------------------------


def measure_page_loads(seconds: float) -> None:
    """Print the worst delay of a frame with and without many page loads at the same time."""
    viewers, rate = LOADS[0]
    with dashboard(rate) as server, audience(server, "/view-stream", viewers) as there:
        there.watch(1)
        calm = there.watch(seconds)
        spawn = multiprocessing.get_context("spawn")
        with spawn.Pool(1) as pool:
            pool.apply(prepare)
            loading = pool.apply_async(load_pages, (server.port,))
            busy = there.watch(seconds)
            took_s, files, size = loading.get(ANSWER_S)
    print(
        f"\n{LOADS_OF_PAGE} cold loads of the page ({files} files, {size / 1e6:.1f} MB each) in"
        f" {took_s:.1f} s, while {viewers} watch at {rate:.0f}/s: the worst delay of a frame is"
        f" {busy.delays[-1]:.0f} ms; {calm.delays[-1]:.0f} ms without them"
    )


def prepare() -> None:
    """Move to the viewers' cores, with low priority."""
    os.sched_setaffinity(0, VIEWER_CORES)
    os.nice(NICEST)


def load_pages(port: int) -> tuple[float, int, int]:
    """Load the page many times concurrently; return the seconds, and files and bytes per load."""
    began = time.monotonic()
    with ThreadPoolExecutor(LOADS_OF_PAGE) as visitors:
        loads = [*visitors.map(load_page, [port] * LOADS_OF_PAGE)]
    return time.monotonic() - began, *loads[0]


def load_page(port: int) -> tuple[int, int]:
    """Fetch the page and its files; return their number and their bytes."""
    page = fetch(port, "/", "identity")
    paths = {*re.findall(r'(?:src|href)="(/[^"/][^"]*)"', page.decode())}
    return 1 + len(paths), sum(len(fetch(port, path)) for path in paths) + len(page)


def fetch(port: int, path: str, encoding: str = "gzip, deflate, br, zstd") -> bytes:
    """Return the body of a response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise ValueError(f"{path}: {answer.status}")
        return content
    finally:
        connection.close()


if __name__ == "__main__":
    main()
