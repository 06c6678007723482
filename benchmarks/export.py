"""Measure the time of an export: `python benchmarks/export.py --rows 10000`, from any folder."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from northstar.reports.csv_files import to_csv
from northstar.reports.spreadsheet import Column, Export, Kind, Sheet, to_xlsx

REPEATS = 5
START = datetime(2026, 1, 1, tzinfo=UTC)
AMOUNTS = ("Revenue", "Expenses", "Net", "Cash", "Fees")
COLUMNS = (
    Column("Day", Kind.DAY),
    Column("Time", Kind.TIME),
    *(Column(name, Kind.MONEY) for name in AMOUNTS),
    Column("Agent", Kind.TEXT),
)


def row(number: int) -> tuple[object, ...]:
    """Return a row that differs from all others."""
    time = START + timedelta(minutes=number)
    amounts = (Decimal(number * 7919 * factor - 10**6) / 100 for factor in range(1, 6))
    return (time.date(), time, *amounts, f"Agent {number}")


def seconds(export: Callable[[], bytes]) -> float:
    """Return the median time of several runs."""
    times = []
    for _ in range(REPEATS):
        started = perf_counter()
        export()
        times.append(perf_counter() - started)
    return median(times)


def main() -> None:
    """Print the time of each format, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = [row(number) for number in range(parser.parse_args().rows)]
    export = Export([("Zone", "Europe/Berlin")], [Sheet("Updates", COLUMNS, rows)])
    berlin = ZoneInfo("Europe/Berlin")
    xlsx = seconds(lambda: to_xlsx(export, decimals=2, zone=berlin, as_of=START))
    csv = seconds(lambda: to_csv(export.sheets[0]))
    print(f"XLSX {xlsx:.3f} s, CSV {csv:.3f} s, {len(rows)} rows")


if __name__ == "__main__":
    main()
