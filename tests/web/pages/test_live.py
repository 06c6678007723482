"""The page in a real browser, fed by a real stream: it shows the values of the message."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dash.testing.browser import Browser

from support import guide
from support.dashboard import Dashboard, Process
from support.page import Page
from support.shared import SharedPage, page_on
from support.sources import Stream, stream
from support.today import at_revenue, now
from support.waiting import SLOWNESS, until

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
KPI_TEXTS = {
    "kpi-net": ("$77,130.00", "▲ +$30.00 (0.0%)", "was $77,100.00 in the previous period"),
    "kpi-revenue": ("$125,450.00", "▲ +$250.00 (+0.2%)", "was $125,200.00 in the previous period"),
    "kpi-expenses": ("$48,320.00", "▲ +$220.00 (+0.5%)", "was $48,100.00 in the previous period"),
    "kpi-margin": ("61.5%", "▼ -0.1 pp", "was 61.6% in the previous period"),
}


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPage]:
    """Open the page on the month."""
    with page_on(chromium, tmp_path_factory.mktemp("shared"), now()) as shared:
        yield shared


def test_key_figures(opened_once: Page) -> None:
    """Every card shows the message's figure and its change against the previous period."""
    for card, (value, moved, before) in KPI_TEXTS.items():
        opened_once.shows(f"#{card} .kpi-value", value)
        opened_once.shows(f"#{card}-previous-change", moved)
        opened_once.shows(f"#{card}-previous-before", before)
    assert opened_once.driver.title.endswith(" · NorthStar Synergy | P&L")
    assert opened_once.text("#source-badge") == ""
    assert opened_once.source == "live"


