"""The current day by slot: its extremes, the day before and the same time of it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, Moment
from northstar.domain.intraday import SLOT, DayLine, Intraday, IntradayData
from northstar.domain.messages import PnLUpdate
from northstar.domain.trading import TradingDays

WEEKDAYS = Calendar(UTC, trading=TradingDays(frozenset(range(5))))
NEW_YORK = Calendar(ZoneInfo("America/New_York"))


def at(text: str) -> datetime:
    """Return a time of November 2026, such as "02T10:00"."""
    return datetime.fromisoformat(f"2026-11-{text}Z")


def state(when: datetime, net: int = 0, source: str | None = None) -> PnLUpdate:
    """Return a state with that net."""
    return PnLUpdate(timestamp=when, source=source, revenue=Decimal(net), expenses=Decimal(0))


def data(
    states: Iterable[tuple[str, int]],
    calendar: Calendar = Calendar(UTC),  # noqa: B008 (immutable)
) -> IntradayData:
    """Return the data for states, each a time and a net."""
    known = IntradayData(calendar)
    for when, net in states:
        known.add(state(at(when), net))
    return known


def view(states: Iterable[tuple[str, int]], calendar: Calendar = Calendar(UTC)) -> Intraday:  # noqa: B008
    """Return the current day after states."""
    found = data(states, calendar).view
    assert found
    return found


def net_of(moment: Moment) -> int:
    """Return the net of a state."""
    return int(moment.amounts.net)


def nets(line: DayLine | None) -> dict[int, int]:
    """Return the nets of a line by slot."""
    assert line
    return {n: int(each.amounts.net) for n, each in enumerate(line.slots) if each}


def test_day_without_states() -> None:
    """Before the first state there is no day."""
    assert IntradayData(Calendar(UTC)).view is None


def test_slots_of_a_day() -> None:
    """A slot has the last state of its four minutes; the newest state's slot is still open."""
    day = view([("02T00:00", 1), ("02T00:03:59", 2), ("02T00:04", 3), ("02T00:09", 4)])

    assert nets(day.line) == {0: 2, 1: 3}
    assert (day.newest.at, net_of(day.newest)) == (at("02T00:09"), 4)
    assert day.line.count == 360


def test_gap_in_a_day() -> None:
    """A slot without a state is empty."""
    assert nets(view([("02T00:00", 1), ("02T00:08", 2), ("02T00:12", 3)]).line) == {0: 1, 2: 2}


def test_extremes_of_a_day() -> None:
    """The extremes include every state; of equal ones the first counts."""
    states = [("02T00:00:01", 5), ("02T00:00:02", -7), ("02T00:00:03", 9), ("02T00:00:04", 9)]
    day = view([*states, ("02T00:00:05", 1)])

    assert (day.low.at, net_of(day.low)) == (at("02T00:00:02"), -7)
    assert (day.high.at, net_of(day.high)) == (at("02T00:00:03"), 9)


def test_next_day() -> None:
    """After its end, the day with its last slot is the day before."""
    day = view([("02T10:00", 1), ("02T10:05", 2), ("03T00:01", 3)])

    assert (day.line.day, nets(day.line), net_of(day.low)) == (date(2026, 11, 3), {}, 3)
    assert day.before
    assert (day.before.day, nets(day.before)) == (date(2026, 11, 2), {150: 1, 151: 2})


def test_same_time_of_the_day_before() -> None:
    """The same time is the last state until then, at most a quarter of an hour earlier."""
    states = [("02T09:50", 1), ("02T10:00", 2), ("02T10:10", 3)]

    found = [view([*states, (f"03T{when}", 0)]).same_time for when in ("10:09", "10:25", "10:26")]

    assert [each and net_of(each) for each in found] == [2, 3, None]


def test_same_time_soon_after_the_start() -> None:
    """A state before the start of the previous day is not its state."""
    assert view([("01T23:59", 1), ("02T23:59", 2), ("03T00:05", 3)]).same_time is None


