"""The small lines: their corners are the session's points, within the card, with words for them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.sparkline import Point
from northstar.view.live.sparklines import drawing, sparkline
from northstar.view.shared.money import Notation

AMOUNTS = st.none() | st.decimals(-2 * 10**15, 2 * 10**15, places=2)
SESSIONS = st.dictionaries(st.integers(0, 10**9), AMOUNTS, max_size=60)


def session(amounts: Mapping[int, int | Decimal | None]) -> list[Point]:
    """Return points with these margins by slot; the other figures are not looked at."""
    zero = Decimal(0)
    return [
        Point(slot, zero, zero, zero, None if amount is None else Decimal(amount))
        for slot, amount in sorted(amounts.items())
    ]


def line(amounts: Mapping[int, int | Decimal | None]) -> Mapping[str, Any]:
    """Return a line of these amounts, by slot."""
    return sparkline(session(amounts), "margin", "Margin", Notation().money)


def corners(drawn: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the line's corners in percent of its box from the left and from the top."""
    left, top, width, height = map(float, drawn["viewBox"].split())
    pairs = (corner.split(",") for corner in drawn["points"])
    return [
        (round(100 * (float(x) - left) / width, 1), round(100 * (float(y) - top) / height, 1))
        for x, y in pairs
    ]


def test_line_of_three_points() -> None:
    """The first point is at the left, the last at the right; more is higher."""
    drawn = line({10: 100, 11: 300, 14: 200})

    assert corners(drawn) == [(0, 92), (25, 4), (100, 48)]
    assert drawn["title"] == "Margin since the start, from $100 to $200"
    assert drawn["aria-label"] == drawn["title"]


def test_line_in_svg() -> None:
    """The drawing has the line, and the area between it and the bottom of its box."""
    drawn = drawing(line({5: 1, 9: 2}))

    assert 'viewBox="0 -1.045 4 1.136"' in drawn
    assert '<polyline points="0,0 4,-1">' in drawn
    assert '<polygon points="0,0 4,-1 4,0.091 0,0.091">' in drawn


def test_line_with_another_point() -> None:
    """A point is added to the others, which stay as they are."""
    before, now = line({5: 1, 9: 2}), line({5: 1, 9: 2, 10: 3})

    assert now["points"] == (*before["points"], "5,-2")


@pytest.mark.parametrize("amounts", [{}, {5: 100}, {5: None, 6: None}, {5: 7, 6: None}])
def test_line_of_less_than_two_points(amounts: dict[int, int | None]) -> None:
    """There is none, but its place has a name."""
    said = "Margin since the start"
    due = {"points": (), "viewBox": "0 0 1 1", "title": said, "aria-label": said}
    assert line(amounts) == due


def test_line_of_equal_amounts() -> None:
    """It is level, in the middle."""
    assert corners(line({0: 7, 1: 7, 2: 7})) == [(0, 48), (50, 48), (100, 48)]


def test_line_of_losses() -> None:
    """The deepest loss is the lowest point."""
    assert corners(line({0: -1, 1: -3, 2: -2})) == [(0, 4), (50, 92), (100, 48)]


def test_points_that_are_not_known() -> None:
    """They are left out: the line goes on to the next one that is known."""
    drawn = line({0: None, 10: 1, 11: None, 20: 2, 30: None})

    assert corners(drawn) == [(0, 92), (100, 4)]
    assert drawn["title"] == "Margin since the start, from $1 to $2"


@pytest.mark.parametrize(("figure", "low"), [("net", "$1"), ("revenue", "$2"), ("expenses", "$3")])
def test_line_of_each_figure(figure: str, low: str) -> None:
    """Each line is of its own figure."""
    points = [Point(n, Decimal(1 + n), Decimal(2 + n), Decimal(3 + n), None) for n in range(2)]

    said = sparkline(points, figure, "It", Notation().money)["title"]

    assert said.startswith(f"It since the start, from {low} to")


@given(amounts=SESSIONS)
@settings(database=None, deadline=None)
def test_line_of_any_session(amounts: dict[int, Decimal | None]) -> None:
    """Every line runs from edge to edge within its box, from left to right, in plain numbers."""
    drawn = line(amounts)
    known = [(slot, amount) for slot, amount in sorted(amounts.items()) if amount is not None]
    if len(known) < 2:
        return

    found = corners(drawn)

    assert not re.search("nan|inf|e", " ".join(drawn["points"]))
    assert [x for x, _ in found] == sorted(x for x, _ in found)
    assert (found[0][0], found[-1][0], len(found)) == (0, 100, len(known))
    assert all(3.8 <= y <= 92.2 for _, y in found)
    heights = {amount: y for (_, amount), (_, y) in zip(known, found, strict=True)}
    if len(heights) > 1:
        ends = (heights[max(heights)], heights[min(heights)])
        assert ends == pytest.approx((4, 92), abs=0.2)
