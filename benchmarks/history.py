"""Measure the history with a year of minutes and five years of days: `benchmarks/history.py`."""

import asyncio
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from northstar.domain.calendar import Calendar  # noqa: E402 (importable once the path is set)
from northstar.domain.ledger import merge  # noqa: E402
from northstar.domain.messages import encode  # noqa: E402
from northstar.domain.snapshot import Snapshot  # noqa: E402
from northstar.feeds.demo.calm import earlier_updates, emit  # noqa: E402
from northstar.history.database import open_database, read_url  # noqa: E402
from northstar.history.schema import DAYS, EPOCH, LATEST, MINUTES  # noqa: E402
from northstar.history.store import Accepted, Store  # noqa: E402
from northstar.reports.day_table import prepare  # noqa: E402
from northstar.reports.periods import Comparison, Period, Range, read_period  # noqa: E402
from northstar.reports.report import Feed, make_report  # noqa: E402
from northstar.reports.spreadsheet import Column, Export, Kind, Sheet, to_xlsx  # noqa: E402
from northstar.web.sockets.uvicorn_server import prepare_for_many_viewers  # noqa: E402

FEED = Feed("live", None)
MINUTE_ROWS, DAY_ROWS, DAY_MINUTES = 525_600, 1_826, 1_439
CALENDAR = Calendar(UTC)
RUNS, REQUESTS, STATES, SHEET_ROWS = 50, 10, 600, 10_000
TICK_S, START_S = 0.01, 60


def main() -> None:
    """Build the store, and print each measurement."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        now = datetime.now(UTC)
        began = time.perf_counter()
        store = Store(open_database(read_url(str(path))), CALENDAR)
        fill(store, now)
        took_s, size_mb = time.perf_counter() - began, path.stat().st_size / 1e6
        print(f"{MINUTE_ROWS:,} minutes, {DAY_ROWS:,} days: {size_mb:.0f} MB in {took_s:.1f} s\n")
        prepare()
        prepare_for_many_viewers()  # rare garbage collection, as in the server
        measure_queries(store, now)
        store.close()
        measure_page(path, now)
        measure_writing(Path(folder) / "written.db", now)
    asyncio.run(measure_workbook(now))


# ---- The store -----------------------------------------------------------------------------


def fill(store: Store, now: datetime) -> None:
    """Write rows directly into the tables: minutes of one day of the demo, and its daily closes."""
    today = CALENDAR.day_of(now)
    last_minute = CALENDAR.end(today) - timedelta(minutes=1)
    emitted = list(earlier_updates(1, last_minute, CALENDAR.end))
    content = [(str(each.revenue), str(each.expenses), encode(each).decode()) for each in emitted]
    of_minutes, of_days = content[-DAY_MINUTES:], content[:-DAY_MINUTES]
    minute = now.replace(second=0, microsecond=0)
    minutes = (
        (time_ms // 1000, time_ms, time_ms + 40, *of_minutes[n % DAY_MINUTES])
        for n in range(MINUTE_ROWS)
        for time_ms in [milliseconds(minute - timedelta(minutes=n))]
    )
    days = (
        (day.isoformat(), close - 1000, close - 960, close, *of_days[n % len(of_days)], 1, None)
        for n in range(DAY_ROWS)
        for day in [today - timedelta(days=n)]
        for close in [milliseconds(CALENDAR.end(day))]
    )
    latest = [(0, milliseconds(now), milliseconds(now), *content[-1], None)]
    with closing(store.engine.raw_connection()) as connection:
        connection.cursor().execute("BEGIN")
        for table, rows in ((MINUTES, minutes), (DAYS, days), (LATEST, latest)):
            places = ", ".join("?" * len(table.columns))
            statement = f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608 (our own names)
            connection.cursor().executemany(statement, cast("Sequence[Sequence[Any]]", rows))
        connection.commit()


def milliseconds(at: datetime) -> int:
    """Return a time as stored in the tables."""
    return (at - EPOCH) // timedelta(milliseconds=1)


# ---- Reading -------------------------------------------------------------------------------


def measure_queries(store: Store, now: datetime) -> None:
    """Print the times of reports, and of the other queries of page and API."""
    print(f"Reading, {RUNS} runs each, ms:{'p50':>29}{'p95':>9}{'max':>9}")
    for name, period in periods(now).items():
        for comparison in (Comparison.PREVIOUS, Comparison.YEAR_BEFORE):
            title = f"report of {name}, compare={comparison}"
            measure(title, lambda p=period, c=comparison: make_report(store, p, c, now, FEED))  # type: ignore[misc]
    month = now - timedelta(days=30)
    measure("latest", lambda: store.latest(UTC))
    measure("days, all of them", lambda: store.days(date.min, date.max))
    measure("minutes of 30 days", lambda: store.moments(MINUTES, month, now, 50_000))
    print()


def periods(now: datetime) -> dict[str, Period]:
    """Return the measured periods by name."""
    today = CALENDAR.day_of(now)
    yesterday = today - timedelta(days=1)
    named = {str(name): read_period(today, name) for name in Range}
    years = Period(today - timedelta(days=DAY_ROWS - 1), today)
    return {**named, "five years": years, "a single day": Period(yesterday, yesterday)}


def measure(name: str, work: Callable[[], object]) -> None:
    """Print the median, 95th percentile and maximum of many runs."""
    times_ms = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - began) * 1000)
    percentiles = statistics.quantiles(times_ms, n=100, method="inclusive")
    print(f"{name:45}{percentiles[49]:9.1f}{percentiles[94]:9.1f}{max(times_ms):9.1f}")


# ---- The page ------------------------------------------------------------------------------


def measure_page(path: Path, now: datetime) -> None:
    """Print the time of the history page, compressed as for a browser, and uncompressed."""
    print(f"GET /history, median of {REQUESTS}:{'ms':>21}{'kB':>9}{'ms plain':>9}{'kB':>9}")
    with dashboard(path) as port:
        for name, period in periods(now).items():
            query = f"from={period.first}&to={period.last}"
            compressed = [fetch(port, query, "gzip, deflate, br, zstd") for _ in range(REQUESTS)]
            plain = [fetch(port, query, "identity") for _ in range(REQUESTS)]
            columns = (
                f"{statistics.median(ms for ms, _ in answers):9.0f}{answers[0][1] / 1000:9.0f}"
                for answers in (compressed, plain)
            )
            print(f"{name:36}" + "".join(columns))
    print()


@contextmanager
def dashboard(path: Path) -> Iterator[int]:
    """Run the dashboard on the store, with a source that refuses connections; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    options = ["--db", str(path), "--port", str(port), "--ws-url", "ws://127.0.0.1:9/"]
    command = [sys.executable, "app.py", *options]
    with (
        Path(os.devnull).open("wb") as devnull,
        subprocess.Popen(command, cwd=ROOT, stdout=devnull, stderr=devnull) as process,  # noqa: S603
    ):
        try:
            wait_until_ready(port)
            yield port
        finally:
            process.terminate()


