"""A report made by hand for tests of its display."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from northstar.domain.books import HALF_A_CENT
from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord, Moment
from northstar.history.days import DayNet
from northstar.reports.drawdowns import opening
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Feed, Report
from support.february import amounts

AS_OF = datetime(2026, 2, 25, 14, 2, 7, tzinfo=UTC)


def record(day: int, revenue: str, expenses: str, **known: Any) -> DayRecord:
    """Return a day of February 2026."""
    return DayRecord(date(2026, 2, day), amounts(revenue, expenses), **known)


def moment(hour: int, minute: int, revenue: str, expenses: str) -> Moment:
    """Return a state of the 25th."""
    return Moment(datetime(2026, 2, 25, hour, minute, tzinfo=UTC), amounts(revenue, expenses))


def report(**changes: Any) -> Report:
    """Return five days, one missing and one restated; `earlier` are those before."""
    agents = {"Ann": amounts("100", "40")}
    whole: dict[str, Any] = {
        "period": Period(date(2026, 2, 21), date(2026, 2, 25)),
        "comparison": Comparison.PREVIOUS,
        "compared": Period(date(2026, 2, 16), date(2026, 2, 20)),
        "days": [
            record(21, "100", "40", costs={"Fees": Decimal(40)}, agents=agents),
            record(22, "30", "90.5"),
            record(24, "80", "20", closed=amounts("75", "20"), restated_at=AS_OF),
            record(25, "50", "20", at=AS_OF),
        ],
        "earlier": [record(16, "10", "5"), record(18, "10", "20"), record(20, "100", "50")],
        "moments": [],
        "same_time": None,
        "known": (date(2026, 2, 16), date(2026, 2, 25)),
        "feed": Feed("live", AS_OF),
        "made_at": AS_OF,
        "today": date(2026, 2, 25),
        "calendar": Calendar(UTC),
        "tolerance": HALF_A_CENT,
    }
    whole |= changes
    earlier, compared = whole.pop("earlier"), whole["compared"]
    nets = (DayNet(day.day, day.net) for day in earlier if day.repeats is None)
    before = [day for day in earlier if compared and compared.first <= day.day <= compared.last]
    return Report(**whole, before=before, opening=opening(nets))


def day_report(**changes: Any) -> Report:
    """Return the 25th by the minute."""
    day = Period(date(2026, 2, 25), date(2026, 2, 25))
    before = Period(date(2026, 2, 24), date(2026, 2, 24))
    moments = [moment(9, 0, "10", "2"), moment(9, 1, "12", "2"), moment(14, 2, "50", "20")]
    whole: dict[str, Any] = {
        "period": day,
        "compared": before,
        "days": [record(25, "50", "20", at=AS_OF)],
        "earlier": [record(24, "80", "20")],
        "moments": moments,
    }
    return report(**(whole | changes))
