"""A stream that sends continuously, and what a dashboard has stored of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import select, text

from northstar.domain.messages import encode
from northstar.history.schema import DAYS, LATEST, MINUTES, SECONDS
from support import guide, today
from support.dashboard import Process
from support.sources import Stream
from support.states import ZONE, opened


class Pump:
    """Sends ten states a second, and remembers the last of each second."""

    def __init__(self, source: Stream) -> None:
        self.sent: dict[int, int] = {}
        self._source = source
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run)

    @property
    def revenue(self) -> int:
        """The last sent revenue."""
        return next(reversed(self.sent.values()), 0)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._enough.set()
        self._thread.join()

    def _run(self) -> None:
        for revenue in count(1):
            at = datetime.now(UTC)
            days = guide.month(at.date().isoformat())
            days[-1]["revenue"] = revenue
            message = today.now(timestamp=at.isoformat(), revenue=revenue, trendsData=days)
            self._source.send(message)
            self.sent[int(at.timestamp())] = revenue
            if self._enough.wait(0.1):
                return


@contextmanager
def pumping(source: Stream) -> Iterator[Pump]:
    """Send states while the context is open."""
    pump = Pump(source)
    pump.start()
    try:
        yield pump
    finally:
        pump.stop()


def feed(server: Process) -> dict[str, Any]:
    """Return the dashboard's feed status."""
    return dict(server.get("/api/feed"))


def kept(db: str) -> dict[int, int]:
    """Return the revenue of each second in a database."""
    start, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
    with opened(db) as store:
        rows = store.moments(SECONDS, start, end, 10**6)
    return {int(at.timestamp()): int(amounts.revenue) for at, amounts in rows}


def whole_latest(db: str) -> Any:
    """Return the last state in a database in the guide's format."""
    with opened(db) as store, store.engine.connect() as connection:
        store.source = connection.execute(select(LATEST.c.source)).scalar_one()
        latest = store.latest(ZONE)
    assert latest is not None
    return json.loads(encode(latest.snapshot.state))


def shown(server: Process) -> Any:
    """Return a server's state without the fields that are not in the guide's format."""
    state = server.get("/api/pnl")
    for name in ("dayStatus", "asOf", "currency", "zone"):
        del state[name]
    for row in state.get("trendsData", []):
        del row["status"]
    return state


def rows(db: str) -> dict[str, int]:
    """Return the number of rows of each table."""
    with opened(db) as store, store.engine.connect() as connection:
        return {
            table.name: connection.execute(
                text(f"SELECT count(*) FROM {table.name}")  # noqa: S608 (our own names)
            ).scalar_one()
            for table in (SECONDS, MINUTES, LATEST, DAYS)
        }
