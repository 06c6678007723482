"""The tree of the page: unique ids, with the numbers included."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from northstar.domain.snapshot import Snapshot
from northstar.view.live.figures import CHARTS
from northstar.view.live.layout import dash_parts, page, title
from northstar.view.live.panels import texts
from northstar.view.live.status import details
from northstar.view.shared.charts import CHART_CONFIG, blank
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED
from support.snapshots import snapshot

NOTHING: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}
KPIS = (Id.KPI_NET, Id.KPI_REVENUE, Id.KPI_EXPENSES, Id.KPI_MARGIN)
LIVE = FEED
DEMO = replace(FEED, source="demo")
SCENES = {"calm": "An even stream", "loss": "A <loss>"}


def shown(state: Snapshot | None, feed: Any = LIVE) -> Any:
    """Return the page of a state."""
    figures = {chart: figure(state, Notation()) for chart, figure in CHARTS.items() if state}
    scenes = SCENES if feed is DEMO else None
    return page(feed, texts(state, Notation()) if state else {}, figures, scenes=scenes)


def parts(tree: Any) -> Iterator[Any]:
    """Yield the component and all its descendants."""
    yield tree
    children = getattr(tree, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            yield from parts(child)


def by_id(tree: Any) -> dict[str, Any]:
    """Return every component with an id, by id."""
    return {str(each.id): each for each in parts(tree) if hasattr(each, "id")}


def words(tree: Any) -> list[str]:
    """Return every text of the page."""
    children = (getattr(each, "children", None) for each in parts(tree))
    leaves = (child if isinstance(child, list | tuple) else [child] for child in children)
    return [text for texts in leaves for text in texts if isinstance(text, str)]


def properties(component: Any) -> dict[str, Any]:
    """Return the properties of a component."""
    return dict(component.to_plotly_json()["props"])


@pytest.mark.parametrize(
    "state",
    [None, snapshot(), snapshot(trendsData=guide.month()), snapshot(**NOTHING)],
    ids=["none", "example", "month", "totals"],
)
def test_ids_of_the_page(state: Snapshot | None) -> None:
    """Every id exists exactly once on the page and in Dash's layout, in any state."""
    count = Counter(
        str(each.id)
        for tree in (shown(state, DEMO), dash_parts())
        for each in parts(tree)
        if hasattr(each, "id")
    )

    assert {str(name) for name in Id} <= count.keys()
    assert set(count.values()) == {1}


def test_details_of_the_page() -> None:
    """Each line of the details has its place."""
    assert details(FEED, Notation()).keys() <= by_id(shown(None)).keys()


@pytest.mark.parametrize("state", [None, snapshot()], ids=["none", "example"])
def test_value_inside_each_kpi_card(state: Snapshot | None) -> None:
    """Each card has one element with the class that other tools look for."""
    cards = by_id(shown(state))

    said = [
        each.children
        for kpi in KPIS
        for each in parts(cards[kpi])
        if "kpi-value" in getattr(each, "className", "").split()
    ]
    if state is not None:
        whole, cents = said[0]
        said[0] = whole + cents.children
        net = cards[part(Id.KPI_NET, "value")]
        assert vars(net)["aria-label"] == "$77,130.00", "one number for a screen reader"
    assert said == (
        ["–"] * 4 if state is None else ["$77,130.00", "$125,450.00", "$48,320.00", "61.5%"]
    )


@pytest.mark.parametrize("kpi", KPIS)
def test_button_inside_each_kpi_card(kpi: Id) -> None:
    """Each card has a button for its explanation."""
    (button,) = (
        each for each in parts(by_id(shown(None))[kpi]) if "data-explain" in properties(each)
    )

    assert properties(button)["data-explain"] == kpi
    assert properties(button)["aria-label"].startswith("Explain ")


def test_page_of_a_state() -> None:
    """A new page has the state's names and amounts before any frame arrives."""
    found = by_id(shown(snapshot()))

    assert found["as-of"].children == "22:24:00"
    assert found["as-of-day"].children == "25 Feb 2026 · UTC"
    assert found["costs-legend-0-amount"].children == "$18,500.00"
    assert found["agent-cards-2-net"].children == "$11,430.00"
    assert {"Trading Fees", "Scalper"} <= set(words(shown(snapshot())))


def test_page_without_a_state() -> None:
    """Without a message no number is shown."""
    said = words(shown(None))

    assert [text for text in said if any(c.isdigit() for c in text)] == [
        "live, 0 s\u2007",
        "30-day trend",
        *[", 7 days", ", 14 days"] * 3,  # one of them is shown with a part of the trend
        "7-day avg",
        "7 days",
        "14 days",
    ]


