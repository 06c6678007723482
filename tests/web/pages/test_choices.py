"""A viewer's choices survive updates and do not affect other viewers."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import guide
from support.chromium import started
from support.dashboard import Dashboard
from support.month_page import MonthPage, shared
from support.page import Page
from support.screen import DESK
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import until

__all__ = ["shared"]  # a fixture

pytestmark = pytest.mark.browser

# A colour of the theme in each drawn chart.
DRAWN = {
    "--fill-revenue": ("#chart-trend .scatterlayer .trace:nth-child(1) .js-line", "stroke"),
    "--fill-expenses": ("#chart-trend .scatterlayer .trace:nth-child(2) .js-line", "stroke"),
    "--fill-net": ("#chart-agents .barlayer .trace:nth-child(3) .point:first-child path", "fill"),
    "--fill-gain": ("#chart-waterfall .point:last-child path", "fill"),
    "--cost-0": ("#chart-costs .slice:first-child path", "fill"),
    "--muted": ("#chart-agents .ytick text", "fill"),
}
COLOURS = """
    const probe = document.createElement("i");
    document.body.append(probe);
    const seen = {}, named = {};
    for (const [token, [selector, property]] of Object.entries(arguments[0])) {
        const drawn = document.querySelector(selector);
        seen[token] = drawn && getComputedStyle(drawn)[property];
        probe.style.color = `var(${token})`;
        named[token] = getComputedStyle(probe).color;
    }
    probe.remove();
    return [seen, named];
"""
ROOT_DATA = "return document.documentElement.dataset[arguments[0]]"
KEPT = "return localStorage.getItem(arguments[0])"


@pytest.fixture
def opened(shared: MonthPage) -> Iterator[Page]:
    """Return the page on the month, on a dark desktop; restore the choices at the end."""
    yield from shared.renewed("dark")


@pytest.fixture
def alone(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a separate page on the month, on a desktop in the dark theme."""
    page.prefers(color_scheme="dark")
    page.resize(*DESK)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    return page


@pytest.fixture
def other(
    server: Dashboard,  # noqa: ARG001 (it outlives the browser)
    pytestconfig: pytest.Config,
) -> Iterator[Page]:
    """Return another viewer: a browser with empty storage."""
    with started(pytestconfig) as browser:
        page = Page(browser)
        yield page
        assert page.driver.get_log("browser") == []


def colours(page: Page) -> dict[str, str]:
    """Wait until the charts are drawn in the theme's colours; return the colours."""
    until(lambda: len({*map(repr, page.run(COLOURS, DRAWN))}) == 1, what="the theme's colours")
    return dict(page.run(COLOURS, DRAWN)[0])


def choose(page: Page, name: str, value: str) -> None:
    """Choose an option in the display menu."""
    if not page.run("return document.querySelector('details.display').open"):
        page.click("#display")
    page.click(f'[data-choice="{name}"][data-value="{value}"]')


def test_theme_of_the_system(opened: Page) -> None:
    """Without a choice the theme is the system's and follows it, including the charts."""
    assert opened.run(ROOT_DATA, "theme") == "dark"
    dark = colours(opened)

    opened.prefers(color_scheme="light")
    until(lambda: opened.run(ROOT_DATA, "theme") == "light", what="the theme follows")
    light = colours(opened)
    assert [name for name in DRAWN if dark[name] == light[name]] == []
    assert opened.run(KEPT, "northstar.theme") is None
    opened.driver.refresh()
    assert opened.run(ROOT_DATA, "theme") == "light"


def test_theme_that_was_chosen(opened: Page) -> None:
    """A chosen theme is applied at once and on the next visit, whatever the system's theme is."""
    dark = colours(opened)
    choose(opened, "theme", "light")
    light = colours(opened)
    assert [name for name in DRAWN if dark[name] == light[name]] == []

    script = """
        addEventListener("DOMContentLoaded", () => {
            window.firstTheme = document.documentElement.dataset.theme;
        });
    """
    added = opened.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)
    opened.driver.refresh()
    opened.is_drawn()
    opened.cdp("Page.removeScriptToEvaluateOnNewDocument", **added)
    assert opened.run("return window.firstTheme") == "light"
    assert colours(opened) == light
    pressed = (
        "return document.querySelector('[data-choice=theme][aria-pressed=true]').dataset.value"
    )
    assert opened.run(pressed) == "light"

    choose(opened, "theme", "")
    assert colours(opened) == dark
    opened.driver.refresh()
    assert opened.run(ROOT_DATA, "theme") == "dark"


