"""The store's days: their figures and restatements, computed by hand."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.errors import StoreError
from northstar.history.days import MOST_RESTATEMENTS
from northstar.history.schema import RESTATEMENTS
from northstar.history.store import Store
from support.states import (
    CALENDAR,
    amounts,
    count,
    day,
    days,
    moment,
    revenues,
    state,
    store,
    told_at,
)

__all__ = ["store"]  # a fixture

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
NEW_YORK_AT_5 = Calendar(ZoneInfo("America/New_York"), time(17))


# ---- Days ------------------------------------------------------------------------------------


def test_day_is_its_last_state(store: Store) -> None:
    """A day's figure is the last state accepted before its close, not the highest."""
    store.write([state("25T10:00", "100"), state("25T11:00", "500")])
    store.write([state("25T23:59:59.999", "300"), state("26T00:00", "1")])

    assert days(store) == [
        DayRecord(day("25"), amounts("300"), moment("25T23:59:59.999")),
        DayRecord(day("26"), amounts("1"), moment("26T00:00"), is_complete=False),
    ]


class Case(NamedTuple):
    """States of one zone (time, revenue, arrival), and the expected revenue of each day."""

    calendar: Calendar
    states: Sequence[tuple[str, str] | tuple[str, str, str]]
    days: dict[str, int]


CASES = {
    "of 23 hours": Case(
        BERLIN,
        [
            ("2026-03-28T22:59:59Z", "1"),
            ("2026-03-28T23:00:00Z", "2"),
            ("2026-03-29T21:59:59Z", "3"),
            ("2026-03-29T22:00:00Z", "4"),
        ],
        {"2026-03-28": 1, "2026-03-29": 3, "2026-03-30": 4},
    ),
    "of 25 hours": Case(
        BERLIN,
        [
            ("2026-10-24T21:59:59Z", "1"),
            ("2026-10-24T22:00:00Z", "2"),
            ("2026-10-25T22:59:59Z", "3"),
            ("2026-10-25T23:00:00Z", "4"),
        ],
        {"2026-10-24": 1, "2026-10-25": 3, "2026-10-26": 4},
    ),
    "closed at 17:00 in New York": Case(
        NEW_YORK_AT_5,
        [("25T21:59:59.999", "1"), ("25T22:00", "2"), ("26T21:59", "3"), ("26T22:00", "4")],
        {"2026-02-25": 1, "2026-02-26": 3, "2026-02-27": 4},
    ),
    "closed at 17:00 in New York in summer": Case(
        NEW_YORK_AT_5,
        [("2026-07-01T20:59:59Z", "1"), ("2026-07-01T21:00:00Z", "2")],
        {"2026-07-01": 1, "2026-07-02": 2},
    ),
    "come after the close, stamped before it": Case(
        CALENDAR,
        [("25T23:00", "1"), ("25T23:59:59", "2", "26T00:05")],
        {"2026-02-25": 2},
    ),
    "come after the next day's first, stamped before it": Case(
        CALENDAR,
        [("25T23:00", "1"), ("26T00:00:01", "2"), ("25T23:59:59", "3", "26T00:05")],
        {"2026-02-25": 1, "2026-02-26": 2},
    ),
    "of a clock that was ahead and put right": Case(
        CALENDAR,
        [("25T10:30", "1", "25T10:00"), ("25T10:00:01", "2")],
        {"2026-02-25": 2},
    ),
    "of a clock that was ahead over the close and put right": Case(
        CALENDAR,
        [("26T00:30", "1", "25T23:30"), ("25T23:30:01", "2")],
        {"2026-02-25": 2, "2026-02-26": 1},
    ),
    "of a clock that was a year ahead and put right": Case(
        CALENDAR,
        [("2027-02-25T10:00:00Z", "1", "25T10:00"), ("25T10:00:01", "2"), ("26T09:00", "3")],
        {"2026-02-25": 2, "2026-02-26": 3, "2027-02-25": 1},
    ),
    "of a clock three hours behind": Case(
        CALENDAR,
        [
            ("25T22:00", "1", "26T01:00"),
            ("25T23:00", "2", "26T02:00"),
            ("26T00:00", "3", "26T03:00"),
        ],
        {"2026-02-25": 2, "2026-02-26": 3},
    ),
    "of noon, come after the close": Case(
        CALENDAR,
        [("25T23:00", "1"), ("25T12:00", "2", "26T09:00"), ("26T09:00:01", "3")],
        {"2026-02-25": 1, "2026-02-26": 3},
    ),
    "of a weekend without data": Case(
        CALENDAR,
        [("20T18:00", "1"), ("23T08:00", "2")],
        {"2026-02-20": 1, "2026-02-23": 2},
    ),
}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "one each"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_days(engine: Engine, case: Case, together: bool) -> None:  # noqa: FBT001 (a case)
    """A state belongs to the day of its timestamp, by the zone's clocks and the close."""
    store = Store(engine, case.calendar)
    states = [
        state(at, revenue, came=came[0] if came else None) for at, revenue, *came in case.states
    ]

    for batch in [states] if together else [[one] for one in states]:
        store.write(batch)

    assert revenues(store) == case.days


