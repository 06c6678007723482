"""Fair comparisons: complete days with complete days, the current one at the same time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.arithmetic import Change
from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord, Moment
from northstar.domain.trading import TradingDays
from northstar.history.database import open_database, read_url
from northstar.history.store import Store
from northstar.reports.contrast import Basis
from northstar.reports.periods import Comparison, Period, Range, compared, read_period
from northstar.reports.report import Feed, Report, make_report
from support.february import amounts
from support.reports import record, report
from support.states import state

NEW_YORK = ZoneInfo("America/New_York")
MON_FRI = TradingDays(frozenset(range(5)))
START = date(2022, 10, 1)
UNCHANGED = Change(Decimal(0), Decimal(0))
UNKNOWN = Change(None, None)


def steady(period: Period, today: date, comparison: Comparison = Comparison.PREVIOUS) -> Report:
    """Return the report of a business that earns 100 a day and has earned 50 today."""
    every = map(date.fromordinal, range(START.toordinal(), today.toordinal() + 1))
    days = [DayRecord(day, amounts("100" if day < today else "50", "0")) for day in every]
    return report(
        period=period,
        comparison=comparison,
        compared=compared(period, comparison, today),
        days=[day for day in days if period.first <= day.day <= period.last],
        earlier=[day for day in days if day.day < period.first],
        today=today,
    )


@pytest.mark.parametrize("comparison", [Comparison.PREVIOUS, Comparison.YEAR_BEFORE])
@pytest.mark.parametrize("name", list(Range))
@pytest.mark.parametrize(
    "today",
    [
        *(date(2024, 2, 1), date(2024, 2, 2), date(2024, 2, 29), date(2024, 3, 1)),
        *(date(2026, 1, 1), date(2026, 1, 2), date(2026, 3, 31), date(2026, 2, 10)),
    ],
    ids=str,
)
def test_steady_business(today: date, name: Range, comparison: Comparison) -> None:
    """A steady business has no change, for any range and day of the month."""
    period = read_period(today, name)
    contrast = steady(period, today, comparison).contrast

    if period.first == today:  # only the current day, whose minutes are unknown
        assert contrast.basis is Basis.NONE
        assert contrast.change("net") == UNKNOWN
    else:
        assert contrast.change("net") == UNCHANGED
        assert contrast.is_like


def test_steady_business_to_the_end_of_the_month() -> None:
    """A range that ends in the future is compared up to yesterday."""
    contrast = steady(Period(date(2026, 2, 1), date(2026, 2, 28)), date(2026, 2, 10)).contrast

    assert contrast.change("revenue") == UNCHANGED
    assert (contrast.now.days, contrast.before and contrast.before.days) == (9, 9)


def test_periods_of_unequal_length() -> None:
    """28 and 29 February of a leap year are compared per day with one day of the year before."""
    leap = Period(date(2024, 2, 28), date(2024, 2, 29))
    contrast = steady(leap, date(2024, 3, 5), Comparison.YEAR_BEFORE).contrast

    assert contrast.basis is Basis.PER_DAY
    assert contrast.figures("net") == (Decimal(100), Decimal(100))
    assert contrast.change("net") == UNCHANGED


@pytest.mark.parametrize("day", [23, 22], ids=["of-the-period", "of-the-comparison"])
@pytest.mark.parametrize("known", ["unknown", "incomplete"])
def test_day_that_is_not_whole(day: int, known: str) -> None:
    """An unknown or incomplete day in either period leaves out the percentage."""
    days = {n: record(n, "100" if n < 24 else "120", "40") for n in range(21, 25)}
    days[day] = record(day, "10", "4", at=datetime(2026, 2, day, 15, tzinfo=UTC), is_complete=False)
    if known == "unknown":
        del days[day]
    contrast = report(
        period=Period(date(2026, 2, 23), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 21), date(2026, 2, 22)),
        days=[each for n, each in days.items() if n > 22],
        earlier=[each for n, each in days.items() if n <= 22],
    ).contrast

    assert contrast.basis is Basis.PARTIAL
    assert not contrast.is_like
    assert contrast.change("net") == Change(Decimal(10 if day == 22 else 20), None)  # a day


def test_days_without_trading() -> None:
    """Weekends are neither missing nor compared, and a repeated Friday counts once."""
    friday, saturday = date(2026, 2, 20), date(2026, 2, 21)
    repeated = DayRecord(saturday, amounts("100", "0"), repeats=friday)
    weekdays = [n for n in range(2, 27) if date(2026, 2, n).weekday() < 5]
    whole = report(
        period=Period(date(2026, 2, 16), date(2026, 2, 22)),
        compared=Period(date(2026, 2, 9), date(2026, 2, 15)),
        days=[*(record(n, "100", "0") for n in weekdays if 16 <= n <= 22), repeated],
        earlier=[record(n, "80", "0") for n in weekdays if n < 16],
        calendar=Calendar(UTC, trading=MON_FRI),
    )

    assert whole.amounts == amounts("500", "0")
    assert (whole.missing, whole.contrast.basis) == (0, Basis.TOTALS)
    assert whole.contrast.change("net") == Change(Decimal(100), Decimal(25))


def test_running_day_at_the_same_time() -> None:
    """Today is compared with the previous day at the time of the last state."""
    then = Moment(datetime(2026, 2, 24, 14, 2, tzinfo=UTC), amounts("40", "20"))
    at = datetime(2026, 2, 25, 14, 2, 7, tzinfo=UTC)
    today = report(
        period=Period(date(2026, 2, 25), date(2026, 2, 25)),
        compared=Period(date(2026, 2, 24), date(2026, 2, 24)),
        days=[record(25, "50", "20", at=at)],
        same_time=then,
    )

    assert today.contrast.basis is Basis.SAME_TIME
    assert today.contrast.change("net") == Change(Decimal(10), Decimal(50))
    assert today.contrast.change("revenue") == Change(Decimal(10), Decimal(25))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a history of days in New York that close at 17:00."""
    engine = open_database(read_url(str(tmp_path / "history.db")))
    return Store(engine, Calendar(NEW_YORK))


