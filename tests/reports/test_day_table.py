"""The table of days: its shape, and its figures by hand and by definition."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.day import Amounts, DayRecord
from northstar.reports.day_table import dates, day_table
from support.checkout import ROOT

FIRST = date(2026, 2, 1)
COLUMNS = ["revenue", "expenses", "net", "cumulative", "below"]


def record(day: date, revenue: str, expenses: str = "0") -> DayRecord:
    """Return a day with these amounts."""
    return DayRecord(day, Amounts(Decimal(revenue), Decimal(expenses)))


def month(*nets: str | None) -> list[DayRecord]:
    """Return February with these nets from the 1st on; None leaves out the date."""
    return [record(FIRST + timedelta(n), net) for n, net in enumerate(nets) if net is not None]


def test_start_without_pandas() -> None:
    """The server starts without importing pandas, which takes long."""
    program = "import sys, northstar.web.app; print('pandas' in sys.modules)"
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)

    assert ended.stdout == "False\n"


def test_table_by_hand() -> None:
    """Every digit is exact; a missing date has no row."""
    days = [
        record(date(2026, 2, 27), "125450.10", "48320.05"),
        record(date(2026, 2, 28), "0.00015", "1000"),
        # The 1st of March is missing.
        record(date(2026, 3, 2), "1000000000000000", "0.3"),
        record(date(2026, 3, 3), "7", "7"),
        record(date(2026, 3, 4), "0", "0.00000000000000000000000000000000000000000000001"),
    ]

    table = day_table(days)

    assert dates(table) == [day.day for day in days]
    assert [[str(amount) for amount in row] for row in table.to_numpy()] == [
        ["125450.10", "48320.05", "77130.05", "77130.05", "0"],
        ["0.00015", "1000", "-999.99985", "76130.05015", "-999.99985"],
        ["1000000000000000", "0.3", "999999999999999.7", "1000000000076129.75015", "0"],
        ["7", "7", "0", "1000000000076129.75015", "0.00000"],
        [
            "0",
            "1E-47",
            "-1E-47",
            "1000000000076129.75014999999999999999999999999999999999999999999",
            "-1E-47",
        ],
    ]


@pytest.mark.parametrize("days", [[], month("1", None, "2.50")], ids=["no-days", "two-days"])
def test_shape(days: list[DayRecord]) -> None:
    """The index has days and every column has decimals, also without rows."""
    table = day_table(days)

    assert table.index.name == "day"
    assert table.index.dtype.kind == "M"
    assert list(table.columns) == COLUMNS
    assert {str(kind) for kind in table.dtypes} == {"object"}
    assert {type(amount) for amount in table.to_numpy().flat} <= {Decimal}


@pytest.mark.parametrize("order", [[1, 0], [0, 0]], ids=["unsorted", "twice"])
def test_days_out_of_order(order: list[int]) -> None:
    """Unsorted or repeated days are refused."""
    days = month("1", "2")

    with pytest.raises(ValueError, match="expected days in order, each once"):
        day_table([days[position] for position in order])


def test_ends_of_the_calendar() -> None:
    """The first and the last possible date have a row."""
    days = [record(date.min, "0", "1"), record(date.max, "5")]

    table = day_table(days)

    assert dates(table) == [date.min, date.max]
    assert table["below"].tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("nets", "running", "below"),
    [
        (["10", "20", "30"], [10, 30, 60], [0, 0, 0]),
        (["-5", "3", "2"], [-5, -2, 0], [-5, -2, 0]),
        (["10", "-4", "-3", "9", "-1"], [10, 6, 3, 12, 11], [0, -4, -7, 0, -1]),
        (["10", None, "-4", None, "9"], [10, 6, 15], [0, -4, 0]),
        (["0", "0", "-1"], [0, 0, -1], [0, 0, -1]),
        (["-3", "-2"], [-3, -5], [-3, -5]),
    ],
)
def test_series(nets: list[str | None], running: list[int], below: list[int]) -> None:
    """Cumulative net and its peak start at zero; a missing date is left out."""
    table = day_table(month(*nets))

    assert table["cumulative"].tolist() == running
    assert table["below"].tolist() == below


AMOUNTS = st.decimals(-(10**15), 10**15, places=2) | st.decimals(-1, 1, places=48)


@given(history=st.dictionaries(st.integers(0, 40), AMOUNTS, max_size=20))
@settings(database=None, deadline=None)
def test_series_by_definition(history: dict[int, Decimal]) -> None:
    """Each figure equals its definition in fractions, to the last digit."""
    days = [record(FIRST + timedelta(n), str(net)) for n, net in sorted(history.items())]
    nets = [Fraction(day.net) for day in days]
    running = [sum(nets[: n + 1], Fraction(0)) for n in range(len(nets))]
    peaks = [max([Fraction(0), *running[: n + 1]]) for n in range(len(nets))]

    table = day_table(days)

    assert list(map(Fraction, table["cumulative"])) == running
    assert list(map(Fraction, table["below"])) == [
        net - peak for net, peak in zip(running, peaks, strict=True)
    ]