def test_zone_changed_after_the_close(engine: Engine) -> None:
    """A closed day keeps its figure if it would still run in the new zone."""
    Store(engine, CALENDAR).write([state("25T23:59", "1")])

    west = Store(engine, Calendar(ZoneInfo("America/New_York")))
    west.write([state("26T01:00", "2")])
    west.write([state("26T05:00", "3")])

    assert revenues(west) == {"2026-02-25": 1, "2026-02-26": 3}


def test_zone_changed_while_the_day_runs(engine: Engine) -> None:
    """The current day closes as configured by the new setting."""
    Store(engine, CALENDAR).write([state("25T20:00", "1")])

    west = Store(engine, Calendar(ZoneInfo("America/New_York")))
    west.write([state("25T20:30", "2")])
    west.write([state("26T04:59:59", "3")])
    west.write([state("26T05:00", "4")])

    assert revenues(west) == {"2026-02-25": 3, "2026-02-26": 4}


def test_close_changed_while_the_day_runs(engine: Engine) -> None:
    """An earlier close ends the current day at once, and later states belong to the next one."""
    Store(engine, CALENDAR).write([state("25T22:30", "1")])

    early = Store(engine, NEW_YORK_AT_5)
    early.write([state("25T22:31", "2")])

    assert revenues(early) == {"2026-02-25": 1, "2026-02-26": 2}


# ---- The source's trend -----------------------------------------------------------------------


def test_day_known_from_the_trend(store: Store) -> None:
    """A day without received states has the trend's amounts and no breakdown."""
    store.write(
        [state("25T10:00", "9", [("23", "1.5", "0.5"), ("24", "2", "1"), ("25", "9", "40")])]
    )

    assert days(store) == [
        DayRecord(day("23"), amounts("1.5", "0.5")),
        DayRecord(day("24"), amounts("2", "1")),
        DayRecord(day("25"), amounts("9"), moment("25T10:00"), is_complete=False),
    ]


RUNNING = {
    "the source's day is ours": (CALENDAR, "25T10:00", {"d24": "1", "d25": "999"}, "25"),
    "the source is a day further": (
        CALENDAR,
        "25T23:30",
        {"d24": "1", "d25": "998", "d26": "999"},
        "25",
    ),
    "our day closed before the source's": (
        NEW_YORK_AT_5,
        "25T22:30",
        {"d24": "1", "d25": "999"},
        "26",
    ),
}


@pytest.mark.parametrize(("calendar", "at", "trend", "running"), RUNNING.values(), ids=RUNNING)
def test_running_row_is_never_taken(
    engine: Engine, calendar: Calendar, at: str, trend: dict[str, str], running: str
) -> None:
    """The trend's row of a day that still runs, here or at the source, is not used."""
    store = Store(engine, calendar)

    store.write([told_at(at, **trend)])

    assert revenues(store) == {"2026-02-24": 1, day(running).isoformat(): 100}


def test_restated_day(store: Store) -> None:
    """A restated day has its figures at the close and the newest ones."""
    store.write([state("24T23:59", "100")])
    store.write([told_at("25T00:01", d24="100")])
    store.write([told_at("25T00:02", d24="101.5")])
    store.write([told_at("25T00:03", d24="102")])

    (record,) = store.days(day("24"), day("24"))

    assert record == DayRecord(
        day("24"), amounts("102"), moment("24T23:59"), amounts("100"), moment("25T00:03")
    )


def test_restated_day_of_the_trend(store: Store, engine: Engine) -> None:
    """A day without states counts as closed with the first amounts that the trend had for it."""
    store.write([told_at("25T00:01", d24="1"), told_at("25T00:02", d24="2")])

    (record, _) = days(store)

    assert record == DayRecord(day("24"), amounts("2"), None, amounts("1"), moment("25T00:02"))
    assert count(engine, RESTATEMENTS) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [("100", 0), ("100.005", 0), ("99.9951", 0), ("100.0000000001", 0), ("100.0051", 1), ("99", 1)],
)
def test_float_noise_is_no_restatement(store: Store, engine: Engine, said: str, kept: int) -> None:
    """A difference of up to half a cent is floating-point noise and no restatement."""
    store.write([state("24T23:59", "100"), told_at("25T00:01", d24=said)])

    assert count(engine, RESTATEMENTS) == kept
    assert revenues(store)["2026-02-24"] == (Decimal(said) if kept else 100)


