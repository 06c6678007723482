"""The charts of categories and agents: how many, which, and what is hidden."""

import html
import json
from typing import Any

import msgspec
import pytest

from northstar.view.live.frames import render
from northstar.view.shared import theme
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.drawn import FORTY, GAIN, LOSS, column, figure
from support.snapshots import snapshot

MARKUP = '<b>A</b> & <a href="x">B</a> %{x}'


def test_costs_of_the_example() -> None:
    """Slices are the categories' amounts; the tooltip has amount and share."""
    (trace,) = figure(Id.CHART_COSTS)["data"]

    assert trace["values"] == [18500, 12800, 11200, 5820]
    assert trace["text"] == ["Trading Fees", "Infrastructure", "Personnel", "Other"]
    assert trace["customdata"] == [
        "$18,500.00 · 38.3%",
        "$12,800.00 · 26.5%",
        "$11,200.00 · 23.2%",
        "$5,820.00 · 12.0%",
    ]
    assert trace["marker"]["colors"] == ["--cost-0", "--cost-1", "--cost-2", "--cost-3"]


def test_costs_with_a_refund() -> None:
    """A refund is a hatched slice of its absolute size, and no other share exceeds 100 %."""
    costs = [{"name": "Fees", "value": 150}, {"name": "Refund", "value": -50}]

    (trace,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]

    assert trace["values"] == [150, 50]
    assert trace["marker"]["pattern"]["shape"] == ["", "/"]
    assert trace["customdata"] == ["$150.00 · n/a", "-$50.00 · n/a"]


def test_agents_of_the_example() -> None:
    """Each agent has three bars within the ranges, highest net first."""
    rows = guide.message()["agentAttribution"]

    drawn = figure(Id.CHART_AGENTS, agentAttribution=rows[::-1])

    low, high = drawn["layout"]["yaxis"]["range"]
    *bars, _ = drawn["data"]
    for trace, name in zip(bars, ("revenue", "expenses", "net"), strict=True):
        assert trace["name"] == name.capitalize()
        assert trace["x"] == [0, 1, 2]
        assert trace["y"] == column(rows, name)
        assert trace["customdata"] == [f"${row[name]:,}.00" for row in rows]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["Scalper", "John", "Cliff"]
    assert drawn["layout"]["meta"]["names"] == ["Scalper", "John", "Cliff"]
    assert low < 0
    assert high > 75000


@pytest.mark.parametrize("revenue", [0, 10, -90])
def test_marks_of_agents(revenue: float) -> None:
    """Each agent has a mark of its colour below every bar and within the axis."""
    rows = [
        {"agent": name, "revenue": revenue, "expenses": 4 * n} for n, name in enumerate(("a", "b"))
    ]

    drawn = figure(Id.CHART_AGENTS, agentAttribution=rows)

    *bars, marks = drawn["data"]
    low, _ = drawn["layout"]["yaxis"]["range"]
    lowest = min(0, *(y for trace in bars for y in trace["y"]))
    assert marks["x"] == [0, 1]
    assert marks["hoverinfo"] == "skip"
    assert all(low < y < lowest for y in marks["y"])
    assert len(set(marks["marker"]["color"])) == 2
    back = figure(Id.CHART_AGENTS, agentAttribution=rows[::-1])
    assert back["data"][3]["marker"] == marks["marker"]


def test_agents_with_a_loss() -> None:
    """A loss is below zero, within the range and in its own colour."""
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


@pytest.mark.parametrize(("count", "slices"), [(0, 0), (1, 1), (7, 7), (8, 7), (40, 7)])
def test_charts_of_many_names(count: int, slices: int) -> None:
    """Small categories are one slice; of many agents only the largest have bars."""
    changes = {section: rows[:count] for section, rows in FORTY.items()}

    (pie,) = figure(Id.CHART_COSTS, **changes)["data"]
    bars = figure(Id.CHART_AGENTS, **changes)

    assert sum(pie["values"]) == sum(n + 0.5 for n in range(count))
    assert len(pie["values"]) == len(set(pie["labels"])) == len(pie["marker"]["colors"]) == slices
    assert len(set(pie["marker"]["colors"])) == slices
    agents = min(count, 8)
    traces = 4 if count <= theme.SERIES else 3  # the fourth has the agents' colours
    assert [len(trace["y"]) for trace in bars["data"]] == ([agents] * traces if count else [])
    if count:
        told = [note["text"] for note in bars["layout"].get("annotations", [])]
        assert told == ([f"{count - 8} smaller agents hidden"] if count > 8 else [])
        nets = sorted(
            (row["revenue"] - row["expenses"] for row in changes["agentAttribution"]), key=abs
        )
        assert bars["data"][2]["y"] == sorted(nets[-8:], reverse=True)
        low, high = bars["layout"]["xaxis"]["range"]
        assert low < 0
        assert high > agents - 1


