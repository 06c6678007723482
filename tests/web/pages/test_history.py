"""The history page in a real browser, on a store filled through the stream and on the demo."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from dash.testing.browser import Browser

from support.addresses import DRAWN
from support.axe import broken_rules
from support.dashboard import Dashboard
from support.leaving import destination
from support.page import Page
from support.screen import DESK, PHONE, boxes, goes_sideways, overlapping, settles
from support.shared import SharedPages, demo_with_past, shared_pages
from support.sources import Stream
from support.today import now
from support.waiting import until

pytestmark = pytest.mark.browser


def draws(page: Page, count: int) -> None:
    """Wait until this many charts are drawn."""
    until(lambda: page.run(DRAWN) == count, what=f"{count} charts are drawn")


def is_written(server: Dashboard, revenue: int) -> bool:
    """Tell whether a day of the last week has that revenue."""
    return revenue in [day["revenue"] for day in server.get("/api/days?range=7d")]


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPages]:
    """Run a demo with a written history; its pages are opened on request."""
    with (
        demo_with_past(tmp_path_factory.mktemp("shared")) as demo,
        shared_pages(chromium, demo.url) as pages,
    ):
        yield pages


@pytest.fixture
def at(shared: SharedPages, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens a path, for tests that change only the window's size.

    The console must be clean at the end.
    """
    chromium.driver.get_log("browser")  # from the previous test
    yield lambda path: shared.at(path).show()
    assert chromium.driver.get_log("browser") == []


@pytest.fixture
def month(at: Callable[[str], Page]) -> Page:
    """Return the report of 30 days."""
    page = at("/history?range=30d")
    draws(page, 3)
    return page


def test_a_day_from_the_stream(source: Stream, server: Dashboard, page: Page) -> None:
    """The page of today shows the figures of the stream, including the agents."""
    source.send(now())
    until(lambda: server.get("/api/days?range=today"), what="the day is written")
    page.open(f"{server.url}/history?range=today")

    assert page.text("#kpi-net .kpi-value") == "$77,130.00"
    assert page.text("#kpi-revenue .kpi-value") == "$125,450.00"
    assert "Scalper" in page.text("#table-agents tbody")
    assert page.run("return document.title") == "NorthStar Synergy | History"
    draws(page, 1)
    assert page.plot("chart-intraday")["data"][2]["y"] == [77130]


def test_changes_are_visible(month: Page) -> None:
    """Each key figure shows its change against the period of comparison."""
    changes = month.driver.find_elements("css selector", ".kpi-moved")

    assert [change.is_displayed() for change in changes] == [True] * 4


def test_restated_day_is_marked(source: Stream, server: Dashboard, page: Page) -> None:
    """A restated day is marked, with the figures at its close."""
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    for revenue in (100, 150):
        row = {"date": yesterday, "revenue": revenue, "expenses": 40, "net": revenue - 40}
        source.send(now(revenue=1000 + revenue, trendsData=[row]))
        until(partial(is_written, server, revenue), what=f"{revenue} is written")
    page.open(f"{server.url}/history?range=7d")
    draws(page, 3)

    assert "1 day restated" in page.text(".notes p:first-child")
    assert page.plot("chart-days")["data"][3]["customdata"] == ["closed at $60.00"]


def test_ranges(shared: SharedPages, at: Callable[[str], Page], month: Page) -> None:
    """A click on a range opens an address that contains it and can be shared."""
    quarter = "history?range=90d&compare=previous"
    address = destination(month, lambda: month.click(f"a[href='{quarter}']"))
    assert address == f"{shared.url}/{quarter}"
    page = at(f"/{quarter}")
    draws(page, 3)

    assert len(page.plot("chart-days")["data"][0]["x"]) == 90
    assert page.text("nav .group:first-child [aria-current]") == "90 days"
    assert page.text("#source-badge") == "DEMO"


def test_one_step_deeper(shared: SharedPages, page: Page) -> None:
    """An agent opens its page, a day on it opens the day, and Back returns."""
    page.open(f"{shared.url}/history?range=7d&compare=none")
    page.click("#table-agents tr:first-child a")
    until(lambda: "agent=" in page.driver.current_url, what="the agent's page")
    assert "range=7d&compare=none" in page.driver.current_url
    name = page.text(".part h2")
    draws(page, 3)
    page.click("#table-days tr:nth-child(2) a")
    until(lambda: "from=" in page.driver.current_url, what="the day's page")
    draws(page, 1)
    page.driver.back()

    until(lambda: page.text(".part h2") == name, what="the agent's page again")