def test_same_time_across_a_clock_change() -> None:
    """Local times are compared: on 1 November clocks in New York were set back."""
    states = [("01T20:00", 1), ("01T21:00", 2)]  # 15:00 and 16:00 in New York
    day = view([("01T19:50", 0), *states, ("02T20:02", 3)], NEW_YORK)
    earlier = [(31, 19), (31, 20)]  # 15:00 and 16:00 daylight saving time, in October
    known = IntradayData(NEW_YORK)
    for october, hour in earlier:
        known.add(state(datetime(2026, 10, october, hour, tzinfo=UTC), hour))
    known.add(state(at("01T20:05")))

    assert day.same_time
    assert net_of(day.same_time) == 1
    assert known.view
    assert known.view.same_time
    assert net_of(known.view.same_time) == 19


def test_trading_day_before() -> None:
    """The day before a Monday is the Friday, even with states at the weekend."""
    friday, monday = "06T12:00", "09T12:00"
    with_weekend = view([(friday, 1), ("07T12:00", 5), ("08T12:00", 6), (monday, 2)], WEEKDAYS)
    without = view([(friday, 1), (monday, 2)], WEEKDAYS)

    for day in (with_weekend, without):
        assert day.before
        assert day.before.day == date(2026, 11, 6)
        assert day.same_time
        assert net_of(day.same_time) == 1


def test_unknown_day_before() -> None:
    """An earlier day does not replace a missing one."""
    day = view([("02T10:00", 1), ("03T10:00", 2), ("05T10:00", 3)])

    assert (day.before, day.same_time) == (None, None)


def test_clock_that_was_ahead() -> None:
    """States of a clock that was ahead are dropped after its correction."""
    day = view([("02T10:00", 1), ("02T11:00", 99), ("02T11:04", 98), ("02T10:05", 2)])

    assert (nets(day.line), net_of(day.newest)) == ({150: 1}, 2)
    assert (net_of(day.low), net_of(day.high)) == (1, 2)


def test_other_source() -> None:
    """Data of another source starts a new day."""
    known = data([("02T10:00", 1)])

    known.add(state(at("02T10:30"), 5, "demo"))

    assert known.view
    assert (nets(known.view.line), net_of(known.view.low)) == ({}, 5)


def test_restored_day() -> None:
    """The history's minutes and later states form one day."""
    known = IntradayData(Calendar(UTC), Decimal(50), Decimal(900))
    known.restore(
        Moment(at(when), Amounts(Decimal(net), Decimal(0)))
        for when, net in (("01T10:00", 7), ("02T10:00", 1))
    )

    known.add(state(at("02T10:04"), 2))

    assert known.view
    assert nets(known.view.line) == {150: 1}
    assert known.view.same_time is None or net_of(known.view.same_time) == 7
    assert known.view.before
    assert known.view.target == 50
    assert known.view.month_target == 900


def test_line_between_slots() -> None:
    """The line stays the same object until a slot ends, so that derived results can be cached."""
    known = data([("02T00:00", 1), ("02T00:05", 2)])
    before = known.view

    known.add(state(at("02T00:06"), 3))
    between = known.view
    known.add(state(at("02T00:08"), 4))

    assert before
    assert between
    assert known.view
    assert before.line is between.line is not known.view.line


@given(
    st.lists(st.tuples(st.integers(0, 4 * 86400), st.integers(-9, 9)), min_size=1, max_size=60),
    st.sampled_from([time(0), time(4), time(17)]),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin"]),
)
@settings(database=None, deadline=None)
def test_any_day(steps: list[tuple[int, int]], close: time, zone: str) -> None:
    """Slots and extremes equal those of a search through all states of the day."""
    calendar = Calendar(ZoneInfo(zone), close)
    start = datetime(2026, 10, 30, tzinfo=UTC)  # clocks change on 1 November in New York
    states = [(start + timedelta(seconds=second), net) for second, net in sorted(steps)]
    known = IntradayData(calendar)
    for when, net in states:
        known.add(state(when, net))

    day = known.view

    assert day
    today = calendar.day_of(states[-1][0])
    own = [(when, net) for when, net in states if calendar.day_of(when) == today]
    slots = {(when - calendar.start(today)) // SLOT: net for when, net in own}
    slots.pop((own[-1][0] - calendar.start(today)) // SLOT)
    assert nets(day.line) == slots
    assert net_of(day.low) == min(net for _, net in own)
    assert net_of(day.high) == max(net for _, net in own)
