"""What a viewer can open: tables and explanations."""

import json
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from support.dashboard import Dashboard
from support.month_page import MonthPage, opened, shared
from support.page import Page
from support.screen import DESK, PHONE, boxes
from support.sources import Stream
from support.today import LONG_NAME, at_revenue, now
from support.waiting import until

__all__ = ["opened", "shared"]  # fixtures

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1"></pre></script><script>window.hacked=1</script>'
CELLS = """
    return [...document.querySelectorAll(`#${arguments[0]}-table tr`)].map(
        (row) => [...row.cells].map((cell) => cell.textContent));
"""
PAIRS = """
    const pairs = (of) => [...of.children].map(
        (line) => [line.children[0].textContent, line.children[1].textContent]);
    const [inputs, , message] = document.querySelectorAll("#explain dl");
    const body = document.querySelector("#explain .body");
    return {
        heading: body.querySelector("h3").textContent,
        formula: body.querySelector(".formula").textContent,
        inputs: Object.fromEntries(pairs(inputs)),
        checks: Object.fromEntries(pairs(body.querySelector("ul"))),
        message: Object.fromEntries(pairs(message)),
        raw: body.querySelector("pre").textContent,
    };
"""
EXPLAINED = {
    "kpi-net": (
        "Net P&L $77,130.00",
        "$125,450.00 − $48,320.00 = $77,130.00",
        {
            "Revenue": "$125,450.00",
            "Expenses": "$48,320.00",
            "Previous net P&L": "$77,100.00",
            "Net stated by the source": "$77,130.00",
        },
        4,
    ),
    "kpi-revenue": (
        "Revenue $125,450.00",
        "revenue = $125,450.00",
        {"Revenue": "$125,450.00", "Previous revenue": "$125,200.00"},
        2,
    ),
    "kpi-expenses": (
        "Expenses $48,320.00",
        "expenses = $48,320.00",
        {"Expenses": "$48,320.00", "Previous expenses": "$48,100.00"},
        3,
    ),
    "kpi-margin": (
        "Net margin 61.5%",
        "$77,130.00 ÷ $125,450.00 = 61.5%",
        {"Net P&L": "$77,130.00", "Revenue": "$125,450.00", "Previous net margin": "61.6%"},
        4,
    ),
}


@pytest.fixture
def source(shared: MonthPage) -> Stream:
    """Return the stream that the page shows."""
    return shared.source


@pytest.fixture
def server(shared: MonthPage) -> Dashboard:
    """Return the dashboard that serves the page."""
    return shared.server


