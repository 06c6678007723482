"""The page's tree: every id is there once, with the numbers already in it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import guide
from northstar.ledger import Snapshot, merge
from northstar.messages import decode
from northstar.view.figures import CHARTS
from northstar.view.ids import Id
from northstar.view.layout import CHART_CONFIG, page, title

NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(None, decode(guide.text(**changes), ZoneInfo("UTC")))


def parts(tree: Any) -> Iterator[Any]:
    """Yield the component and every component below it."""
    yield tree
    children = getattr(tree, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            yield from parts(child)


def amounts(tree: Any) -> list[Any]:
    """Return the amounts that the page's charts hold, empty ones left out."""
    traces = (trace for chart in CHARTS for trace in tree[chart].figure["data"])
    held = (trace.get("y") or trace.get("values") for trace in traces)
    return [values for values in held if values]


@pytest.mark.parametrize(
    "state",
    [None, snapshot(), snapshot(trendsData=guide.month()), snapshot(**NOTHING)],
    ids=["none", "example", "month", "totals"],
)
def test_ids_of_the_page(state: Snapshot | None) -> None:
    """Every id exists exactly once, whatever the state."""
    count = Counter(str(part.id) for part in parts(page(state, "demo")) if hasattr(part, "id"))

    assert {str(name) for name in Id} <= count.keys()
    assert set(count.values()) == {1}


@pytest.mark.parametrize("state", [None, snapshot()], ids=["none", "example"])
def test_value_inside_each_kpi_card(state: Snapshot | None) -> None:
    """Each card holds one element of the class that other tools look for."""
    tree = page(state, "live")

    shown = [
        part.children
        for kpi in (Id.KPI_NET, Id.KPI_REVENUE, Id.KPI_EXPENSES, Id.KPI_MARGIN)
        for part in parts(tree[kpi])
        if "kpi-value" in getattr(part, "className", "").split()
    ]
    assert shown == (["–"] * 4 if state is None else ["$77,130", "$125,450", "$48,320", "61.5%"])


def test_page_of_a_state() -> None:
    """A new page has the state's names and amounts in it before any frame arrives."""
    tree = page(snapshot(), "live")

    assert tree["as-of"].children == "22:24:00"
    assert tree["as-of-day"].children == "25 Feb 2026 · UTC"
    assert tree["costs-legend-0-amount"].children == "$18,500"
    assert tree["agent-cards-2-net"].children == "$11,430"
    assert tree["chart-waterfall"].figure["data"][0]["y"] == [125450, -48320, 77130]
    assert tree["chart-costs"].figure["data"][0]["values"] == [18500, 12800, 11200, 5820]


def test_page_without_a_state() -> None:
    """Without a message no number is shown, in words or in a chart."""
    tree = page(None, "live")

    texts = [part.children for part in parts(tree) if isinstance(getattr(part, "children", 0), str)]
    assert [text for text in texts if any(c.isdigit() for c in text)] == ["30-day trend"]
    assert amounts(tree) == []


def test_page_after_another_page() -> None:
    """Pages share nothing: one with numbers leaves none in the next."""
    page(snapshot(), "demo")

    assert amounts(page(None, "demo")) == []


@pytest.mark.parametrize(
    ("source", "badge", "expected"),
    [
        ("live", "", "NorthStar Synergy | P&L"),
        ("demo", "DEMO", "NorthStar Synergy | P&L · DEMO"),
        ("replay", "REPLAY", "NorthStar Synergy | P&L · REPLAY"),
    ],
)
def test_label_of_a_source(source: str, badge: str, expected: str) -> None:
    """Numbers that are not real are named so on the page and in its title."""
    assert page(None, source)[Id.SOURCE].children == badge
    assert page(snapshot(), source)[Id.SOURCE].children == badge
    assert page(None, source)[Id.FEED_STATUS].to_plotly_json()["props"]["data-source"] == source
    assert title(source) == expected


def test_status_before_the_first_frame() -> None:
    """A page that has heard nothing from the server does not call itself live."""
    status = page(snapshot(), "live")[Id.FEED_STATUS]

    assert status.to_plotly_json()["props"]["data-state"] == "connecting"
    assert page(snapshot(), "live")[Id.FEED_WORD].children == "Connecting"


def test_config_of_every_chart() -> None:
    """No chart offers to upload the numbers to a public site."""
    tree = page(snapshot(), "live")

    assert CHART_CONFIG["showSendToCloud"] is False
    assert [tree[chart].config["showSendToCloud"] for chart in CHARTS] == [False] * 4
