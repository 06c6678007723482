"""The key figures since the start: few points, each the last of its slot, oldest first."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.ledger import Snapshot, merge
from northstar.domain.messages import PnLUpdate, decode
from northstar.domain.sparkline import POINTS, Point, SparklineData
from support import guide

START = 1_772_058_240  # 2026-02-25T22:24:00Z, the guide's example, in seconds since 1970


def state(second: float, revenue: int = 1, source: str | None = None) -> Snapshot:
    """Return a state of that time."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)
    book: dict[str, Any] = {"revenue": Decimal(revenue), "expenses": Decimal(0)}
    return Snapshot(PnLUpdate(timestamp=moment, source=source, **book))


def session(states: Iterable[Snapshot]) -> SparklineData:
    """Return a session that has seen these states."""
    seen = SparklineData()
    for each in states:
        seen.add(each)
    return seen


def revenues(seen: SparklineData) -> list[tuple[int, int]]:
    """Return slot and revenue of each point."""
    return [(point.slot, int(point.revenue)) for point in seen.points]


def test_session_without_states() -> None:
    """Before the first state there is no point."""
    assert list(SparklineData().points) == []


def test_point_of_the_example() -> None:
    """A point has all four figures of its state, exactly."""
    seen = session([merge(None, decode(guide.EXAMPLE, ZoneInfo("UTC")))])

    (point,) = seen.points
    margin = Decimal(77130) / Decimal(125450) * 100
    assert point == Point(START, Decimal(77130), Decimal(125450), Decimal(48320), margin)


def test_margin_of_a_state_without_revenue() -> None:
    """Where there is no margin the point has none; it is not zero."""
    (point,) = session([state(START, revenue=0)]).points

    assert point.margin is None


def test_several_states_of_a_second() -> None:
    """The last one counts."""
    seen = session([state(START, 1), state(START + 0.4, 2), state(START + 0.9, 3)])

    assert revenues(seen) == [(START, 3)]


def test_as_many_states_as_fit() -> None:
    """Sixty seconds are sixty points of a second each."""
    seen = session(state(START + n, n) for n in range(POINTS))

    assert POINTS == 60
    assert seen.slot_s == 1
    assert revenues(seen) == [(START + n, n) for n in range(60)]


def test_one_state_too_many() -> None:
    """With the 61st the slots are two seconds long, and of each the last state stays."""
    seen = session(state(START + n, n) for n in range(61))

    assert START % 2 == 0
    assert seen.slot_s == 2
    assert revenues(seen) == [
        *((START // 2 + n, 2 * n + 1) for n in range(30)),
        (START // 2 + 30, 60),
    ]


def test_states_of_a_day() -> None:
    """A state every ten seconds, all day: never more than sixty points, over the whole day."""
    seen = SparklineData()
    for n in range(8640):
        seen.add(state(START + 10 * n, n))
        assert len(seen.points) <= POINTS

    first, last = seen.points[0], seen.points[-1]
    assert seen.slot_s == 2048
    assert len(seen.points) >= POINTS / 2
    assert first.slot == START // 2048
    assert (last.slot, int(last.revenue)) == ((START + 86_390) // 2048, 8639)


def test_states_far_apart() -> None:
    """Slots without a state have no point, and no time is too long."""
    seen = session([state(START), state(START + 10**9, 2)])

    assert seen.slot_s == 1
    assert revenues(seen) == [(START, 1), (START + 10**9, 2)]


def test_time_that_goes_back() -> None:
    """What was known of a time that has not come is gone."""
    seen = session([state(START + 3600, 1), state(START + 3601, 2), state(START, 3)])

    assert revenues(seen) == [(START, 3)]


def test_time_that_goes_back_after_hours() -> None:
    """Starting anew, slots are short again."""
    late = [state(START + 86_400 + n) for n in range(200)]

    seen = session([*late, state(START, 1), state(START + 1, 2)])

    assert revenues(seen) == [(START, 1), (START + 1, 2)]


@pytest.mark.parametrize(("before", "after"), [("demo", None), (None, "demo"), ("demo", "replay")])
def test_states_of_another_source(before: str | None, after: str | None) -> None:
    """What is real and what is not never share a line."""
    unlike = [state(START + n, source=before) for n in range(200)]

    seen = session([*unlike, state(START + 200, 7, after), state(START + 201, 8, after)])

    assert revenues(seen) == [(START + 200, 7), (START + 201, 8)]


def test_points_that_were_handed_out() -> None:
    """They do not change any more."""
    seen = session([state(START)])
    points = seen.points

    seen.add(state(START + 1))

    assert len(points) == 1


def naive(states: list[tuple[int, str | None]]) -> list[tuple[int, int]]:
    """Return slot and revenue of each point, by keeping everything and counting anew each time.

    The states' revenues are their positions.
    """
    kept: list[tuple[int, int]] = []
    length, source = 1, None
    for position, (second, of) in enumerate(states):
        if of != source or (kept and second // length < kept[-1][0] // length):
            kept, length = [], 1
        source = of
        kept.append((second, position))
        while len({second // length for second, _ in kept}) > 60:
            length *= 2
    return sorted({second // length: position for second, position in kept}.items())


STEPS: Any = st.integers(0, 3) | st.sampled_from([60, 86_400, -1, -50_000])
RUNS = st.tuples(st.integers(1, 150), STEPS, st.sampled_from([None, None, "demo"]))


@given(runs=st.lists(RUNS, max_size=6))
@settings(database=None, deadline=None, max_examples=200)
def test_session_against_a_naive_one(runs: list[tuple[int, int, str | None]]) -> None:
    """Any stream leads to the points that keeping everything would lead to."""
    second = START
    states: list[tuple[int, str | None]] = []
    for times, step, source in runs:
        for _ in range(times):
            second += step
            states.append((second, source))

    seen = session(state(at, n, source) for n, (at, source) in enumerate(states))

    assert revenues(seen) == naive(states)
    assert len(seen.points) <= POINTS
