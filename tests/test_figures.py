"""The charts: what is drawn is what the message says, and every state can be drawn."""

import html
import json
import math
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import pytest

import guide
from northstar.ledger import Snapshot, merge
from northstar.messages import decode
from northstar.view.figures import CHARTS, Figure, fill, patch
from northstar.view.ids import Id

GAIN, LOSS = "#10b981", "#ef4444"
MARKUP = '<b>A</b> & <a href="x">B</a>'
NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}
FORTY: dict[str, Any] = {
    "costBreakdown": [{"name": f"Cost {n}", "value": n + 0.5} for n in range(40)],
    "agentAttribution": [
        {"agent": f"Agent {n}", "revenue": 100 * n, "expenses": 2000} for n in range(40)
    ],
}
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


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(None, decode(guide.text(**changes), ZoneInfo("UTC")))


def figure(chart_id: Id, **changes: Any) -> Figure:
    """Return a chart of one variation of the example."""
    chart = CHARTS[chart_id]
    return fill(chart.empty(), chart.values(snapshot(**changes)))


def numbers(part: Any) -> Iterator[float]:
    """Yield every number anywhere in `part`."""
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from numbers(inner)
    elif isinstance(part, int | float):
        yield part


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    """Return one field of every row of a message."""
    return [row[name] for row in rows]


@every_chart
@every_state
def test_figure_in_any_state(chart_id: Id, changes: dict[str, Any]) -> None:
    """Plotly knows every property; every number is one, and the whole is plain JSON."""
    drawn = figure(chart_id, **changes)

    go.Figure(drawn)
    assert all(math.isfinite(number) for number in numbers(drawn))
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


@every_chart
def test_figure_without_data(chart_id: Id) -> None:
    """An empty chart is valid too, holds no amount, and is new each time."""
    empty = CHARTS[chart_id].empty()

    go.Figure(empty)
    assert not any(trace.get("y") or trace.get("values") for trace in empty["data"])
    assert CHARTS[chart_id].empty()["data"] is not empty["data"]


@every_chart
@every_state
def test_patch_of_an_open_page(chart_id: Id, changes: dict[str, Any]) -> None:
    """A patch only assigns, and makes of any earlier figure what a new page gets."""
    chart = CHARTS[chart_id]
    sent = json.loads(json.dumps(patch(chart.values(snapshot(**changes))).to_plotly_json()))

    for before in (chart.empty(), figure(chart_id, **FORTY)):
        for operation in sent["operations"]:
            assert operation["operation"] == "Assign"
            part = before
            *steps, last = operation["location"]
            for step in steps:
                part = part[step]
            part[last] = operation["params"]["value"]
        assert before == figure(chart_id, **changes)


@pytest.mark.parametrize(
    ("revenue", "expenses", "text", "colour"),
    [
        (125450, 48320, ["$125,450", "-$48,320", "$77,130"], GAIN),
        (40000, 48320, ["$40,000", "-$48,320", "-$8,320"], LOSS),
        (100, -50, ["$100", "$50", "$150"], GAIN),
        (-5.5, 10, ["-$5.50", "-$10", "-$15.50"], LOSS),
        (0, 0, ["$0", "$0", "$0"], GAIN),
    ],
    ids=["profit", "loss", "refund", "below-zero", "zero"],
)
def test_waterfall_of(revenue: float, expenses: float, text: list[str], colour: str) -> None:
    """Revenue rises, expenses fall, net is what is left; the range holds every bar."""
    drawn = figure(Id.CHART_WATERFALL, revenue=revenue, expenses=expenses)

    (trace,) = drawn["data"]
    low, high = drawn["layout"]["yaxis"]["range"]
    assert trace["y"] == [revenue, -expenses, revenue - expenses]
    assert trace["measure"] == ["relative", "relative", "total"]
    assert trace["text"] == text
    assert trace["totals"]["marker"]["color"] == colour
    assert low <= min(0, revenue, revenue - expenses)
    assert high >= max(0, revenue, revenue - expenses)


