"""The sparklines: their points are the day's states within the card."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, Moment
from northstar.domain.intraday import SLOT, Intraday, IntradayData
from northstar.domain.limits import Limit
from northstar.view.shared.sparklines import POINTS, drawing, sparkline

START = datetime(2026, 2, 25, tzinfo=UTC)
AMOUNTS = st.decimals(-2 * 10**15, 2 * 10**15, places=2)
DAYS = st.dictionaries(st.integers(0, 359), AMOUNTS, min_size=1, max_size=90)


def day(amounts: Mapping[int, Amounts]) -> Intraday | None:
    """Return a day with these amounts by slot."""
    known = IntradayData(Calendar(UTC))
    known.restore(Moment(START + slot * SLOT, each) for slot, each in sorted(amounts.items()))
    return known.view


def line(nets: Mapping[int, int | Decimal]) -> Mapping[str, Any]:
    """Return a line of these nets, by slot."""
    zero = Decimal(0)
    return sparkline(
        day({at: Amounts(Decimal(net), zero) for at, net in nets.items()}), "net", "Net"
    )


def corners(drawn: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the line's points in percent of its box from the left and the top."""
    left, top, width, height = map(float, drawn["viewBox"].split())
    pairs = (corner.split(",") for corner in drawn["points"])
    return [
        (round(100 * (float(x) - left) / width, 1), round(100 * (float(y) - top) / height, 1))
        for x, y in pairs
    ]


def test_line_of_three_points() -> None:
    """The first point is at the left, the last at the right; larger is higher."""
    drawn = line({10: 100, 11: 300, 14: 200})

    assert corners(drawn) == [(0, 92), (25, 4), (100, 48)]
    assert (drawn["title"], drawn["aria-label"]) == ("Net since 00:00", "Net since 00:00")


def test_line_in_svg() -> None:
    """The SVG has the line and the area down to the bottom of its box."""
    drawn = drawing(line({5: 1, 9: 2}))

    assert 'viewBox="0 -1.045 4 1.136"' in drawn
    assert '<polyline points="0,0 4,-1">' in drawn
    assert '<polygon points="0,0 4,-1 4,0.091 0,0.091">' in drawn


def test_line_with_another_point() -> None:
    """A new point is appended and the others stay the same."""
    before, now = line({5: 1, 9: 2}), line({5: 1, 9: 2, 10: 3})

    assert now["points"] == (*before["points"], "5,-2")


def test_line_of_a_long_day() -> None:
    """The line has at most as many points as a card can show, including the newest."""
    drawn = line({slot: slot for slot in range(359)} | {359: 1})

    assert POINTS / 2 < len(drawn["points"]) <= POINTS + 1
    assert corners(drawn)[-1][0] == 100
    assert drawn["points"][-1] == "359,-0.01"


@pytest.mark.parametrize("nets", [{}, {5: 100}])
def test_line_of_less_than_two_points(nets: dict[int, int]) -> None:
    """With less than two points there is no line, but a name."""
    name = "Net since 00:00" if nets else "Net"
    due = {"points": (), "viewBox": "0 0 1 1", "limits": (), "title": name, "aria-label": name}
    due["data-since"] = "since 00:00" if nets else ""
    assert line(nets) == due


def test_line_of_equal_amounts() -> None:
    """Equal amounts are a level line in the middle."""
    assert corners(line({0: 7, 1: 7, 2: 7})) == [(0, 48), (50, 48), (100, 48)]
    assert corners(line({0: 0, 1: 0})) == [(0, 48), (100, 48)]


def test_line_of_a_small_movement() -> None:
    """A change of two percent does not fill the box."""
    (_, first), (_, last) = corners(line({0: 100, 1: 102}))

    assert 8 < first - last < 10


def test_limits_of_a_line() -> None:
    """A near limit is a level line in the box and part of the name; a distant one is not."""
    known = day({at: Amounts(Decimal(net), Decimal(0)) for at, net in {0: 100, 1: 50}.items()})
    near, far = Limit("low", Decimal(30), is_floor=True), Limit("lower", Decimal(20), is_floor=True)
    drawn = sparkline(known, "net", "Net", {"below 30": near, "below 20": far})

    _, top, _, height = map(float, drawn["viewBox"].split())
    assert drawn["limits"] == ("7.000",)
    assert drawn["points"] == ("0,0", "1,5")
    assert top < 0
    assert top + height > 7
    assert drawn["title"] == drawn["aria-label"] == "Net since 00:00, limit below 30"
    assert '<path d="M0 7.000h1"></path></svg>' in drawing(drawn)


def test_line_of_losses() -> None:
    """The deepest loss is the lowest point."""
    assert corners(line({0: -1, 1: -3, 2: -2})) == [(0, 4), (50, 92), (100, 48)]


def test_points_that_are_not_known() -> None:
    """A margin without revenue is left out, and the line continues at the next known one."""
    one, two, none = (Amounts(Decimal(r), Decimal(e)) for r, e in ((100, 50), (100, 10), (0, 10)))

    drawn = sparkline(day({0: none, 10: one, 11: none, 20: two, 30: none}), "margin", "Margin")

    assert corners(drawn) == [(0, 92), (100, 4)]


@pytest.mark.parametrize(("figure", "way"), [("net", -1), ("revenue", 1), ("expenses", 1)])
def test_line_of_each_figure(figure: str, way: int) -> None:
    """Each line has the values of its own figure."""
    known = day({n: Amounts(Decimal(2 + n), Decimal(1 + 3 * n)) for n in range(2)})

    (_, first), (_, last) = corners(sparkline(known, figure, "It"))

    assert (first > last) == (way > 0)


@given(nets=DAYS)
@settings(database=None, deadline=None)
def test_line_of_any_day(nets: dict[int, Decimal]) -> None:
    """A line runs from edge to edge within its box, from left to right, in plain numbers."""
    drawn = line(nets)
    if len(nets) < 2:
        return
    if not drawn["points"]:
        return

    found = corners(drawn)

    assert not re.search("nan|inf|e", " ".join(drawn["points"]))
    assert [x for x, _ in found] == sorted(x for x, _ in found)
    assert (found[0][0], found[-1][0]) == (0, 100)
    assert all(3.8 <= y <= 92.2 for _, y in found)
