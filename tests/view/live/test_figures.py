"""The charts: figures match the message, and every state can be drawn."""

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from fractions import Fraction
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go
import pytest

from northstar.view.live.figures import CHARTS
from northstar.view.shared.charts import blank
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.drawn import FORTY, GAIN, LOSS, column, figure

NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}
STATES = {
    "example": {},
    "month": {"trendsData": guide.month()},
    "nothing": NOTHING,
    "empty": dict.fromkeys(NOTHING, ()),
    "forty": FORTY,
    "zero": NOTHING | {"revenue": 0, "expenses": 0},
    "loss": {"revenue": 40000},
    "refund": {"revenue": 100, "expenses": -50},
    "below-zero": {"revenue": -5.5, "expenses": 10},
    "largest": {"revenue": 999999999999999, "expenses": -999999999999999},
    "one-flat-day": {"trendsData": [{"date": "2026-02-25", "revenue": 0, "expenses": 0}]},
    "refunded-cost": {"costBreakdown": [{"name": "A", "value": -5}, {"name": "B", "value": 5}]},
}
every_state = pytest.mark.parametrize("changes", STATES.values(), ids=STATES.keys())
every_chart = pytest.mark.parametrize("chart_id", CHARTS)


def painted(part: Any) -> Any:
    """Return a figure with real colours instead of theme names, which plotly does not know."""
    match part:
        case dict():
            return {name: painted(inner) for name, inner in part.items()}
        case list():
            return [painted(inner) for inner in part]
        case str() if part.startswith("--"):
            return "#123456"
        case _:
            return part


def numbers(part: Any) -> Iterator[float]:
    """Yield every number anywhere in `part`."""
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from numbers(inner)
    elif isinstance(part, int | float):
        yield part


@every_chart
@every_state
def test_figure_in_any_state(chart_id: Id, changes: dict[str, Any]) -> None:
    """Plotly accepts every property, every number is finite, and the figure is plain JSON."""
    drawn = figure(chart_id, **changes)

    go.Figure(painted(drawn))
    assert all(math.isfinite(number) for number in numbers(drawn))
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


@every_chart
def test_figure_again(chart_id: Id) -> None:
    """A state has the same figure each time, also after another state."""
    first = figure(chart_id)
    before = deepcopy(first)
    figure(chart_id, costBreakdown=[], agentAttribution=[], trendsData=[])

    assert figure(chart_id) == first == before


@pytest.mark.parametrize("notice", ["", "no data yet"])
def test_blank_chart(notice: str) -> None:
    """A chart without data is valid, has no axes, says why, and is a new object each time."""
    empty = blank(notice)

    go.Figure(painted(empty))
    assert empty["data"] == []
    assert [note["text"] for note in empty["layout"]["annotations"]] == ([notice] if notice else [])
    assert not empty["layout"]["xaxis"]["visible"]
    assert not empty["layout"]["yaxis"]["visible"]
    empty["data"].append({})
    assert blank(notice)["data"] == []


def test_waterfall_of_the_example() -> None:
    """Revenue rises, each category falls, net is the total; each bar has its amount."""
    drawn = figure(Id.CHART_WATERFALL)

    trace, connectors = drawn["data"]
    names = ["Revenue", "Trading Fees", "Infrastructure", "Personnel", "Other", "Net P&L"]
    assert trace["y"] == [125450, -18500, -12800, -11200, -5820, 77130]
    assert trace["x"] == drawn["layout"]["xaxis"]["tickvals"] == [0, 1, 2, 3, 4, 5]
    assert trace["base"] == [0, 125450, 106950, 94150, 82950, 0]
    assert connectors["y"][:6] == [125450, 125450, None, 106950, 106950, None]
    assert connectors["x"][:3] == pytest.approx([0.33, 0.67, None])
    assert trace["text"] == [
        "$125,450.00",
        "-$18,500.00",
        "-$12,800.00",
        "-$11,200.00",
        "-$5,820.00",
        "$77,130.00",
    ]
    assert drawn["layout"]["meta"]["names"] == names
    assert drawn["layout"]["xaxis"]["ticktext"] == [*names[:-1], "Net P&amp;L"]


