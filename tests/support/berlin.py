"""A report of four days in Berlin, compared with two earlier ones."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from northstar.domain.books import HALF_A_CENT
from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord, Moment
from northstar.history.days import DayNet
from northstar.reports.drawdowns import Opening, opening
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Feed, Report
from northstar.reports.spreadsheet import Sheet
from support.february import amounts, february

BERLIN = ZoneInfo("Europe/Berlin")


def closed(day: int) -> datetime:
    """Return the last second of a day in Berlin as UTC."""
    return datetime(2026, 2, day, 22, 59, 59, tzinfo=UTC)


def shown(day: int) -> datetime:
    """Return the same moment in the zone's local time."""
    return datetime(2026, 2, day, 23, 59, 59, tzinfo=BERLIN)


# Net +60, −80, +30, +70: cumulative 60, −20, 10, 80. The 23rd is unknown.
FIRST = DayRecord(
    february(21),
    amounts(100, 40),
    closed(21),
    costs={"Fees": Decimal(30), "Rent": Decimal(10)},
    agents={"John": amounts(60, 40), "Cliff": amounts(40)},
)
LOSS = DayRecord(
    february(22),
    amounts(20, 100),
    closed(22),
    costs={"Rent": Decimal(70), "Fees": Decimal(-30)},
    agents={"John": amounts(20, 10), "Sleeper": amounts(0, 5)},
)
OF_THE_TREND = DayRecord(february(24), amounts(50, 20))
RESTATED = DayRecord(
    february(25),
    amounts(110, 40),
    closed(25),
    closed=amounts(100, 45),
    restated_at=datetime(2026, 2, 26, 9, 30, tzinfo=UTC),
)
BEFORE = [DayRecord(february(16), amounts(200, 50)), DayRecord(february(17), amounts(80, 30))]
REPORT = Report(
    period=Period(february(21), february(25)),
    comparison=Comparison.PREVIOUS,
    compared=Period(february(16), february(20)),
    days=[FIRST, LOSS, OF_THE_TREND, RESTATED],
    before=BEFORE,
    opening=opening(DayNet(day.day, day.net) for day in BEFORE),
    moments=[],
    same_time=None,
    known=(february(16), february(25)),
    feed=Feed("stale", datetime(2026, 2, 25, 22, 59, 59, tzinfo=UTC)),
    made_at=datetime(2026, 2, 26, 13, 0, 0, 5, tzinfo=BERLIN),
    today=february(26),
    calendar=Calendar(BERLIN),
    tolerance=HALF_A_CENT,
)
EMPTY = replace(
    REPORT, days=[], before=[], opening=Opening(), known=None, feed=Feed("connecting", None)
)
ONE_DAY = replace(
    REPORT,
    period=Period(february(22), february(22)),
    days=[LOSS],
    moments=[
        Moment(datetime(2026, 2, 21, 23, 0, 59, tzinfo=UTC), amounts(5, 1)),
        Moment(closed(22), amounts(20, 100)),
    ],
)


def heads(sheet: Sheet) -> list[str]:
    """Return the headers of a table."""
    return [column.name for column in sheet.columns]
