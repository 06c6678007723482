"""Days: their start and end, computed by hand, and the day of each moment."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar

TICK = timedelta(microseconds=1)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
LORD_HOWE, APIA = "Australia/Lord_Howe", "Pacific/Apia"
MIDNIGHT = "00:00"

# Zone, close and day; its start and end in UTC; its length in hours.
BY_HAND = [
    ("UTC", MIDNIGHT, "2026-02-25", "2026-02-25T00:00/2026-02-26T00:00", 24),
    ("UTC", MIDNIGHT, "2024-02-29", "2024-02-29T00:00/2024-03-01T00:00", 24),
    (BERLIN, MIDNIGHT, "2026-02-25", "2026-02-24T23:00/2026-02-25T23:00", 24),
    ("Asia/Kathmandu", MIDNIGHT, "2026-02-25", "2026-02-24T18:15/2026-02-25T18:15", 24),
    # Closes before noon, at noon and after it.
    (NEW_YORK, "04:00", "2026-02-25", "2026-02-25T09:00/2026-02-26T09:00", 24),
    (NEW_YORK, "11:59", "2026-02-25", "2026-02-25T16:59/2026-02-26T16:59", 24),
    (NEW_YORK, "12:00", "2026-02-25", "2026-02-24T17:00/2026-02-25T17:00", 24),
    (NEW_YORK, "17:00", "2026-02-25", "2026-02-24T22:00/2026-02-25T22:00", 24),
    # The clocks are set forward: 23 hours.
    (BERLIN, MIDNIGHT, "2026-03-29", "2026-03-28T23:00/2026-03-29T22:00", 23),
    (NEW_YORK, MIDNIGHT, "2026-03-08", "2026-03-08T05:00/2026-03-09T04:00", 23),
    (NEW_YORK, "17:00", "2026-03-08", "2026-03-07T22:00/2026-03-08T21:00", 23),
    # They are set back: 25 hours.
    (BERLIN, MIDNIGHT, "2026-10-25", "2026-10-24T22:00/2026-10-25T23:00", 25),
    (NEW_YORK, MIDNIGHT, "2026-11-01", "2026-11-01T04:00/2026-11-02T05:00", 25),
    (NEW_YORK, "17:00", "2026-11-01", "2026-10-31T21:00/2026-11-01T22:00", 25),
    # A close that is skipped: the clocks jump at 01:00 UTC from 02:00 to 03:00.
    (BERLIN, "02:30", "2026-03-28", "2026-03-28T01:30/2026-03-29T01:00", 23.5),
    (BERLIN, "02:30", "2026-03-29", "2026-03-29T01:00/2026-03-30T00:30", 23.5),
    (BERLIN, "02:00", "2026-03-29", "2026-03-29T01:00/2026-03-30T00:00", 23),
    (BERLIN, "03:00", "2026-03-29", "2026-03-29T01:00/2026-03-30T01:00", 24),
    ("America/Sao_Paulo", MIDNIGHT, "2018-11-04", "2018-11-04T03:00/2018-11-05T02:00", 23),
    # A close that comes twice counts the first time.
    (BERLIN, "02:30", "2026-10-24", "2026-10-24T00:30/2026-10-25T00:30", 24),
    (BERLIN, "02:30", "2026-10-25", "2026-10-25T00:30/2026-10-26T01:30", 25),
    ("America/Havana", MIDNIGHT, "2025-11-02", "2025-11-02T04:00/2025-11-03T05:00", 25),
    # Half an hour of summer time.
    (LORD_HOWE, MIDNIGHT, "2026-04-05", "2026-04-04T13:00/2026-04-05T13:30", 24.5),
    (LORD_HOWE, MIDNIGHT, "2026-10-04", "2026-10-03T13:30/2026-10-04T13:00", 23.5),
    (LORD_HOWE, "02:15", "2026-10-04", "2026-10-03T15:30/2026-10-04T15:15", 23.75),
    # Samoa crossed the date line and had no 30 December 2011.
    (APIA, MIDNIGHT, "2011-12-29", "2011-12-29T10:00/2011-12-30T10:00", 24),
    (APIA, MIDNIGHT, "2011-12-31", "2011-12-30T10:00/2011-12-31T10:00", 24),
    (APIA, "04:00", "2011-12-29", "2011-12-29T14:00/2011-12-30T10:00", 20),
    (APIA, "04:00", "2011-12-30", "2011-12-30T10:00/2011-12-30T14:00", 4),
    (APIA, "17:00", "2011-12-30", "2011-12-30T03:00/2011-12-30T10:00", 7),
    (APIA, "17:00", "2011-12-31", "2011-12-30T10:00/2011-12-31T03:00", 17),
]


def calendar(zone: str, close: str = MIDNIGHT) -> Calendar:
    """Return the calendar of that zone and close."""
    return Calendar(ZoneInfo(zone), time.fromisoformat(close))


def utc(text: str) -> datetime:
    """Return that time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "close", "day", "span", "hours"), BY_HAND)
def test_day_by_hand(zone: str, close: str, day: str, span: str, hours: float) -> None:
    """A day has the expected start and end, and includes its first and last moment."""
    days, named = calendar(zone, close), date.fromisoformat(day)
    start, end = map(utc, span.split("/"))

    assert (days.start(named), days.end(named)) == (start, end)
    assert end - start == timedelta(hours=hours)
    assert days.day_of(start) == days.day_of(end - TICK) == named
    assert days.day_of(start - TICK) < named < days.day_of(end)
    assert days.start(named).tzinfo is UTC