@pytest.mark.parametrize(
    ("revenue", "expenses", "text", "colour"),
    [
        (125450, 48320, ["$125,450.00", "-$48,320.00", "$77,130.00"], GAIN),
        (40000, 48320, ["$40,000.00", "-$48,320.00", "-$8,320.00"], LOSS),
        (100, -50, ["$100.00", "$50.00", "$150.00"], GAIN),
        (-5.5, 10, ["-$5.50", "-$10.00", "-$15.50"], LOSS),
        (0, 0, ["$0.00", "$0.00", "$0.00"], GAIN),
    ],
    ids=["profit", "loss", "refund", "below-zero", "zero"],
)
def test_waterfall_without_categories(
    revenue: float, expenses: float, text: list[str], colour: str
) -> None:
    """Without categories expenses are one step; a loss has its own colour."""
    drawn = figure(Id.CHART_WATERFALL, revenue=revenue, expenses=expenses, costBreakdown=...)

    trace, _ = drawn["data"]
    assert drawn["layout"]["meta"]["names"] == ["Revenue", "Expenses", "Net P&L"]
    assert trace["y"] == [revenue, -expenses, revenue - expenses]
    assert trace["text"] == text
    assert trace["marker"]["color"][-1] == colour


def test_waterfall_of_categories_that_do_not_add_up() -> None:
    """The remainder that no category explains is a separate step."""
    drawn = figure(Id.CHART_WATERFALL, expenses=50000)

    trace, _ = drawn["data"]
    assert drawn["layout"]["meta"]["names"][-2:] == ["Not itemised", "Net P&L"]
    assert trace["y"][-2:] == [-1680, 75450]
    assert len(trace["y"]) == 7


@every_state
def test_range_of_the_waterfall(changes: dict[str, Any]) -> None:
    """Every bar is within the axis from start to end."""
    drawn = figure(Id.CHART_WATERFALL, **changes)

    trace, _ = drawn["data"]
    low, high = drawn["layout"]["yaxis"]["range"]
    levels = [0, *accumulate(trace["y"][:-1])]
    assert trace["base"] == pytest.approx([*levels[:-1], 0])
    assert low <= min(levels) <= max(levels) <= high
    assert low < high
    assert levels[-1] == pytest.approx(trace["y"][-1])


def test_trend_of_a_month() -> None:
    """Thirty days have bars and two lines with exact amounts in range, and net's average."""
    rows = guide.month()

    drawn = figure(Id.CHART_TREND, trendsData=rows[::-1])

    *lines, mean = drawn["data"]
    low, high = drawn["layout"]["yaxis"]["range"]
    assert [trace["type"] for trace in lines] == ["bar", "scatter", "scatter"]
    for trace, name in zip(lines, ("net", "revenue", "expenses"), strict=True):
        assert (trace["name"], trace["meta"]) == (name.capitalize(), name)
        assert trace["x"] == column(rows, "date")
        running = [] if name == "net" else [None]
        assert trace["y"] == [*column(rows, name)[: 30 - len(running)], *running]
        assert low <= 0 <= min(trace["y"][:-1])
        assert high >= max(trace["y"][:-1])
    assert drawn["layout"]["xaxis"]["range"] == ["2026-01-26 12:00:00", "2026-02-25 12:00:00"]
    assert lines[0]["marker"]["pattern"]["shape"] == [*[""] * 29, "/"], "the running day"
    assert (mean["name"], mean["meta"]) == ("Net, 7-day average", "average")


def test_average_of_the_trend() -> None:
    """The average starts on the seventh day, ends before the current one, and is of seven days."""
    rows = guide.month()
    nets = [Fraction(row["net"]) for row in rows]

    mean = figure(Id.CHART_TREND, trendsData=rows)["data"][3]

    due = [sum(nets[day - 6 : day + 1]) / 7 for day in range(6, 29)]
    assert mean["x"] == column(rows, "date")
    assert mean["y"][:6] == [None] * 6
    assert mean["y"][-1] is None
    assert mean["y"][6:-1] == pytest.approx([float(net) for net in due], abs=0.005)
    assert mean["customdata"][:7] == ["–"] * 6 + ["$70,700.00"]
    assert mean["customdata"][-2:] == ["$71,800.00", "–"]