def test_dates_by_hand(shared: SharedPages, at: Callable[[str], Page]) -> None:
    """The form accepts any two days."""
    day = datetime.now(UTC).date() - timedelta(days=40)
    path = f"/history?from={day}&to={day + timedelta(days=9)}&compare=none"
    page = at(path)
    draws(page, 3)
    address = destination(page, lambda: page.click("main nav form button"))
    assert address == shared.url + path  # Enter submits the form's values

    assert len(page.plot("chart-days")["data"][0]["x"]) == 10
    assert len(page.plot("chart-cumulative")["data"]) == 1


def test_nothing_moves_and_all_is_there_before_scripts(shared: SharedPages, page: Page) -> None:
    """The numbers are in the first response, and scripts cause no layout shift."""
    page.before_scripts(
        "new PerformanceObserver((list) => { window.shift = (window.shift || 0) +"
        " list.getEntries().reduce((sum, { value }) => sum + value, 0); })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.open(f"{shared.url}/history?range=30d")
    draws(page, 3)

    assert page.run("return window.shift || 0") == 0


def test_files_are_those_of_the_live_page(shared: SharedPages, month: Page) -> None:
    """Each script has the address it has on the live page, and is loaded once."""
    loaded = month.run("return performance.getEntriesByType('resource').map(({ name }) => name)")
    scripts = [name.removeprefix(shared.url) for name in loaded if ".js" in name]

    assert len([name for name in scripts if "plotly" in name.rpartition("/")[2]]) == 1
    assert [name for name in scripts if name.startswith("/history/")] == []
    assert len(scripts) == len(set(scripts))


def test_no_sideways_scrolling(at: Callable[[str], Page]) -> None:
    """The page is as wide as its window; tables scroll on their own."""
    page = at("/history?range=year")
    draws(page, 3)
    for width, height in ((1920, 1080), (1440, 900), (768, 1024), (390, 844)):
        page.resize(width, height, touch=width < 800)
        fits = f"return document.documentElement.scrollWidth <= {width} && innerWidth === {width}"
        until(partial(page.run, fits), what=f"nothing is wider than {width} px")


def test_sorting(month: Page) -> None:
    """A click on a header sorts by value and another click reverses; the total stays last."""
    head = "#table-days thead th:nth-child(6)"
    read = """
        const cells = [...document.querySelectorAll("#table-days tbody td:nth-child(6)")];
        return cells.map(({ dataset }) => Number(dataset.value));
    """
    month.run("window.days = [...document.querySelectorAll('#table-days tbody tr')]")
    month.click(f"{head} button")
    falling = month.run(read)
    month.click(f"{head} button")

    assert falling == sorted(falling, reverse=True)
    assert month.run(read) == sorted(falling)
    assert month.driver.find_element("css selector", head).get_attribute("aria-sort") == "ascending"
    assert month.text("#table-days tfoot th") == "Total"
    month.run(
        "document.querySelector('#table-days tbody').append(...days);"
        "document.querySelector(arguments[0]).removeAttribute('aria-sort')",
        head,
    )


def test_controls_in_one_row(month: Page) -> None:
    """At 1440 px all controls are in one row."""
    month.resize(1440, 900)
    tops = """
        const groups = [...document.querySelectorAll("#history-ranges .control")];
        return [...new Set(groups.map((each) => Math.round(each.getBoundingClientRect().top)))];
    """

    assert len(month.run(tops)) == 1


def test_phone(month: Page) -> None:
    """On a phone controls are behind one button, only the page scrolls, the header has two rows."""
    month.resize(390, 844, touch=True)
    settles(month, 3)
    scrolls = """
        return [...document.querySelectorAll("main *")].filter((each) => {
            const { overflowX, overflowY } = getComputedStyle(each);
            return /auto|scroll/.test(overflowX + overflowY) && each.checkVisibility();
        }).map((each) => each.className || each.tagName);
    """
    nav = month.driver.find_element("css selector", "#history-ranges")

    name, live, menu = boxes(month, "header h1, header .other-page, #display")
    [as_of] = boxes(month, "header .as-of")
    assert max(name.top, live.top, menu.top) < min(name.bottom, live.bottom, menu.bottom)
    assert max(live.bottom, menu.bottom) <= as_of.top
    assert overlapping(boxes(month, "header > *")) == []
    assert month.run(scrolls) == []
    assert not nav.is_displayed()
    month.click(".opener summary")
    assert nav.is_displayed()
    month.run("document.querySelector('.opener').open = false")


def test_phone_while_reconnecting(source: Stream, server: Dashboard, page: Page) -> None:
    """On a phone the longest feed state fits in the header."""
    page.resize(*PHONE)
    source.send(now())
    until(lambda: server.get("/api/days?range=today"), what="the day is written")
    source.stop()
    until(lambda: server.get("/api/feed")["state"] == "reconnecting", what="the source is away")
    page.open(f"{server.url}/history?range=today")
    draws(page, 1)

    [feed] = boxes(page, ".as-of .feed")
    assert feed.lies_in(*PHONE)
    assert not goes_sideways(page)


def test_new_data(source: Stream, server: Dashboard, page: Page) -> None:
    """A line reports data newer than the page, and links to it."""
    source.send(now())
    until(lambda: server.get("/api/days?range=today"), what="the day is written")
    page.open(f"{server.url}/history?range=today")
    draws(page, 1)
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    news = page.driver.find_element("css selector", "#history-news span")
    assert not news.is_displayed()
    source.send(now(revenue=200_000))

    until(lambda: page.run(look) or news.is_displayed(), what="the line is shown")
    until(partial(is_written, server, 200_000), what="the new state is written")
    page.click("#history-news a")
    until(lambda: page.text("#kpi-revenue .kpi-value") == "$200,000.00", what="the data")


@pytest.mark.parametrize(
    ("query", "charts"),
    [
        ("range=year", 3),
        ("agent=Scalper&range=90d", 3),
        ("range=30d&category=Trading+Fees", 1),
        ("range=today", 1),
    ],
)
def test_rules_of_accessibility(query: str, charts: int, at: Callable[[str], Page]) -> None:
    """No rule of axe-core is broken on any kind of page, on a desktop and on a phone."""
    page = at(f"/history?{query}")
    draws(page, charts)
    for size, touch in ((DESK, False), (PHONE, True)):
        page.resize(*size, touch=touch)
        settles(page, charts)

        assert broken_rules(page) == [], size


def test_cards_of_a_category(at: Callable[[str], Page]) -> None:
    """The cards of a category fill the row and align with the facts below; no day is clipped."""
    page = at("/history?range=30d&category=Trading+Fees")
    settles(page, 1)

    amount, share = boxes(page, ".kpi")
    facts = boxes(page, ".facts > div")
    assert (round(amount.left), round(share.right)) == (round(facts[0].left), round(facts[2].right))
    assert round(amount.right) == round(facts[1].right)
    assert {day.height < 30 for day in boxes(page, ".facts a")} == {True}


def test_theme(month: Page) -> None:
    """The viewer's theme applies to this page and its charts."""

    def colour() -> str:
        return str(month.plot("chart-underwater")["data"][0]["line"]["color"])

    light = colour()
    month.prefers(color_scheme="dark")
    until(lambda: colour() != light, what="the chart has the colour of the system's other theme")
    month.click("#display")
    month.click("[data-choice=theme][data-value=light]")

    until(lambda: colour() == light, what="the chart has the colour of the chosen theme")
    month.click("[data-choice=theme][data-value='']")
    month.run("document.querySelector('details.display').open = false")


def test_table_of_a_chart(month: Page) -> None:
    """Each chart can be read as a table."""
    month.click("[data-table=chart-underwater]")

    month.has("#chart-underwater-table tbody tr", 29)  # without the current day
    month.click("[data-table=chart-underwater]")


def test_back_and_forth(shared: SharedPages, page: Page) -> None:
    """The live page and the history page link to each other."""
    page.open(shared.url)
    page.click("a.other-page")
    until(lambda: page.driver.current_url.endswith("/history"), what="the history")
    draws(page, 3)
    page.click("a.other-page")
    page.is_in_state("live")
    page.is_drawn()


def test_query_that_makes_no_sense(shared: SharedPages, page: Page) -> None:
    """An invalid query is answered with the reason and with valid alternatives."""
    page.open(f"{shared.url}/history?range=<b>ages</b>")

    assert page.text(".problem").startswith("range: expected")
    page.click("a[href='history?range=7d&compare=previous']")
    draws(page, 3)
    page.driver.get_log("browser")  # about the status 422
