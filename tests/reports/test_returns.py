"""Sums, falls and shares, by hand and against pandas."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.day import Amounts, DayRecord
from northstar.domain.ledger import Change
from northstar.reports.day_table import day_table
from northstar.reports.returns import (
    AgentShare,
    Changes,
    DayNet,
    Fall,
    Share,
    best,
    by_agent,
    by_category,
    compare,
    deepest,
    falls,
    known_agents,
    known_costs,
    longest,
    missing,
    totals,
    worst,
)

FIRST = date(2026, 2, 1)


def february(number: int) -> date:
    """Return that day of February 2026."""
    return date(2026, 2, number)


def amounts(revenue: str | int, expenses: str | int = 0) -> Amounts:
    """Return these amounts."""
    return Amounts(Decimal(revenue), Decimal(expenses))


def record(number: int, net: int = 0, **known: Any) -> DayRecord:
    """Return a day of February with 1000 of revenue and this net."""
    return DayRecord(february(number), amounts(1000, 1000 - net), **known)


def month(*nets: int | None) -> list[DayRecord]:
    """Return February with these nets from the 1st on; None: the date is missing."""
    return [record(number, net) for number, net in enumerate(nets, 1) if net is not None]


def test_amounts() -> None:
    """Net and margin follow from revenue and expenses."""
    assert amounts("125450.10", "48320.05").net == Decimal("77130.05")
    assert amounts(200, 50).margin == Decimal(75)
    assert amounts(200, 250).margin == Decimal(-25)


@pytest.mark.parametrize("revenue", [0, -200])
def test_margin_without_revenue(revenue: int) -> None:
    """There is no margin of nothing, nor of less."""
    assert amounts(revenue, 50).margin is None


def test_net_to_the_last_digit() -> None:
    """Amounts of very different size lose no digit."""
    assert amounts("999999999999999", "1e-48").net == Decimal("999999999999998." + 48 * "9")


def test_record() -> None:
    """A day has the amounts that are known now, and may have closed at others."""
    at = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
    day = DayRecord(february(24), amounts(7, 4))
    restated = DayRecord(february(24), amounts(7, 4), closed=amounts(7, 3), restated_at=at)

    assert [day.revenue, day.expenses, day.net] == [7, 4, 3]
    assert not day.is_restated
    assert restated.is_restated
    assert restated.net == 3


def test_nothing_known() -> None:
    """Of no days the sums are zero, and there is nothing else."""
    assert totals([]) == amounts(0, 0)
    for shares in (by_category, by_agent):
        assert list(shares([])) == []
    nothing = day_table([])
    assert list(falls(nothing["below"])) == []
    assert [best(nothing["net"]), worst(nothing["net"])] == [None, None]
    assert [deepest([]), longest([])] == [None, None]


def test_totals() -> None:
    """Revenue and expenses are added up exactly."""
    days = [
        DayRecord(february(1), amounts("0.1", "1000000000000000.00")),
        DayRecord(february(2), amounts("0.2", "0.000000000000000001")),
    ]

    assert totals(days) == amounts("0.3", "1000000000000000.000000000000000001")


def fall(since: int | None, lowest: int, depth: int, recovered: int | None, days: int) -> Fall:
    """Return a fall in February."""
    return Fall(
        february(since) if since else None,
        february(lowest),
        Decimal(depth),
        february(recovered) if recovered else None,
        days,
    )


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ([10, 0, 30], []),
        # Since the peak, to the day that is back at it exactly, or above it.
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
        # Missing dates are days nevertheless.
        ([10, None, None, -4, None, None, 9], [fall(1, 4, -4, 7, 6)]),
        ([None, None, -5, None, 5], [fall(None, 3, -5, 5, 3)]),
        ([10, None, -4, None, 1], [fall(1, 3, -4, None, 4)]),
    ],
)
def test_falls(nets: list[int | None], expected: list[Fall]) -> None:
    """A fall is from the last day at a peak to the first day back at it."""
    found = falls(day_table(month(*nets))["below"])

    assert list(found) == expected


def test_fall_from_the_first_date() -> None:
    """Before the first day there need not be another."""
    table = day_table([DayRecord(date.min, amounts(0, 1))])
    (found,) = falls(table["below"])

    assert found == Fall(None, date.min, Decimal(-1), None, 1)


def test_deepest_and_longest() -> None:
    """They need not be the same fall; of equals the earlier counts."""
    long, deep = fall(1, 2, -4, 6, 5), fall(7, 8, -9, 9, 2)
    as_long, as_deep = fall(10, 11, -3, 15, 5), fall(16, 17, -9, None, 1)
    every = [long, deep, as_long, as_deep]

    assert deepest(every) is deep
    assert longest(every) is long


def test_best_and_worst() -> None:
    """The best day has the highest net and the worst the lowest; of equals the earlier counts."""
    net = day_table(month(1, 9, -2, 9, -2))["net"]

    assert best(net) == DayNet(february(2), Decimal(9))
    assert worst(net) == DayNet(february(3), Decimal(-2))


def test_best_of_bad_days() -> None:
    """The best day may have lost."""
    net = day_table(month(-3, -1, -2))["net"]

    assert best(net) == DayNet(february(2), Decimal(-1))
    assert worst(net) == DayNet(february(1), Decimal(-3))


def test_best_to_the_last_digit() -> None:
    """Days whose nets differ less than floats do are told apart, and their net is exact."""
    nets = ["1000000000000000.00", "1000000000000000.000000000001", "1000000000000000"]
    days = [DayRecord(february(number), amounts(net)) for number, net in enumerate(nets, 1)]
    net = day_table(days)["net"]

    assert best(net) == DayNet(february(2), Decimal(nets[1]))
    assert str(worst(net)) == str(DayNet(february(1), Decimal(nets[0])))


def test_by_category() -> None:
    """Costs are added up where they are known, the largest first, with their percentages."""
    days = [
        record(1, costs={"Rent": Decimal("1.10"), "Pay": Decimal("2.00")}),
        record(2),
        record(3, costs={"Pay": Decimal("3.50"), "Tax": Decimal("1.10")}),
        record(4, costs={"Tax": Decimal("0.30")}),
        record(5, costs={}),
    ]

    assert by_category(days) == [
        Share("Pay", Decimal("5.50"), Decimal("68.75")),
        Share("Tax", Decimal("1.40"), Decimal("17.5")),
        Share("Rent", Decimal("1.10"), Decimal("13.75")),
    ]
    assert len(known_costs(days)) == 4


@pytest.mark.parametrize("refund", [-3, -5])
def test_by_category_of_nothing_in_all(refund: int) -> None:
    """Costs that come to nothing, or to less, have no percentages."""
    days = [record(1, costs={"Pay": Decimal(3), "Refund": Decimal(refund)})]

    assert by_category(days) == [
        Share("Pay", Decimal(3), None),
        Share("Refund", Decimal(refund), None),
    ]


def test_by_agent() -> None:
    """Agents' amounts are added up where they are known, the best net first."""
    days = [
        record(1, agents={"Cliff": amounts(10, 12), "Ann": amounts(20, 5)}),
        record(2),
        record(3, agents={"Ann": amounts(5, 10), "John": amounts("11.5", "0.5")}),
        record(4, agents={"Cliff": amounts(1, 0)}),
    ]

    assert by_agent(days) == [
        AgentShare("John", amounts("11.5", "0.5"), Decimal(55)),
        AgentShare("Ann", amounts(25, 15), Decimal(50)),
        AgentShare("Cliff", amounts(11, 12), Decimal(-5)),
    ]
    assert len(known_agents(days)) == 3


