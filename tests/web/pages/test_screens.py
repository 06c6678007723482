"""The layout on each screen: visibility, position and size of the parts, measured."""

from itertools import pairwise, product
from typing import Any

import pytest

from support.dashboard import Dashboard
from support.month_page import opened, shared
from support.page import Page
from support.screen import (
    CONTROLS,
    CUT,
    DESK,
    PHONE,
    PLOTS,
    TABLET,
    WALL,
    Box,
    box,
    boxes,
    goes_sideways,
    overlapping,
    settles,
)
from support.sources import Stream
from support.today import crowd, now
from support.waiting import until

__all__ = ["opened", "shared"]  # fixtures

pytestmark = pytest.mark.browser

GAP_PX = 12
FINGER_PX = 44
HEADER = "header h1, header .as-of, #feed-status, #display"
CARDS = ".kpi"
PANELS = ".panel"
CHARTS = ".panel .chart"
STATS = ".stats .stat"
LEGENDS = "#costs-legend li, #agent-cards li"
HTML_NUMBERS = (
    ".kpi-value, .kpi-change, .stats dd, .amount, .share, .agent strong, .agent dd, #costs-total,"
    " .earners strong, .earners td[id]"
)
WIDER_THAN_SEEN = """
    return [...document.querySelectorAll(arguments[0])]
        .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.id || e.className);
"""
TEXT_SIZES = """
    const sizes = {};
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        if (!text || !parent.checkVisibility() || parent.closest("script, style")) continue;
        const size = parseFloat(getComputedStyle(parent).fontSize);
        const within = parent.closest(".kpi-value")?.id ?? "elsewhere";
        sizes[within] = Math.max(sizes[within] ?? 0, size);
    }
    return sizes;
"""