def test_palette(opened: Page) -> None:
    """The colour-blind safe palette changes every chart in both themes, and is stored."""
    standard = colours(opened)
    choose(opened, "palette", "safe")
    safe_dark = colours(opened)
    choose(opened, "theme", "light")
    safe_light = colours(opened)

    fills = [name for name in DRAWN if name not in {"--muted", "--cost-0"}]  # costs are violet
    assert [name for name in fills if standard[name] == safe_dark[name]] == []
    assert safe_dark != safe_light
    opened.driver.refresh()
    opened.is_drawn()
    assert colours(opened) == safe_light
    choose(opened, "palette", "")
    assert opened.run(ROOT_DATA, "palette") == ""


def drag_in_trend(page: Page) -> None:
    """Drag over the middle of the trend to zoom."""
    plot = page.driver.find_element("css selector", "#chart-trend .nsewdrag")
    quarter = plot.size["width"] // 4
    actions = ActionChains(page.driver).move_to_element(plot).move_by_offset(-quarter, 0)
    actions.click_and_hold().move_by_offset(quarter, 5).move_by_offset(
        quarter, 5
    ).release().perform()


def days_in_sight(page: Page) -> list[str]:
    """Return the first and the last day of which at least half a bar is visible."""
    script = "return document.querySelector('#chart-trend .js-plotly-plot').layout.xaxis.range"
    first, last = (datetime.fromisoformat(str(end)[:19]) for end in page.run(script))
    half = timedelta(hours=12)
    return [(first + half).date().isoformat(), (last - half).date().isoformat()]


def choices(page: Page) -> dict[str, Any]:
    """Return the viewer's choices as the page shows them."""
    shown: Mapping[str, Any] = page.run("""
        const seen = (selector) => document.querySelector(selector).checkVisibility();
        const trend = document.querySelector("#chart-trend .js-plotly-plot");
        return {
            theme: document.documentElement.dataset.theme,
            hidden: trend.data.filter((trace) => trace.visible === false).map((t) => t.meta),
            lines: trend.querySelectorAll(".scatterlayer .js-line").length,
            pressed: document.querySelector("[data-trace=expenses]").ariaPressed,
            table: seen("#chart-agents-table"),
            explain: seen("#explain"),
            details: document.getElementById("feed-details").open,
            reset: seen("[data-unzoom=chart-trend]"),
        };
    """)
    return {**shown, "days": days_in_sight(page)}


@pytest.mark.long
def test_choices_outlive_updates_and_are_one_viewers(
    alone: Page, other: Page, server: Dashboard, source: Stream
) -> None:
    """Zoom, hidden lines, theme and open panels survive updates and affect this viewer only."""
    other.prefers(color_scheme="dark")
    other.resize(*DESK)
    other.open(server.url)
    other.is_drawn()
    untouched = choices(other)
    assert untouched == choices(alone)

    drag_in_trend(alone)
    alone.has("[data-unzoom=chart-trend]:not([hidden])", count=1)
    alone.click("[data-chart=chart-trend][data-trace=expenses]")
    choose(alone, "theme", "light")
    alone.click("[data-table=chart-agents]")
    alone.click(".explain[data-explain=kpi-net]")
    alone.click("#feed-status")
    until(lambda: choices(alone)["lines"] == 2, what="a line is hidden")
    chosen = choices(alone)
    first, last = untouched["days"]
    zoomed_first, zoomed_last = chosen["days"]
    assert first < zoomed_first < zoomed_last < last
    assert {name: value for name, value in chosen.items() if name != "days"} == {
        "theme": "light",
        "hidden": ["expenses"],
        "lines": 2,
        "pressed": "false",
        "table": True,
        "explain": True,
        "details": True,
        "reset": True,
    }

    for update in range(6):
        revenue = 130_000 + 1000 * update
        source.send(now(revenue=revenue, netPnL=0, trendsData=[today(revenue)]))
        for viewer in (alone, other):
            viewer.shows("#kpi-revenue .kpi-value", f"${revenue:,}.00")
            viewer.draws("chart-trend", partial(ends_at, revenue))
        assert choices(alone) == chosen, f"after update {update}"
        assert choices(other) == untouched, f"after update {update}"
    assert alone.run(KEPT, "northstar.theme") == "light"
    assert other.run(KEPT, "northstar.theme") is None