def money(amount: float) -> str:
    """Format an amount as the page should, with its cents."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def table(page: Page, chart: str) -> list[list[str]]:
    """Return the rows of an open table, header first."""
    return list(page.run(CELLS, chart))


def shown(day: str) -> str:
    """Format a day as the page should."""
    return f"{date.fromisoformat(day):%-d %b %Y}"


def with_change(text: str) -> list[str]:
    """Return an amount of a tooltip and its change, which may be empty."""
    amount, _, change = text.partition(" (")
    return [amount, change.removesuffix(")")]


def traces(page: Page, chart: str) -> dict[str, list[Any]]:
    """Return the traces of a chart by the name of the line or bars."""
    return {t["meta"]: t["y"] for t in page.plot(chart)["data"] if "meta" in t}


def test_table_of_the_trend(opened: Page, source: Stream) -> None:
    """The table of the trend has three figures and the average for each day, as in the chart."""
    opened.click("[data-table=chart-trend]")
    assert boxes(opened, "#chart-trend-place") == []
    net, *lines, mean = opened.plot("chart-trend")["data"]
    drawn = [*lines, net, mean]
    told = [[with_change(text) for text in trace["customdata"]] for trace in drawn[:3]]
    days = zip(drawn[0]["x"], *told, mean["customdata"], strict=True)
    expected = [[shown(day), *chain(*figures), last] for day, *figures, last in days][::-1]
    head, *rows = table(opened, "chart-trend")

    figures = ["Revenue", "Change", "Expenses", "Change", "Net", "Change"]
    assert head == ["Day", *figures, "7-day average"]
    assert len(rows) == 30
    assert rows == expected
    running = ["$125,450.00", "", "$48,320.00", "", "$77,130.00", "", "–"]
    assert rows[0][1:] == running
    assert rows[-1][1:] == [*chain(*((money(trace["y"][0]), "") for trace in drawn[:3])), "–"]
    newest = {"date": drawn[0]["x"][-1], "revenue": 126_000.5, "expenses": 48_320, "net": 77_680.5}
    source.send(now(revenue=126_000.5, netPnL=0, trendsData=[newest]))
    changed = "$126,000.50"
    until(lambda: table(opened, "chart-trend")[1][1] == changed, what="the table follows")
    assert table(opened, "chart-trend")[1][5] == "$77,680.50"
    assert table(opened, "chart-trend")[2:] == rows[1:]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_days_of_the_table(size: tuple[int, int], opened: Page) -> None:
    """Each day is in one line and links to its page."""
    opened.resize(*size)
    opened.run("document.querySelector('[data-table=chart-trend]').click()")
    names = "#chart-trend-table tbody th"
    days = opened.plot("chart-trend")["data"][0]["x"][::-1]

    links = [f"/history?from={day}&to={day}" for day in days]
    script = (
        "return [...document.querySelectorAll(arguments[0])].map((a) => a.getAttribute('href'))"
    )
    assert opened.run(script, f"{names} a") == links
    assert {name.height < 40 for name in boxes(opened, names)} == {True}


def test_tables_of_the_other_charts(opened: Page, source: Stream) -> None:
    """The other tables have the steps, categories and agents of the charts, and follow updates."""
    for chart in ("chart-waterfall", "chart-costs", "chart-agents"):
        opened.click(f"[data-table={chart}]")
    assert table(opened, "chart-waterfall") == [
        ["Step", "Amount"],
        ["Revenue", "$125,450.00"],
        ["Trading Fees", "-$18,500.00"],
        ["Infrastructure", "-$12,800.00"],
        ["Personnel", "-$11,200.00"],
        ["Other", "-$5,820.00"],
        ["Net P&L", "$77,130.00"],
    ]
    drawn = opened.plot("chart-costs")["data"][0]
    assert table(opened, "chart-costs")[1:] == [
        [name, *told.split(" · ")]
        for name, told in zip(drawn["text"], drawn["customdata"], strict=True)
    ]
    bars = traces(opened, "chart-agents")
    names = opened.plot("chart-agents")["layout"]["meta"]["names"]
    assert table(opened, "chart-agents") == [
        ["Agent", "Revenue", "Expenses", "Net", "Contribution", "Margin"],
        *(
            [name, *map(money, (revenue, expenses, net)), *shares]
            for name, revenue, expenses, net, *shares in zip(
                names,
                bars["revenue"],
                bars["expenses"],
                bars["net"],
                ["60.3%", "24.9%", "14.8%"],
                ["62.0%", "60.0%", "62.0%"],
                strict=True,
            )
        ),
    ]

    costs = [{"name": f"Cost {row:02}", "value": 1000 + row} for row in range(40)]
    agents = [{"agent": "Ada", "revenue": 125_450, "expenses": 48_320}]
    source.send(now(trendsData=..., costBreakdown=costs, agentAttribution=agents))
    until(lambda: len(table(opened, "chart-costs")) == 41, what="every category has a row")
    assert [row[:2] for row in table(opened, "chart-costs")[1:]] == [
        [cost["name"], money(float(str(cost["value"])))] for cost in reversed(costs)
    ]
    ada = ["Ada", "$125,450.00", "$48,320.00", "$77,130.00", "100.0%", "61.5%"]
    assert table(opened, "chart-agents")[1:] == [ada]
    shown = ["Revenue", *(f"Cost {row}" for row in range(39, 33, -1)), "34 smaller costs"]
    named = [row[0] for row in table(opened, "chart-waterfall")[1:]]
    assert [name for name in named if name in shown] == shown
    opened.click("[data-table=chart-costs]")
    assert len(boxes(opened, "#chart-costs-place")) == 1
    assert boxes(opened, "#chart-costs-table") == []


def moment(told: dict[str, Any], name: str) -> datetime:
    """Return a time from the explanation, cut to milliseconds as the time of receipt is."""
    exact = datetime.fromisoformat(told["message"][name])
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


def test_explanation_of_each_key_figure(opened: Page, server: Dashboard, source: Stream) -> None:
    """The explanation has the formula, its inputs, the checks and the message they came from."""
    sent = json.dumps(json.loads(now()), indent=3).replace("Personnel", "Pers\\u00f6nal <b>&amp;")
    source.send(sent)
    until(lambda: opened.text("#costs-legend-2-amount") and "ö" in opened.text("#costs-legend"))

    count = server.get("/api/feed")["tally"]["accepted"]
    assert count > 1
    for kpi, (heading, formula, inputs, places) in EXPLAINED.items():
        opened.click(f".explain[data-explain={kpi}]")
        opened.shows("#explain .body h3:first-child", heading)
        told = opened.run(PAIRS)
        assert told["formula"] == formula
        assert told["inputs"] == inputs
        assert len(told["checks"]) == places
        assert [text for text in told["checks"].values() if not text.startswith(("✓", "–"))] == []
        assert told["raw"] == sent
        assert told["message"]["Message"] == f"{count} since the start"
        assert told["message"]["Timestamp"] == json.loads(sent)["timestamp"]
        assert moment(told, "Received") >= moment(told, "Timestamp")
        assert told["message"]["Source"] == server.get("/api/feed")["name"] == source.url
        opened.click(f".explain[data-explain={kpi}]")
        assert boxes(opened, "#explain") == []


def has_message(page: Page, revenue: int) -> bool:
    """Return whether the panel shows a message with this revenue."""
    return bool(json.loads(page.run(PAIRS)["raw"])["revenue"] == revenue)


def test_explanation_follows_the_stream(opened: Page, source: Stream) -> None:
    """An open explanation follows updates: its figures change together with the message."""
    opened.click(".explain[data-explain=kpi-net]")
    for revenue in range(130_000, 130_005):
        source.send(at_revenue(revenue))
        opened.shows("#explain .body h3:first-child", f"Net P&L ${revenue - 48_320:,}.00")
        told = opened.run(PAIRS)
        assert told["inputs"]["Revenue"] == f"${revenue:,}.00"
        until(partial(has_message, opened, revenue), what="the message is the new one")


def test_explanation_of_books_that_do_not_balance(opened: Page, source: Stream) -> None:
    """A failed check shows the place and the difference; a passed one says so."""
    source.send(now(expenses=50_000, netPnL=77_130, trendsData=...))
    opened.shows("#kpi-expenses .kpi-value", "$50,000.00")
    opened.click(".explain[data-explain=kpi-net]")
    opened.has("#explain .failed", count=4)

    checks = opened.run(PAIRS)["checks"]
    assert checks["Cost categories"] == "✗ categories sum to $48,320.00, $1,680.00 short"
    assert "expenses: agents sum to $48,320.00, $1,680.00 short" in checks["Agents"]
    assert checks["Net stated by the source"].endswith("$77,130.00, $1,680.00 over")
    source.send(now())
    opened.has("#explain .failed", count=0)


def test_closing_the_explanation(opened: Page, source: Stream) -> None:
    """Escape and the close button close the explanation and return the focus."""
    focus = "return document.activeElement.dataset.explain ?? document.activeElement.id"
    for close in (
        lambda: opened.driver.switch_to.active_element.send_keys(Keys.ESCAPE),
        lambda: opened.click("#explain .head button"),
    ):
        opened.click(".explain[data-explain=kpi-margin]")
        opened.has("#explain:not([hidden]) [data-copy]", count=1)
        assert opened.run(focus) == "explain-title"
        source.send(at_revenue(130_000))
        opened.shows("#kpi-revenue .kpi-value", "$130,000.00")
        close()
        assert boxes(opened, "#explain") == []
        assert opened.run(focus) == "kpi-margin"


def test_copy_of_the_message(opened: Page, server: Dashboard, source: Stream) -> None:
    """The button copies the message unchanged to the clipboard."""
    sent = now(note="ö <b>\n\t")
    source.send(sent)
    opened.click(".explain[data-explain=kpi-net]")
    until(lambda: opened.text("#explain pre") == sent, what="the message is shown")
    opened.cdp(
        "Browser.grantPermissions",
        origin=server.url,
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
    )
    opened.click("[data-copy]")

    opened.shows("[data-copy]", "Copied")
    read = "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    assert opened.driver.execute_async_script(read) == sent


def test_copy_without_a_clipboard(opened: Page, source: Stream) -> None:
    """Without the clipboard API, as without TLS, the message is copied all the same."""
    sent = now()
    source.send(sent)
    opened.run("""
        Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
        document.addEventListener("copy", () => { window.copied = String(getSelection()); });
    """)
    opened.click(".explain[data-explain=kpi-net]")
    until(lambda: opened.text("#explain pre") == sent, what="the message is shown")
    opened.click("[data-copy]")

    opened.shows("[data-copy]", "Copied")
    copied = opened.run("delete navigator.clipboard; return window.copied")
    assert copied.strip() == sent.strip()


def test_hostile_names_in_what_is_opened(opened: Page, source: Stream) -> None:
    """Markup in names and in the whole message is text in tables and panels, too."""
    before = opened.run("return document.querySelectorAll('script, img').length")
    sent = now(
        costBreakdown=[{"name": HOSTILE, "value": 40_000}],
        agentAttribution=[{"agent": HOSTILE, "revenue": 125_450, "expenses": 48_320}],
    )
    source.send(sent)
    opened.has("#agent-cards h3", count=1)
    opened.shows("#agent-cards h3", HOSTILE)
    for chart in ("chart-waterfall", "chart-costs", "chart-agents"):
        opened.click(f"[data-table={chart}]")
    opened.click(".explain[data-explain=kpi-expenses]")

    until(lambda: opened.text("#explain pre") == sent, what="the message is shown")
    assert table(opened, "chart-costs")[1][0] == HOSTILE
    assert table(opened, "chart-agents")[1][0] == HOSTILE
    assert table(opened, "chart-waterfall")[2][0] == HOSTILE
    assert opened.run("return document.querySelectorAll('script, img').length") == before
    assert opened.run("return window.hacked") is None


def test_table_of_long_names(opened: Page, source: Stream) -> None:
    """A long name does not push a number out of view."""
    agents = [{"agent": LONG_NAME, "revenue": 125_450.25, "expenses": 48_320.75}]
    source.send(now(agentAttribution=agents))
    opened.has("#agent-cards h3", count=1)
    opened.shows("#agent-cards h3", LONG_NAME)
    opened.click("[data-table=chart-agents]")

    [place] = boxes(opened, "#chart-agents-table")
    cells = boxes(opened, "#chart-agents-table td")
    assert len(cells) == 5
    assert [cell for cell in cells if cell.right > place.right or cell.left < place.left] == []


def test_nothing_is_uploaded(opened: Page, server: Dashboard) -> None:
    """The page talks to its own server only, and offers no upload."""
    opened.click("[data-table=chart-trend]")
    opened.click(".explain[data-explain=kpi-net]")
    opened.has("#explain [data-copy]", count=1)
    loaded = opened.run("return performance.getEntriesByType('resource').map((e) => e.name)")

    assert len(loaded) > 5
    assert [name for name in loaded if not name.startswith(f"{server.url}/")] == []
    assert boxes(opened, ".modebar-btn, form, input, iframe") == []
    links = opened.run("return [...document.querySelectorAll('a[href]')].map((a) => a.href)")
    assert [link for link in links if link and not link.startswith(server.url)] == []
    configs = opened.run("""
        return [...document.querySelectorAll(".js-plotly-plot")].map(
            ({ _context: config }) => [config.showSendToCloud, config.displaylogo,
                                       config.displayModeBar]);
    """)
    assert configs == [[False, False, False]] * 5
