"""The due time of the daily report: over days, restarts and clock changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from northstar.alerts.receivers import DailyReport
from northstar.alerts.schedule import due_at, due_day
from northstar.domain.calendar import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT, AT_FIVE = Calendar(BERLIN), Calendar(BERLIN, time(17))
AFTER_CLOSE = DailyReport(after_close=True)
STEP = timedelta(minutes=15)


def at(text: str, days: str = "all") -> DailyReport:
    """Return a report at a local time."""
    return DailyReport.model_validate({"at": text, "days": days})


def local(text: str) -> datetime:
    """Return a time of November 2026 in Berlin: `29T17:05`."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=BERLIN)


def november(day: int) -> date:
    """Return that day of November 2026."""
    return date(2026, 11, day)


@pytest.mark.parametrize(
    ("report", "calendar", "due"),
    [
        (AFTER_CLOSE, MIDNIGHT, "30T00:05"),
        (AFTER_CLOSE, AT_FIVE, "29T17:05"),
        (at("17:05"), MIDNIGHT, "29T17:05"),  # the current day
        (at("12:00"), MIDNIGHT, "29T12:00"),
        (at("11:59"), MIDNIGHT, "30T11:59"),  # the previous day
        (at("07:00"), MIDNIGHT, "30T07:00"),
        (at("17:05"), AT_FIVE, "29T17:05"),  # the day that has just closed
        (at("16:59"), AT_FIVE, "29T16:59"),
        (at("04:59"), AT_FIVE, "30T04:59"),
        (at("23:00"), Calendar(BERLIN, time(4)), "29T23:00"),
        (at("06:00"), Calendar(BERLIN, time(4)), "30T06:00"),
    ],
)
def test_due_time_of_a_day(report: DailyReport, calendar: Calendar, due: str) -> None:
    """The report of the 29th is due soon after its close, or at the set time after its middle."""
    assert due_at(november(29), report, calendar) == local(due)


@pytest.mark.parametrize(
    ("now", "last", "day"),
    [
        ("29T17:04", 28, None),  # not yet
        ("29T17:05", 28, 29),
        ("29T17:05", None, 29),  # the first report
        ("29T17:06", 29, None),  # already sent, possibly by an earlier run
        ("29T23:59", 28, 29),  # late
        ("30T17:04", 28, 29),  # later, until the next one is due
        ("30T17:05", 28, 30),  # a missed report is dropped
        ("29T16:00", 29, None),  # the clock was set back
        ("28T18:00", 29, None),  # by a day
    ],
)
def test_day_that_is_due(now: str, last: int | None, day: int | None) -> None:
    """Only the newest due report is sent, once and even if late."""
    before = november(last) if last else None
    found = due_day(local(now), before, at("17:05"), MIDNIGHT)
    assert found == (day and november(day))


@pytest.mark.parametrize(
    ("now", "last", "day"),
    [
        ("27T18:00", 26, 27),  # Friday
        ("28T18:00", 27, None),
        ("29T18:00", 26, 27),  # Friday's, late
        ("30T17:05", 27, 30),  # Monday
    ],
)
def test_weekdays(now: str, last: int, day: int | None) -> None:
    """Other weekdays than the configured ones have no report."""
    found = due_day(local(now), november(last), at("17:05", "mon-fri"), MIDNIGHT)
    assert found == (day and november(day))


def five_days(start: datetime) -> Iterator[datetime]:
    """Yield the quarters of an hour of five days."""
    for step in range(5 * 24 * 4):
        yield start + step * STEP


@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)]
)
@pytest.mark.parametrize("time_of_day", ["02:30", "03:00", "12:00", "17:05", None])
@pytest.mark.parametrize("calendar", [MIDNIGHT, AT_FIVE], ids=["midnight", "17:00"])
def test_changes_of_the_clocks(
    start: datetime, time_of_day: str | None, calendar: Calendar
) -> None:
    """Each day has one report, even where clocks skip or repeat an hour."""
    report = at(time_of_day) if time_of_day else AFTER_CLOSE
    last = due_day(start, None, report, calendar)
    assert last
    sent = []
    for now in five_days(start):
        if day := due_day(now, last, report, calendar):
            sent.append(day)
            last = day
    assert sent == [sent[0] + timedelta(days=day) for day in range(5)]
