"""Instances of a cluster as real processes, a ticking source, and what viewers see."""

import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.error import HTTPError

import psycopg
from sqlalchemy import make_url
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

from support import guide
from support.cluster_history import check_history, watch_writers
from support.dashboard import CALM, Process
from support.frames import Reader, shown_revenue
from support.programs import unused_port
from support.sources import Stream
from support.waiting import until
from support.wires import Wire

TICK_S = 0.1
STALE_AFTER_S = 9  # for a lease of 3 s
NOTHING = (0, 0)  # the truth of an instance that has not read one; its frames have no numbers
FIRST = 100_000  # the revenue of the first message; each later one has one more


class Ticking:
    """A source that sends a message with a rising revenue every `TICK_S` until stopped.

    `sent` has the time of each revenue.
    """

    def __init__(self) -> None:
        self.stream = Stream()
        self.revenue = FIRST
        self.sent: dict[int, datetime] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()
        self.stream.stop()

    def _run(self) -> None:
        while not self._ends.wait(TICK_S):
            now = datetime.now(UTC)
            self.sent[self.revenue + 1] = now
            self.revenue += 1
            with suppress(WebSocketException, OSError):  # a client has just left
                self.stream.send(guide.text(revenue=self.revenue, timestamp=now.isoformat()))


class Seen(NamedTuple):
    """A frame received by a viewer at `at_s` of the monotonic clock."""

    at_s: float
    truth: tuple[int, int]
    revenue: str | None
    state: str
    age_s: float | None


class Witness:
    """A viewer at a port, which reconnects whenever its socket is closed.

    `closed` has the close codes of its sockets.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[Seen] = []
        self.closed: list[int] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def last(self) -> Seen | None:
        return self.seen[-1] if self.seen else None

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()

    def longest_gap_s(self, since_s: float) -> float:
        """Return the longest time between two frames with new data after `since_s`."""
        news = [now.at_s for before, now in pairwise(self.seen) if now.revenue != before.revenue]
        return max(after - before for before, after in pairwise(news) if after > since_s)

    def _run(self) -> None:
        while not self._ends.is_set():
            with suppress(OSError, WebSocketException, TimeoutError):
                self._watch()
            self._ends.wait(0.2)

    def _watch(self) -> None:
        reader = Reader()
        with connect(f"ws://127.0.0.1:{self.port}/view-stream", open_timeout=2) as socket:
            try:
                while not self._ends.is_set():
                    with suppress(TimeoutError):
                        frame = reader.read(socket.recv(timeout=0.5))
                        self.seen.append(_seen(frame))
            except ConnectionClosed as closed:
                self.closed.append(closed.rcvd.code if closed.rcvd else 0)


def _seen(frame: dict[str, Any]) -> Seen:
    epoch, seq = frame.get("truth", NOTHING)
    feed = frame["feed"]
    return Seen(time.monotonic(), (epoch, seq), shown_revenue(frame), feed["state"], feed["age_s"])


class Instance(Process):
    """An instance with its own wires to the database and to the source.

    Its port is the name of its database connections.
    """

    def __init__(self, db: str, source: Stream, *arguments: str, under: Sequence[str] = ()) -> None:
        port, url = unused_port(), make_url(db)
        self.db = Wire(url.port or 0)
        self.source = Wire(source.port)
        ours = url.set(port=self.db.port, query={"application_name": str(port)})
        super().__init__(
            port,
            "--db",
            ours.render_as_string(),
            "--ws-url",
            f"ws://127.0.0.1:{self.source.port}/pnl-stream",
            "--cluster",
            "--stale-after",
            str(STALE_AFTER_S),
            *arguments,
            script=CALM,
            under=under,
        )

    @property
    def health(self) -> int:
        """The status of its health check."""
        try:
            self.get("/healthz")
        except HTTPError as error:
            with error:
                return error.code
        return 200

    def mend(self) -> None:
        """Resume it and restore its connections to the database and the source."""
        self.db.mend()
        self.source.mend()
        if self.running:
            self.resume()
        else:
            self.launch()

    def end(self) -> None:
        """Kill it and close its wires."""
        if self.running:
            self.stop(signal.SIGKILL)
        self.db.stop()
        self.source.stop()


@dataclass
class Cluster:
    """Instances on one database, with a witness of each."""

    db: str
    source: Ticking
    instances: list[Instance] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)

    @property
    def leader(self) -> Instance | None:
        """The instance that holds the lease."""
        rows = self.query("SELECT holder FROM lease WHERE until > clock_timestamp()")
        ports = [int(row[0].partition("/")[0].rpartition(":")[2]) for row in rows]
        return next((each for each in self.instances if each.port in ports), None)

    def roles(self) -> tuple[Instance, Sequence[Instance]]:
        """Return the leader and the others once one leads."""
        until(lambda: self.leader, 5, "an instance leads")
        leader = self.leader
        assert leader is not None
        return leader, [each for each in self.instances if each is not leader]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.db, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement.encode()).fetchall()

    def witness(self, instance: Process) -> Witness:
        return next(each for each in self.witnesses if each.port == instance.port)

    def shows_news(self, *instances: Process, within_s: float) -> None:
        """Wait until these instances show a message that is sent from now on."""
        revenue = self.source.revenue + 1
        until(
            lambda: all(_revenue(self.witness(each)) >= revenue for each in instances),
            within_s,
            f"{len(instances)} instances show news",
        )

    def mend(self) -> None:
        """Resume all instances and their connections, and wait until all show new data."""
        for each in self.instances:
            each.mend()
        for each in self.instances:
            each.wait()
        self.shows_news(*self.instances, within_s=20)


def _revenue(witness: Witness) -> int:
    last = witness.last
    if last is None or last.revenue is None:
        return 0
    return int(last.revenue.strip("$").replace(",", "").partition(".")[0])


@contextmanager
def cluster(
    db: str, *arguments: str, under: Sequence[Sequence[str]] = ((), (), ())
) -> Iterator[Cluster]:
    """Run instances until all show the source, each `under` its own command."""
    with ExitStack() as stack:
        source = Ticking()
        stack.callback(source.stop)
        running = Cluster(db, source)
        for command in under:
            instance = Instance(db, source.stream, *arguments, under=command)
            stack.callback(instance.end)
            instance.launch()
            running.instances.append(instance)
        for instance in running.instances:
            instance.wait()
            witness = Witness(instance.port)
            stack.callback(witness.stop)
            running.witnesses.append(witness)
        running.shows_news(*running.instances, within_s=20)
        watch_writers(db)
        yield running


def check(running: Cluster) -> None:
    """Check the invariants: of every viewer, of all together, and of the history."""
    numbers: defaultdict[tuple[int, int], set[str | None]] = defaultdict(set)
    for witness in running.witnesses:
        truths = [seen.truth for seen in witness.seen if seen.truth != NOTHING]
        backwards = [pair for pair in pairwise(truths) if pair[0] > pair[1]]
        assert not backwards, f"a viewer was shown what is older: {backwards[:3]}"
        for seen in witness.seen:
            if seen.truth != NOTHING:
                numbers[seen.truth].add(seen.revenue)
            if seen.state == "live":
                assert seen.age_s is not None
                assert seen.age_s < STALE_AFTER_S
    differing = {truth: shown for truth, shown in numbers.items() if len(shown) > 1}
    assert not differing, f"one truth, different numbers: {differing}"
    check_history(running.db, running.source.sent)