def test_charts_of_equal_names() -> None:
    """Two categories or agents of one name stay separate."""
    costs = [{"name": "Fees", "value": 1}, {"name": "Fees", "value": 2}]
    agents = [{"agent": "Ann", "revenue": n, "expenses": 0} for n in (2, 1)]

    (slices,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]
    steps = figure(Id.CHART_WATERFALL, costBreakdown=costs, expenses=3)["data"][0]
    bars = figure(Id.CHART_AGENTS, agentAttribution=agents)

    assert slices["values"] == [2, 1]
    assert slices["text"] == ["Fees", "Fees"]
    assert len(set(slices["labels"])) == 2
    assert (steps["x"], steps["y"][1:3]) == ([0, 1, 2, 3], [-2, -1])
    assert [(trace["x"], trace["y"]) for trace in bars["data"][:3]] == [
        ([0, 1], [2, 1]),
        ([0, 1], [0, 0]),
        ([0, 1], [2, 1]),
    ]
    assert bars["layout"]["xaxis"]["ticktext"] == ["Ann", "Ann"]


def test_charts_of_names_with_markup() -> None:
    """No name reaches plotly as markup or loses a character; the raw names are in `meta`."""
    costs = [{"name": MARKUP, "value": 48320}]
    agents = [{"agent": MARKUP, "revenue": 1, "expenses": 0}]

    (slices,) = figure(Id.CHART_COSTS, costBreakdown=costs)["data"]
    steps = figure(Id.CHART_WATERFALL, costBreakdown=costs)
    bars = figure(Id.CHART_AGENTS, agentAttribution=agents)

    shown = [
        steps["layout"]["xaxis"]["ticktext"][1],
        *bars["layout"]["xaxis"]["ticktext"],
    ]
    assert not any({"<", ">"} & set(text) for text in shown)
    assert {html.unescape(text) for text in shown} == {MARKUP}
    assert steps["layout"]["meta"]["names"] == ["Revenue", MARKUP, "Net P&L"]
    assert bars["layout"]["meta"]["names"] == [MARKUP]
    assert (slices["text"], slices["textinfo"]) == ([MARKUP], "none")


def test_names_that_would_turn_around() -> None:
    """No name changes the direction of itself or of the text after it, anywhere on the page."""
    turned = "\N{RIGHT-TO-LEFT OVERRIDE}evil\N{LEFT-TO-RIGHT MARK} é"
    changes: dict[str, Any] = {
        "costBreakdown": [{"name": turned, "value": 48_320}],
        "agentAttribution": [{"agent": turned, "revenue": 125_450, "expenses": 48_320}],
    }
    state = snapshot(**changes)

    frame = msgspec.json.encode(render(state, Notation())).decode()

    assert "evil é" in frame
    assert not set(frame) & {"\N{RIGHT-TO-LEFT OVERRIDE}", "\N{LEFT-TO-RIGHT MARK}"}


def test_names_that_no_picture_can_hold() -> None:
    """A control character in a name is replaced, because SVG cannot contain it."""
    for control in ("\0", "\x1b", "\x7f", "\ufffe"):
        name = f"a{control}b"
        changes: dict[str, Any] = {
            "costBreakdown": [{"name": name, "value": 48_320}],
            "agentAttribution": [{"agent": name, "revenue": 125_450, "expenses": 48_320}],
        }

        state = snapshot(**changes)
        frame = msgspec.json.encode(render(state, Notation())).decode()

        assert "a\N{REPLACEMENT CHARACTER}b" in frame
        assert json.dumps(name, ensure_ascii=False)[1:-1] not in frame