def test_time_of_the_data(page: Page, server: Dashboard, source: Stream) -> None:
    """The header has the message's own time with its zone and date."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    source.send(now(timestamp=moment.isoformat(), trendsData=...))
    page.open(server.url)

    page.shows("#as-of", f"{moment:%H:%M:%S}")
    page.shows("#as-of-day", f"{moment.day} {moment:%b %Y} · UTC")


def test_waterfall(opened_once: Page) -> None:
    """Revenue goes up, each category down, and net is the total; every bar has label and name."""
    heights = [125450, -18500, -12800, -11200, -5820, 77130]
    opened_once.draws("chart-waterfall", lambda data: data[0]["y"] == heights)
    opened_once.has("#chart-waterfall .barlayer .point path", count=6)
    assert texts(opened_once, "#chart-waterfall-labels .bar-amount") == [
        "$125,450.00",
        "-$18,500.00",
        "-$12,800.00",
        "-$11,200.00",
        "-$5,820.00",
        "$77,130.00",
    ]
    names = ["Revenue", "Trading Fees", "Infrastructure", "Personnel", "Other", "Net P&L"]
    assert texts(opened_once, "#chart-waterfall-labels .bar-name") == names
    opened_once.has("#chart-waterfall .bartext, #chart-waterfall .xtick", count=0)


def test_waterfall_of_books_that_do_not_balance(
    page: Page, server: Dashboard, source: Stream
) -> None:
    """Costs without a category have their own bar, so that the bars end at net."""
    source.send(now(expenses=50000, netPnL=0, trendsData=...))
    page.open(server.url)

    heights = [125450, -18500, -12800, -11200, -5820, -1680, 75450]
    page.draws("chart-waterfall", lambda data: heights in (data[0]["x"], data[0]["y"]))
    assert sum(heights[:-1]) == heights[-1]


def test_trend(opened_once: Page) -> None:
    """Each day has all figures, the current one net only; averages use complete days."""
    rows = guide.month(NOW.date().isoformat())
    opened_once.draws("chart-trend", lambda data: len(data[0]["x"]) == 30)
    for trace, name in enumerate(("net", "revenue", "expenses")):
        drawn = opened_once.plot("chart-trend")["data"][trace]
        assert drawn["x"] == [row["date"] for row in rows]
        running = rows[-1]["net"] if name == "net" else None
        assert drawn["y"] == [*(row[name] for row in rows[:-1]), running]
        mean = sum(row[name] for row in rows[:-1]) / 29
        assert opened_once.text(f"#trend-summary-{name}-all") == f"${mean:,.2f}"


def test_costs(opened_once: Page) -> None:
    """The chart of costs has a slice, an amount and a share for each category, and the total."""
    opened_once.draws("chart-costs", lambda data: data[0]["values"] == [18500, 12800, 11200, 5820])
    opened_once.shows("#costs-total", "$48,320.00")
    rows = opened_once.run("""
        return [...document.querySelectorAll('#costs-legend li')].map(
            row => ["name", "amount", "share"].map(
                part => row.querySelector(`.${part}`).textContent))
    """)
    assert rows == [
        ["Trading Fees", "$18,500.00", "38.3%"],
        ["Infrastructure", "$12,800.00", "26.5%"],
        ["Personnel", "$11,200.00", "23.2%"],
        ["Other", "$5,820.00", "12.0%"],
    ]


def test_agents(opened_once: Page) -> None:
    """The panel has three bars and a card for each agent, the totals and the average margin."""
    opened_once.draws("chart-agents", lambda data: data[0]["y"] == [75000, 32000, 18450])
    drawn = opened_once.plot("chart-agents")
    bars = {trace["meta"]: trace["y"] for trace in drawn["data"] if trace["type"] == "bar"}
    assert bars == {
        "revenue": [75000, 32000, 18450],
        "expenses": [28500, 12800, 7020],
        "net": [46500, 19200, 11430],
    }
    assert drawn["layout"]["xaxis"]["ticktext"] == ["Scalper", "John", "Cliff"]
    cards = opened_once.run("""
        return [...document.querySelectorAll('#agent-cards li')].map(card =>
            [...card.querySelectorAll('h3, strong, dd')].map(part => part.textContent))
    """)
    assert cards == [
        ["Scalper", "$46,500.00", "$75,000.00", "$28,500.00", "60.3%", "62.0%"],
        ["John", "$19,200.00", "$32,000.00", "$12,800.00", "24.9%", "60.0%"],
        ["Cliff", "$11,430.00", "$18,450.00", "$7,020.00", "14.8%", "62.0%"],
    ]
    totals = {
        name: opened_once.text(f"#agents-summary-{name}")
        for name in ("revenue", "expenses", "net", "margin")
    }
    assert totals == {
        "revenue": "$125,450.00",
        "expenses": "$48,320.00",
        "net": "$77,130.00",
        "margin": "61.5%",
    }


def test_numbers_follow_the_stream(page: Page, server: Dashboard, source: Stream) -> None:
    """A new message updates numbers, charts, the frame's number and lists of rows."""
    source.send(now())
    page.open(server.url)
    page.shows("#kpi-revenue .kpi-value", "$125,450.00")
    first = page.seq

    source.send(
        now(
            revenue=130000.5,
            agentAttribution=[{"agent": "Ada", "revenue": 130000.5, "expenses": 48320}],
            costBreakdown=[{"name": "Rent", "value": 48320}],
        )
    )

    page.shows("#kpi-revenue .kpi-value", "$130,000.50")
    page.shows("#kpi-net .kpi-value", "$81,680.50")
    page.shows("#agent-cards h3", "Ada")
    page.shows("#agent-cards strong", "$81,680.50")
    page.shows("#costs-legend .name", "Rent")
    page.shows("#costs-legend .amount", "$48,320.00")
    page.draws("chart-waterfall", lambda data: data[0]["y"] == [130000.5, -48320, 81680.5])
    page.draws("chart-agents", lambda data: data[2]["y"] == [81680.5])
    assert page.seq > first


