"""The store: its states on SQLite and PostgreSQL, compared with hand-written rows."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, Moment
from northstar.domain.ledger import Ledger
from northstar.domain.messages import PnLUpdate, decode, encode
from northstar.domain.snapshot import Snapshot
from northstar.history.database import open_database, read_url
from northstar.history.retention import Retention
from northstar.history.schema import LATEST, MINUTES, RESTATEMENTS, SECONDS
from northstar.history.store import Accepted, Store
from support import guide
from support.messages_corpus import CORPUS, Message
from support.states import (
    CALENDAR,
    ZONE,
    amounts,
    count,
    day,
    days,
    moment,
    moments,
    revenues,
    state,
    store,
    told_at,
)

__all__ = ["store"]  # a fixture

BERLIN = ZoneInfo("Europe/Berlin")
BRIEF = Retention(seconds=timedelta(hours=1), minutes=timedelta(days=1), days=timedelta(days=3))


# ---- States ----------------------------------------------------------------------------------


def test_empty_database(store: Store) -> None:
    """A new database is empty."""
    assert store.latest(ZONE) is None
    assert store.known() is None
    assert days(store) == []
    assert moments(store, SECONDS) == moments(store, MINUTES) == []


@pytest.mark.parametrize("size", [1, 2, 6], ids="batches of {}".format)
def test_states_are_thinned(store: Store, size: int) -> None:
    """The last state of each second and minute is stored, for any batches."""
    states = [
        state("25T10:00:00.100", "1"),
        state("25T10:00:00.900", "2"),
        state("25T10:00:01", "3"),
        state("25T10:00:59.999", "4"),
        state("25T10:01:00", "5"),
        state("25T10:01:00.001", "6"),
    ]

    for start in range(0, len(states), size):
        store.write(states[start : start + size])

    assert moments(store, SECONDS) == [
        Moment(moment("25T10:00:00.900"), amounts("2")),
        Moment(moment("25T10:00:01"), amounts("3")),
        Moment(moment("25T10:00:59.999"), amounts("4")),
        Moment(moment("25T10:01:00.001"), amounts("6")),
    ]
    assert moments(store, MINUTES) == [
        Moment(moment("25T10:00:59.999"), amounts("4")),
        Moment(moment("25T10:01:00.001"), amounts("6")),
    ]


def test_moments_between(store: Store) -> None:
    """A span includes its start and excludes its end, with at most the requested rows."""
    store.write([state(f"25T10:00:0{second}", str(second)) for second in range(6)])
    start, end = moment("25T10:00:01"), moment("25T10:00:05")

    between = store.moments(SECONDS, start, end, 10)

    assert [one.amounts.revenue for one in between] == [1, 2, 3, 4]
    assert store.moments(SECONDS, start, end, 2) == between[:2]
    assert store.moments(SECONDS, end, start, 10) == []


# ---- Breakdown --------------------------------------------------------------------------------


def test_breakdown_by_name(store: Store) -> None:
    """Costs and agents are read by name; equal names are merged."""
    text = guide.text(
        costBreakdown=[
            {"name": "Fees", "value": 0.1},
            {"name": "Rent", "value": 5},
            {"name": "Fees", "value": 0.2},
        ],
        agentAttribution=[
            {"agent": "John", "revenue": 1.1, "expenses": 1, "net": 0},
            {"agent": "Cliff", "revenue": 7, "expenses": 3, "net": 4},
            {"agent": "John", "revenue": 2.2, "expenses": 1, "net": 0},
        ],
    )
    kept = Snapshot(decode(text, ZONE))
    store.write([Accepted(kept, kept.instant)])

    (record,) = days(store)

    assert record.costs == {"Fees": Decimal("0.3"), "Rent": 5}
    assert record.agents == {"John": amounts("3.3", "2"), "Cliff": amounts("7", "3")}


def test_breakdown_unknown_and_empty(store: Store) -> None:
    """A missing section is unknown; an empty one is known to be empty."""
    bare = guide.text(trendsData=..., costBreakdown=..., agentAttribution=...)
    empty = guide.text(
        timestamp="2026-02-26T00:00:00Z", trendsData=..., costBreakdown=[], agentAttribution=[]
    )
    kept = [Snapshot(decode(text, ZONE)) for text in (bare, empty)]
    store.write([Accepted(one, one.instant) for one in kept])

    assert [(record.costs, record.agents) for record in days(store)] == [(None, None), ({}, {})]


# ---- Ages -------------------------------------------------------------------------------------


def old_and_new() -> list[Accepted]:
    """Return states around each limit of `BRIEF`, seen from noon on the 25th."""
    times = (
        "21T12:00",
        "22T12:00",
        "24T11:59",
        "24T12:00",
        "25T10:59:59",
        "25T11:00:00",
        "25T12:00:00",
    )
    return [state(time_, str(number)) for number, time_ in enumerate(times)]


def kept_after_prune(
    store: Store, retention: Retention, now: str
) -> tuple[list[int], list[int], list[int]]:
    """Prune; return the remaining revenues of seconds, minutes and days."""
    store.prune(retention, moment(now))
    seconds, minutes = (
        [int(one.amounts.revenue) for one in moments(store, table)] for table in (SECONDS, MINUTES)
    )
    return seconds, minutes, [int(record.revenue) for record in days(store)]


def test_prune(store: Store, engine: Engine) -> None:
    """Only rows older than their limit are deleted."""
    store.write([told_at("20T00:00", d19="7"), told_at("20T00:01", d19="8")])
    store.write(old_and_new())

    assert kept_after_prune(store, BRIEF, "25T12:00:00") == ([5, 6], [3, 4, 5, 6], [1, 3, 6])
    assert count(engine, RESTATEMENTS) == 0
    assert count(engine, LATEST) == 1


def test_prune_for_ever(store: Store) -> None:
    """Days without a limit are never deleted."""
    store.write(old_and_new())
    retention = Retention(BRIEF.seconds, BRIEF.minutes, None)

    assert kept_after_prune(store, retention, "25T12:00:00") == ([5, 6], [3, 4, 5, 6], [0, 1, 3, 6])


@pytest.mark.parametrize("now", ["2027-02-25T12:00:00Z", "9999-12-31T23:59:59Z"])
def test_prune_by_a_clock_ahead(store: Store, now: str) -> None:
    """A server clock that is a year ahead deletes no more than the newest state's time would."""
    store.write(old_and_new())

    assert kept_after_prune(store, BRIEF, now) == ([5, 6], [3, 4, 5, 6], [1, 3, 6])