def test_trend_of_a_month() -> None:
    """Three lines of thirty days, to the number, within the ranges."""
    rows = guide.month()

    drawn = figure(Id.CHART_TREND, trendsData=rows[::-1])

    assert [trace["name"] for trace in drawn["data"]] == ["Revenue", "Expenses", "Net"]
    low, high = drawn["layout"]["yaxis"]["range"]
    for trace, name in zip(drawn["data"], ("revenue", "expenses", "net"), strict=True):
        assert trace["x"] == column(rows, "date")
        assert trace["y"] == column(rows, name)
        assert trace["mode"] == "lines"
        assert low <= min(trace["y"])
        assert high >= max(trace["y"])
    assert drawn["layout"]["xaxis"]["range"] == ["2026-01-27", "2026-02-25"]


def test_trend_of_losses() -> None:
    """Days below zero are within the range."""
    rows = [
        {"date": f"2026-02-2{n}", "revenue": 10 * n, "expenses": 25, "net": 10 * n - 25}
        for n in range(5)
    ]

    drawn = figure(Id.CHART_TREND, trendsData=rows)

    low, high = drawn["layout"]["yaxis"]["range"]
    assert drawn["data"][2]["y"] == [-25, -15, -5, 5, 15]
    assert low < -25
    assert high > 40


