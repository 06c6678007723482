"""A changed number is marked for a moment, and only numbers from messages are shown."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until

pytestmark = pytest.mark.browser

# Records which elements are marked, with their colours and tinted text, and when a mark ends.
WATCH_MARKS = """
    window.marked = {};
    window.tinted = [];
    window.unmarked = [];
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            const { color } = getComputedStyle(target);
            for (const [direction, ranges] of CSS.highlights) {
                const tint = getComputedStyle(target, `::highlight(${direction})`).color;
                for (const range of ranges) {
                    const letters = new Range();
                    letters.setStart(range.startContainer, range.startOffset);
                    letters.setEnd(range.endContainer, range.endOffset);
                    window.tinted.push([direction, `${letters}`, tint]);
                }
            }
            if ("flash" in target.dataset) window.marked[target.id] = color;
            else window.unmarked.push(target.id);
        }
    }).observe(document.body, { subtree: true, attributeFilter: ["data-flash"] });
"""
# Records every text of an element, however it is set.
WATCH_TEXTS = """
    const element = document.querySelector(arguments[0]);
    window.texts = [element.textContent];
    new MutationObserver(() => window.texts.push(element.textContent)).observe(
        element, { childList: true, characterData: true, subtree: true });
    const each = () => {
        if (window.texts.at(-1) !== element.textContent) window.texts.push(element.textContent);
        requestAnimationFrame(each);
    };
    each();
"""
COLOUR = "return getComputedStyle(document.getElementById(arguments[0])).color"


@pytest.fixture
def opened(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page on the month, with motion allowed, after a second message."""
    page.prefers(reduced_motion="no-preference", color_scheme="dark")
    page.resize(*DESK)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    seq = page.seq
    source.send(now())  # the page must have set each text itself before it marks a change
    until(lambda: page.seq > seq, what="the second message is shown")
    page.run(WATCH_MARKS)
    return page


def test_mark_of_a_change(opened: Page, source: Stream) -> None:
    """Only the changed digits of net are tinted, and only for a moment."""
    plain = opened.run(COLOUR, "kpi-net-value")
    source.send(now(expenses=48_400, netPnL=0, trendsData=...))

    opened.shows("#kpi-net .kpi-value", "$77,050.00")
    assert opened.run("return window.marked") == {"kpi-net-value": plain}
    assert opened.run("return window.tinted") == [["fall", "050.00", opened.run(LOSS)]]
    until(lambda: not opened.run("return document.querySelectorAll('[data-flash]').length"))
    assert opened.run("return window.unmarked") == ["kpi-net-value"]
    assert opened.run(COLOUR, "kpi-net-value") == plain
    assert opened.run("return CSS.highlights.size") == 0


def test_no_mark_of_a_loss(opened: Page, source: Stream) -> None:
    """A change to a loss is not tinted."""
    source.send(now(expenses=248_400, netPnL=0, trendsData=...))

    opened.shows("#kpi-net .kpi-value", "-$122,950.00")
    assert opened.run("return [window.marked, window.tinted]") == [{}, []]


LOSS = """
    const probe = document.createElement("i");
    probe.style.color = "var(--loss)";
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
"""


def test_no_mark_where_motion_is_not_welcome(opened: Page, source: Stream) -> None:
    """With reduced motion, numbers change without a mark."""
    opened.prefers(reduced_motion="reduce", color_scheme="dark")
    source.send(at_revenue(126_000))

    opened.shows("#kpi-revenue .kpi-value", "$126,000.00")
    marked = opened.run("return window.marked")
    assert "kpi-net-value" in marked
    until(lambda: not opened.run("return document.querySelectorAll('[data-flash]').length"))
    assert marked == {number: opened.run(COLOUR, number) for number in marked}
    moving = """
        return [...document.querySelectorAll("body *")].filter((e) => {
            const { animationName, transitionDuration } = getComputedStyle(e);
            return animationName !== "none" || transitionDuration !== "0s";
        }).map((e) => e.id || e.className);
    """
    assert opened.run(moving) == []


def test_marks_of_a_stream(opened: Page, source: Stream) -> None:
    """A number that changes all the time is marked for less than half of the time."""
    opened.run("""
        window.lit = window.all = 0;
        setInterval(() => {
            window.all += 1;
            window.lit += "flash" in document.getElementById("kpi-net-value").dataset;
        }, 20);
    """)
    revenue = 200_000

    def sent() -> bool:
        nonlocal revenue
        revenue += 1
        source.send(at_revenue(revenue))
        return bool(opened.run("return window.all > 150"))

    until(sent, timeout_s=20, what="three seconds of the stream")
    lit, every = opened.run("return [window.lit, window.all]")
    assert 0 < lit < every / 2


def test_no_number_that_nobody_sent(opened: Page, source: Stream) -> None:
    """No number appears between two numbers of the stream."""
    sent = [100_000 * step + 7 for step in range(2, 31)]
    opened.run(WATCH_TEXTS, "#kpi-revenue .kpi-value")
    for revenue in sent:
        source.send(at_revenue(revenue))

    opened.shows("#kpi-revenue .kpi-value", f"${sent[-1]:,}.00")
    seen = opened.run("return window.texts")
    assert set(seen) <= {"$125,450.00", *(f"${revenue:,}.00" for revenue in sent)}
    assert len(seen) > 1
    order = [float(text[1:].replace(",", "")) for text in seen]
    assert order == sorted(order), "none comes back"


def test_charts_that_look_the_same(opened: Page, source: Stream) -> None:
    """A chart is not redrawn for an invisible change, but its texts are updated."""

    def is_of(revenue: int, data: Sequence[Mapping[str, Any]]) -> bool:
        return bool(data[0]["y"][0] == revenue)

    def drawn() -> object:
        bars = opened.plot("chart-waterfall")["data"][0]
        return bars["x" if bars.get("orientation") == "h" else "y"][0]

    shown = []
    for cents in (1, 2, 3):  # each chart is drawn once a second, so all were due by the next one
        earned = 40_000 + 10_000 * cents
        agents = [{"agent": "Scalper", "revenue": earned, "expenses": 0, "net": earned}]
        source.send(now(revenue=125_450 + cents / 100, netPnL=0, agentAttribution=agents))
        opened.shows("#chart-waterfall-labels-0-amount", f"$125,450.0{cents}")
        opened.draws("chart-agents", partial(is_of, earned))
        shown.append(drawn())

    assert shown == shown[:1] * 3
    source.send(at_revenue(150_000))
    until(lambda: drawn() == 150_000, what="a visible change is drawn")