@pytest.fixture
def alone(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a separate page on the month."""
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    return page


@pytest.fixture
def crowded(server: Dashboard, source: Stream, page: Page) -> Page:
    """Return a separate page with the maximum of rows, on a phone."""
    page.resize(*PHONE, touch=True)
    source.send(crowd())
    page.open(server.url)
    page.is_drawn()
    return page


@pytest.fixture(params=["month", "crowd"])
def filled(request: pytest.FixtureRequest) -> Page:
    """Return the page on the month and one with the maximum of rows, on a phone."""
    name = {"month": "opened", "crowd": "crowded"}[request.param]
    page: Page = request.getfixturevalue(name)
    page.resize(*PHONE, touch=True)
    settles(page)
    return page


def scrolls(page: Page) -> bool:
    """Tell whether the page continues below the viewport."""
    return bool(page.run("return document.documentElement.scrollHeight > innerHeight"))


@pytest.mark.parametrize("size", [DESK, WALL], ids=["desk", "wall"])
def test_all_in_view(opened_once: Page, size: tuple[int, int]) -> None:
    """On a large screen all parts are fully visible, and none overlaps another."""
    opened_once.resize(*size)
    settles(opened_once)

    counts = {HEADER: 4, CARDS: 4, PANELS: 5, CHARTS: 5, PLOTS: 5, STATS: 11, LEGENDS: 4 + 3}
    for selector, count in counts.items():
        found = boxes(opened_once, selector)
        assert len(found) == count, selector
        assert [part for part in found if not part.lies_in(*size)] == []
        assert overlapping(found) == []
    assert overlapping(boxes(opened_once, f"header, {CARDS}, {PANELS}")) == []
    inside = f".panel h2, .tools, .stats, .chart, {LEGENDS}"
    assert overlapping(boxes(opened_once, inside)) == []
    assert not scrolls(opened_once)
    for scrollable in ("#costs-legend", "#agent-cards"):
        script = "const e = document.querySelector(arguments[0]); return e.scrollHeight - "
        assert opened_once.run(script + "e.clientHeight", scrollable) <= 0, scrollable


def test_books_move_nothing(alone: Page, source: Stream) -> None:
    """A finding is shown in the card of net; nothing moves, and no agent is clipped."""
    alone.resize(*DESK)
    settles(alone)
    parts = f"header, {CARDS}, {PANELS}"
    before = boxes(alone, parts)
    source.send(now(netPnL=70_000))
    until(lambda: "$7,130.00 short" in alone.text("#books-net"), what="the card shows the finding")

    assert [part[1:] for part in boxes(alone, parts)] == [part[1:] for part in before]
    [finding] = boxes(alone, "#books-net")
    net = box(alone, "#kpi-net")
    assert net.top < finding.top
    assert finding.bottom < net.bottom
    source.send(now(netPnL=0, expenses=48_000, trendsData=...))
    until(lambda: alone.text("#books-agents"), what="the agents do not add up")
    cards = box(alone, "#agent-cards")
    assert [a for a in boxes(alone, ".agent") if a.bottom > cards.bottom + 1] == []


def test_lines_of_the_sentence(opened_once: Page) -> None:
    """On a phone no line of the headline begins with the dot that separates its parts."""
    begun = """
        document.getElementById("sentence-ahead").textContent = arguments[0];
        const parts = document.querySelectorAll("#sentence > span");
        const seen = [...parts].filter((part) => part.getClientRects().length);
        const { left } = document.getElementById("sentence").getBoundingClientRect();
        return seen.filter((part) => part.getClientRects()[0].left < left + 2).map((e) => e.id);
    """
    before = opened_once.text("#sentence-ahead")
    for width in range(320, 440, 8):
        opened_once.resize(width, PHONE[1], touch=True)
        for amount in ("$9", "$9,238.07", "$9,238,070.22"):
            ahead = f"{amount} behind this time yesterday"
            assert opened_once.run(begun, ahead) == [], (width, ahead)
    opened_once.run("document.getElementById('sentence-ahead').textContent = arguments[0]", before)


@pytest.mark.parametrize("size", [DESK, WALL], ids=["desk", "wall"])
def test_room_is_used(opened_once: Page, size: tuple[int, int]) -> None:
    """On a large screen the cards and panels fill the width, and charts are large."""
    width, height = size
    opened_once.resize(width, height)
    settles(opened_once)

    parts = boxes(opened_once, f"{CARDS}, {PANELS}")
    assert min(part.left for part in parts) <= 2 * GAP_PX
    assert max(part.right for part in parts) >= width - 2 * GAP_PX
    assert max(part.bottom for part in parts) >= height - 2 * GAP_PX
    covered = sum(part.width * part.height for part in parts)
    assert covered > 0.8 * width * height
    for chart in boxes(opened_once, CHARTS):
        assert chart.height >= height / 7, chart


def test_two_columns(opened_once: Page) -> None:
    """On a tablet the cards and the two narrow charts are in two columns."""
    opened_once.resize(*TABLET)
    settles(opened_once)

    cards = boxes(opened_once, CARDS)
    assert len({card.left for card in cards}) == 2
    assert len({card.top for card in cards}) == 2
    waterfall, costs = box(opened_once, ".waterfall"), box(opened_once, ".costs")
    assert waterfall.top == costs.top
    assert waterfall.right < costs.left
    assert overlapping([*cards, *boxes(opened_once, PANELS)]) == []


def test_one_column(opened_once: Page) -> None:
    """On a phone everything is in one column; status and key amounts are on the first screen."""
    opened_once.resize(*PHONE, touch=True)
    settles(opened_once)

    parts = boxes(opened_once, f"{CARDS}, {PANELS}")
    assert len({(part.left, part.right) for part in parts}) == 1
    assert all(above.bottom <= below.top for above, below in pairwise(parts))
    for first in ("#feed-status", "#kpi-net", "#kpi-revenue", "#kpi-expenses"):
        assert box(opened_once, first).lies_in(*PHONE), first
    for chart in boxes(opened_once, CHARTS):
        assert chart.height >= 180, chart


def test_rows_of_a_phone(opened_once: Page) -> None:
    """On a phone the figures below net are rows, and all comparisons are in one row."""
    opened_once.resize(*PHONE, touch=True)
    settles(opened_once)

    rows = [box(opened_once, f"#kpi-{name}") for name in ("revenue", "expenses", "margin")]
    net = box(opened_once, "#kpi-net")
    assert sum(row.height for row in rows) <= net.height
    buttons = boxes(opened_once, ".compare .control")
    assert len(buttons) == 4
    assert len({button.top for button in buttons}) == 1


def test_only_the_page_scrolls(filled: Page) -> None:
    """On a phone no list or table scrolls on its own, because that would catch a swipe."""
    filled.run("document.querySelector('[data-table=chart-trend]').click()")
    filled.has(".trend .table tbody tr", count=30)

    script = """
        return [...document.querySelectorAll("main *")].filter((e) =>
            /auto|scroll/.test(getComputedStyle(e).overflowY) && e.checkVisibility()
            && e.scrollHeight > e.clientHeight + 1).map((e) => e.id || e.className);
    """
    assert filled.run(script) == []


def test_one_row_of_the_header(opened_once: Page) -> None:
    """On a tablet the header is one row."""
    opened_once.resize(*TABLET, touch=True)
    settles(opened_once)

    assert box(opened_once, "header").height <= 1.5 * FINGER_PX
    assert len(boxes(opened_once, f"{HEADER}, .other-page")) == 5


def test_forced_colours(opened: Page) -> None:
    """With forced colours, charts and legends keep theirs on the system's background."""
    opened.run("localStorage['northstar.theme'] = 'light'")
    forced = {"forced-colors": "active", "prefers-color-scheme": "dark"}
    features = [{"name": name, "value": value} for name, value in forced.items()]
    opened.cdp("Emulation.setEmulatedMedia", features=features)
    theme = "return document.documentElement.dataset.theme"
    until(lambda: opened.run(theme) == "dark", what="the theme is the system's")
    script = """
        const probe = document.createElement("i");
        probe.style.cssText = "forced-color-adjust: none; background: Canvas";
        document.body.append(probe);
        const ground = getComputedStyle(probe).backgroundColor;
        const colours = (selector) => [...new Set([...document.querySelectorAll(selector)]
            .map((e) => getComputedStyle(e).backgroundColor))];
        return [ground, colours(".panel .chart"), colours("#costs-legend .swatch")];
    """

    ground, charts, swatches = opened.run(script)
    assert charts == [ground]
    assert len(swatches) == 4


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_controls_for_fingers(opened: Page, size: tuple[int, int]) -> None:
    """All controls are large enough for touch, also with every panel and menu open."""
    opened.resize(*size, touch=True)
    settles(opened)

    def small() -> list[Box]:
        found = boxes(opened, CONTROLS)
        assert len(found) > 15
        return [
            control
            for control in found
            if round(control.width, 1) < FINGER_PX or round(control.height, 1) < FINGER_PX
        ]

    assert small() == []
    for opener in ("button.explain", "#display", "#feed-status", "[data-table=chart-agents]"):
        opened.run("document.querySelector(arguments[0]).click()", opener)
        if opener == "button.explain":
            opened.has("#explain [data-copy]", count=1)
        assert small() == [], f"after a tap on {opener}"


def test_nothing_is_cut(filled: Page, request: pytest.FixtureRequest) -> None:
    """With many large numbers the page does not scroll sideways and clips none."""
    toggle = "document.querySelectorAll('[data-table]').forEach(button => button.click())"
    is_crowd = request.node.callspec.params["filled"] == "crowd"
    for size in (PHONE, TABLET, DESK, WALL):
        filled.resize(*size, touch=size == PHONE)
        # On a large screen the table of many agents takes the place of their chart.
        has_table = is_crowd and size in {DESK, WALL}
        settles(filled, count=4 if has_table else 5)

        assert misfits(filled) == {}, size
        assert overlapping(boxes(filled, f"header, {CARDS}, {PANELS}")) == [], size
        if size in {DESK, WALL}:
            in_view = boxes(filled, f"{HEADER}, {CARDS}, {PANELS}, {CHARTS}, {STATS}")
            assert [part for part in in_view if not part.lies_in(*size)] == [], size
        filled.run(toggle)
        filled.has(".panel:has(.table:not([hidden]))", count=5)
        assert not goes_sideways(filled), f"with tables open, {size}"
        filled.run(toggle)
        filled.has(".panel:has(.table:not([hidden]))", count=0)


def misfits(page: Page) -> dict[str, Any]:
    """Return the elements that do not fit; an empty list if all do."""
    names = ("waterfall", "agents", "costs")
    places = {name: each for name in names for each in boxes(page, f"#chart-{name}-place")}
    hole = 0.7 * min(places["costs"].width, places["costs"].height)
    total = page.run("""
        const range = document.createRange();
        range.selectNodeContents(document.getElementById("costs-total"));
        return range.getBoundingClientRect().width;
    """)
    found: dict[str, Any] = {
        "page goes sideways": goes_sideways(page),
        "numbers cut": page.run(CUT, HTML_NUMBERS),
        "wider than seen": page.run(
            WIDER_THAN_SEEN, ".kpi, .kpi-value, .kpi-moved, .cards, .legend"
        ),
        "key figures": overlapping(boxes(page, ".kpi-value, .kpi-change, .kpi-before")),
        "total in the donut": total > hole and (total, hole),
    }
    kinds = (".bar-amount", ".bar-name", ".ytick text")
    for chart, labels in product(places.keys() - {"costs"}, kinds):
        written = boxes(page, f"#chart-{chart} {labels}")
        found[f"{chart} {labels}"] = overlapping(written)
        place = places[chart]
        found[f"{chart} {labels} beyond its chart"] = [
            label.name
            for label in written
            if label.left < place.left - 1 or label.right > place.right + 1
        ]
    return {what: which for what, which in found.items() if which}


@pytest.mark.parametrize("stale_after", ["3"])
def test_explanation_in_view(alone: Page) -> None:
    """The whole explanation is visible, also with stale numbers; it covers no key figure."""
    alone.is_in_state("stale")
    alone.click(".explain[data-explain=kpi-net]")
    alone.has("#explain [data-copy]", count=1)

    for size in (PHONE, TABLET, DESK, WALL):
        alone.resize(*size)
        panel = box(alone, "#explain")
        assert panel.lies_in(*size), size
        assert panel.height >= 300, size
        if size in {DESK, WALL}:
            assert overlapping([panel, *boxes(alone, f"header, {CARDS}")]) == []
            assert not scrolls(alone)


def test_largest_text(opened_once: Page) -> None:
    """Nothing on the page has larger text than net P&L."""
    for size in (PHONE, TABLET, DESK, WALL):
        opened_once.resize(*size)
        settles(opened_once)
        sizes = opened_once.run(TEXT_SIZES)
        net = sizes.pop("kpi-net-value")
        assert net >= 1.25 * max(sizes.values()), size
        assert sizes["elsewhere"] <= min(sizes["kpi-revenue-value"], sizes["kpi-margin-value"])


def test_figures_stand_below_each_other(opened: Page) -> None:
    """Digits have equal widths in charts and tables, too."""
    opened.click("[data-table=chart-trend]")
    script = """
        const found = [...document.querySelectorAll(arguments[0])].filter(
            (e) => /\\d/.test(e.textContent));
        return [found.length, found.filter(
            (e) => !getComputedStyle(e).fontVariantNumeric.includes("tabular-nums"),
        ).map((e) => e.className.baseVal ?? e.id)];
    """
    count, others = opened.run(script, f"{HTML_NUMBERS}, #as-of, .table td, .chart svg text")

    assert count > 150
    assert others == []
