"""Periods: how a query is read, and what a period is compared with."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.reports.periods import (
    Comparison,
    Period,
    PeriodError,
    Range,
    compared,
    finished,
    query,
    read_comparison,
    read_period,
)

TODAY = date(2026, 2, 25)
MON_FRI = TradingDays(frozenset(range(5)))


def day(text: str) -> date:
    """Return that date."""
    return date.fromisoformat(text)


def span(period: Period | None) -> tuple[str, str] | None:
    """Return the first and the last day of a period as text."""
    return (period.first.isoformat(), period.last.isoformat()) if period else None


@pytest.mark.parametrize(
    ("today", "name", "first", "days"),
    [
        ("2026-02-25", "today", "2026-02-25", 1),
        ("2026-02-25", "7d", "2026-02-19", 7),
        ("2026-02-25", "30d", "2026-01-27", 30),
        ("2026-02-25", "90d", "2025-11-28", 90),
        ("2026-02-25", "month", "2026-02-01", 25),
        ("2026-02-01", "month", "2026-02-01", 1),
        ("2024-02-29", "month", "2024-02-01", 29),
        ("2026-02-25", "quarter", "2026-01-01", 56),
        ("2026-03-31", "quarter", "2026-01-01", 90),
        ("2026-04-01", "quarter", "2026-04-01", 1),
        ("2026-09-30", "quarter", "2026-07-01", 92),
        ("2026-12-31", "quarter", "2026-10-01", 92),
        ("2026-02-25", "year", "2026-01-01", 56),
        ("2026-01-01", "year", "2026-01-01", 1),
        ("2024-12-31", "year", "2024-01-01", 366),
    ],
)
def test_range(today: str, name: str, first: str, days: int) -> None:
    """A named range ends today and has the length in its name."""
    period = read_period(day(today), name)

    assert period == Period(day(first), day(today), Range(name))
    assert period.days == days


def test_nothing_asked_for() -> None:
    """The default period is the last 30 days."""
    assert read_period(TODAY) == Period(date(2026, 1, 27), TODAY, Range.DAYS_30)


@pytest.mark.parametrize(
    ("first", "last", "expected", "days"),
    [
        ("2026-02-01", "2026-02-10", ("2026-02-01", "2026-02-10"), 10),
        ("2026-02-01", "2026-02-01", ("2026-02-01", "2026-02-01"), 1),
        ("2026-02-01", None, ("2026-02-01", "2026-02-25"), 25),
        ("2026-02-25", None, ("2026-02-25", "2026-02-25"), 1),
        ("2026-02-25", "2026-03-31", ("2026-02-25", "2026-03-31"), 35),
        ("2026-02-01", "2053-06-18", ("2026-02-01", "2053-06-18"), 10_000),
    ],
)
def test_dates(first: str, last: str | None, expected: tuple[str, str], days: int) -> None:
    """A period by dates includes both; it may end after today, and has no name."""
    period = read_period(TODAY, None, first, last)

    assert span(period) == expected
    assert period.days == days
    assert period.name is None


RANGES = "expected today, 7d, 30d, 90d, month, quarter or year"
A_DATE = "expected a date, YYYY-MM-DD"


@pytest.mark.parametrize(
    ("range_", "first", "last", "error"),
    [
        ("week", None, None, f"range: {RANGES}"),
        ("", None, None, f"range: {RANGES}"),
        ("30D", None, None, f"range: {RANGES}"),
        ("7d", "2026-02-01", None, "range: expected either a range or from and to, not both"),
        ("7d", None, "2026-02-01", "range: expected either a range or from and to, not both"),
        ("week", "2026", "2027", "range: expected either a range or from and to, not both"),
        (None, None, "2026-02-01", f"from: {A_DATE}, as there is one in to"),
        (None, "", None, f"from: {A_DATE}"),
        (None, "20260201", None, f"from: {A_DATE}"),
        (None, "2026-W06-1", None, f"from: {A_DATE}"),
        (None, "2026-2-1", None, f"from: {A_DATE}"),
        (None, " 2026-02-01", None, f"from: {A_DATE}"),
        (None, "2026-02-01T00:00", None, f"from: {A_DATE}"),
        (None, "2026-02-29", None, f"from: {A_DATE}"),
        (None, "2026-02-01", "tomorrow", f"to: {A_DATE}"),
        (None, "2026-02-01", "", f"to: {A_DATE}"),
        (None, "2026-02-26", None, "from: expected a date no later than today, 2026-02-25"),
        (None, "2026-02-26", "2026-03-01", "from: expected a date no later than today, 2026-02-25"),
        (None, "2026-02-02", "2026-02-01", "from: expected a date no later than to, 2026-02-01"),
        (None, "2026-02-01", "2053-06-19", "from: expected at most 10000 days, got 10001"),
        (None, "0001-01-01", None, "from: expected at most 10000 days, got 739672"),
    ],
)
def test_query_in_error(
    range_: str | None, first: str | None, last: str | None, error: str
) -> None:
    """An invalid period is refused with its field and what was expected."""
    with pytest.raises(PeriodError) as refused:
        read_period(TODAY, range_, first, last)

    assert str(refused.value) == error
    assert f"{refused.value.field}: {refused.value.reason}" == error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Comparison.PREVIOUS),
        ("previous", Comparison.PREVIOUS),
        ("none", Comparison.NONE),
        ("year", Comparison.YEAR_BEFORE),
    ],
)
def test_comparison(text: str | None, expected: Comparison) -> None:
    """A comparison is read by name; the default is the period before."""
    assert read_comparison(text) is expected


@pytest.mark.parametrize("text", ["", "Year", "last"])
def test_comparison_in_error(text: str) -> None:
    """An unknown comparison is refused with the valid ones."""
    with pytest.raises(PeriodError) as refused:
        read_comparison(text)

    assert str(refused.value) == "compare: expected none, previous or year"
    assert refused.value.field == "compare"


@pytest.mark.parametrize(
    ("today", "name", "days", "expected"),
    [
        ("2026-02-25", "today", ("2026-02-25", "2026-02-25"), ("2026-02-24", "2026-02-24")),
        ("2026-02-25", "7d", ("2026-02-19", "2026-02-24"), ("2026-02-12", "2026-02-17")),
        ("2026-02-25", "30d", ("2026-01-27", "2026-02-24"), ("2025-12-28", "2026-01-25")),
        ("2026-02-25", "90d", ("2025-11-28", "2026-02-24"), ("2025-08-30", "2025-11-26")),
        ("2026-02-25", "month", ("2026-02-01", "2026-02-24"), ("2026-01-01", "2026-01-24")),
        ("2026-02-01", "month", ("2026-02-01", "2026-02-01"), ("2026-01-01", "2026-01-01")),
        ("2026-02-02", "month", ("2026-02-01", "2026-02-01"), ("2026-01-01", "2026-01-01")),
        ("2026-01-31", "month", ("2026-01-01", "2026-01-30"), ("2025-12-01", "2025-12-30")),
        ("2026-03-31", "month", ("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        ("2024-03-30", "month", ("2024-03-01", "2024-03-29"), ("2024-02-01", "2024-02-29")),
        ("2026-02-25", "quarter", ("2026-01-01", "2026-02-24"), ("2025-10-01", "2025-11-24")),
        ("2026-05-31", "quarter", ("2026-04-01", "2026-05-30"), ("2026-01-01", "2026-02-28")),
        ("2026-12-31", "quarter", ("2026-10-01", "2026-12-30"), ("2026-07-01", "2026-09-30")),
        ("2026-01-01", "quarter", ("2026-01-01", "2026-01-01"), ("2025-10-01", "2025-10-01")),
        ("2026-02-25", "year", ("2026-01-01", "2026-02-24"), ("2025-01-01", "2025-02-24")),
        ("2024-02-29", "year", ("2024-01-01", "2024-02-28"), ("2023-01-01", "2023-02-28")),
        ("2024-12-31", "year", ("2024-01-01", "2024-12-30"), ("2023-01-01", "2023-12-30")),
        ("2026-01-02", "year", ("2026-01-01", "2026-01-01"), ("2025-01-01", "2025-01-01")),
    ],
)
def test_range_before(
    today: str, name: str, days: tuple[str, str], expected: tuple[str, str]
) -> None:
    """The current day is left out of both periods unless it is the only one."""
    period = read_period(day(today), name)
    before = compared(period, Comparison.PREVIOUS, day(today))

    assert span(finished(period, day(today))) == days
    assert span(before) == expected
    assert before is not None
    assert before.name is None


@pytest.mark.parametrize(
    ("first", "last", "days", "before"),
    [
        # To the end of the month, on the 10th: cut there, and as many days before.
        (
            *("2026-02-01", "2026-02-28"),
            ("2026-02-01", "2026-02-09"),
            ("2026-01-22", "2026-01-30"),
        ),
        (
            *("2026-02-10", "2026-12-31"),
            ("2026-02-10", "2026-02-10"),
            ("2026-02-09", "2026-02-09"),
        ),
        (
            *("2026-02-09", "2026-02-10"),
            ("2026-02-09", "2026-02-09"),
            ("2026-02-07", "2026-02-07"),
        ),
        (
            *("2026-02-08", "2026-02-09"),
            ("2026-02-08", "2026-02-09"),
            ("2026-02-06", "2026-02-07"),
        ),
    ],
)
def test_dates_that_end_in_the_future(
    first: str, last: str, days: tuple[str, str], before: tuple[str, str]
) -> None:
    """A period that ends in the future is cut at today, and so is the compared one."""
    period, today = Period(day(first), day(last)), day("2026-02-10")

    assert span(finished(period, today)) == days
    assert span(compared(period, Comparison.PREVIOUS, today)) == before


@pytest.mark.parametrize(
    ("trading", "before"),
    [
        (EVERY_DAY, "2026-02-22"),
        (MON_FRI, "2026-02-20"),
        (TradingDays(MON_FRI.weekdays, frozenset({day("2026-02-20")})), "2026-02-19"),
        (TradingDays(frozenset()), "2026-02-22"),
    ],
    ids=["every-day", "mon-fri", "holiday", "never"],
)
def test_day_before(trading: TradingDays, before: str) -> None:
    """A Monday is compared with the trading day before it."""
    monday = Period(day("2026-02-23"), day("2026-02-23"))

    assert span(compared(monday, Comparison.PREVIOUS, TODAY, trading)) == (before, before)


@pytest.mark.parametrize(
    ("first", "last", "before", "year_before"),
    [
        (
            *("2026-02-01", "2026-02-10"),
            ("2026-01-22", "2026-01-31"),
            ("2025-02-01", "2025-02-10"),
        ),
        (
            *("2024-02-29", "2024-02-29"),
            ("2024-02-28", "2024-02-28"),
            ("2023-02-28", "2023-02-28"),
        ),
        (
            *("2024-02-01", "2024-02-29"),
            ("2024-01-03", "2024-01-31"),
            ("2023-02-01", "2023-02-28"),
        ),
        (
            *("2025-02-01", "2025-02-28"),
            ("2025-01-04", "2025-01-31"),
            ("2024-02-01", "2024-02-28"),
        ),
        # A whole month given by dates counts as this many days.
        (
            *("2026-01-01", "2026-01-31"),
            ("2025-12-01", "2025-12-31"),
            ("2025-01-01", "2025-01-31"),
        ),
    ],
)
def test_dates_before(
    first: str, last: str, before: tuple[str, str], year_before: tuple[str, str]
) -> None:
    """Before dates are as many days, and a year earlier the same dates."""
    period, today = Period(day(first), day(last)), day("2026-03-01")

    assert span(compared(period, Comparison.PREVIOUS, today)) == before
    assert span(compared(period, Comparison.YEAR_BEFORE, today)) == year_before
    assert compared(period, Comparison.NONE, today) is None


@pytest.mark.parametrize("name", list(Range))
def test_range_a_year_before(name: Range) -> None:
    """A year before a named range are the same dates."""
    period = Period(date(2024, 1, 2), date(2024, 2, 29), name)

    assert span(compared(period, Comparison.YEAR_BEFORE, TODAY)) == ("2023-01-02", "2023-02-28")


@pytest.mark.parametrize(
    ("first", "last", "name", "comparison"),
    [
        ("0001-01-01", "0001-01-01", None, Comparison.PREVIOUS),
        ("0001-01-10", "0001-01-19", None, Comparison.PREVIOUS),
        ("0001-01-01", "0001-01-31", Range.MONTH, Comparison.PREVIOUS),
        ("0001-01-01", "0001-03-31", Range.QUARTER, Comparison.PREVIOUS),
        ("0001-01-01", "0001-12-31", Range.YEAR, Comparison.PREVIOUS),
        ("0001-12-01", "0001-12-31", None, Comparison.YEAR_BEFORE),
    ],
)
def test_nothing_before(first: str, last: str, name: Range | None, comparison: Comparison) -> None:
    """Before the calendar's first day there is nothing to compare with."""
    assert compared(Period(day(first), day(last), name), comparison, TODAY) is None