def wait_until_ready(port: int) -> None:
    """Return once the port accepts connections; raise `TimeoutError` after `START_S`."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(TICK_S)
    raise TimeoutError(f"no dashboard within {START_S} s")


def fetch(port: int, query: str, encoding: str) -> tuple[float, int]:
    """Return the time until the last byte of a page, in ms, and its size in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
    began = time.perf_counter()
    connection.request("GET", f"/history?{query}", headers={"Accept-Encoding": encoding})
    answer = connection.getresponse()
    content = answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != http.client.OK:
        raise ValueError(f"{query}: {answer.status}, {content[:200]!r}")
    return took_ms, len(content)


# ---- Writing -------------------------------------------------------------------------------


def measure_writing(path: Path, now: datetime) -> None:
    """Print the cost of writing one state a second, each in its own batch."""
    store = Store(open_database(read_url(str(path))), CALENDAR)
    moments = [CALENDAR.start(now.date()) + timedelta(seconds=n) for n in range(STATES)]
    batches = list(states(moments))
    cpu, began = time.process_time(), time.perf_counter()
    for batch in batches:
        store.write(batch)
    cpu_ms = (time.process_time() - cpu) / STATES * 1000
    wall_ms = (time.perf_counter() - began) / STATES * 1000
    store.close()
    share = f"{cpu_ms / 10:.2f} % of a core at one a second"
    print(f"Writing a state: {cpu_ms:.2f} ms of CPU, {share}; {wall_ms:.2f} ms in all\n")


def states(moments: Sequence[datetime]) -> Iterator[list[Accepted]]:
    """Yield a state of the demo for each moment, with its trend of 30 days."""
    snapshot: Snapshot | None = None
    for moment, update in zip(moments, emit(1, moments), strict=True):
        snapshot = merge(snapshot, update)
        yield [Accepted(snapshot, moment)]


# ---- An export -----------------------------------------------------------------------------


async def measure_workbook(now: datetime) -> None:
    """Print the time of a large workbook, and the longest delay of the event loop meanwhile."""
    loop, worst_s = asyncio.get_running_loop(), 0.0
    with ThreadPoolExecutor(1) as thread:
        began = time.perf_counter()
        writing = loop.run_in_executor(thread, workbook, now)
        while not writing.done():
            tick = time.perf_counter()
            await asyncio.sleep(TICK_S)
            worst_s = max(worst_s, time.perf_counter() - tick - TICK_S)
    took_s, size_kb = time.perf_counter() - began, len(await writing) / 1000
    late = f"the event loop delayed by {worst_s * 1000:.0f} ms at most"
    print(f"XLSX of {SHEET_ROWS:,} rows: {took_s:.2f} s, {size_kb:.0f} kB; {late}")


def workbook(now: datetime) -> bytes:
    """Return a workbook with as many columns as the largest sheet of an export, the days."""
    money = [Column(f"Amount {n}", Kind.MONEY) for n in range(6)]
    times = [Column(f"Time {n}", Kind.TIME) for n in range(2)]
    amounts = [Decimal(n * 7919) / 100 for n in range(6)]
    today = now.date()
    rows = [(today - timedelta(days=n), *amounts, now, now) for n in range(SHEET_ROWS)]
    sheet = Sheet("Days", [Column("Day", Kind.DAY), *money, *times], rows)
    return to_xlsx(Export([], [sheet]), decimals=2, zone=UTC, as_of=now)


if __name__ == "__main__":
    main()
