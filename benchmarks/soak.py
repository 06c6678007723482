"""The dashboard at work for an hour: `python benchmarks/soak.py`, from any folder.

Its source is ended and started again all the time, its viewers come and go. Looks at what the
process takes of its machine, at what it says, and whether everybody sees what was sent last.
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
from support.programs import unused_port
from support.vitals import Vitals, vitals
from support.waiting import eventually

MINUTE_S = 60
PATHS = ("/view-stream", "/view-stream", "/pnl-stream")  # the viewers' in turn
STAY_S, AWAY_S = (1, 30), (0, 3)  # for how long a viewer comes and goes
RUDE = 0.5  # of them, who go without a goodbye
SETTLE_S = 15  # within which whoever is away is back, the source too
# All that the dashboard may say: where it is, what it is made of, that it lost its source and found
# it again, which it did, and that it was asked how it is.
EXPECTED = re.compile(
    r"NorthStar shows \S+ at \S+"
    r"|\S+ \S+ (INFO|WARNING) "
    r"(source: (connected|connection closed|cannot connect)\b.*"
    r"|the data is (live|not live\b.*)"
    r"|the page loads the whole of plotly.js: .*"
    r"|GET /api/feed 200 in .*)"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and how far the process may drift, once warm, in what it takes."""

    length_s: float
    warm_up_s: float
    restart_every_s: float
    sample_every_s: float
    tolerance: float = 0.1
    rate: float = 60  # messages a second
    viewers: int = 50


class Viewer:
    """Somebody who comes, reads, stays a while and goes, with a goodbye or without; for ever."""

    def __init__(self, number: int, port: int) -> None:
        self.visits = 0
        self.here = False
        self.complaints: list[str] = []
        self._path = PATHS[number % len(PATHS)]
        self._url = f"ws://127.0.0.1:{port}{self._path}"
        self._chance = random.Random(number)  # noqa: S311 (nothing secret)
        self._patience: asyncio.Timeout | None = None
        self._stays = False
        self._newest = ""

    @property
    def revenue(self) -> Decimal | None:
        """What it saw last."""
        if not self._newest:
            return None
        told = json.loads(self._newest, parse_float=Decimal)
        if self._path == "/pnl-stream":
            return Decimal(told["revenue"])
        return Decimal(re.sub("[$,]", "", told["props"]["kpi-revenue-value"]["children"]))

    async def run(self) -> None:
        while True:
            try:
                async with connect(self._url) as socket:
                    await self._visit(socket)
            except (OSError, ConnectionClosed, InvalidHandshake) as error:
                self.complaints.append(f"{self._path}: {error!r}")
            await asyncio.sleep(self._chance.uniform(*AWAY_S))

    def stay(self) -> None:
        """Go no more, once here."""
        self._stays = True
        if self._patience:
            self._patience.reschedule(None)

    async def _visit(self, socket: ClientConnection) -> None:
        self.visits += 1
        self.here = True
        stay_s = None if self._stays else self._chance.uniform(*STAY_S)
        try:
            async with asyncio.timeout(stay_s) as self._patience:
                await self._read(socket)
        except TimeoutError:
            if self._chance.random() < RUDE:
                socket.transport.abort()
        finally:
            self.here, self._patience = False, None

    async def _read(self, socket: ClientConnection) -> None:
        """Remember the newest state, for ever; a heartbeat is none."""
        while True:
            text = str(await socket.recv())
            if self._path == "/pnl-stream" or '"props"' in text:
                self._newest = text


class Sample(NamedTuple):
    """What was measured at one moment, in seconds since the beginning."""

    at_s: float
    restarts: int
    visits: int
    here: int
    vitals: Vitals
    feed: dict[str, Any]


# What has to stay. Of the descriptors, those that are no viewer's: how many are here varies.
TAKEN: dict[str, Callable[[Sample], float]] = {
    "memory, MB": lambda sample: sample.vitals.rss_mb,
    "descriptors besides the viewers'": lambda sample: sample.vitals.descriptors - sample.here,
    "threads": lambda sample: sample.vitals.threads,
}
HEADINGS = "minute  messages  restarts  visits  here     MB  files  threads"


