"""A database filled by hand, and a real server on it with a stopped clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from tenacity import wait_fixed

from northstar.domain.calendar import Calendar
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from northstar.history.database import open_database, read_url
from northstar.history.store import Accepted, Store
from northstar.settings.table import Settings
from support import guide
from support.inprocess import Dashboard, dashboard
from support.isolation import isolate, no_threads_left

# One hour ahead of UTC in February: a day is from 23:00 to 23:00 UTC.
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 2, 26, 12, tzinfo=UTC)
NOBODY = "ws://127.0.0.1:9/"  # the discard port, on which nothing listens
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Names that a spreadsheet would run as formulas.
LINK = '=HYPERLINK("http://evil.example","pay")'
COMMAND = "+cmd|' /C calc'!A0"
AT = "@SUM(1)"


class Noon(datetime):
    """A server's clock that is always at noon of the 26th."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW.timestamp(), tz)


def state(time: str, revenue: str, expenses: str, **sections: Any) -> Accepted:
    """Return a state at a time of February in UTC, `25T10:00:05`, with the given digits."""
    fields = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ..., **sections}
    moment = datetime.fromisoformat(f"2026-02-{time}+00:00")
    message = guide.text(timestamp=moment.isoformat(), revenue="R", expenses="E", **fields)
    digits = message.replace('"R"', revenue).replace('"E"', expenses)
    snapshot = Snapshot(decode(digits, BERLIN))
    return Accepted(snapshot, moment, snapshot.trend)


TREND = [
    {"date": "2026-02-24", "revenue": 120, "expenses": 50, "net": 70},
    {"date": "2026-02-25", "revenue": 331, "expenses": 82, "net": 249},
]
STATES = [
    state("23T22:59:59", "200", "50"),
    state("24T23:00:00", "300", "60"),
    state("25T10:00:05", "310.10", "70"),
    state("25T10:00:50", "320", "75"),
    state(
        "25T10:01:10",
        "330.00",
        "80.05",
        costBreakdown=[{"name": AT, "value": 60}, {"name": "Fees", "value": 20}],
        agentAttribution=[
            {"agent": LINK, "revenue": 100, "expenses": 30},
            {"agent": COMMAND, "revenue": 200, "expenses": 50},
        ],
    ),
    state("26T11:00:00", "10", "5", trendsData=TREND),
]


def fill(path: Path, *states: Accepted) -> None:
    """Write states into a database, as by an earlier run."""
    store = Store(open_database(read_url(str(path))), Calendar(BERLIN), NOBODY)
    for each in states:
        store.write([each])
    store.note_connected(states[0].at, states[-1].at)
    store.close()


def settings(path: Path, **changes: Any) -> Settings:
    """Return the settings of a dashboard on that database whose source does not exist."""
    fields = {"ws_url": NOBODY, "db": str(path), "timezone": "Europe/Berlin", "currency": "EUR"}
    return Settings(**fields | changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a database with the states."""
    fill(tmp_path / "history.db", *STATES)
    return tmp_path / "history.db"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock."""
    monkeypatch.setattr("northstar.wiring.datetime", Noon)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Run a dashboard on that database without retries to reach its source."""
    folder = tmp_path_factory.mktemp("shared")
    fill(folder / "history.db", *STATES)
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        patch.setattr("northstar.wiring.datetime", Noon)
        patch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(1000))
        with dashboard(settings(folder / "history.db")) as running:
            yield running


@pytest.fixture
def past(shared: Dashboard) -> Dashboard:
    """Return the dashboard of the module, for tests that only read it."""
    return shared


def get(past: Dashboard, query: str) -> Any:
    """Return the JSON of an address."""
    answer = past.get(f"/api/{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def book(revenue: float, expenses: float) -> dict[str, float]:
    """Return these amounts with their net."""
    return {"revenue": revenue, "expenses": expenses, "net": revenue - expenses}


def day(number: int, revenue: float, expenses: float) -> dict[str, Any]:
    """Return a day of February."""
    return {"date": f"2026-02-{number}", **book(revenue, expenses)}