def ends_at(revenue: int, data: list[dict[str, Any]]) -> bool:
    """Tell whether the last net of the trend is that of a revenue."""
    return bool(data[0]["y"][-1] == revenue - today(revenue)["expenses"])


def today(revenue: int) -> dict[str, Any]:
    """Return the trend's last row with another revenue."""
    row = guide.month(datetime.now(UTC).date().isoformat())[-1]
    return row | {"revenue": revenue, "net": revenue - row["expenses"]}


def test_zoom_and_back(opened: Page, shared: MonthPage) -> None:
    """A double click or the button resets the zoom, and all days are visible again."""
    whole = days_in_sight(opened)
    for back in (
        lambda: opened.click("[data-unzoom=chart-trend]"),
        lambda: (
            ActionChains(opened.driver)
            .double_click(opened.driver.find_element("css selector", "#chart-trend .nsewdrag"))
            .perform()
        ),
    ):
        drag_in_trend(opened)
        until(lambda: days_in_sight(opened) != whole, what="the chart is zoomed")
        back()
        until(lambda: days_in_sight(opened) == whole, what="all days are visible")
        opened.has("[data-unzoom=chart-trend][hidden]", count=1)
        shared.source.send(at_revenue(140_000))
        opened.shows("#kpi-revenue .kpi-value", "$140,000.00")
        assert days_in_sight(opened) == whole


def test_zoom_without_a_pointer(alone: Page, source: Stream) -> None:
    """Buttons show the last days, also after a day is added; the focus is never lost."""
    alone.click("[data-days='7']")
    days = alone.plot("chart-trend")["data"][0]["x"]
    until(lambda: days_in_sight(alone) == [days[-7], days[-1]], what="a week is visible")
    tomorrow = (date.fromisoformat(days[-1]) + timedelta(days=1)).isoformat()
    source.send(now(trendsData=[{"date": tomorrow, "revenue": 1, "expenses": 1}]))
    until(lambda: days_in_sight(alone) == [days[-6], tomorrow], what="it moves with the days")

    alone.run("document.querySelector('[data-unzoom]').focus()")
    alone.driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(lambda: days_in_sight(alone)[0] == days[1], what="all days are visible")
    assert alone.run("return document.activeElement.dataset.days") == "7"


def test_update_while_dragging(opened: Page, shared: MonthPage) -> None:
    """An update during a drag waits until the drag has ended."""
    plot = opened.driver.find_element("css selector", "#chart-trend .nsewdrag")
    pointer = ActionChains(opened.driver)
    pointer.move_to_element(plot).click_and_hold().move_by_offset(60, 0).perform()
    shared.source.send(now(revenue=130_000, netPnL=0, trendsData=[today(130_000)]))
    opened.shows("#kpi-revenue .kpi-value", "$130,000.00")
    opened.draws("chart-waterfall", lambda data: data[0]["y"][0] == 130_000)
    days = opened.plot("chart-trend")["data"][0]["x"]
    assert not ends_at(130_000, opened.plot("chart-trend")["data"])

    ActionChains(opened.driver).move_by_offset(60, 0).release().perform()
    opened.draws("chart-trend", partial(ends_at, 130_000))
    first, last = days_in_sight(opened)
    assert days[0] < first < last < days[-1]


def test_choice_in_another_tab(opened: Page, shared: MonthPage) -> None:
    """A theme chosen in one tab applies to the viewer's other tabs."""
    first = opened.driver.current_window_handle
    opened.driver.switch_to.new_window("tab")
    opened.driver.get(shared.server.url)
    opened.is_drawn()
    choose(opened, "theme", "light")
    opened.driver.close()
    opened.driver.switch_to.window(first)
    until(
        lambda: opened.run("return document.documentElement.dataset.theme") == "light",
        what="the first tab follows",
    )


def test_legend_entries(opened: Page) -> None:
    """Each legend entry hides and shows its own line or bars, and sets `aria-pressed`."""
    for chart, drawn in (("chart-trend", ":is(.js-line, .bars)"), ("chart-agents", ".bars")):
        lines = f"#{chart} {drawn}"
        entries = opened.driver.find_elements("css selector", f"button[data-chart={chart}]")
        shown = len(entries)
        opened.has(lines, shown)
        for entry in entries:
            entry.click()
            opened.has(lines, shown - 1)
            assert entry.get_attribute("aria-pressed") == "false"
            entry.click()
            opened.has(lines, shown)
            assert entry.get_attribute("aria-pressed") == "true"
