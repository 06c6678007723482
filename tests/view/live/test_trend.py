"""The trend: order of its days, averages over seven of them, and floats in its chart."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.currency import round_half_up
from northstar.domain.day import Amounts, DayRecord
from northstar.domain.messages import TrendDay
from northstar.domain.snapshot import Snapshot
from northstar.domain.trading import TradingDays
from northstar.domain.trend import RecordedDay
from northstar.view.live.as_table import trend as as_table
from northstar.view.live.figures import trend
from northstar.view.live.trend import averages, latest_average, whole_days, with_changes
from northstar.view.shared.money import Notation
from support import guide
from support.snapshots import snapshot

BOOK = ["revenue", "expenses", "net"]
START = date(2026, 1, 1)
CENT = Decimal("0.01")


def days(nets: dict[int, Decimal]) -> Snapshot:
    """Return a state with these nets by day of the year."""
    trend = [
        TrendDay(date=START + timedelta(days=day), revenue=net, expenses=Decimal(0))
        for day, net in sorted(nets.items())
    ]
    return Snapshot(snapshot().state.model_copy(update={"trends_data": trend}))


def drawn(state: Snapshot) -> dict[str, list[float]]:
    """Return the amounts of each line of the chart, by its name."""
    return {trace["meta"]: trace["y"] for trace in trend(state, Notation())["data"]}


def test_trend_of_a_month() -> None:
    """Thirty days are sorted by date, oldest first, with the amounts of the message."""
    rows = guide.month()

    lines = drawn(snapshot(trendsData=rows[::-1]))

    due = {name: [row[name] for row in rows] for name in BOOK}
    for name in ("revenue", "expenses"):
        due[name][-1] = None  # the current day has only net, as a bar
    assert {name: lines[name] for name in BOOK} == due
    assert set(lines) == {*BOOK, "average"}


def test_net_where_the_source_is_wrong() -> None:
    """Net is revenue − expenses and not the stated value."""
    rows = [{"date": "2026-02-25", "revenue": 5, "expenses": 7, "net": 12}]

    assert drawn(snapshot(trendsData=rows))["net"] == [-2.0]


@pytest.mark.parametrize("absent", [..., []], ids=["not-sent", "empty"])
def test_averages_of_an_absent_section(absent: object) -> None:
    """A trend without days has no averages."""
    assert list(averages(snapshot(trendsData=absent), CENT)) == []


def test_amounts_as_floats() -> None:
    """Integers and fractions are drawn as the nearest floats."""
    rows = [{"date": "2026-02-25", "revenue": 1, "expenses": 0.1}]

    lines = drawn(snapshot(trendsData=rows))

    assert [lines[name] for name in BOOK] == [[1.0], [0.1], [0.9]]
    assert {type(lines[name][0]) for name in BOOK} == {float}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_trend_at_the_end_of_time(day: str) -> None:
    """Every date of the calendar can be in the trend."""
    row = {"date": day, "revenue": 3, "expenses": 1}
    state = snapshot(timestamp=f"{day}T12:00:00Z", trendsData=[row])

    assert drawn(state)["net"] == [2.0]
    assert list(averages(state, CENT)) == [None]


def test_averages_of_a_month() -> None:
    """From the seventh day on each day has an average, except the current one."""
    found = list[Any](averages(snapshot(trendsData=guide.month()), CENT))

    assert found[:6] == [None] * 6
    assert found[6:9] == [70_700, 70_750, 70_800]
    assert found[-2:] == [71_800, None]


def test_averages_of_trading_days() -> None:
    """A week is seven trading days; a Friday repeated on the weekend counts once."""
    mon_fri = TradingDays(frozenset(range(5)))
    rows = [  # Monday 9 to Wednesday 25 February
        {"date": f"2026-02-{day:02}", "revenue": 90 if weekend else day, "expenses": 0}
        for day in range(9, 26)
        for weekend in [date(2026, 2, day).weekday() > 4]
    ]
    state = replace(snapshot(trendsData=rows), trading=mon_fri)

    found = dict(zip((row.date.day for row in state.trend), averages(state, CENT), strict=True))

    assert found[16] is None
    assert found[17] == round_half_up(Decimal(9 + 10 + 11 + 12 + 13 + 16 + 17) / 7, CENT)
    assert found[24] == round_half_up(Decimal(16 + 17 + 18 + 19 + 20 + 23 + 24) / 7, CENT)
    assert found[25] is None  # the current day
    assert latest_average(state, CENT) == found[24]


def test_averages_over_a_gap() -> None:
    """Without one of its seven days an average is missing."""
    one = Decimal(1)

    found = averages(days(dict.fromkeys([*range(7), *range(8, 16)], one)), CENT)

    assert found == [None] * 6 + [1] + [None] * 6 + [1, 1]


def test_averages_of_days_a_week_apart() -> None:
    """Seven rows with missing days between have no average."""
    assert set(averages(days({7 * n: Decimal(n) for n in range(20)}), CENT)) == {None}


def test_incomplete_day() -> None:
    """An incomplete day is in no average and no change, and is marked."""
    state = days({day: Decimal(7) for day in range(9)})
    rows = list(state.trend)
    rows[6] = RecordedDay(
        date=rows[6].date, revenue=Decimal(1), expenses=Decimal(0), is_complete=False
    )
    state = Snapshot(state.state.model_copy(update={"trends_data": rows}))

    assert [row.date.day for row in whole_days(state)] == [1, 2, 3, 4, 5, 6, 8, 9]
    assert set(averages(state, CENT)) == {None}
    assert latest_average(state, CENT) is None
    assert with_changes(state, "net", Notation())[5:] == [
        "$7.00 ($0.00)",
        "$1.00",
        "$7.00",
        "$7.00 ($0.00)",
    ]
    assert as_table(state, Notation()).rows[2][0] == "7 Jan 2026, incomplete"
    assert trend(state, Notation())["data"][0]["customdata"][6] == "$1.00, incomplete"


def test_incomplete_day_that_ended_last() -> None:
    """If the last closed day is incomplete, the newest average is missing."""
    rows = list(days({day: Decimal(7) for day in range(8)}).trend)
    rows[7] = RecordedDay(
        date=rows[7].date, revenue=Decimal(1), expenses=Decimal(0), is_complete=False
    )
    state = Snapshot(snapshot().state.model_copy(update={"trends_data": rows}))

    assert averages(state, CENT)[6:] == [7, None]
    assert latest_average(state, CENT) is None


def test_average_after_a_change() -> None:
    """Cached averages are not reused for another trend."""
    week = {day: Decimal(7) for day in range(7)}
    assert averages(days(week), CENT)[-1] == 7

    assert averages(days(week | {6: Decimal(14)}), CENT)[-1] == 8
    assert averages(days(week), CENT)[-1] == 7


@given(
    nets=st.dictionaries(
        st.integers(0, 40), st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=30
    )
)
@settings(database=None, deadline=None)
def test_averages_of_any_trend(nets: dict[int, Decimal]) -> None:
    """Each average is the exact mean of the seven days up to it, rounded to cents."""
    found = averages(days(nets), CENT)

    for day, average in zip(sorted(nets), found, strict=True):
        week = [nets.get(day - back) for back in range(7)]
        known = [Fraction(net) for net in week if net is not None]
        assert (average is None) == (len(known) < 7)
        if average is not None:
            assert abs(Fraction(average) - sum(known, Fraction(0)) / 7) <= Fraction(5001, 1_000_000)
            assert average == average.quantize(Decimal("0.01"))


def test_changes_between_trading_days() -> None:
    """A change is relative to the trading day before, if known; Monday follows Friday."""
    nets = {1: Decimal(10), 4: Decimal(30), 6: Decimal(40)}  # Fri 2, Mon 5 and Wed 7 January
    state = days(nets)

    every_day = with_changes(state, "net", Notation())
    mon_fri = with_changes(
        replace(state, trading=TradingDays(frozenset(range(5)))), "net", Notation()
    )

    assert every_day == ["$10.00", "$30.00", "$40.00"]
    assert mon_fri == ["$10.00", "$30.00 (+$20.00)", "$40.00"]


def test_restated_days() -> None:
    """A restated day is marked with the time and its earlier net, after other marks."""
    rows = guide.month()
    amounts = Amounts(Decimal(100), Decimal(40))
    at = datetime(2026, 2, 24, 14, 3, tzinfo=UTC)
    restated = DayRecord(date(2026, 2, 22), amounts, closed=amounts, restated_at=at)
    others = [DayRecord(date(2026, 2, 23), amounts), replace(restated, day=date(2025, 2, 22))]
    state = snapshot(trendsData=rows)
    known = replace(state, recorded={day.day: day for day in [restated, *others]})

    *_, mark = trend(known, Notation())["data"]

    assert (mark["name"], mark["x"], mark["y"]) == ("Restated", ["2026-02-22"], [rows[-4]["net"]])
    assert mark["customdata"] == ["24 Feb 14:03, was $60.00"]
    names = [row[0] for row in as_table(known, Notation()).rows if "," in row[0]]
    assert names == ["22 Feb 2026, restated"]
    assert "Restated" not in [trace["name"] for trace in trend(state, Notation())["data"]]
