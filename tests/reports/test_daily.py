"""The figures of the daily report, on a real database and compared with sums by hand."""

from decimal import Decimal
from pathlib import Path

import pytest

from northstar.domain.arithmetic import Change
from northstar.domain.day import DayStatus
from northstar.domain.trading import TradingDays
from northstar.domain.weekdays import Weekdays
from northstar.history.store import Store
from northstar.reports.contrast import Basis
from northstar.reports.daily import Coverage, Fall, Restated
from support.dailies import STATES, daily, db, fill, state, store  # noqa: F401
from support.february import amounts, at, february, money


def test_closed_day(store: Store) -> None:
    """A closed day has its figures at the close."""
    figures = daily(store, 25).figures
    assert (figures.status, figures.amounts) == (DayStatus.CLOSED, amounts("120", "180"))
    assert figures.at == at("25T23:59:59")


def test_against_the_day_before(store: Store) -> None:
    """Complete days are compared; a percentage does not cross a change of sign."""
    contrast = daily(store, 25).figures.before
    assert (contrast.basis, contrast.is_like) == (Basis.TOTALS, True)
    assert contrast.pair("net") == money("-60", "150")
    assert contrast.change("net") == Change(Decimal(-210), None)
    assert contrast.change("revenue") == Change(Decimal(-80), Decimal(-40))
    assert contrast.margins == money("-50", "75")


def test_against_the_average(store: Store) -> None:
    """The average is that of the complete days before, with their current figures."""
    contrast = daily(store, 25).figures.average
    assert contrast.basis is Basis.PER_DAY
    assert contrast.before
    assert contrast.before.days == 2
    assert contrast.figures("revenue") == money("120", "150")
    assert contrast.figures("expenses") == money("180", "47.5")
    assert contrast.figures("net") == money("-60", "102.5")


def test_agents_and_books(store: Store) -> None:
    """Agents are sorted by net; the remainders of agents and costs are known."""
    figures = daily(store, 25).figures
    assert [(each.name, each.amounts.net) for each in figures.agents] == [
        ("Ann", Decimal(50)),
        ("<b>Bob</b>", Decimal(-110)),
    ]
    found = {what: rest.amounts for what, rest in figures.unexplained}
    assert found == {"costs": amounts("0", "5"), "agents": amounts("10", "10")}


def test_drawdown(store: Store) -> None:
    """Cumulative net is 60 below its peak of the 24th; before that there was no drawdown."""
    assert daily(store, 25).figures.fall == Fall(february(25), Decimal(-60), february(24))
    before = daily(store, 24).figures.fall
    assert before
    assert (before.day, before.depth) == (february(24), Decimal(0))


def test_minutes_without_a_message(store: Store) -> None:
    """Missing minutes between the first and last state are counted; the longest gap is given."""
    found = daily(store, 25).figures.coverage
    missing = 3 + 14 * 60 + 53
    assert found == Coverage(
        at("25T09:00:00"), at("25T23:59:00"), missing, (at("25T09:06:00"), at("25T23:59:00"))
    )
    assert found.minutes == 900


def test_day_without_minutes(tmp_path: Path) -> None:
    """A day known from the trend alone has no coverage and is stated."""
    trend = [{"date": "2026-02-24", "revenue": 90, "expenses": 30}]
    other = fill(tmp_path / "other.db", [state("25T10:00:00", 1, 0, trendsData=trend)])
    figures = daily(other, 24).figures
    other.close()
    assert (figures.status, figures.coverage) == (DayStatus.STATED, None)
    assert figures.amounts == amounts("90", "30")


@pytest.mark.parametrize(
    ("day", "last", "days"),
    [
        (25, None, [23]),  # on the day
        (24, None, []),
        (25, "25T00:05:00", [23]),  # since the report before
        (25, "25T12:00:00", []),
        (23, "24T00:05:00", []),  # restated itself, so its status is enough
    ],
)
def test_restated_days(store: Store, day: int, last: str | None, days: list[int]) -> None:
    """Other days restated since the last report are listed."""
    found = daily(store, day, last=last).figures.restated
    assert [each.day for each in found] == [february(each) for each in days]
    for each in found:
        now, before = amounts("100", "45"), amounts("100", "40")
        assert each == Restated(february(23), at("25T09:05:00"), before, now)


def test_restated_day_itself(store: Store) -> None:
    """A restated day has its figures at the close, too."""
    figures = daily(store, 23).figures
    assert figures.status is DayStatus.RESTATED
    assert (figures.amounts, figures.closed) == (amounts("100", "45"), amounts("100", "40"))


def test_running_day(store: Store) -> None:
    """The current day is compared with the same time of the day before, not with an average."""
    store.write([state("26T09:02:00", 30, 10)])
    figures = daily(store, 26, "26T09:04:10").figures
    assert figures.status is DayStatus.RUNNING
    assert figures.before.basis is Basis.SAME_TIME  # its state of 09:01
    assert figures.before.pair("net") == money("20", "15")
    assert figures.average.basis is Basis.NONE
    assert figures.fall
    assert figures.fall.day == february(25)
    assert figures.coverage == Coverage(
        at("26T09:02:00"), at("26T09:04:00"), 1, (at("26T09:03:00"), at("26T09:04:00"))
    )


@pytest.mark.parametrize(("day", "status"), [(26, "unknown"), (28, "no trading")])
def test_day_without_data(tmp_path: Path, day: int, status: str) -> None:
    """A day without figures is unknown or not a trading day."""
    weekdays = TradingDays(Weekdays(range(5)))
    store = fill(tmp_path / "week.db", STATES, weekdays)
    figures = daily(store, day, f"{day}T20:00:00").figures
    store.close()
    assert (figures.status, figures.amounts, figures.coverage) == (status, None, None)
    assert figures.before.basis is figures.average.basis is Basis.NONE


def test_incomplete_day(tmp_path: Path) -> None:
    """An incomplete day is neither compared nor in an average."""
    states = [state("24T12:00:00", 5, 1), state("25T12:00:00", 10, 5), state("26T00:00:01", 1, 0)]
    store = fill(tmp_path / "part.db", states)
    figures = daily(store, 25).figures
    store.close()
    assert (figures.status, figures.amounts) == (DayStatus.INCOMPLETE, amounts("10", "5"))
    assert figures.before.basis is figures.average.basis is Basis.NONE
    assert figures.average.before is None