@pytest.mark.parametrize(
    ("period", "comparison", "expected"),
    [
        (Period(TODAY, TODAY, Range.TODAY), Comparison.PREVIOUS, "range=today&compare=previous"),
        (Period(TODAY, TODAY, Range.WEEK), Comparison.YEAR_BEFORE, "range=7d&compare=year"),
        (
            Period(date(2026, 2, 1), TODAY),
            Comparison.NONE,
            "from=2026-02-01&to=2026-02-25&compare=none",
        ),
    ],
)
def test_query(period: Period, comparison: Comparison, expected: str) -> None:
    """A query has the named range or both dates, then the comparison."""
    assert query(period, comparison) == expected


def reread(today: date, text: str) -> tuple[Period, Comparison]:
    """Read a query as the page does."""
    words = {key: value for key, (value,) in parse_qs(text, strict_parsing=True).items()}
    period = read_period(today, words.get("range"), words.get("from"), words.get("to"))
    return period, read_comparison(words.get("compare"))


DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))


@given(today=DAYS, name=st.sampled_from(Range), comparison=st.sampled_from(Comparison))
@settings(database=None, deadline=None)
def test_range_there_and_back(today: date, name: Range, comparison: Comparison) -> None:
    """Every named range survives a round trip through its query."""
    period = read_period(today, name)

    assert reread(today, query(period, comparison)) == (period, comparison)


@given(first=DAYS, days=st.integers(1, 10_000), age=st.integers(0, 20_000))
@settings(database=None, deadline=None)
def test_dates_there_and_back(first: date, days: int, age: int) -> None:
    """Every period by dates survives a round trip through its query."""
    period = Period(first, date.fromordinal(first.toordinal() + days - 1))
    today = date.fromordinal(first.toordinal() + age)

    assert period.days == days
    assert reread(today, query(period, Comparison.NONE)) == (period, Comparison.NONE)