def test_loss(page: Page, server: Dashboard, source: Stream) -> None:
    """A net loss has a minus, a change of sign has no percentage, and all bars are visible."""
    source.send(now(revenue=40000, netPnL=0))
    page.open(server.url)

    page.shows("#kpi-net .kpi-value", "-$8,320.00")
    page.shows("#kpi-net-previous-change", "▼ -$85,420.00 (n/a)")
    page.shows("#kpi-margin .kpi-value", "-20.8%")
    page.draws("chart-waterfall", lambda data: data[0]["y"][-1] == -8320)
    assert texts(page, "#chart-waterfall-labels .bar-amount")[-1] == "-$8,320.00"
    drawn = page.plot("chart-waterfall")
    amounts = "xaxis" if "orientation" in drawn["data"][0] else "yaxis"
    low, high = drawn["layout"][amounts]["range"]
    assert low < -8320
    assert high > 40000


def test_books_that_do_not_balance(page: Page, server: Dashboard, source: Stream) -> None:
    """The page shows the size and place of a finding until it is resolved."""
    source.send(now(expenses=50000, netPnL=0, trendsData=...))
    page.open(server.url)

    page.shows("#books-costs", "categories sum to $48,320.00, $1,680.00 short")
    page.shows("#books-agents", "expenses: agents sum to $48,320.00, $1,680.00 short")
    source.send(now())
    page.shows("#books-costs", "")
    page.shows("#books-agents", "")


def test_hostile_names(page: Page, server: Dashboard, source: Stream) -> None:
    """Markup in a name is shown as text and creates no element."""
    name = '<img src=x onerror="window.hacked=1"><b>x</b>'
    source.send(
        now(
            costBreakdown=[{"name": name, "value": 48320}],
            agentAttribution=[{"agent": name, "revenue": 125450, "expenses": 48320}],
        )
    )
    page.open(server.url)

    page.shows("#costs-legend .name", name)
    page.shows("#agent-cards h3", name)
    page.draws("chart-agents", lambda data: data[0]["y"] == [125450])
    page.shows("#chart-agents-labels .bar-name", name)
    made = "#costs-legend img, #agent-cards img, .chart img, .chart a, .chart image"
    assert page.run("return document.querySelectorAll(arguments[0]).length", made) == 0
    assert page.run("return window.hacked") is None


def test_demo(page: Page, demo: Dashboard) -> None:
    """Invented numbers are labelled on the page and in its title."""
    page.open(demo.url)

    page.is_in_state("live")
    page.shows("#source-badge", "DEMO")
    title = re.compile(r"\+\$77,[\d.]+ · Live · NorthStar Synergy \| P&L · DEMO")
    until(lambda: title.fullmatch(page.driver.title), what="the title has net, state and source")
    assert page.source == "demo"
    until(lambda: page.text("#kpi-net .kpi-value").startswith("$77,"), what="net is shown")


@pytest.mark.parametrize("stale_after", ["3"])
def test_silent_source(page: Page, server: Dashboard, source: Stream) -> None:
    """A silent source is shown as stale with its age, and the numbers are dimmed."""
    page.open(server.url)
    until(lambda: page.has_heard, what="the page has received a heartbeat")
    source.send(now())
    page.is_in_state("live")

    page.is_in_state("stale")
    assert page.text("#feed-detail").startswith("last data ")
    assert page.text("#kpi-net .kpi-value") == "$77,130.00"
    grey = "return getComputedStyle(document.querySelector('#kpi-net .spark')).filter"
    assert page.run(grey) == "saturate(0.55)"
    source.send(now())
    page.is_in_state("live")


def test_source_restarts(page: Page, server: Dashboard, source: Stream) -> None:
    """The page shows that the source is disconnected, and is live again without a reload."""
    source.send(now())
    page.open(server.url)
    page.shows("#kpi-revenue .kpi-value", "$125,450.00")

    source.stop()
    until(lambda: page.state in {"reconnecting", "offline"}, what="the disconnection is shown")
    assert "source" in page.text("#feed-detail")
    with stream(source.port) as again:
        again.send(at_revenue(131000))
        page.shows("#kpi-revenue .kpi-value", "$131,000.00", timeout_s=15)
        page.is_in_state("live")
        assert page.is_still_the_same()


