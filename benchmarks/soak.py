"""Run the dashboard under load for an hour: `python benchmarks/soak.py`, from any folder.

The source restarts every minute, and viewers connect and disconnect. Checks for growth of memory,
descriptors and threads, for unexpected log lines, and that every viewer shows the last message.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.dashboard import Process, process
from support.faults import RECOVERY_S, Source
from support.frames import Reader, shown_revenue
from support.programs import unused_port
from support.vitals import Vitals, vitals
from support.waiting import eventually

MINUTE_S = 60
PATHS = ("/view-stream", "/view-stream", "/pnl-stream")  # of the viewers, in turn
STAY_S, AWAY_S = (1, 30), (0, 3)  # how long a viewer stays and is away
ABORTING = 0.5  # share of viewers that disconnect without a close frame
SETTLE_S = 15  # time for all viewers and the source to be connected
# The lines that the dashboard may print: its address, the connection to its source, the age of the
# data, and our requests.
EXPECTED = re.compile(
    r"NorthStar shows \S+ at \S+|  (History|Days|Sign-in|Recording): .*|NorthStar has ended"
    r"|\S+ \S+ (INFO|WARNING) "
    r"(source: (connected|connection closed|cannot connect)\b.*"
    r"|the data is (live|not live\b.*)"
    r"|the page loads the whole of plotly.js: .*"
    r"|GET /api/feed 200 in .*)"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Length and load of the run, and the growth allowed after the warm-up."""

    length_s: float
    warm_up_s: float
    restart_every_s: float
    sample_every_s: float
    tolerance: float = 0.1
    rate: float = 60  # messages a second
    viewers: int = 50


class Viewer:
    """Connects, reads for a while, disconnects with or without a close frame, and starts over."""

    def __init__(self, number: int, port: int) -> None:
        self.visits = 0
        self.connected = False
        self.errors: list[str] = []
        self._path = PATHS[number % len(PATHS)]
        self._url = f"ws://127.0.0.1:{port}{self._path}"
        self._chance = random.Random(number)  # noqa: S311 (nothing secret)
        self._timeout: asyncio.Timeout | None = None
        self._stays = False
        self.revenue: Decimal | None = None  # in the newest state received

    async def run(self) -> None:
        while True:
            try:
                async with connect(self._url) as socket:
                    await self._visit(socket)
            except (OSError, ConnectionClosed, InvalidHandshake) as error:
                self.errors.append(f"{self._path}: {error!r}")
            await asyncio.sleep(self._chance.uniform(*AWAY_S))

    def stay_connected(self) -> None:
        """Stay connected from the next connection on."""
        self._stays = True
        if self._timeout and not self._timeout.expired():
            self._timeout.reschedule(None)

    async def _visit(self, socket: ClientConnection) -> None:
        self.visits += 1
        self.connected = True
        stay_s = None if self._stays else self._chance.uniform(*STAY_S)
        try:
            async with asyncio.timeout(stay_s) as self._timeout:
                await self._read(socket)
        except TimeoutError:
            if self._chance.random() < ABORTING:
                socket.transport.abort()
        finally:
            self.connected, self._timeout = False, None

    async def _read(self, socket: ClientConnection) -> None:
        """Store the newest revenue until cancelled."""
        reader = Reader()
        while True:
            text = str(await socket.recv())
            if self._path == "/pnl-stream":
                self.revenue = Decimal(json.loads(text, parse_float=Decimal)["revenue"])
            elif shown := shown_revenue(reader.read(text)):
                self.revenue = Decimal(re.sub("[$,]", "", shown))


class Sample(NamedTuple):
    """One measurement; `at_s` is in seconds since the start."""

    at_s: float
    restarts: int
    visits: int
    here: int
    vitals: Vitals
    feed: dict[str, Any]


# Values that must not grow. Descriptors exclude those of viewers, whose number varies.
RESOURCES: dict[str, Callable[[Sample], float]] = {
    "memory, MB": lambda sample: sample.vitals.rss_mb,
    "descriptors besides the viewers'": lambda sample: sample.vitals.descriptors - sample.here,
    "threads": lambda sample: sample.vitals.threads,
}
HEADINGS = "minute  messages  restarts  visits  here     MB  files  threads"


def row(sample: Sample) -> str:
    """Return a row of the table."""
    memory, descriptors, threads = sample.vitals
    return (
        f"{sample.at_s / MINUTE_S:6.1f} {sample.feed['tally']['accepted']:9,}"
        f" {sample.restarts:9} {sample.visits:7,} {sample.here:5}"
        f" {memory:6.1f} {descriptors:6} {threads:8}"
    )