def test_trend_of_a_single_day() -> None:
    """One day is shown as points, in the middle of its neighbours."""
    drawn = figure(Id.CHART_TREND)

    assert [trace["mode"] for trace in drawn["data"]] == ["markers"] * 3
    assert [trace["y"] for trace in drawn["data"]] == [[125450], [48320], [77130]]
    assert drawn["layout"]["xaxis"]["range"] == ["2026-02-24", "2026-02-26"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_trend_of_a_day_at_the_end_of_time(day: str) -> None:
    """A date that was accepted can be drawn, the first and the last there are included."""
    drawn = figure(Id.CHART_TREND, trendsData=[{"date": day, "revenue": 3, "expenses": 1}])

    assert [trace["x"] for trace in drawn["data"]] == [[day]] * 3


def test_costs_of_the_example() -> None:
    """Slices are the categories' amounts; what the pointer tells has amount and share."""
    (trace,) = figure(Id.CHART_COSTS)["data"]

    assert trace["values"] == [18500, 12800, 11200, 5820]
    assert trace["text"] == ["Trading Fees", "Infrastructure", "Personnel", "Other"]
    assert trace["customdata"] == [
        "$18,500 · 38.3%",
        "$12,800 · 26.5%",
        "$11,200 · 23.2%",
        "$5,820 · 12.0%",
    ]
    assert trace["marker"]["colors"] == ["#f97316", "#ef4444", "#ec4899", "#8b5cf6"]


def test_costs_with_a_refund() -> None:
    """A negative category has no slice, but keeps its minus sign in words."""
    costs = [{"name": "Fees", "value": 150}, {"name": "Refund", "value": -50}]

    (trace,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]

    assert trace["values"] == [150, 0]
    assert trace["customdata"] == ["$150 · 150.0%", "-$50 · -50.0%"]


def test_agents_of_the_example() -> None:
    """Three bars for each agent, the best net first, within the ranges."""
    rows = guide.message()["agentAttribution"]

    drawn = figure(Id.CHART_AGENTS, agentAttribution=rows[::-1])

    low, high = drawn["layout"]["yaxis"]["range"]
    for trace, name in zip(drawn["data"], ("revenue", "expenses", "net"), strict=True):
        assert trace["name"] == name.capitalize()
        assert trace["x"] == [0, 1, 2]
        assert trace["y"] == column(rows, name)
        assert trace["hovertext"] == ["Scalper", "John", "Cliff"]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["Scalper", "John", "Cliff"]
    assert low == 0
    assert high > 75000


def test_agents_with_a_loss() -> None:
    """A loss stands below zero, within the range and in its own colour."""
    rows = [
        {"agent": "up", "revenue": 10, "expenses": 4},
        {"agent": "down", "revenue": 5, "expenses": 90},
    ]

    drawn = figure(Id.CHART_AGENTS, agentAttribution=rows)

    low, high = drawn["layout"]["yaxis"]["range"]
    assert drawn["data"][2]["y"] == [6, -85]
    assert drawn["data"][2]["marker"]["color"] == [GAIN, LOSS]
    assert low < -85
    assert high > 90


@pytest.mark.parametrize("count", [0, 1, 40])
def test_charts_of_many_names(count: int) -> None:
    """As many categories and agents are drawn as were sent."""
    changes = {section: rows[:count] for section, rows in FORTY.items()}

    (slices,) = figure(Id.CHART_COSTS, **changes)["data"]
    bars = figure(Id.CHART_AGENTS, **changes)

    assert slices["values"] == [n + 0.5 for n in range(count)]
    assert len(set(slices["labels"])) == len(slices["marker"]["colors"]) == count
    assert [len(trace["y"]) for trace in bars["data"]] == [count] * 3
    low, high = bars["layout"]["xaxis"]["range"]
    assert low < 0
    assert high > count - 1


def test_charts_of_equal_names() -> None:
    """Two categories or agents of one name stay two."""
    costs = [{"name": "Fees", "value": 1}, {"name": "Fees", "value": 2}]
    agents = [{"agent": "Ann", "revenue": n, "expenses": 0} for n in (2, 1)]

    (slices,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]
    bars = figure(Id.CHART_AGENTS, agentAttribution=agents)

    assert slices["values"] == [1, 2]
    assert slices["text"] == ["Fees", "Fees"]
    assert len(set(slices["labels"])) == 2
    assert [(trace["x"], trace["y"]) for trace in bars["data"]] == [
        ([0, 1], [2, 1]),
        ([0, 1], [0, 0]),
        ([0, 1], [2, 1]),
    ]
    assert bars["layout"]["xaxis"]["ticktext"] == ["Ann", "Ann"]


def test_charts_of_names_with_markup() -> None:
    """No name reaches plotly as markup, and none loses a letter but to an ellipsis."""
    costs = [{"name": MARKUP, "value": 1}]
    agents = [{"agent": MARKUP, "revenue": 1, "expenses": 0}]

    (slices,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]
    bars = figure(Id.CHART_AGENTS, agentAttribution=agents)

    (tick,) = bars["layout"]["xaxis"]["ticktext"]
    for shown in (*slices["text"], *bars["data"][0]["hovertext"], tick):
        assert "<" not in shown
        assert ">" not in shown
    assert html.unescape(slices["text"][0]) == MARKUP
    assert html.unescape(bars["data"][0]["hovertext"][0]) == MARKUP
    assert html.unescape(tick) == MARKUP


@pytest.mark.parametrize(
    ("count", "label"),
    [(1, "Agent " + "x" * 35 + "…"), (3, "Agent xxxxxxx…"), (14, "Ag…"), (15, "")],
)
def test_labels_of_agents(count: int, label: str) -> None:
    """Names below the bars are cut to the room they have, and left out where they have none."""
    agents = [{"agent": "Agent " + "x" * 60, "revenue": 1, "expenses": 0}] * count

    labels = figure(Id.CHART_AGENTS, agentAttribution=agents)["layout"]["xaxis"]["ticktext"]

    assert labels == [label] * count


@pytest.mark.parametrize("chart_id", [Id.CHART_TREND, Id.CHART_AGENTS])
def test_chart_of_an_absent_section(chart_id: Id) -> None:
    """What was not sent is said, rather than drawn as axes around nothing."""
    absent, sent = figure(chart_id, **NOTHING)["layout"], figure(chart_id)["layout"]

    assert [note["text"] for note in absent["annotations"]] == ["nothing received yet"]
    assert not absent["xaxis"]["visible"]
    assert sent["annotations"] == []
    assert sent["xaxis"]["visible"]