def test_day_without_hours() -> None:
    """A date that is skipped completely has no moment."""
    days, skipped = calendar(APIA), date(2011, 12, 30)

    assert days.start(skipped) == days.end(skipped) == utc("2011-12-30T10:00")
    assert days.day_of(utc("2011-12-30T10:00") - TICK) == date(2011, 12, 29)
    assert days.day_of(utc("2011-12-30T10:00")) == date(2011, 12, 31)


def test_close_within_a_second() -> None:
    """After a skipped close the day starts at the clock change, whatever the close's precision."""
    days = calendar(BERLIN, "02:30:00.500000")

    assert days.start(date(2026, 3, 28)) == utc("2026-03-28T01:30:00.500000")
    assert days.start(date(2026, 3, 29)) == utc("2026-03-29T01:00")


def test_close_by_default() -> None:
    """Days close at midnight."""
    assert Calendar(UTC) == Calendar(UTC, time(0, 0))


@pytest.mark.parametrize("hours", [-23, -5, 0, 9, 23])
def test_instant_of_another_zone(hours: int) -> None:
    """The day of a moment does not depend on the zone of its representation."""
    elsewhere = timezone(timedelta(hours=hours))
    days = calendar(NEW_YORK, "17:00")

    assert days.day_of(utc("2026-02-25T21:59").astimezone(elsewhere)) == date(2026, 2, 25)
    assert days.day_of(utc("2026-02-25T22:00").astimezone(elsewhere)) == date(2026, 2, 26)


def test_second_time_of_an_hour() -> None:
    """In a repeated hour, the fold decides which time is meant."""
    days = calendar("America/Havana")
    second = datetime(2025, 11, 2, 0, 30, tzinfo=ZoneInfo("America/Havana"), fold=1)

    assert days.day_of(second) == days.day_of(second.replace(fold=0)) == date(2025, 11, 2)
    assert calendar("UTC", "05:00").day_of(second) == date(2025, 11, 2)
    assert calendar("UTC", "05:00").day_of(second.replace(fold=0)) == date(2025, 11, 1)


def test_instant_without_a_zone() -> None:
    """A time without a zone is refused."""
    with pytest.raises(TypeError):
        calendar(BERLIN).day_of(datetime.fromisoformat("2026-02-25T12:00"))


@pytest.mark.parametrize("close", [MIDNIGHT, "11:59", "12:00", "23:59"])
@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, "Etc/GMT+12", "Pacific/Kiritimati"])
@pytest.mark.parametrize("beyond", [timedelta(0), timedelta(hours=14)])
def test_limits_of_the_calendar(zone: str, close: str, beyond: timedelta) -> None:
    """The first possible moment is on the first day, and the last on the last."""
    days = calendar(zone, close)

    assert days.day_of(datetime.min.replace(tzinfo=timezone(beyond))) == date.min
    assert days.day_of(datetime.max.replace(tzinfo=timezone(-beyond))) == date.max
    assert days.start(date.min) < days.end(date.min) < days.start(date.max) <= days.end(date.max)


def test_day_that_began_before_the_calendar() -> None:
    """A day whose start is before the calendar starts with the calendar."""
    days, second = calendar("Etc/GMT-14", "12:00"), date(1, 1, 2)
    first_moment = datetime.min.replace(tzinfo=UTC)

    assert days.start(date.min) == days.end(date.min) == days.start(second) == first_moment
    assert days.end(second) == utc("0001-01-01T22:00")
    assert days.day_of(first_moment) == second


# The zones with the most unusual clocks, and all others.
ODD = [BERLIN, LORD_HOWE, APIA, "America/Havana", "America/Sao_Paulo", "Africa/Monrovia"]
ODD_DAYS = [
    date(2011, 12, 30),
    date(2018, 11, 4),
    date(2025, 11, 2),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
]
ZONES: Any = st.sampled_from(ODD).map(ZoneInfo) | st.timezones()
HALF_HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
CALENDARS = st.builds(Calendar, ZONES, HALF_HOURS | st.times())
DAYS: Any = st.sampled_from(ODD_DAYS) | st.dates(date(1950, 1, 1), date(2100, 12, 31))
TIMES = st.builds(datetime.combine, DAYS, HALF_HOURS | st.times())
# The largest offsets from UTC on Earth.
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.builds(lambda at, zone: at.replace(tzinfo=zone), TIMES, OFFSETS)


@given(days=CALENDARS, instant=INSTANTS)
@settings(database=None, deadline=None, max_examples=500)
def test_day_of_any_instant(days: Calendar, instant: datetime) -> None:
    """Every moment is between the start and the end of its day."""
    day = days.day_of(instant)

    assert days.start(day) <= instant < days.end(day)


@given(days=CALENDARS, day=DAYS)
@settings(database=None, deadline=None, max_examples=500)
def test_start_of_any_day(days: Calendar, day: date) -> None:
    """A day starts when local time first reaches or passes its close."""
    opens_on = day - timedelta(days=1) if days.close.hour >= 12 else day
    close = datetime.combine(opens_on, days.close.replace(fold=0))
    start = days.start(day)
    before, then = (
        moment.astimezone(days.zone).replace(tzinfo=None, fold=0)
        for moment in (start - TICK, start)
    )

    assert before < close <= then
    assert days.end(day) == days.start(day + timedelta(days=1)) >= start


@given(days=CALENDARS, instants=st.tuples(INSTANTS, INSTANTS))
@settings(database=None, deadline=None, max_examples=200)
def test_order_of_days(days: Calendar, instants: tuple[datetime, datetime]) -> None:
    """Later moments are on the same day or a later one."""
    earlier, later = sorted(instants)

    assert days.day_of(earlier) <= days.day_of(later)