class Soak:
    """One run according to `plan`; `failures` has what went wrong."""

    def __init__(self, plan: Plan, server: Process, source: Source) -> None:
        self.failures: list[str] = []
        self._plan = plan
        self._server = server
        self._source = source
        self._viewers = [Viewer(number, server.port) for number in range(plan.viewers)]
        self._samples: list[Sample] = []
        self._restarts = 0

    async def run(self) -> None:
        """Run the viewers for the planned time, then make the checks."""
        await self._start_source()
        await self._until_live()
        alone = vitals(self._server.pid)
        viewing = [asyncio.create_task(viewer.run()) for viewer in self._viewers]
        await self._watch()
        await self._check_currency()
        for task in viewing:
            task.cancel()
        ends = await asyncio.gather(*viewing, return_exceptions=True)
        self.failures += [f"a viewer: {end!r}" for end in ends if isinstance(end, Exception)]
        self.failures += [text for viewer in self._viewers for text in viewer.errors]
        self._check_drift()
        await self._check_return_to(alone)
        self._check_end(*self._server.stop())

    async def _watch(self) -> None:
        """Take samples and restart the source until the planned time is over."""
        print(HEADINGS)
        began = time.monotonic()
        while (at_s := time.monotonic() - began) < self._plan.length_s:
            if at_s >= (self._restarts + 1) * self._plan.restart_every_s:
                await asyncio.to_thread((self._source.stop, self._source.kill)[self._restarts % 2])
                await self._start_source()
                self._restarts += 1
            sample = await self._sample(at_s)
            if not self._samples or at_s // MINUTE_S > self._samples[-1].at_s // MINUTE_S:
                print(row(sample), flush=True)
            self._samples.append(sample)
            await asyncio.sleep(self._plan.sample_every_s)

    async def _start_source(self) -> None:
        await asyncio.to_thread(self._source.start, "--rate", str(self._plan.rate))

    async def _sample(self, at_s: float) -> Sample:
        return Sample(
            at_s,
            self._restarts,
            sum(viewer.visits for viewer in self._viewers),
            sum(viewer.connected for viewer in self._viewers),
            vitals(self._server.pid),
            await self._feed(),
        )

    async def _feed(self) -> dict[str, Any]:
        return dict(await asyncio.to_thread(self._server.get, "/api/feed"))

    async def _until_live(self) -> None:
        async with asyncio.timeout(SETTLE_S):
            while (await self._feed())["state"] != "live":  # noqa: ASYNC110 (there is no event to wait for)
                await asyncio.sleep(1)

    async def _check_currency(self) -> None:
        """Check that every viewer receives the last message in time."""
        for viewer in self._viewers:
            viewer.stay_connected()
        await self._expect(
            lambda: all(v.connected for v in self._viewers), SETTLE_S, "all viewers are connected"
        )
        await self._until_live()
        last = Decimal((await asyncio.to_thread(self._source.fall_silent))["revenue"])
        await self._expect(
            lambda: all(viewer.revenue == last for viewer in self._viewers),
            RECOVERY_S,
            "all viewers show the last message",
        )

    async def _expect(self, condition: Callable[[], object], timeout_s: float, what: str) -> None:
        try:
            await eventually(condition, timeout_s, what)
        except AssertionError as error:
            self.failures.append(str(error))

    def _check_drift(self) -> None:
        """Compare the resources of the last quarter with those of the first after the warm-up."""
        warm = [sample for sample in self._samples if sample.at_s >= self._plan.warm_up_s]
        quarter = len(warm) // 4
        for what, value in RESOURCES.items():
            early, late = median(map(value, warm[:quarter])), median(map(value, warm[-quarter:]))
            drift = late / early - 1
            result = f"{what}: {early:.1f} at first, {late:.1f} at last, {drift:+.1%}"
            print(result)
            if abs(drift) > self._plan.tolerance:
                self.failures.append(result)

    async def _check_return_to(self, alone: Vitals) -> None:
        """Check that the viewers' descriptors are closed after they disconnect."""
        await self._expect(
            lambda: vitals(self._server.pid).descriptors <= alone.descriptors,
            SETTLE_S,
            "as few descriptors as before",
        )
        print(f"before any viewer: {alone}\nafter all of them: {vitals(self._server.pid)}")

    def _check_end(self, code: int, printed: str) -> None:
        """Check the exit code, and that every log line is expected."""
        if code != 0:
            self.failures.append(f"ended with code {code}")
        unexpected = [line for line in printed.splitlines() if not EXPECTED.fullmatch(line)]
        self.failures += [f"unexpected output: {line}" for line in unexpected]


def soak(plan: Plan) -> list[str]:
    """Run `plan` and print the samples; return the failures."""
    with tempfile.TemporaryDirectory() as folder, closing(Source()) as source:
        arguments = ("--ws-url", source.url, "--db", str(Path(folder) / "history.db"))
        with process(unused_port(), *arguments) as server:
            run = Soak(plan, server, source)
            asyncio.run(run.run())
    return run.failures


def main() -> int:
    """Run for the given time, and print the failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    length_s = parser.parse_args().minutes * MINUTE_S
    plan = Plan(
        length_s,
        warm_up_s=min(10 * MINUTE_S, length_s / 3),
        restart_every_s=MINUTE_S,
        sample_every_s=5,
    )
    failures = soak(plan)
    print("\n".join(["failed:", *failures]) if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
