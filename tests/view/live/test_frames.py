"""Content of a frame: everything that the page shows, as JSON."""

import json
from dataclasses import asdict, replace
from typing import Any

import msgspec
import pytest

from northstar.domain.snapshot import Snapshot
from northstar.view.live.as_table import TABLES
from northstar.view.live.figures import CHARTS
from northstar.view.live.frames import render, status_content
from northstar.view.live.panels import texts
from northstar.view.live.status import details
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED
from support.frames import refuse
from support.snapshots import snapshot

WRITE = Notation()
NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}


def read(content: object) -> dict[str, Any]:
    """Return content as a browser receives it."""
    return dict(json.loads(msgspec.json.encode(content), parse_constant=refuse))


def whole(**changes: Any) -> dict[str, Any]:
    """Return the content of a frame for one variation of the example."""
    state = snapshot(**changes)
    return read({**status_content(FEED, state, WRITE), "props": render(state, WRITE)})


@pytest.mark.parametrize("state", [None, snapshot()], ids=["none", "example"])
def test_status_content(state: Snapshot | None) -> None:
    """Every frame has the time of the data and the status of the source."""
    content = status_content(FEED, state, WRITE)

    assert read(content) == content
    assert content["as_of"] == (state and "2026-02-25T22:24:00Z")
    known = json.loads(json.dumps(asdict(FEED)))
    del known["cluster"]  # only as text
    assert content["feed"] == known
    day = {"sentence-day": "today"} if state else {}
    assert content["details"] == {**details(FEED, WRITE), **day}


def test_ages_in_a_frame() -> None:
    """Ages are in whole milliseconds; an unknown age is null."""
    old = replace(FEED, age_s=1.23456789, silence_s=2.00049)
    unknown = replace(FEED, age_s=None)

    assert status_content(old, None, WRITE)["feed"]["age_s"] == 1.235
    assert status_content(old, None, WRITE)["feed"]["silence_s"] == 2.0
    assert status_content(unknown, None, WRITE)["feed"]["age_s"] is None


def test_props_of_the_example() -> None:
    """A frame has the example's numbers as texts and as chart data."""
    props = whole()["props"]

    assert props["kpi-net-value"]["children"] == "$77,130.00"
    assert props["kpi-revenue-value"]["children"] == "$125,450.00"
    assert props["kpi-expenses-value"]["children"] == "$48,320.00"
    assert props["kpi-margin-value"]["children"] == "61.5%"
    traces = {str(chart): props[chart]["figure"]["data"] for chart in CHARTS}
    assert traces["chart-waterfall"][0]["y"] == [125450, -18500, -12800, -11200, -5820, 77130]
    assert [trace["y"] for trace in traces["chart-trend"]][::3] == [[77130], [None]]
    assert traces["chart-costs"][0]["values"] == [18500, 12800, 11200, 5820]
    assert traces["chart-agents"][2]["y"] == [46500, 19200, 11430]


def test_tables_in_a_frame() -> None:
    """Each chart's table is sent as headers and rows of texts, with all forty categories."""
    rows = [{"name": f"c{n}", "value": n} for n in range(40)]

    props = whole(costBreakdown=rows)["props"]

    costs = props["chart-costs-table"]
    assert costs["columns"] == ["Category", "Amount", "Share"]
    assert costs["rows"] == [[f"c{n}", f"${n}.00", f"{n / 7.8:.1f}%"] for n in reversed(range(40))]
    for chart in TABLES:
        table = props[f"{chart}-table"]
        assert table.keys() == {"columns", "rows"}
        assert {len(row) for row in table["rows"]} <= {len(table["columns"])}


def test_texts_in_a_frame() -> None:
    """The frame has every text of a newly opened page, unchanged."""
    props = whole()["props"]

    for name, due in texts(snapshot(), WRITE).items():
        if isinstance(due.get("children"), tuple):
            assert props[str(name)].keys() == due.keys() - {"children"} | {"html"}
        else:
            assert props[str(name)] == json.loads(json.dumps(due))


def test_rows_in_a_frame() -> None:
    """Rows are sent as HTML with escaped names."""
    name = "<b>Gebühr</b> 手数料"
    sent = {
        "costBreakdown": [{"name": name, "value": 1}],
        "agentAttribution": [{"agent": name, "revenue": 1, "expenses": 0}],
    }

    props = whole(**sent)["props"]

    for rows in (props["costs-legend"]["html"], props["agent-cards"]["html"]):
        assert rows.startswith("<li")
        assert ">&lt;b&gt;Gebühr&lt;/b&gt; 手数料<" in rows
        assert 'title="&lt;b&gt;Gebühr&lt;/b&gt; 手数料"' in rows
        assert "<b>" not in rows


def test_rows_that_were_sent_before() -> None:
    """Equal names give equal rows; other names give other rows."""
    first, again = (whole(revenue=n)["props"]["costs-legend"] for n in (1, 2))
    other = whole(costBreakdown=[{"name": "A", "value": 1}])["props"]["costs-legend"]

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "changes",
    [
        NOTHING,
        NOTHING | {"revenue": 0, "expenses": 0},
        {"revenue": 999999999999999, "expenses": -999999999999999},
        {"costBreakdown": [{"name": "a", "value": -1}], "agentAttribution": []},
        {"trendsData": guide.month()},
    ],
    ids=["totals", "zero", "largest", "refund", "month"],
)
def test_frame_of_any_state(changes: dict[str, Any]) -> None:
    """Every state gives a frame of the same components, in valid JSON."""
    static = {name for name in whole()["props"] if not any(c.isdigit() for c in name)}

    assert static <= whole(**changes)["props"].keys()


def test_frame_at_the_end_of_time() -> None:
    """Every accepted timestamp can be shown, including the last day."""
    late = whole(**NOTHING, timestamp="9999-12-31T12:00:00Z")

    assert late["as_of"] == "9999-12-31T12:00:00Z"


def test_size_of_a_full_frame() -> None:
    """A frame of thirty days, four categories and three agents is smaller than 30 kB."""
    assert len(msgspec.json.encode(whole(trendsData=guide.month()))) < 31_000


def test_colours_in_a_frame() -> None:
    """A frame is the same for every viewer: colours are names of the theme."""
    charts = [whole()["props"][chart]["figure"] for chart in CHARTS]

    assert "--fill-revenue" in json.dumps(charts)
    assert "#" not in json.dumps(charts)


def test_rows_and_the_room_they_need() -> None:
    """A list's rows go as HTML, along with how long its longest number is."""
    state = snapshot()

    cards = read(render(state, Notation()))["agent-cards"]

    assert cards.keys() == {"html", "style"}
    assert cards["style"] == {"--letters": len("$75,000.00")}
