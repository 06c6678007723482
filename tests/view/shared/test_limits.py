"""Limits of alert rules in the charts of net."""

from dataclasses import replace
from decimal import Decimal

import pytest

from northstar.domain.limits import Limit
from northstar.view.live.figures import trend
from northstar.view.live.today import running_day
from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.drawing import draw
from northstar.view.shared.drawn.shapes import FULL, Line
from northstar.view.shared.limits import is_near, limit_text
from northstar.view.shared.money import Notation
from support.snapshots import snapshot
from support.today_chart import state

WRITE = Notation()


def limit(net: int, rule: str = "floor", *, is_floor: bool = True) -> Limit:
    """Return a limit of net."""
    return Limit(rule, Decimal(net), is_floor)


def lines(figure: Figure) -> list[Figure]:
    """Return the traces of limits."""
    return [trace for trace in figure["data"] if trace.get("meta") == "limit"]


@pytest.mark.parametrize(
    ("net", "near"), [(-50, True), (-51, False), (0, True), (150, True), (151, False)]
)
def test_near(net: int, near: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A limit is near if the axis grows by at most half to include it."""
    assert is_near(limit(net), [0.0, 40.0, 100.0]) is near


def test_text() -> None:
    """A limit's text has the direction, the amount and the rule."""
    assert limit_text(limit(-5000), WRITE) == "below -$5,000.00 (floor)"
    assert limit_text(limit(9, "high", is_floor=False), WRITE) == "above $9.00 (high)"


def test_line_of_the_day() -> None:
    """The current day has a level line at a limit within the axis, named at any time."""
    day = replace(state((1, 10), (2, -4)), limits=[limit(-8)])
    figure = running_day(day, WRITE)
    (line,) = lines(figure)

    assert (line["x"][0], line["x"][-1]) == ("2026-11-02 00:00:00", "2026-11-03 00:00:00")
    assert set(line["y"]) == {-8}
    assert set(line["customdata"]) == {"below -$8.00 (floor)"}
    low, _ = figure["layout"]["yaxis"]["range"]
    assert low < -8


def test_limit_far_away() -> None:
    """A distant limit does not change the axis and has no points."""
    day = state((1, 10), (2, -4))
    figure = running_day(replace(day, limits=[limit(-5000)]), WRITE)

    assert figure["layout"] == running_day(day, WRITE)["layout"]
    assert lines(figure)[0]["x"] == []


def test_line_of_the_trend() -> None:
    """The trend has the line on all days, with its name in each tooltip."""
    known = snapshot()
    figure = trend(replace(known, limits=[limit(-5, "a"), limit(-(10**9), "b")]), WRITE)
    near, far = lines(figure)

    assert near["x"] == [day.date.isoformat() for day in known.trend]
    assert far["x"] == []
    assert [*near["customdata"]] == ["below -$5.00 (a)"] * len(near["x"])


def test_trend_follows_its_limits() -> None:
    """A changed limit is drawn although no day has changed."""
    known = snapshot()
    assert lines(trend(known, WRITE)) == []
    assert lines(trend(replace(known, limits=[limit(-5)]), WRITE))


def test_limits_are_drawn() -> None:
    """The drawing of the first response has the same lines as the figure."""
    figure = running_day(replace(state((1, 10), (2, -4)), limits=[limit(-8)]), WRITE)
    low, high = figure["layout"]["yaxis"]["range"]
    (line,) = [s for s in draw(figure).shapes if isinstance(s, Line) and s.colour == "--warn"]
    (path,) = line.paths

    down = round(FULL * (high + 8) / (high - low))
    assert (path[0], path[-1]) == ((0, down), (FULL, down))
