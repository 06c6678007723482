"""The chart of the current day: its line, the day before, extremes, losses and target."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.view.live.as_table import running_day as table
from northstar.view.live.today import running_day
from northstar.view.shared.charts import Figure, blank
from northstar.view.shared.money import Notation
from support.snapshots import snapshot
from support.today_chart import state

WRITE = Notation()


def traces(figure: Figure) -> dict[str, Any]:
    """Return the traces by name, except those of losses, which have none."""
    return {trace.get("name", "losses"): trace for trace in figure["data"]}


def points(trace: Figure) -> dict[str, float]:
    """Return the known points of a trace by local time."""
    return {x[11:16]: y for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None}


def test_day_without_states() -> None:
    """Without a current day there is no chart, and the table is empty."""
    assert running_day(snapshot(), WRITE) == blank("no data yet")
    assert list(table(snapshot(), WRITE).rows) == []


def test_line_of_the_day() -> None:
    """A state is at the end of its slot, the newest at its time; each holds for 15 minutes."""
    line = traces(running_day(state((1, 10), (1.07, 20), (2, 5), (2.05, 7)), WRITE))["Net"]

    assert points(line) == {
        "01:04": 10,
        "01:08": 20,
        "01:12": 20,
        "01:16": 20,
        "01:20": 20,
        "02:03": 7,
    }
    assert line["customdata"][15] == "$10.00"
    assert len(line["x"]) == len(line["y"]) == len(line["customdata"]) == 360


def test_day_before_as_a_ghost() -> None:
    """The whole day before is drawn at its own local times."""
    drawn = traces(running_day(state((-23, 1), (-1, 2), (0.5, 3)), WRITE))

    assert list(points(drawn["Day before"]))[:1] == ["01:04"]
    assert points(drawn["Day before"])["23:04"] == 2
    assert points(drawn["Net"]) == {"00:30": 3}


@pytest.mark.parametrize(("net", "colour"), [(5, "--fill-gain"), (-5, "--fill-loss")])
def test_colour_of_the_day(net: int, colour: str) -> None:
    """The line has the colour of the result; the axis includes zero."""
    figure = running_day(state((1, net)), WRITE)

    assert traces(figure)["Net"]["line"]["color"] == colour
    low, high = figure["layout"]["yaxis"]["range"]
    assert low <= 0 <= high


def test_losses() -> None:
    """The area below zero is shaded; without a loss there is none."""
    drawn = traces(running_day(state((1, 10), (1.1, -20), (1.2, 5)), WRITE))

    assert points(drawn["losses"]) == {"01:04": 0, "01:08": -20, "01:12": 5 * 0}
    assert traces(running_day(state((1, 10)), WRITE))["losses"]["y"] == []


def test_extremes_and_target() -> None:
    """The highest and the lowest state are marked, and the target is a line across the day."""
    drawn = traces(running_day(state((1, 10), (2, -4), (3, 1), target=100), WRITE))

    assert points(drawn[""]) == {"01:00": 10, "02:00": -4}
    assert drawn[""]["customdata"] == ["High $10.00 · 01:00", "Low -$4.00 · 02:00"]
    assert drawn["Target"]["y"] == [100, 100]


def test_day_of_25_hours() -> None:
    """The axis stays even when clocks are set back; its labels are local times."""
    new_york = Calendar(ZoneInfo("America/New_York"))

    axis = running_day(state((-12, 1), calendar=new_york), WRITE)["layout"]["xaxis"]

    assert axis["range"] == ["2026-11-01 00:00:00", "2026-11-02 01:00:00"]
    assert axis["ticktext"][:4] == ["00:00", "01:00", "01:00", "02:00"]


def test_table_of_the_day() -> None:
    """The table has the net at the end of each hour, newest first, beside the day before."""
    rows = table(state((-22.5, 7), (-22.1, 8), (0.95, 3), (1.5, 4)), WRITE).rows

    assert [list(row) for row in rows] == [["02:00", "–", "$8.00"], ["01:00", "$3.00", "–"]]