def test_days_of_the_trend_in_words() -> None:
    """A day's tooltip has its amount and change; the first and the current day have no change."""
    *lines, _ = figure(Id.CHART_TREND, trendsData=guide.month())["data"]

    assert [trace["customdata"][:2] for trace in lines] == [
        ["$70,550.00", "$70,600.00 (+$50.00)"],
        ["$117,100.00", "$117,200.00 (+$100.00)"],
        ["$46,550.00", "$46,600.00 (+$50.00)"],
    ]
    assert [trace["customdata"][-1] for trace in lines] == [
        "$77,130.00",
        "$125,450.00",
        "$48,320.00",
    ]


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 16, 17, 30])
def test_labels_of_the_trend(count: int) -> None:
    """Every day has a label; the browser leaves out those that do not fit."""
    rows = guide.month()[-count:]

    axis = figure(Id.CHART_TREND, trendsData=rows)["layout"]["xaxis"]

    labelled = [column(rows, "date").index(day) for day in axis["tickvals"]]
    assert labelled == list(range(count))
    assert axis["ticktext"][-1] == "25 Feb"


def test_trend_of_losses() -> None:
    """Negative days are within the range."""
    rows = [
        {"date": f"2026-02-2{n}", "revenue": 10 * n, "expenses": 25, "net": 10 * n - 25}
        for n in range(5)
    ]

    drawn = figure(Id.CHART_TREND, trendsData=rows)

    low, high = drawn["layout"]["yaxis"]["range"]
    assert drawn["data"][0]["y"] == [-25, -15, -5, 5, 15]
    assert drawn["data"][0]["marker"]["color"] == ["--fill-loss"] * 3 + ["--fill-gain"] * 2
    assert low < -25
    assert high > 40


def test_trend_of_a_single_day() -> None:
    """A single day is a bar and points, without an average."""
    drawn = figure(Id.CHART_TREND)

    bar, *points, mean = drawn["data"]
    assert [trace["mode"] for trace in points] == ["markers"] * 2
    assert [trace["y"] for trace in (bar, *points)] == [[77130], [125450], [48320]]
    assert (mean["y"], mean["customdata"]) == ([None], ["–"])
    assert drawn["layout"]["xaxis"]["range"] == ["2026-02-24 12:00:00", "2026-02-25 12:00:00"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_trend_of_a_day_at_the_end_of_time(day: str) -> None:
    """Every accepted date can be drawn, including the first and the last."""
    row = {"date": day, "revenue": 3, "expenses": 1}
    drawn = figure(Id.CHART_TREND, timestamp=f"{day}T12:00:00Z", trendsData=[row])

    assert [trace["x"] for trace in drawn["data"]] == [[day]] * 4


@pytest.mark.parametrize(
    ("chart_id", "sent", "said"),
    [
        (Id.CHART_TREND, ..., "no data yet"),
        (Id.CHART_TREND, [], "no data yet"),  # days are merged, so an empty section changes nothing
        (Id.CHART_AGENTS, ..., "no data yet"),
        (Id.CHART_AGENTS, [], "none"),
    ],
)
def test_chart_of_a_section_without_rows(chart_id: Id, sent: object, said: str) -> None:
    """A missing or empty section is a notice instead of empty axes."""
    changes: dict[str, Any] = dict.fromkeys(NOTHING, sent)

    drawn = figure(chart_id, **changes)

    assert drawn == blank(said)
    assert "annotations" not in figure(chart_id)["layout"]


def test_charts_of_another_notation() -> None:
    """Amounts, days and axis labels are in the locale's notation."""
    write = Notation("de_DE", "EUR")

    steps = figure(Id.CHART_WATERFALL, write)
    days = figure(Id.CHART_TREND, write)
    agents = figure(Id.CHART_AGENTS, write)

    assert steps["data"][0]["text"][0] == "125.450,00\N{NO-BREAK SPACE}€"
    assert days["layout"]["xaxis"]["ticktext"] == ["25. Feb."]
    assert agents["data"][0]["customdata"][0] == "75.000,00\N{NO-BREAK SPACE}€"
    assert (
        figure(Id.CHART_AGENTS, write, revenue=1)["layout"]["yaxis"]["ticktext"][1]
        == "20.000\N{NO-BREAK SPACE}€"
    )
