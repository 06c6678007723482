"""Drawdowns, by hand and compared with pandas."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.day import Amounts, DayRecord
from northstar.history.days import DayNet
from northstar.reports.day_table import day_table
from northstar.reports.drawdowns import Drawdown, Opening, deepest, drawdowns, longest, opening
from support.february import february, month, record

FIRST = date(2026, 2, 1)


def fall(since: int | None, lowest: int, depth: int, recovered: int | None, days: int) -> Drawdown:
    """Return a drawdown in February."""
    return Drawdown(
        february(since) if since else None,
        february(lowest),
        Decimal(depth),
        None,
        february(recovered) if recovered else None,
        days,
    )


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ([10, 0, 30], []),
        # From the peak to the first day exactly at it or above it.
        ([10, -4, 4], [fall(1, 2, -4, 3, 2)]),
        ([10, -4, 9], [fall(1, 2, -4, 3, 2)]),
        ([10, -4, -3, 1, 9], [fall(1, 3, -7, 5, 4)]),
        # Below zero from the first day on, which is counted.
        ([-5], [fall(None, 1, -5, None, 1)]),
        ([-5, 5], [fall(None, 1, -5, 2, 2)]),
        ([-5, 2, 2], [fall(None, 1, -5, None, 3)]),
        # Several, the last one open.
        ([10, -4, 4, -1, -1], [fall(1, 2, -4, 3, 2), fall(3, 5, -2, None, 2)]),
        # The last day at the peak counts, and the first at the bottom.
        ([10, 0, 0, -4, 0, 5], [fall(3, 4, -4, 6, 3)]),
        ([0, 0, -1], [fall(2, 3, -1, None, 1)]),
        # Missing dates count as days.
        ([10, None, None, -4, None, None, 9], [fall(1, 4, -4, 7, 6)]),
        ([None, None, -5, None, 5], [fall(None, 3, -5, 5, 3)]),
        ([10, None, -4, None, 1], [fall(1, 3, -4, None, 4)]),
    ],
)
def test_drawdowns(nets: list[int | None], expected: list[Drawdown]) -> None:
    """A drawdown runs from the last day at a peak to the first day back at it."""
    found = drawdowns(day_table(month(*nets)))

    assert [replace(each, percent=None) for each in found] == expected


def test_fall_from_the_first_date() -> None:
    """A drawdown from the calendar's first day has no day of its peak."""
    table = day_table([DayRecord(date.min, Amounts(Decimal(0), Decimal(1)))])
    (found,) = drawdowns(table)

    assert found == Drawdown(None, date.min, Decimal(-1), None, None, 1)


def test_nothing_known() -> None:
    """Without days there is no drawdown."""
    assert drawdowns(day_table([])) == ()
    assert [deepest([]), longest([])] == [None, None]


def test_drawdown_that_was_open_before() -> None:
    """A drawdown open before the period has its earlier peak, bottom and depth at the start."""
    days = month(100, -60, 20, -5, -10, 60)
    before = opening(DayNet(day.day, day.net) for day in days[:3])

    (found,) = drawdowns(day_table(days[3:], -before.depth), before)

    assert found == Drawdown(
        since=february(1),
        lowest=february(5),
        depth=Decimal(-55),
        percent=Decimal(-55),
        recovered=february(6),
        days=5,
        depth_before=Decimal(-40),
    )


def test_drawdown_from_the_last_day_before() -> None:
    """A period that starts with a loss has its peak on the day before."""
    before = opening([DayNet(february(1), Decimal(100))])

    (found,) = drawdowns(day_table([record(2, -25)], -before.depth), before)

    assert (found.since, found.percent, found.depth_before) == (february(1), Decimal(-25), None)


def test_opening() -> None:
    """The peak is the last day at the highest cumulative net, initially zero."""
    nets = [-5, 15, -10, 10, -1]
    days = [DayNet(february(n), Decimal(net)) for n, net in enumerate(nets, 1)]

    assert opening(days) == Opening(Decimal(9), Decimal(10), february(4), february(1), 5)
    assert opening(days).depth == -1
    assert opening(days[:1]) == Opening(Decimal(-5), Decimal(0), None, february(1), 1)
    assert opening([]) == Opening()


@pytest.mark.parametrize(
    ("nets", "percent"), [([200, -50], -25), ([50, -50], -100), ([50, -51], None), ([-5], None)]
)
def test_percent_of_the_peak(nets: list[int], percent: int | None) -> None:
    """A drawdown has a percentage of its peak, unless it exceeds the peak."""
    (found,) = drawdowns(day_table(month(*nets)))

    assert found.percent == percent


def test_deepest_and_longest() -> None:
    """Deepest and longest may differ; of equal ones the earlier counts."""
    long, deep = fall(1, 2, -4, 6, 5), fall(7, 8, -9, 9, 2)
    as_long, as_deep = fall(10, 11, -3, 15, 5), fall(16, 17, -9, None, 1)
    every = [long, deep, as_long, as_deep]

    assert deepest(every) is deep
    assert longest(every) is long


NETS = st.integers(-300, 300) | st.integers(-(10**14), 10**14)
HISTORIES = st.dictionaries(st.integers(0, 40), NETS, min_size=1, max_size=25)


def from_cents(history: Mapping[int, int]) -> list[DayRecord]:
    """Return days from nets in cents by days since the first."""
    return [
        DayRecord(FIRST + timedelta(days=n), Amounts(Decimal(net).scaleb(-2), Decimal(0)))
        for n, net in sorted(history.items())
    ]


def in_cents(series: Iterable[Decimal]) -> list[int]:
    """Return the amounts in cents."""
    return [int(amount.scaleb(2)) for amount in series]


def falls_with_pandas(history: Mapping[int, int]) -> pd.DataFrame:
    """Return depth, first low and calendar days of each drawdown, in order of time.

    Each day below the peak belongs to the last day at the peak, which identifies the drawdown.
    """
    running = pd.Series(history, dtype="int64").sort_index().cumsum()
    below = running - running.cummax().clip(lower=0)
    at_peak = below.index.to_series().where(below == 0)
    falling = pd.DataFrame(
        {"below": below, "since": at_peak.ffill(), "recovered": at_peak.bfill()}
    )[below < 0]
    falling["since"] = falling["since"].fillna(below.index[0] - 1)
    by_peak = falling.groupby("since", sort=True)
    end = by_peak["recovered"].first().fillna(below.index[-1])
    return pd.DataFrame(
        {
            "depth": by_peak["below"].min(),
            "lowest": by_peak["below"].idxmin(),
            "days": end - end.index,
        }
    ).astype("int64")


@given(history=HISTORIES)
@settings(database=None, deadline=None)
def test_drawdowns_against_pandas(history: dict[int, int]) -> None:
    """The drawdowns, the deepest and the longest are those that pandas finds."""
    found = drawdowns(day_table(from_cents(history)))
    expected = falls_with_pandas(history)

    assert in_cents([each.depth for each in found]) == expected["depth"].tolist()
    assert [(each.lowest - FIRST).days for each in found] == expected["lowest"].tolist()
    assert [each.days for each in found] == expected["days"].tolist()
    if found:
        assert deepest(found) is found[int(expected["depth"].to_numpy().argmin())]
        assert longest(found) is found[int(expected["days"].to_numpy().argmax())]
