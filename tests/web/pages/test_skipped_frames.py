"""A page that skips frames ends up equal to a page that gets the whole frame."""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = pytest.mark.browser

# Lets a test have the page drop frames.
SKIP = """
    const page = window.dash_clientside.northstar;
    const { receive } = page;
    page.receive = (message) => (window.skips ? undefined : receive(message));
"""
# The page's HTML, a line for each tag, attributes sorted; without ages, frame counters, marks of
# changes, drawings and notices, because those of the server are from the first response.
DOM = """
    const page = document.querySelector(".page").cloneNode(true);
    const ages = "#as-of-age, #feed-details, #feed-detail, #sentence-feed, #page-seq";
    const drawings = ".plot, .drawn, .notice";
    for (const each of page.querySelectorAll(`${ages}, ${drawings}`)) each.remove();
    for (const each of page.querySelectorAll("*")) {
        for (const name of ["data-flash", "data-young-for-s"]) each.removeAttribute(name);
        each.style.cssText += ""; // written in one form
        if (!each.getAttribute("style")) each.removeAttribute("style");
        const pairs = [...each.attributes].map(({ name, value }) => [name, value]).sort();
        for (const [name] of pairs) each.removeAttribute(name);
        for (const [name, value] of pairs) each.setAttribute(name, value);
    }
    page.normalize();
    return page.innerHTML.replaceAll("<", "\\n<").split("\\n");
"""
NAMES = ("Fees", "Rent", "Tools", "<b>", "Gebühr")
FRAMES = 15


def is_taken(server: Dashboard, count: int) -> bool:
    """Tell whether the server has accepted this many messages."""
    return bool(server.get("/api/feed")["tally"]["accepted"] >= count)


def states(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield variations of the example: of amounts, names and numbers of rows."""
    for _ in range(FRAMES):
        changes: dict[str, Any] = {"revenue": chance.randint(-10, 200_000), "netPnL": 0}
        if chance.random() < 0.5:
            chosen = chance.sample(NAMES, chance.randint(0, len(NAMES)))
            rows = [{"name": name, "value": chance.randint(-5, 900)} for name in chosen]
            changes["costBreakdown"] = rows
            changes["agentAttribution"] = [
                {"agent": row["name"], "revenue": row["value"], "expenses": 1} for row in rows
            ]
        yield changes


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_skipped_frames(seed: int, page: Page, server: Dashboard, source: Stream) -> None:
    """Whichever frames a page skips, after the last one it equals a new page."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    page.open(server.url)
    until(lambda: page.has_heard, what="the page has received a heartbeat")
    source.send(now())
    page.is_drawn()
    page.run(SKIP)
    for accepted, changes in enumerate(states(chance), start=2):
        page.run("window.skips = arguments[0]", chance.random() < 0.6)
        source.send(now(**changes))
        until(partial(is_taken, server, accepted), what="the message is accepted")
    page.run("window.skips = false")
    source.send(now(revenue=123_456, netPnL=0))
    page.shows("#kpi-revenue .kpi-value", "$123,456.00")
    until(lambda: not page.run("return document.querySelector('[data-flash]')"))
    patched = page.run(DOM)

    page.open(server.url)
    page.is_drawn()
    assert patched == page.run(DOM)
