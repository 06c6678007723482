"""Figures as drawings, compared with geometry computed by hand."""

from itertools import pairwise
from typing import Any

import pytest

from northstar.view.live.figures import CHARTS
from northstar.view.shared.charts import blank, lean_layout
from northstar.view.shared.drawn.drawing import draw
from northstar.view.shared.drawn.shapes import (
    Area,
    Drawing,
    Hatched,
    Label,
    Line,
    Margin,
    Marks,
    Slice,
)
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.drawn import FORTY, figure
from support.snapshots import snapshot

TOP, BOTTOM = 0, 10_000


def chart(traces: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> Drawing:
    """Return the drawing of traces on these axes."""
    layout = lean_layout()
    layout["xaxis"] |= x
    layout["yaxis"] |= {"tickvals": [], "ticktext": [], **y}
    return draw({"data": traces, "layout": layout})


def line(**changes: Any) -> dict[str, Any]:
    """Return a trace of four days; the third is unknown."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-05"],
        "y": [0.0, 50.0, None, 100.0],
        "line": {"color": "--fill-net", "width": 2},
        **changes,
    }


DAYS: dict[str, Any] = {
    "type": "date",
    "range": ["2026-03-01", "2026-03-05"],
    "tickvals": ["2026-03-03", "2026-03-04", "2026-03-05"],
    "ticktext": ["3 Mar", "4 Mar", "5 Mar"],
}
AMOUNTS = {"range": [0, 100], "tickvals": [0, 50, 100], "ticktext": ["0", "50", "100"]}


def test_axes() -> None:
    """Grid lines are at the labelled ticks within the plot, with a stronger one at zero."""
    drawing = chart([], DAYS, AMOUNTS)

    assert drawing.margin == Margin(52, 30, 10, 26)
    assert drawing.shapes == [
        Line([[(0, 5000), (10_000, 5000)]], "--grid", 1, crisp=True),
        Line([[(0, BOTTOM), (10_000, BOTTOM)]], "--axis", 1, crisp=True),
    ]
    assert drawing.labels == [
        Label("left", "0", (0, BOTTOM)),
        Label("left", "50", (0, 5000)),
        Label("left", "100", (0, TOP)),
        Label("below", "5 Mar", (10_000, BOTTOM)),
        Label("below", "4 Mar", (7500, BOTTOM), 3 * 58 + 82),
        Label("below", "3 Mar", (5000, BOTTOM), 3 * 58 // 2 + 82),
    ]


def test_axes_of_losses() -> None:
    """The zero line is at zero and replaces the grid line; without zero there is none."""
    around = chart([], {}, {"range": [-100, 300], "tickvals": [-100, 0, 200], "ticktext": [""] * 3})
    above = chart([], {}, {"range": [100, 300], "tickvals": [200], "ticktext": [""]})

    assert around.shapes == [
        Line([[(0, 2500), (10_000, 2500)]], "--grid", 1, crisp=True),
        Line([[(0, 7500), (10_000, 7500)]], "--axis", 1, crisp=True),
    ]
    assert above.shapes == [Line([[(0, 5000), (10_000, 5000)]], "--grid", 1, crisp=True)]


def test_line_with_a_gap() -> None:
    """A line stops before an unknown amount and starts again after it."""
    drawing = chart([line()], DAYS, {"range": [0, 100], "zeroline": False})

    assert drawing.shapes[-1] == Line(
        [[(0, BOTTOM), (2500, 5000)], [(10_000, TOP)]], "--fill-net", 2
    )


def test_line_of_steps() -> None:
    """In a step line each amount holds until the next point."""
    steps = line(line={"color": "--text", "width": 1.5, "dash": "dot", "shape": "hv"})

    drawn = chart([steps | {"y": [0, 50, 50, 100]}], DAYS, AMOUNTS).shapes[-1]

    corners = [(0, 10_000), (2500, 10_000), (2500, 5000), (5000, 5000), (5000, 5000)]
    assert drawn == Line([[*corners, (10_000, 5000), (10_000, TOP)]], "--text", 1.5, dotted=True)


def test_area_below_zero() -> None:
    """An area reaches from the line to zero, also across a gap."""
    fall = line(y=[0.0, -50.0, None, -100.0], fill="tozeroy", fillcolor="--fill-fall")

    area, _ = chart([fall], DAYS, {"range": [-100, 0], "zeroline": False}).shapes[-2:]

    corners = [(0, TOP), (0, TOP), (2500, 5000), (10_000, BOTTOM), (10_000, TOP)]
    assert area == Area([corners], "--fill-fall")


def test_symbols() -> None:
    """Points are drawn in their colours; unknown and transparent ones are left out."""
    marker = {"color": "--text", "symbol": "diamond", "size": 8, "line": {"color": "--hover"}}
    diamonds = chart([line(mode="markers", marker=marker)], DAYS, AMOUNTS).shapes[-1]
    hidden = chart([line(mode="markers", marker={"color": "rgba(0,0,0,0)"})], DAYS, AMOUNTS)

    points = [(0, BOTTOM), (2500, 5000), (10_000, TOP)]
    assert diamonds == Marks(points, "diamond", 8, "--text", "--hover")
    assert len(hidden.shapes) == 2, "the grid alone"


def test_bars_side_by_side() -> None:
    """Bars of one position share its width and extend up or down from zero."""
    traces = [
        {"type": "bar", "x": [0, 1], "y": [100, 50], "marker": {"color": "--fill-revenue"}},
        {"type": "bar", "x": [0, 1], "y": [-100, 50], "marker": {"color": ["red", "green"]}},
    ]

    drawing = chart(traces, {"range": [-0.5, 1.5]}, {"range": [-100, 100], "zeroline": False})

    # A position is 5000 wide, of which bars take four fifths: 2000 each, a fifth of the plot.
    assert drawing.shapes[-3:] == [
        Area(
            [
                [(500, 0), (2500, 0), (2500, 5000), (500, 5000)],
                [(5500, 2500), (7500, 2500), (7500, 5000), (5500, 5000)],
            ],
            "--fill-revenue",
            10,
        ),
        Area([[(2500, 5000), (4500, 5000), (4500, 10_000), (2500, 10_000)]], "red", 10),
        Area([[(7500, 2500), (9500, 2500), (9500, 5000), (7500, 5000)]], "green", 10),
    ]


def test_bars_of_days() -> None:
    """Incomplete days are hatched; a single day is one day wide."""
    marker = {"color": ["green"], "pattern": {"shape": ["/"]}}
    bars = {"type": "bar", "x": ["2026-03-03"], "y": [50], "marker": marker}

    drawing = chart([bars], DAYS, {"range": [0, 100], "zeroline": False})

    assert drawing.shapes[-1] == Hatched([((4000, 5000), (6000, BOTTOM))], "green")


def test_waterfall() -> None:
    """The bars of the guide's example start where the previous one ends, and end at net."""
    drawing = draw(figure(Id.CHART_WATERFALL))

    bars = [box for shape in drawing.shapes if isinstance(shape, Area) for box in shape.paths]
    high = 125_450 * 1.16
    levels = [0, 125_450, 106_950, 94_150, 82_950, 77_130]
    tops = [round(10_000 * (1 - max(pair) / high)) for pair in pairwise(levels)]
    assert [box[0][1] for box in bars] == [*tops, tops[-1] + round(10_000 * 5_820 / high)]
    assert {box[2][1] for box in (bars[0], bars[-1])} == {BOTTOM}
    assert [box[0][0] for box in bars] == [round((n + 0.17) * 10_000 / 6) for n in range(6)]
    connector = drawing.shapes[-1]
    assert isinstance(connector, Line)
    assert connector.paths[0] == [(1383, tops[0]), (1950, tops[0])]
    assert drawing.labels == []


@pytest.mark.parametrize(
    "changes",
    [
        {"revenue": 40000},
        {"revenue": 0, "expenses": 0, "costBreakdown": [], "agentAttribution": []},
        {"trendsData": guide.month()},
        FORTY,
        {"costBreakdown": [{"name": "Refund", "value": -500}]},
        {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...},
    ],
    ids=["loss", "nothing", "month", "forty", "refund", "totals"],
)
def test_drawings_of(changes: dict[str, Any]) -> None:
    """Every shape of every chart is in the plot area in any state."""
    for draws in CHARTS.values():
        drawing = draw(draws(snapshot(**changes), Notation()))

        for shape in drawing.shapes:
            boxes = shape.boxes if isinstance(shape, Hatched) else []
            points = [shape.points] if isinstance(shape, Marks) else getattr(shape, "paths", boxes)
            assert all(0 <= part <= 10_000 for path in points for at in path for part in at)


def test_ring() -> None:
    """Slices are clockwise from the top; a refund is hatched, and a zero is left out."""
    costs = [
        {"name": "A", "value": 30},
        {"name": "None", "value": 0},
        {"name": "Refund", "value": -10},
    ]

    drawing = draw(figure(Id.CHART_COSTS, costBreakdown=costs))

    assert drawing.ring is not None
    assert drawing.ring.slices == [
        Slice(0.0, 0.75, "--cost-0", hatched=False),
        Slice(0.75, 1.0, "--cost-1", hatched=True),
    ]
    assert (drawing.ring.hole, drawing.shapes, drawing.labels) == (0.7, [], [])


def test_notice() -> None:
    """A chart without data has its notice in the middle and no axes."""
    drawing = draw(blank("no <data>"))

    assert drawing.shapes == []
    assert drawing.labels == [Label("centre", "no <data>", (5000, 5000))]


def test_annotation() -> None:
    """The number of hidden agents is in the upper right corner."""
    labels = draw(figure(Id.CHART_AGENTS, **FORTY)).labels

    assert labels[-1] == Label("corner", "32 smaller agents hidden", (10_000, 0))


def test_many_points() -> None:
    """Points on a straight line are left out, but not the last or an extreme."""
    count = 5000
    busy = line(x=list(range(count)), y=[100.0 if n == 2500 else 0.1 for n in range(count)])

    drawn = chart([busy], {"range": [0, count - 1]}, {"range": [0, 100]}).shapes[-1]

    assert isinstance(drawn, Line)
    [path] = drawn.paths
    assert len(path) < 700
    assert (path[0], path[-1]) == ((0, 9990), (10_000, 9990))
    assert min(y for _, y in path) == TOP


def test_many_steps() -> None:
    """Of steps closer than the line's width the first stays, and so does the last of all."""
    count = 5000
    shape = {"color": "--text", "width": 2, "shape": "hv"}
    busy = line(x=list(range(count)), y=[50.0 + n % 2 / 10 for n in range(count)], line=shape)

    drawn = chart([busy], {"range": [0, count - 1]}, {"range": [0, 100]}).shapes[-1]

    assert isinstance(drawn, Line)
    assert len(drawn.paths[0]) < 3400
    assert (drawn.paths[0][0], drawn.paths[0][-1]) == ((0, 5000), (10_000, 4990))