@pytest.mark.parametrize("ahead", ["2027-02-25T12:00:00Z", "9999-12-31T23:59:59Z"])
def test_prune_with_a_source_ahead(store: Store, ahead: str) -> None:
    """A source far in the future deletes no more than the server's clock would."""
    store.write([*old_and_new(), state(ahead, "7", came="25T12:00:00")])

    seconds, minutes, kept_days = kept_after_prune(store, BRIEF, "25T12:00:00")

    assert (seconds, minutes, kept_days) == ([5, 6, 7], [3, 4, 5, 6, 7], [1, 3, 6, 7])


@pytest.mark.parametrize(
    "behind", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2025-02-25T12:00:00Z"]
)
def test_prune_with_a_source_behind(store: Store, behind: str) -> None:
    """A source far in the past, even at the start of the calendar, deletes nothing."""
    store.write(old_and_new())
    with store.engine.begin() as connection:
        connection.execute(LATEST.update().values(at=moment(behind)))

    seconds, minutes, kept_days = kept_after_prune(store, BRIEF, "25T12:00:00")

    assert (len(seconds), len(minutes), len(kept_days)) == (7, 7, 4)


def test_prune_of_nothing(store: Store) -> None:
    """Pruning an empty database deletes nothing."""
    assert kept_after_prune(store, BRIEF, "25T12:00:00") == ([], [], [])


# ---- Several writers --------------------------------------------------------------------------


