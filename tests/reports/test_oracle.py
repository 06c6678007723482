"""Reports of any history, compared with loops and fractions over plain days."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord
from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.reports.drawdowns import deepest
from northstar.reports.periods import Comparison, Period, compared
from northstar.reports.report import Report
from northstar.reports.returns import best, worst
from support.reports import report

START = date(2024, 2, 12)  # a Monday, before a leap day
MON_FRI = TradingDays(frozenset(range(5)))
WHOLE = {"closed", "stated", "restated"}


class Day(NamedTuple):
    """A day of the oracle: its record and its net in cents."""

    kind: str
    net: int


KINDS = st.sampled_from([*WHOLE, "closed", "closed", "incomplete", "no trading"])
DAYS = st.builds(Day, KINDS, st.integers(-300, 300))
HISTORIES = st.dictionaries(st.integers(0, 39), DAYS, min_size=1, max_size=40)


def record(day: date, known: Day) -> DayRecord:
    """Return the history's record of a day."""
    amounts = Amounts(Decimal(1000), Decimal(1000) - Decimal(known.net).scaleb(-2))
    at = None if known.kind == "stated" else datetime.combine(day, time(15), UTC)
    return DayRecord(
        day,
        amounts,
        at,
        closed=amounts if known.kind == "restated" else None,
        is_complete=known.kind != "incomplete",
        repeats=day - timedelta(days=1) if known.kind == "no trading" else None,
    )


def made(history: Mapping[date, Day], period: Period, today: date, trading: TradingDays) -> Report:
    """Return the report of a period."""
    records = [record(day, known) for day, known in sorted(history.items())]
    return report(
        period=period,
        compared=compared(period, Comparison.PREVIOUS, today, trading),
        days=[each for each in records if period.first <= each.day <= period.last],
        earlier=[each for each in records if each.day < period.first],
        today=today,
        calendar=Calendar(UTC, trading=trading),
    )


def span(period: Period) -> list[date]:
    """Return every date of a period."""
    return [period.first + timedelta(days=n) for n in range(period.days)]


class Side(NamedTuple):
    """One side of a comparison in the oracle: complete nets and missing days."""

    nets: list[int]
    lacking: int


def side(history: Mapping[date, Day], dates: list[date], trading: TradingDays) -> Side:
    """Return one side of a comparison."""
    nets = [history[day].net for day in dates if day in history and history[day].kind in WHOLE]
    unknown = sum(day in trading and day not in history for day in dates)
    incomplete = sum(day in history and history[day].kind == "incomplete" for day in dates)
    return Side(nets, unknown + incomplete)


def change_of(now: Side, before: Side) -> tuple[Fraction | None, Fraction | None]:
    """Return the change of net and its percentage, in units of the currency."""
    if not (now.nets and before.nets):
        return None, None
    lacks = now.lacking + before.lacking > 0
    parts = [Fraction(sum(each.nets), 100) for each in (now, before)]
    if lacks or len(now.nets) != len(before.nets):
        parts = [part / len(each.nets) for part, each in zip(parts, (now, before), strict=True)]
    moved = parts[0] - parts[1]
    of_one_sign = parts[1] != 0 and (parts[0] == 0 or (parts[0] > 0) == (parts[1] > 0))
    percent = moved / abs(parts[1]) * 100 if of_one_sign and not lacks else None
    return moved, percent


def near(found: Decimal | None, expected: Fraction | None) -> bool:
    """Return whether both are unknown or equal to 20 digits."""
    if found is None or expected is None:
        return found is None and expected is None
    return abs(Fraction(found) - expected) < Fraction(1, 10**15)


@given(
    history=HISTORIES,
    first=st.integers(0, 39),
    length=st.integers(2, 40),
    today=st.integers(1, 45),
    trading=st.sampled_from([EVERY_DAY, MON_FRI]),
)
@settings(database=None, deadline=None, max_examples=100)
def test_report_of_any_history(
    history: dict[int, Day], first: int, length: int, today: int, trading: TradingDays
) -> None:
    """Sums, changes, ranks and drawdowns equal those of the comparable days."""
    now = START + timedelta(days=today)
    known = {START + timedelta(days=n): day for n, day in history.items() if n <= today}
    begin = START + timedelta(days=min(first, today - 1))
    period = Period(begin, begin + timedelta(days=length - 1))
    shown = made(known, period, now, trading)

    over = {day: each for day, each in known.items() if day < now}
    counted = [d for d in known if known[d].kind != "no trading" and d in span(period)]
    assert (shown.amounts is not None) == bool(counted)
    if shown.amounts:
        assert Fraction(shown.amounts.net) == Fraction(sum(known[d].net for d in counted), 100)

    whole = {d: over[d].net for d in sorted(over) if d in span(period) and over[d].kind in WHOLE}
    high, low = best(shown.whole), worst(shown.whole)
    assert (high and high.day) == (max(whole, key=whole.__getitem__) if whole else None)
    assert (low and low.day) == (min(whole, key=whole.__getitem__) if whole else None)

    dates = [day for day in span(period) if day < now]
    before = span(shown.compared) if shown.compared else []
    expected = change_of(side(over, dates, trading), side(over, before, trading))
    moved = shown.contrast.change("net")
    assert near(moved.amount, expected[0])
    assert near(moved.percent, expected[1])

    total, peak, below = 0, 0, {}
    for day in sorted(over):
        if over[day].kind != "no trading":
            total += over[day].net
            peak = max(peak, total)
            below[day] = total - peak
    in_period = [depth for day, depth in below.items() if day in span(period)]
    assert [Fraction(depth) for depth in shown.table["below"]] == [
        Fraction(depth, 100) for depth in in_period
    ]
    fall = deepest(shown.drawdowns)
    assert Fraction(fall.depth if fall else 0) == Fraction(min(in_period, default=0), 100)
