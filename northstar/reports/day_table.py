"""The table of a report's days: a pandas DataFrame with exact amounts.

It has one row per known day. Its index `day` is a `DatetimeIndex`, sorted and unique; a date
without a row is unknown, not zero. Its columns are amounts in the source's currency:

    revenue, expenses, net
    cumulative    running sum of `net`
    below         `cumulative` minus its peak before, at most zero

The columns have dtype object and hold `Decimal`, with which pandas computes exactly. A source may
send amounts that float64 rounds and that are too long for int64 in any unit.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from northstar.domain.day import DayRecord
from northstar.domain.messages import EXACT

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex, Series

DaySeries: TypeAlias = "Series[Any]"  # a column of the table, or a selection of its days
BOOK = ("revenue", "expenses", "net")
ZERO = Decimal(0)


def prepare() -> None:
    """Import pandas, which takes a fifth of the start-up time, before the first report."""
    import_module("pandas")


def day_table(days: Sequence[DayRecord], peak: Decimal = ZERO) -> "DataFrame":
    """Return the table of these days; `peak` is that of cumulative net before them, from zero up.

    Raises ValueError unless the days are sorted and unique.
    """
    import pandas as pd  # noqa: PLC0415 (see `prepare`)

    index = pd.DatetimeIndex([day.day for day in days], name="day")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise ValueError("expected days in order, each once")
    columns = {name: [getattr(day, name) for day in days] for name in BOOK}
    net = pd.Series(columns["net"], index, dtype=object)
    with localcontext(EXACT):
        cumulative = net.cumsum()
        from_peak = cumulative - cumulative.shift(fill_value=cast("Any", peak)).cummax()
    below = [min(amount, ZERO) for amount in from_peak]
    running = {"cumulative": cumulative, "below": below}
    return pd.DataFrame(columns | running, index, dtype=object)


def dates(rows: "DataFrame | DaySeries") -> list[date]:
    """Return the days of a table or a series."""
    days: list[date] = cast("DatetimeIndex", rows.index).date.tolist()
    return days