def test_restated_back_and_forth(store: Store, engine: Engine) -> None:
    """Alternating figures are stored once each time they change; the last ones count."""
    store.write([state("24T23:59", "100")])
    for minute, said in enumerate(("101", "101", "99", "99", "101", "99")):
        store.write([told_at(f"25T00:0{minute}", d24=said)])

    record = days(store)[0]

    assert (record.amounts, record.closed) == (amounts("99"), amounts("100"))
    assert count(engine, RESTATEMENTS) == 4


def test_restatements_are_bounded(store: Store, engine: Engine) -> None:
    """At the limit of restatements a further one replaces the last."""
    words = range(MOST_RESTATEMENTS + 20)
    store.write([told_at(f"25T00:{word // 60:02}:{word % 60:02}", d24=str(word)) for word in words])

    record = days(store)[0]

    assert count(engine, RESTATEMENTS) == MOST_RESTATEMENTS
    assert (record.amounts, record.closed) == (amounts(str(words[-1])), amounts("0"))


def test_restated_after_a_restart(engine: Engine) -> None:
    """After a restart, a repeated row of the trend is no restatement."""
    Store(engine, CALENDAR).write([told_at("25T00:01", d24="1"), told_at("25T00:02", d24="2")])

    Store(engine, CALENDAR).write([told_at("25T00:03", d24="2")])

    assert count(engine, RESTATEMENTS) == 1


def test_nets_are_those_of_the_days(store: Store) -> None:
    """The nets before a day equal those of the known days, and no message is read for them."""
    store.write([told_at("22T00:01", d20="1", d21="2")])
    store.write([told_at("22T00:02", d20="3"), told_at("22T00:03", d20="4")])
    store.write([state("22T23:59", "100"), told_at("23T00:01", d22="101")])
    # The source's clock was ahead and is corrected during our day.
    store.write([state("23T10:00", "50"), told_at("24T00:05", came="23T12:00", d23="60")])
    store.write([state("23T23:59", "70", came="23T12:01")])

    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
    nets = store.nets_before(day("24"))

    assert not any("message" in each for each in statements)
    assert nets == [(each.day, each.net) for each in store.days(date.min, day("23"))]
    assert [net for _, net in nets] == [-36, -38, 61, 30]


def test_what_was_said_before_the_close(store: Store) -> None:
    """A row of the trend sent in the morning does not change the day after its close.

    The state still has it as the last row sent; later messages had no trend.
    """
    morning = state("25T08:00", "10", [("25", "10", "40")])
    evening = state("25T23:59", "100", [("25", "10", "40")])._replace(news=())
    after = state("26T00:01", "1", [("25", "10", "40")])._replace(news=())
    store.write([morning])
    store.write([evening, after])

    [closed, _] = days(store)
    assert closed == DayRecord(day("25"), amounts("100", "40"), moment("25T23:59"))


def test_source_west_of_us(store: Store) -> None:
    """A row of a day that still runs at the source does not restate our closed day."""
    store.write([state("25T23:59", "502")])
    for minute in range(5):
        earned = str(503 + minute)
        store.write([state(f"26T00:0{minute}", earned, [("25", earned, "40")])])
    store.write([state("26T05:00", "1", [("25", "619", "40"), ("26", "1", "40")])])

    assert days(store)[0] == DayRecord(
        day("25"),
        amounts("619"),
        moment("25T23:59"),
        closed=amounts("502"),
        restated_at=moment("26T05:00"),
    )


def test_days_that_are_no_calendar_days(engine: Engine) -> None:
    """A trend of calendar days only fills in unknown days if days close at five."""
    store = Store(engine, NEW_YORK_AT_5)
    store.write([state("24T21:59", "800")])
    told = [("23", "7", "40"), ("24", "1000", "40"), ("25", "9", "40")]
    store.write([state("25T22:30", "5", told)])

    assert [(f"{record.day:%d}", str(record.revenue), record.closed) for record in days(store)] == [
        ("23", "7", None),
        ("24", "800", None),
        ("26", "5", None),
    ]


def test_day_left_out_of_a_trend_whose_write_fails(engine: Engine) -> None:
    """A day that the trend leaves out is removed, even if the first write fails."""
    store = Store(engine, CALENDAR)
    store.write([told_at("25T10:00", d22="1", d23="2", d24="3")])
    without = told_at("25T10:01", d22="1", d24="3")
    batch = [without._replace(dates=[row.date for row in without.news])]

    statements: list[str] = []

    def fail(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)
        if any("NOT IN" in each for each in statements[:-1]):  # the day was removed
            raise ConnectionError

    event.listen(Engine, "before_cursor_execute", fail)
    with pytest.raises(StoreError):
        store.write(batch)
    event.remove(Engine, "before_cursor_execute", fail)
    assert list(revenues(store)) == ["2026-02-22", "2026-02-23", "2026-02-24", "2026-02-25"]

    store.write(batch)

    assert list(revenues(store)) == ["2026-02-22", "2026-02-24", "2026-02-25"]