def test_by_agent_with_a_loss_in_all() -> None:
    """A loss has no shares."""
    days = [record(1, agents={"Cliff": amounts(0, 5), "Ann": amounts(3, 1)})]

    assert [(share.name, share.percent) for share in by_agent(days)] == [
        ("Ann", None),
        ("Cliff", None),
    ]


def test_equal_shares() -> None:
    """What is equal stays in the order in which it turned up."""
    costs: Mapping[str, Decimal] = dict.fromkeys(["Rent", "Pay", "Tax"], Decimal(1))
    agents: Mapping[str, Amounts] = dict.fromkeys(["John", "Ann"], amounts(2, 1))
    days = [record(1, costs=costs, agents=agents)]

    assert [share.name for share in by_category(days)] == ["Rent", "Pay", "Tax"]
    assert [share.name for share in by_agent(days)] == ["John", "Ann"]


def test_compare() -> None:
    """Each amount changes by a difference and, where that means something, a percentage."""
    assert compare(amounts(150, 40), amounts(100, 50)) == Changes(
        revenue=Change(Decimal(50), Decimal(50)),
        expenses=Change(Decimal(-10), Decimal(-20)),
        net=Change(Decimal(60), Decimal(120)),
    )
    assert compare(amounts(100, 50), amounts(0, 25)) == Changes(
        revenue=Change(Decimal(100), None),
        expenses=Change(Decimal(25), Decimal(100)),
        net=Change(Decimal(75), None),
    )


def test_compare_with_the_unknown() -> None:
    """Where nothing is known of the time before, no change is."""
    unknown = Change(None, None)

    assert compare(amounts(1, 2), None) == Changes(unknown, unknown, unknown)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(1, 7, 4), (2, 4, 2), (3, 3, 0), (4, 4, 1), (8, 10, 3), (1, 28, 25)],
)
def test_missing(first: int, last: int, expected: int) -> None:
    """Dates of the period without a record are counted; records outside it do not matter."""
    days = month(None, None, 1, None, 0, None, 2)

    assert missing(days, february(first), february(last)) == expected


NETS = st.integers(-300, 300) | st.integers(-(10**14), 10**14)
HISTORIES = st.dictionaries(st.integers(0, 40), NETS, min_size=1, max_size=25)


def from_cents(history: Mapping[int, int]) -> list[DayRecord]:
    """Return the days whose nets are given in cents, by days since the first."""
    return [
        DayRecord(FIRST + timedelta(days=n), Amounts(Decimal(net).scaleb(-2), Decimal(0)))
        for n, net in sorted(history.items())
    ]


def in_cents(series: Iterable[Decimal]) -> list[int]:
    """Return the amounts in cents."""
    return [int(amount.scaleb(2)) for amount in series]


def falls_with_pandas(history: Mapping[int, int]) -> pd.DataFrame:
    """Return depth, first low and calendar days of each fall, in order of time.

    Each day below the peak belongs to the last one at it, which marks the fall.
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
def test_falls_against_pandas(history: dict[int, int]) -> None:
    """The falls are those that pandas finds, and so are the deepest and the longest."""
    found = falls(day_table(from_cents(history))["below"])
    expected = falls_with_pandas(history)

    assert in_cents([each.depth for each in found]) == expected["depth"].tolist()
    assert [(each.lowest - FIRST).days for each in found] == expected["lowest"].tolist()
    assert [each.days for each in found] == expected["days"].tolist()
    if found:
        assert deepest(found) is found[int(expected["depth"].to_numpy().argmin())]
        assert longest(found) is found[int(expected["days"].to_numpy().argmax())]