def test_page_after_another_page() -> None:
    """Pages share no state: numbers of one do not appear in the next."""
    first = shown(snapshot())
    other = shown(snapshot(expenses=40000))

    assert words(shown(None)) == words(page(LIVE, {}, {}))
    assert by_id(first)["kpi-expenses-value"].children == "$48,320.00"
    same = [by_id(tree)["costs-legend-0-amount"] for tree in (first, other)]
    assert same[0] is not same[1]
    rows = by_id(shown(snapshot(costBreakdown=guide.message()["costBreakdown"][1:])))
    assert rows["costs-legend-0-amount"].children == "$12,800.00"
    assert same[0].children == "$18,500.00"


@pytest.mark.parametrize(
    ("source", "badge", "expected"),
    [
        ("live", "", "NorthStar Synergy | P&L"),
        ("demo", "DEMO", "NorthStar Synergy | P&L · DEMO"),
        ("replay", "REPLAY", "NorthStar Synergy | P&L · REPLAY"),
    ],
)
@pytest.mark.parametrize("state", [None, snapshot()], ids=["none", "example"])
def test_label_of_a_source(source: str, badge: str, expected: str, state: Snapshot | None) -> None:
    """Numbers that are not real are labelled on the page and in its title."""
    found = by_id(shown(state, replace(FEED, source=source)))

    assert found[Id.SOURCE].children == badge
    assert properties(found[Id.FEED_STATUS])["data-source"] == source
    assert title(source) == expected


@pytest.mark.parametrize(
    ("state", "age_s", "word", "detail"),
    [
        ("connecting", None, "Connecting", ""),
        ("live", 1.0, "Live", ""),
        ("stale", 65.0, "Stale", "last data 1 m 5 s ago"),
        ("offline", None, "Offline", ""),
    ],
)
def test_status_of_the_page(state: str, age_s: float | None, word: str, detail: str) -> None:
    """A new page shows the status as of its request."""
    found = by_id(shown(snapshot(), replace(FEED, state=state, age_s=age_s)))

    assert properties(found[Id.FEED_STATUS])["data-state"] == state
    assert found[Id.FEED_WORD].children == word
    assert found[Id.FEED_DETAIL].children == detail


@pytest.mark.parametrize("chart", CHARTS)
def test_panel_of_each_chart(chart: Id) -> None:
    """Each chart has its place, its text, a hidden table and its tools."""
    tree = shown(snapshot())
    found = by_id(tree)

    place, table = found[part(chart, "place")], found[part(chart, "table")]
    assert (properties(place)["role"], table.hidden) == ("img", True)
    assert properties(place)["aria-label"]
    tools = [properties(each) for each in parts(tree) if each._type == "Button"]
    for tool in ("data-table", "data-png"):
        assert [props[tool] for props in tools if tool in props].count(chart) == 1
    zooms = [props["data-zoom"] for props in tools if "data-zoom" in props]
    assert zooms == [Id.CHART_TREND, Id.CHART_TREND]


def test_what_dash_runs() -> None:
    """Dash has the stream and the empty charts, each with its place on the page."""
    found = by_id(dash_parts())

    assert list(found) == [Id.STREAM, *CHARTS]
    assert [found[chart].figure for chart in CHARTS] == [blank()] * len(CHARTS)
    places = [properties(each).get("data-place") for each in parts(dash_parts())]
    assert [place for place in places if place] == [part(chart, "place") for chart in CHARTS]
    assert by_id(shown(None)).keys() & found.keys() == set()


def test_config_of_every_chart() -> None:
    """No chart offers to upload its numbers to a public site."""
    found = by_id(dash_parts())

    assert CHART_CONFIG["showSendToCloud"] is False
    assert [found[chart].config["showSendToCloud"] for chart in CHARTS] == [False] * len(CHARTS)


def test_caption_of_the_demo() -> None:
    """The badge of a demo opens its caption with a button for each scene; other badges do not."""
    demo, live = to_html(shown(None, DEMO)), to_html(shown(None))

    assert re.search(r'<summary id="source-badge"[^>]*>DEMO</summary>', demo)
    assert re.findall(r'data-scene="(\w+)"', demo) == ["calm", "loss"]
    assert "A &lt;loss&gt;" in demo
    assert "demo-caption" not in live
    assert '<span id="source-badge"' in live
