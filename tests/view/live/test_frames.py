"""Frames: one JSON text with everything the page shows, or a heartbeat."""

import json
from dataclasses import asdict
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import pytest

from northstar import __version__
from northstar.domain.ledger import Snapshot, merge
from northstar.domain.messages import decode
from northstar.view.live.as_table import TABLES
from northstar.view.live.figures import CHARTS
from northstar.view.live.frames import encode_frame, render
from northstar.view.live.panels import texts
from northstar.view.live.status import details
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED

WRITE = Notation()
HEARTBEAT_KEYS = {"version", "epoch", "seq", "sent_ms", "as_of", "feed", "details"}
NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(None, decode(guide.text(**changes), ZoneInfo("UTC")))


def refuse(constant: str) -> NoReturn:
    """Fail on what Python reads as JSON but a browser does not."""
    raise AssertionError(constant)


def read(text: str | bytes) -> dict[str, Any]:
    """Read a frame as strictly as a browser does."""
    return dict(json.loads(text, parse_constant=refuse))


def whole(**changes: Any) -> str:
    """Return a full frame of one variation of the example."""
    state = snapshot(**changes)
    return encode_frame(FEED, state, render(state, (), WRITE), WRITE, sent_ms=1000.5)


def test_frame_of_the_example() -> None:
    """A frame says which server it is of, which one it is, how old, and from where."""
    sent = read(whole())

    assert sent.keys() == HEARTBEAT_KEYS | {"props"}
    assert (sent["version"], sent["epoch"], sent["seq"]) == (__version__, "e1", 3)
    assert sent["as_of"] == "2026-02-25T22:24:00Z"
    assert sent["sent_ms"] == 1000.5
    assert sent["feed"] == json.loads(json.dumps(asdict(FEED)))
    assert sent["details"] == details(FEED, WRITE)


def test_props_of_the_example() -> None:
    """A frame carries the example's numbers, as text and as what charts are given."""
    props = read(whole())["props"]

    assert props["kpi-net-value"]["children"] == "$77,130"
    assert props["kpi-revenue-value"]["children"] == "$125,450"
    assert props["kpi-expenses-value"]["children"] == "$48,320"
    assert props["kpi-margin-value"]["children"] == "61.5%"
    traces = {str(chart): props[chart]["figure"]["data"] for chart in CHARTS}
    assert traces["chart-waterfall"][0]["y"] == [125450, -18500, -12800, -11200, -5820, 77130]
    assert [trace["y"] for trace in traces["chart-trend"]][2:] == [[77130], [None]]
    assert traces["chart-costs"][0]["values"] == [18500, 12800, 11200, 5820]
    assert traces["chart-agents"][2]["y"] == [46500, 19200, 11430]


def test_tables_in_a_frame() -> None:
    """Each chart's table travels as heads and rows of texts, all of forty categories too."""
    rows = [{"name": f"c{n}", "value": n} for n in range(40)]

    props = read(whole(costBreakdown=rows))["props"]

    costs = props["chart-costs-table"]
    assert costs["columns"] == ["Category", "Amount", "Share"]
    assert costs["rows"] == [[f"c{n}", f"${n}", f"{n / 7.8:.1f}%"] for n in range(40)]
    for chart in TABLES:
        table = props[f"{chart}-table"]
        assert table.keys() == {"columns", "rows"}
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}


def test_texts_in_a_frame() -> None:
    """Everything that a page opened now would say is in the frame, texts as they are."""
    props = read(whole())["props"]

    for name, due in texts(snapshot(), (), WRITE).items():
        if isinstance(due.get("children"), tuple):
            assert props[str(name)].keys() == due.keys() - {"children"} | {"html"}
        else:
            assert props[str(name)] == json.loads(json.dumps(due))


def test_rows_in_a_frame() -> None:
    """Rows travel as HTML, names in it as text."""
    name = "<b>Gebühr</b> 手数料"
    sent = {
        "costBreakdown": [{"name": name, "value": 1}],
        "agentAttribution": [{"agent": name, "revenue": 1, "expenses": 0}],
    }

    props = read(whole(**sent))["props"]

    for rows in (props["costs-legend"]["html"], props["agent-cards"]["html"]):
        assert rows.startswith("<li")
        assert ">&lt;b&gt;Gebühr&lt;/b&gt; 手数料<" in rows
        assert 'title="&lt;b&gt;Gebühr&lt;/b&gt; 手数料"' in rows
        assert "<b>" not in rows


def test_rows_that_were_sent_before() -> None:
    """The same names are the same rows, and other names others."""
    first, again = (read(whole(revenue=n))["props"]["costs-legend"] for n in (1, 2))
    other = read(whole(costBreakdown=[{"name": "A", "value": 1}]))["props"]["costs-legend"]

    assert first == again
    assert first != other


@pytest.mark.parametrize("state", [None, snapshot()], ids=["none", "example"])
def test_heartbeat_of(state: Snapshot | None) -> None:
    """A heartbeat has everything but props, also before the first message."""
    sent = read(encode_frame(FEED, state, None, WRITE, sent_ms=1000.5))

    assert sent.keys() == HEARTBEAT_KEYS
    assert sent["as_of"] == (state and "2026-02-25T22:24:00Z")
    assert sent["feed"]["age_s"] == 0.25


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
    """Every state makes a frame of the same components, in JSON that a browser reads."""
    static = {name for name in read(whole())["props"] if not any(c.isdigit() for c in name)}

    assert static <= read(whole(**changes))["props"].keys()


def test_frame_at_the_end_of_time() -> None:
    """A timestamp that was accepted can be shown, the last day there is included."""
    late = whole(**NOTHING, timestamp="9999-12-31T12:00:00Z")

    assert read(late)["as_of"] == "9999-12-31T12:00:00Z"


def test_size_of_a_full_frame() -> None:
    """Thirty days, four categories and three agents take less than 24 kB."""
    assert len(whole(trendsData=guide.month()).encode()) < 24_000


def test_colours_in_a_frame() -> None:
    """A frame is the same for every viewer: colours are names, and no viewer's own."""
    charts = [read(whole())["props"][chart]["figure"] for chart in CHARTS]

    assert "--fill-revenue" in json.dumps(charts)
    assert "#" not in json.dumps(charts)


def test_rows_and_the_room_they_need() -> None:
    """A list's rows go as HTML, along with how long its longest number is."""
    state = merge(None, decode(guide.text(), ZoneInfo("UTC")))

    cards = json.loads(render(state, (), Notation()))["agent-cards"]

    assert cards.keys() == {"html", "style"}
    assert cards["style"] == {"--letters": len("$75,000")}