def test_two_stores_of_one_stream(engine: Engine, database: str) -> None:
    """Two programs that write the same stream store each row once, as one would."""
    ledger = Ledger(Calendar(ZONE))
    states = []
    for minute in range(0, 24 * 60, 7):
        at = moment("25T12:00") + timedelta(minutes=minute, milliseconds=minute)
        text = guide.text(
            timestamp=at.isoformat(), revenue=minute, trendsData=guide.month(at.date().isoformat())
        )
        assert ledger.receive(text).accepted
        assert ledger.snapshot
        states.append(ledger.snapshot)
    late = timedelta(milliseconds=3)
    other_engine = open_database(read_url(database))
    one, other = Store(engine, CALENDAR), Store(other_engine, CALENDAR)

    for number, start in enumerate(range(0, len(states), 3)):
        batch = states[start : start + 3]
        one.write([Accepted(each, each.instant, each.trend) for each in batch])
        if number % 2:  # the other's batches are twice as long
            batch = states[start - 3 : start + 3]
            other.write([Accepted(each, each.instant + late, each.trend) for each in batch])
    other_engine.dispose()

    expected = [Moment(each.instant, Amounts(each.revenue, each.state.expenses)) for each in states]
    assert moments(one, SECONDS) == moments(one, MINUTES) == expected
    # The 25th closes with the state of 23:54 until the next day's trend restates it.
    by_day = revenues(one)
    assert len(by_day) == 31
    assert by_day["2026-02-24"] == 119800
    assert days(one)[-2].closed == Amounts(Decimal(714), Decimal(48320))
    assert by_day["2026-02-26"] == 1435
    assert count(engine, LATEST) == 1


def test_older_state_of_a_program_that_hung(engine: Engine) -> None:
    """States written late by a suspended program do not replace newer ones."""
    hung, other = Store(engine, CALENDAR), Store(engine, CALENDAR)
    waiting = [state("24T23:00:00.100", "1"), state("25T10:00:00.100", "2")]
    other.write([state("24T23:00:00.900", "3"), state("25T10:00:00.900", "4")])
    other.write([state("25T11:00", "5")])

    hung.write(waiting)

    latest = other.latest(ZONE)
    assert latest is not None
    assert latest.snapshot.revenue == 5
    assert revenues(other) == {"2026-02-24": 3, "2026-02-25": 5}
    assert [one.amounts.revenue for one in moments(other, SECONDS)] == [3, 4, 5]
    assert [one.amounts.revenue for one in moments(other, MINUTES)] == [3, 4, 5]


def test_older_word_of_a_program_that_hung(engine: Engine) -> None:
    """A restatement written late by a suspended program does not replace a newer one."""
    hung, other = Store(engine, CALENDAR), Store(engine, CALENDAR)
    waiting = [told_at("25T00:01", d24="1")]
    other.write([told_at("25T00:01", d24="1")])
    other.write([told_at("25T00:02", d24="2")])

    hung.write(waiting)
    hung.write([told_at("25T00:03", d24="2")])

    record = days(other)[0]
    assert (record.amounts, record.closed) == (amounts("2"), amounts("1"))


def test_states_of_a_day_that_the_trend_told_first(engine: Engine) -> None:
    """A state of a closed day does not replace the trend's figures of the whole day."""
    hung, other = Store(engine, CALENDAR), Store(engine, CALENDAR)
    other.write([told_at("25T00:01", d24="1")])

    hung.write([state("24T23:59", "3", came="25T00:02")])

    assert days(other)[0] == DayRecord(day("24"), amounts("1"), None)


# ---- Every accepted state can be stored -------------------------------------------------------

FINE = [message for message in CORPUS if message.outcome in {"accepted", "out_of_order"}]


def test_corpus_is_kept(store: Store) -> None:
    """Every message that decodes is stored and read back unchanged, to the last digit."""
    assert FINE
    for number, message in enumerate(FINE):
        came = moment("25T10:00") + timedelta(seconds=number)
        with store.engine.begin() as connection:
            connection.execute(LATEST.delete())  # a closed day accepts nothing after newer states
        _keep_and_compare(Store(store.engine, CALENDAR), message, came)


def _keep_and_compare(store: Store, message: Message, came: datetime) -> None:
    kept = Snapshot(decode(message.raw, ZONE))

    store.write([Accepted(kept, came)])

    latest = store.latest(ZONE)
    assert latest is not None, message.name
    # `source` marks data that `History` never passes on.
    assert _but_for_trend(latest.snapshot.state) == _but_for_trend(kept.state), message.name
    assert abs(latest.snapshot.instant - kept.instant) < timedelta(milliseconds=1), message.name
    record = store.days(*[CALENDAR.day_of(kept.instant)] * 2)[0]
    assert record.day == CALENDAR.day_of(kept.instant), message.name


def _but_for_trend(update: PnLUpdate) -> object:
    return json.loads(
        encode(update.model_copy(update={"trends_data": None})),
        parse_float=Decimal,
        parse_int=Decimal,
    )