@pytest.mark.long
def test_server_restarts(dash_br: Browser, server_process: Process, source: Stream) -> None:
    """The page shows that the server is unreachable, and is live again without a reload."""
    page = Page(dash_br)
    source.send(now())
    page.open(server_process.url)
    page.is_drawn()

    server_process.stop(signal.SIGKILL)
    until(lambda: page.state in {"reconnecting", "offline"}, what="the disconnection is shown")
    assert "server" in page.text("#feed-detail")
    source.send(at_revenue(132000))
    server_process.start()
    page.shows("#kpi-revenue .kpi-value", "$132,000.00", timeout_s=20)
    source.send(at_revenue(133000))
    page.is_in_state("live")
    page.shows("#kpi-revenue .kpi-value", "$133,000.00")
    assert page.is_still_the_same()
    # The browser itself reports refused connections and probes; nothing else may be in the console.
    told = [entry["message"] for entry in page.driver.get_log("browser")]
    assert [text for text in told if not re.search("WebSocket connection to|/healthz ", text)] == []


@pytest.mark.long
def test_network_returns(dash_br: Browser, server_process: Process, source: Stream) -> None:
    """The page reconnects at once when the browser reports that the network is back."""
    page = Page(dash_br)
    source.send(now())
    page.open(server_process.url)
    page.is_drawn()
    page.run("Math.random = () => 600")  # ten minutes of jitter
    page.run("window.fetch = () => Promise.reject()")  # probes fail, too

    server_process.stop(signal.SIGKILL)
    until(lambda: "retry in 6" in page.text("#feed-detail"), what="the wait is shown")
    server_process.start()
    source.send(at_revenue(134000))
    page.run("window.dispatchEvent(new Event('online'))")

    page.shows("#kpi-revenue .kpi-value", "$134,000.00")
    assert page.is_still_the_same()


def test_burst(page: Page, server: Dashboard, source: Stream) -> None:
    """The last of many messages is shown; each chart is drawn at most once a second."""
    source.send(now())
    page.open(server.url)
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] == 125450)
    page.is_drawn()
    page.run("""
        window.draws = {};
        const { set_props } = dash_clientside;
        dash_clientside.set_props = (id, props) => {
            (window.draws[id] ||= []).push(performance.now());
            return set_props(id, props);
        };
    """)

    for revenue in [*range(200_000, 200_400), 300_000]:
        source.send(at_revenue(revenue))

    page.shows("#kpi-revenue .kpi-value", "$300,000.00")
    page.draws("chart-waterfall", lambda data: data[0]["y"][0] == 300_000)
    draws = page.run("return window.draws")
    assert len(draws["chart-waterfall"]) <= 4 * SLOWNESS  # as long as sending takes
    assert "chart-costs" not in draws, "its data did not change"
    for times in draws.values():
        assert all(later - earlier > 900 for earlier, later in pairwise(times))


def test_charts_are_drawn_one_a_frame(page: Page, server: Dashboard, source: Stream) -> None:
    """When everything has changed, texts are updated at once, and charts in successive frames."""
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    page.run("""
        window.drawn_in = [];
        const react = Plotly.react;
        Plotly.react = (plot, ...rest) => {
            const revenue = document.querySelector("#kpi-revenue .kpi-value").textContent;
            window.drawn_in.push([document.timeline.currentTime, revenue]);
            return react(plot, ...rest);
        };
    """)
    costs = [{"name": "All of it", "value": 48_320}]
    agents = [{"agent": "Ada", "revenue": 130_000, "expenses": 48_320}]
    today = [{"date": NOW.date().isoformat(), "revenue": 130_000, "expenses": 48_320}]
    changed = {"costBreakdown": costs, "agentAttribution": agents, "trendsData": today}
    source.send(now(revenue=130_000, netPnL=0, **changed))

    until(lambda: page.run("return window.drawn_in.length") == 5, what="all charts are drawn")
    drawn_in = page.run("return window.drawn_in")
    assert {revenue for _, revenue in drawn_in} == {"$130,000.00"}
    assert len({frame for frame, _ in drawn_in}) == 5


def texts(page: Page, selector: str) -> list[str]:
    """Return the texts of all matching elements in document order."""
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    return list(map(str, page.run(script, selector)))
