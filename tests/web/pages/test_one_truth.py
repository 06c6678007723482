"""No two places of the page show different values of one quantity in any animation frame."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from northstar.view.shared.ids import Id
from support.dashboard import Dashboard
from support.page import Page
from support.pointing import first_point, point, tooltip
from support.screen import DESK
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long]

# Each chart has its tooltip open for a while; the explanation would cover two of them.
CHARTS = (Id.CHART_WATERFALL, Id.CHART_COSTS, Id.CHART_TREND, Id.CHART_AGENTS)
WATCHED_S = 15

# Reads every place of each quantity in every animation frame and collects differences.
WATCH = r"""
    const text = (selector) => document.querySelector(selector)?.textContent;
    const bare = (shown) => shown?.replace("-", "").split(" (")[0];
    const isOpen = (id) => !document.getElementById(id).hidden;
    const cell = (chart, row, column) => isOpen(`chart-${chart}-table`)
        ? [bare(text(`#chart-${chart}-table tbody tr:nth-child(${row}) :nth-child(${column})`))]
        : [];
    const tip = (chart, row) =>
        [...document.querySelectorAll(`.chart:has(#chart-${chart}-place) .tip b`)]
            .slice(row, row + 1).map(({ textContent }) => bare(textContent).split(" · ")[0]);
    const explained = (...shown) =>
        isOpen("explain") && document.getElementById("explain-heading") ? shown : [];
    const label = (row) => bare(text(`#chart-waterfall-labels-${row}-amount`));
    const last = (selector) => text(selector)?.split(" ").at(-1);
    const inputs = () => [...document.querySelectorAll("#explain-inputs dd")];
    const agent = (row, figure) => bare(text(`#agent-cards-${row}-${figure}`));
    const places = () => ({
        net: [bare(text("#kpi-net-value")), bare(text("#sentence-net"))?.replace("+", ""),
            bare(document.title).split(" · ")[0].replace("+", ""),
            label(5), ...cell("waterfall", 6, 2),
            ...cell("trend", 1, 6), bare(text("#agents-summary-net")), ...tip("trend", 0),
            ...explained(last("#explain-heading"), last("#explain-formula"))],
        revenue: [text("#kpi-revenue-value"), label(0), ...cell("waterfall", 1, 2),
            ...cell("trend", 1, 2), text("#agents-summary-revenue"), ...tip("trend", 1),
            ...tip("waterfall", 0), ...explained(inputs()[0]?.textContent)],
        expenses: [text("#kpi-expenses-value"), ...cell("trend", 1, 4), text("#costs-total"),
            text("#agents-summary-expenses"), ...tip("trend", 2),
            ...explained(inputs()[1]?.textContent)],
        margin: [text("#kpi-margin-value"), text("#agents-summary-margin")],
        ...Object.fromEntries([0, 1, 2, 3].map((row) => [`category ${row}`,
            [text(`#costs-legend-${row}-amount`), label(row + 1), ...cell("costs", row + 1, 2),
                ...cell("waterfall", row + 2, 2), ...(row === 0 ? tip("costs", 0) : [])]])),
        ...Object.fromEntries([0, 1, 2].map((row) => [`agent ${row}`,
            ["revenue", "expenses", "net"].map((figure) => agent(row, figure)).join(" "),
            ...(isOpen("chart-agents-table")
                ? [[2, 3, 4].flatMap((column) => cell("agents", row + 1, column)).join(" ")]
                : [])]).map(([name, ...shown]) => [name, shown])),
        "first agent": [agent(0, "revenue"), ...tip("agents", 0)],
        time: [text("#as-of"), document.getElementById("as-of").dateTime.slice(11, 19)],
    });
    window.watched = { frames: 0, values: new Set(), tips: new Set(), wrong: [] };
    const look = () => {
        const found = places();
        window.watched.frames += 1;
        window.watched.values.add(found.net[0]);
        for (const { textContent } of document.querySelectorAll(".tip")) {
            window.watched.tips.add(textContent);
        }
        for (const [name, shown] of Object.entries(found)) {
            if (new Set(shown).size > 1) window.watched.wrong.push([name, ...shown]);
        }
        requestAnimationFrame(look);
    };
    look();
"""


def message(number: int) -> str:
    """Return a balanced message in which every amount differs from the previous message."""
    costs = [18_500 + number, 12_800 + 2 * number, 11_200 + number, 5_820 + 3 * number]
    shares = [75_000 + 5 * number, 32_000 + 4 * number, 18_450 + 3 * number]
    spent = [sum(costs) - 19_820 - number, 12_800, 7_020 + number]
    agents = [
        {"agent": name, "revenue": earned, "expenses": paid}
        for name, earned, paid in zip(("Scalper", "John", "Cliff"), shares, spent, strict=True)
    ]
    names = ("Trading Fees", "Infrastructure", "Personnel", "Other")
    totals = {"revenue": sum(shares), "expenses": sum(costs)}
    fields: dict[str, Any] = {
        "costBreakdown": [
            {"name": name, "value": value} for name, value in zip(names, costs, strict=True)
        ],
        "agentAttribution": agents,
        **totals,
    }
    return now(**fields, netPnL=0, trendsData=today(totals))


def today(totals: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the current day's row of the trend."""
    return [{"date": time.strftime("%Y-%m-%d", time.gmtime()), **totals, "net": 0}]


@contextmanager
def sending(source: Stream, rate: int) -> Iterator[None]:
    """Send `rate` messages a second while the context is open."""
    ended = threading.Event()

    def send() -> None:
        number = 0
        while not ended.wait(1 / rate):
            number += 1
            source.send(message(number))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("rate", [1, 5, 60])
def test_places_of_a_quantity(rate: int, page: Page, server: Dashboard, source: Stream) -> None:
    """All places of an amount and of the time change together, with panels and tooltips open."""
    source.send(message(0))
    page.resize(*DESK)
    page.open(server.url)
    page.is_drawn()
    for chart in CHARTS:
        page.click(f"[data-table={chart}]")

    with sending(source, rate):
        page.run(WATCH)
        for chart in CHARTS:
            if chart is Id.CHART_AGENTS:  # the explanation would cover the others
                page.click(".explain[data-explain=kpi-net]")
                until(lambda: page.text("#explain-heading"), what="the panel is filled")
            page.click(f"[data-table={chart}]")
            watch_tooltip(page, chart, least=min(rate, 5) * WATCHED_S / 4)
            page.click(f"[data-table={chart}]")
        seen = page.run("return {...watched, values: watched.values.size}")

    assert seen["wrong"][:5] == []
    assert seen["values"] > min(rate, 5) * WATCHED_S
    assert seen["frames"] > WATCHED_S * len(CHARTS)


def watch_tooltip(page: Page, chart: Id, least: float) -> None:
    """Open a chart's tooltip and watch the page; the tooltip must have more than `least` values."""
    point(page, *first_point(page, chart))
    until(lambda: tooltip(page, chart), what=f"{chart} has a tooltip")
    page.run("watched.tips.clear()")
    started = time.monotonic()
    until(lambda: time.monotonic() - started > WATCHED_S, WATCHED_S * 2, "the page was watched")
    assert tooltip(page, chart)
    assert page.run("return watched.tips.size") > least