def row(sample: Sample) -> str:
    """Return a line of the table."""
    memory, descriptors, threads = sample.vitals
    return (
        f"{sample.at_s / MINUTE_S:6.1f} {sample.feed['tally']['accepted']:9,}"
        f" {sample.restarts:9} {sample.visits:7,} {sample.here:5}"
        f" {memory:6.1f} {descriptors:6} {threads:8}"
    )


class Soak:
    """The dashboard at work as `plan` says, and what was found wrong with it."""

    def __init__(self, plan: Plan, server: Process, source: Source) -> None:
        self.failures: list[str] = []
        self._plan = plan
        self._server = server
        self._source = source
        self._viewers = [Viewer(number, server.port) for number in range(plan.viewers)]
        self._samples: list[Sample] = []
        self._restarts = 0

    async def run(self) -> None:
        """Let everybody come, watch, and see whether all is well when they have gone."""
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
        self.failures += [text for viewer in self._viewers for text in viewer.complaints]
        self._check_drift()
        await self._check_return_to(alone)
        self._check_end(*self._server.stop())

    async def _watch(self) -> None:
        """Measure, and end and start the source, now and then until time is up."""
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
            sum(viewer.here for viewer in self._viewers),
            vitals(self._server.pid),
            await self._feed(),
        )

    async def _feed(self) -> dict[str, Any]:
        return dict(await asyncio.to_thread(self._server.get, "/api/feed"))

    async def _until_live(self) -> None:
        async with asyncio.timeout(SETTLE_S):
            while (await self._feed())["state"] != "live":  # noqa: ASYNC110 (it has to be asked)
                await asyncio.sleep(1)

    async def _check_currency(self) -> None:
        """Everybody sees the last message soon after it was sent."""
        for viewer in self._viewers:
            viewer.stay()
        await self._expect(lambda: all(v.here for v in self._viewers), SETTLE_S, "all are here")
        await self._until_live()
        last = Decimal((await asyncio.to_thread(self._source.fall_silent))["revenue"])
        await self._expect(
            lambda: all(viewer.revenue == last for viewer in self._viewers),
            RECOVERY_S,
            "all see what was sent last",
        )

    async def _expect(self, condition: Callable[[], object], timeout_s: float, what: str) -> None:
        try:
            await eventually(condition, timeout_s, what)
        except AssertionError as error:
            self.failures.append(str(error))

    def _check_drift(self) -> None:
        """What the process takes is in the last quarter what it was in the first warm one."""
        warm = [sample for sample in self._samples if sample.at_s >= self._plan.warm_up_s]
        quarter = len(warm) // 4
        for what, taken in TAKEN.items():
            early, late = median(map(taken, warm[:quarter])), median(map(taken, warm[-quarter:]))
            drift = late / early - 1
            told = f"{what}: {early:.1f} at first, {late:.1f} at last, {drift:+.1%}"
            print(told)
            if abs(drift) > self._plan.tolerance:
                self.failures.append(told)

    async def _check_return_to(self, alone: Vitals) -> None:
        """With the viewers gone, what was opened for them is closed."""
        await self._expect(
            lambda: vitals(self._server.pid).descriptors <= alone.descriptors,
            SETTLE_S,
            "as few descriptors as before",
        )
        print(f"before any viewer: {alone}\nafter all of them: {vitals(self._server.pid)}")

    def _check_end(self, code: int, printed: str) -> None:
        """It ended well, and said nothing that was not to be expected."""
        if code != 0:
            self.failures.append(f"ended with code {code}")
        unexpected = [line for line in printed.splitlines() if not EXPECTED.fullmatch(line)]
        self.failures += [f"it said: {line}" for line in unexpected]


def soak(plan: Plan) -> list[str]:
    """Do as `plan` says, printing what is measured; return what failed."""
    with tempfile.TemporaryDirectory() as folder, closing(Source()) as source:
        arguments = ("--ws-url", source.url, "--db", str(Path(folder) / "history.db"))
        with process(unused_port(), *arguments) as server:
            at_work = Soak(plan, server, source)
            asyncio.run(at_work.run())
    return at_work.failures


def main() -> int:
    """Run for as long as the command line says, and say what failed."""
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
    print("\n".join(["failed:", *failures]) if failures else "all is well")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