def local(text: str) -> datetime:
    """Return a local time of New York in March 2026."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=NEW_YORK)


def write(store: Store, *times: str) -> None:
    """Write a state for each time; its revenue is the minute of the day."""
    for each in times:
        at = local(each)
        store.write([state(at.isoformat(), str(at.hour * 60 + at.minute))])


def today(store: Store, now: str) -> Report:
    """Return the report of the day of `now`, made at that time."""
    day = local(now).date()
    feed = Feed("live", None)
    return make_report(store, Period(day, day), Comparison.PREVIOUS, local(now), feed)


def test_same_time_across_a_clock_change(store: Store) -> None:
    """Local times are compared, also if the day between has 23 hours."""
    write(store, "07T12:00", "07T13:30", "07T13:31", "07T18:00", "08T13:30")

    found = today(store, "08T13:45").same_time

    assert found
    assert found.at.astimezone(NEW_YORK) == local("07T13:30")


def test_same_time_without_a_state_nearby(store: Store) -> None:
    """A state of hours earlier is not used for the same time."""
    write(store, "09T09:00", "09T18:00", "10T13:30")

    found = today(store, "10T13:45")

    assert found.same_time is None
    assert found.contrast.change("net") == UNKNOWN
    assert found.contrast.figures("net")[1] is None  # the day before is incomplete


def test_same_time_soon_after_midnight(store: Store) -> None:
    """A state before midnight does not belong to the compared day."""
    write(store, "08T23:55", "09T00:30", "09T23:58", "10T00:05")

    assert today(store, "10T00:05").same_time is None


def test_same_time_of_the_friday_before(store: Store) -> None:
    """Monday is compared with Friday if weekends are no trading days."""
    store.calendar = Calendar(NEW_YORK, trading=MON_FRI)
    write(store, "06T13:30", "07T13:30", "09T13:30")

    found = today(store, "09T13:45")

    assert found.compared == Period(date(2026, 3, 6), date(2026, 3, 6))
    assert found.same_time
    assert found.same_time.at.astimezone(NEW_YORK) == local("06T13:30")


def test_running_day_is_beside_the_figures_of_days() -> None:
    """The current day is in the sum, but not in comparisons and rankings."""
    days = [record(23, "100", "40"), record(24, "100", "60"), record(25, "10", "500")]
    shown = report(days=days, earlier=[])

    assert shown.amounts == amounts("210", "600")
    assert [day.day.day for day in shown.whole] == [23, 24]
    assert list(shown.table["cumulative"]) == [60, 100]
    assert shown.drawdowns == ()
    assert shown.running == days[-1]


def test_incomplete_day_is_not_ranked() -> None:
    """An incomplete day is in sums, and is neither the best nor the worst."""
    part = record(24, "1", "500", at=datetime(2026, 2, 24, 15, tzinfo=UTC), is_complete=False)
    shown = report(days=[record(22, "5", "1"), record(23, "9", "1"), part])

    assert [day.day.day for day in shown.whole] == [22, 23]
    assert shown.incomplete == [part]
    assert shown.amounts == amounts("15", "502")


def test_drawdown_open_before_the_period() -> None:
    """The peak of a drawdown may be before the period."""
    earlier = [record(1, "100", "0"), record(2, "0", "50")]
    shown = report(
        period=Period(date(2026, 2, 3), date(2026, 2, 5)),
        days=[record(3, "10", "0"), record(4, "0", "30")],
        earlier=earlier,
    )

    (found,) = shown.drawdowns
    assert found.since == date(2026, 2, 1)
    assert (found.depth_before, found.depth) == (Decimal(-50), Decimal(-70))
    assert list(shown.table["cumulative"]) == [10, -20]
    assert list(shown.table["below"]) == [-40, -70]


def test_one_day_after_another() -> None:
    """A closed day is compared with the trading day before it."""
    shown = report(
        period=Period(date(2026, 2, 24), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 23), date(2026, 2, 23)),
        days=[record(24, "90", "30")],
        earlier=[record(23, "80", "40")],
        today=date(2026, 2, 24) + timedelta(days=1),
    )

    assert shown.contrast.basis is Basis.TOTALS
    assert shown.contrast.change("net") == Change(Decimal(20), Decimal(50))
