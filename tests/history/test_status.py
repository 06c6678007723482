"""The status of a day: complete, stated, repeated, and all its versions."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord, DayStatus, Origin
from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.history.store import Accepted, Store
from support.states import CALENDAR, ZONE, amounts, day, days, moment, state, store, told_at

__all__ = ["store"]  # a fixture

MON_FRI = TradingDays(frozenset(range(5)))
FRIDAY, SATURDAY, SUNDAY = "27", "28", "2026-03-01"


def statuses(store: Store, today: str = "2026-03-09") -> list[str]:
    """Return the status of every known day as of `today`."""
    return [record.status(day(today), store.calendar.trading) for record in days(store)]


def test_day_received_in_part(store: Store) -> None:
    """A day with its last state hours before the close is incomplete; the current one is not."""
    store.write([state("24T15:00", "100"), state("25T09:00", "1")])

    assert statuses(store, "25") == ["incomplete", "running"]


@pytest.mark.parametrize(
    ("last", "status"), [("24T23:45", "closed"), ("24T23:44:59", "incomplete")]
)
def test_day_received_nearly_to_its_close(store: Store, last: str, status: str) -> None:
    """A day with its last state minutes before the close is complete."""
    store.write([state(last), state("25T09:00")])

    assert statuses(store)[0] == status


def test_day_with_the_source_connected_at_the_close(store: Store) -> None:
    """A day without states in the evening is complete if the source was connected at the close."""
    store.write([state("23T18:00"), state("24T18:00"), state("25T09:00")])
    store.note_connected(moment("24T08:00"), moment("25T00:00:01"))

    assert statuses(store) == ["incomplete", "closed", "incomplete"]

    store.write([state("24T17:00", came="25T00:10")])
    assert statuses(store)[1] == "closed"


def test_incomplete_day_that_the_trend_confirms(store: Store) -> None:
    """An incomplete day whose last figures the trend confirms is complete."""
    store.write([state("24T15:00", "120")])
    store.write([told_at("25T00:01", d24="120")])

    assert statuses(store)[0] == "closed"
    assert days(store)[0].closed is None


def test_incomplete_day_that_the_trend_completes(store: Store) -> None:
    """The trend's figures replace those of an incomplete day, without a restatement."""
    store.write([state("24T15:00", "100")])
    store.write([told_at("25T00:01", d24="250")])

    (record, _) = days(store)

    assert record.amounts == amounts("250")
    assert (record.closed, record.restated_at) == (None, None)
    assert record.status(day("26"), EVERY_DAY) is DayStatus.STATED
    assert [(version.amounts, version.origin) for version in record.versions] == [
        (amounts("100"), Origin.STATE),
        (amounts("250"), Origin.TREND),
    ]


def test_status_of_a_day_of_the_trend(store: Store) -> None:
    """A day without states is stated; if changed later, it is restated."""
    store.write([told_at("25T00:01", d23="1", d24="1")])
    store.write([told_at("25T00:02", d24="2")])

    assert statuses(store) == ["stated", "restated", "incomplete"]


def test_every_version_of_a_day(store: Store) -> None:
    """Each restatement is stored with its time, amounts and origin, even with an equal net."""
    store.write([state("24T23:59", "100")])
    store.write([told_at("25T00:01", d24="101")])
    store.write([state("25T00:02", trend=[("24", "102", "41")])])

    (record, _) = days(store)

    assert [tuple(version) for version in record.versions] == [
        (moment("24T23:59"), amounts("100"), Origin.STATE),
        (moment("25T00:01"), amounts("101"), Origin.TREND),
        (moment("25T00:02"), amounts("102", "41"), Origin.TREND),
    ]
    assert record.closed == amounts("100")


def test_day_restated_back_to_its_close(store: Store) -> None:
    """A day restated to its figures at the close is closed, with all its versions."""
    store.write([state("24T23:59", "120")])
    store.write([told_at("25T00:01", d24="121"), told_at("25T00:02", d24="120")])

    (record, _) = days(store)

    assert (record.closed, record.restated_at) == (None, None)
    assert record.status(day("26"), EVERY_DAY) is DayStatus.CLOSED
    assert len(record.versions) == 3


def test_restatement_within_the_tolerance(engine: Engine) -> None:
    """With a tolerance of a dollar, a trend in whole dollars restates nothing."""
    store = Store(engine, CALENDAR, tolerance=Decimal(1))
    store.write([state("23T23:59", "100.60"), state("24T23:59", "100.60")])
    store.write([told_at("25T00:01", d23="101", d24="102")])

    first, second, _ = days(store)

    assert (first.amounts, first.closed) == (amounts("100.60"), None)
    assert (second.amounts, second.closed) == (amounts("102"), amounts("100.60"))


def test_restatement_of_small_amounts(engine: Engine) -> None:
    """Amounts far below a cent can be restated with the tolerance of their currency."""
    store = Store(engine, CALENDAR, tolerance=Decimal("0.000000005"))
    store.write([state("24T23:59", "0.00015")])
    store.write([told_at("25T00:01", d24="-0.0007")])

    assert days(store)[0].closed == amounts("0.00015")


def _weekend(trend: Sequence[tuple[str, str, str]]) -> list[Accepted]:
    """Return states of a Friday's totals, repeated until Monday."""
    at = [f"{FRIDAY}T20:00", f"{SATURDAY}T23:50", f"{SUNDAY}T23:50Z"]
    return [state(time, "1000", trend) for time in at]


def test_weekend_that_repeats_friday(store: Store) -> None:
    """Friday's totals according to the trend are not counted for the weekend."""
    friday = [("26", "1000", "40"), (FRIDAY, "1000", "40")]
    for accepted in _weekend(friday):
        store.write([accepted])

    assert statuses(store) == ["stated", "closed", "no trading", "no trading"]
    assert [record.repeats for record in days(store)[2:]] == [day(FRIDAY)] * 2


def test_weekend_without_a_trend(engine: Engine) -> None:
    """On other than trading days, totals of the last one are repeats; others are figures."""
    store = Store(engine, Calendar(ZONE, trading=MON_FRI))
    for accepted in _weekend([]):
        store.write([accepted])
    assert statuses(store) == ["incomplete", "no trading", "no trading"]
    assert days(store)[2].repeats == day(FRIDAY)

    store.write([state("2026-03-01T23:55Z", "1100")])
    assert statuses(store) == ["incomplete", "no trading", "closed"]


def test_trading_day_that_repeats_the_one_before(engine: Engine) -> None:
    """Equal totals on two trading days are two days."""
    store = Store(engine, Calendar(ZONE, trading=MON_FRI))
    store.write([state("26T23:59", "7"), state("27T23:59", "7")])

    assert statuses(store) == ["closed", "closed"]


def test_zero_on_a_day_without_trading() -> None:
    """Zeros on a holiday do not make it a trading day."""
    holidays = TradingDays(holidays={day("25")})
    zero = DayRecord(day("25"), amounts("0", "0"), moment("25T23:59"))

    assert zero.status(day("26"), holidays) is DayStatus.NO_TRADING
    assert zero.status(day("26"), EVERY_DAY) is DayStatus.CLOSED


def test_trend_of_a_year(store: Store) -> None:
    """All days of a long trend are stored, and unchanged ones are not looked up."""
    first = date(2025, 2, 25)
    rows = [((first + timedelta(days=n)).isoformat(), str(n), "1") for n in range(365)]
    store.write([state("25T10:00", "9", rows)])

    assert len(days(store)) == 366
    assert len(store._last_rows) == 365
