"""The page for viewers with a screen reader, without a mouse, or with reduced motion."""

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import guide
from support.axe import broken_rules
from support.dashboard import Dashboard
from support.page import Page
from support.shared import SharedPage, page_on
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.browser

DESK, PHONE = (1440, 900), (390, 844)
MONTH = guide.text(trendsData=guide.month())
OPEN_EVERYTHING = """
    document.getElementById("feed-status").click();
    for (const button of document.querySelectorAll("[data-table]")) button.click();
    document.querySelector(".explain").click();
    document.getElementById("display").parentElement.open = true;
    document.getElementById("feed-details").open = true;
"""
# The elements that Tab reaches, with their names, and whether the focus is visible.
FOCUSED = """
    const { activeElement: at } = document;
    const style = getComputedStyle(at);
    return [
        at.id || at.dataset.explain || at.dataset.table || at.dataset.trace || at.className,
        at.ariaLabel || at.textContent.trim(),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    ];
"""


@pytest.fixture(scope="module")
def shared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPage]:
    """Open the page on stale numbers."""
    with page_on(chromium, tmp_path_factory.mktemp("shared"), MONTH) as shared:
        yield shared


@pytest.fixture
def shown(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page with numbers and charts."""
    source.send(MONTH)
    page.open(server.url)
    page.draws("chart-agents", lambda data: data[0]["y"])
    return page


def look(page: Page, theme: str, palette: str, size: tuple[int, int]) -> None:
    """Choose theme and palette as a viewer does, on a screen of this size."""
    page.resize(*size)
    for name, value in (("theme", theme), ("palette", palette)):
        page.run(f"document.querySelector('[data-choice={name}][data-value=\"{value}\"]').click()")
    until(lambda: page.run("return document.documentElement.dataset.theme") == theme)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_rules_of_accessibility(size: tuple[int, int], opened_once: Page) -> None:
    """No rule of axe-core is broken, in any theme, palette or screen size."""
    for theme, palette in product(("dark", "light"), ("", "safe")):
        look(opened_once, theme, palette, size)
        assert broken_rules(opened_once) == [], (theme, palette)


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.long)])
def test_rules_with_everything_open(theme: str, shown: Page) -> None:
    """No rule is broken with all panels, menus and tables open and the numbers stale."""
    look(shown, theme, "", DESK)
    shown.run(OPEN_EVERYTHING)
    until(lambda: shown.text("#explain .formula"), what="the panel is filled")
    shown.is_in_state("stale")

    assert broken_rules(shown) == []


def test_headings(opened_once: Page) -> None:
    """Heading levels increase by one, and every part of the page has a heading."""
    levels = opened_once.run("""
        return [...document.querySelectorAll("h1, h2, h3, h4")].map((e) => Number(e.tagName[1]))
    """)

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert opened_once.run("""
        return [...document.querySelectorAll("main > section")].every((e) => e.querySelector("h2"))
    """)


def test_live_region(shown: Page, source: Stream) -> None:
    """A screen reader announces changes of the status, but not of the numbers."""
    regions = shown.run("""
        return [...document.querySelectorAll("[aria-live], [role=status], [role=alert], output")]
            .map((e) => e.id)
    """)
    assert regions == ["feed-said", "alerts-queue-said"]
    assert shown.text("#feed-said") == shown.text("#feed-word")
    shown.run(
        """
        window.heard = [];
        const observer = new MutationObserver((changes) => window.heard.push(changes.length));
        for (const id of arguments[0]) observer.observe(document.getElementById(id),
            {subtree: true, childList: true, characterData: true});
    """,
        regions,
    )

    for revenue in (125451, 125452, 125453):
        source.send(guide.text(revenue=revenue))
        shown.shows("#kpi-revenue .kpi-value", f"${revenue:,}.00")

    assert shown.run("return window.heard.length") <= 1  # a slow test machine makes the data stale


def test_keyboard(opened_once: Page) -> None:
    """Tab reaches every control in the order of the page; each has a name and visible focus."""
    controls = opened_once.run("""
        return [...document.querySelectorAll("button, summary, a[href], [tabindex='0']")]
            .filter((e) => e.checkVisibility({visibilityProperty: true})).length
    """)
    reached: list[tuple[str, str]] = []
    opened_once.run("document.body.focus()")
    for _ in range(controls):
        ActionChains(opened_once.driver).send_keys(Keys.TAB).perform()
        what, name, visible = opened_once.run(FOCUSED)
        assert name, what
        assert visible, what
        reached.append((what, name))

    assert len(set(reached)) == controls


def test_names_for_a_screen_reader(opened_once: Page) -> None:
    """The accessibility tree has the status as text, and names for key figures and sections."""
    opened_once.cdp("Accessibility.enable")
    nodes = opened_once.cdp("Accessibility.getFullAXTree")["nodes"]
    told = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    summaries = [name for role, name in told if role == "DisclosureTriangle"]
    assert summaries[0].startswith(opened_once.text("#feed-word"))
    assert summaries[1] == "Display"
    articles = [name for role, name in told if role == "article"]
    assert articles == ["Net P&L", "Revenue", "Expenses", "Net margin"]
    assert "contentinfo" not in {role for role, _ in told}


CONTRASTS = """
    const seen = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => seen(colour).slice(0, 3).map((c) => c / 255).map(
        (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
    ).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = seen(getComputedStyle(document.querySelector(".panel")).backgroundColor);
    const texts = [...document.querySelectorAll(".plot svg text, .labels span")];
    return texts.filter((e) => e.textContent).map((e) => {
        let opacity = 1;
        for (let at = e; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
        const { fill, color } = getComputedStyle(e);
        const ink = seen(e.closest("svg") ? fill : color);
        const mixed = ink.slice(0, 3).map((c, i) => c * opacity + ground[i] * (1 - opacity));
        const [a, b] = [light(`${mixed}`), light(`${ground}`)].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), e.textContent];
    });
"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_contrast_in_old_charts(theme: str, opened_once: Page) -> None:
    """Stale numbers are dimmed, but the texts of the charts stay readable."""
    look(opened_once, theme, "", DESK)
    opened_once.is_in_state("stale")

    def unreadable() -> list[object]:
        found = opened_once.run(CONTRASTS)
        assert len(found) > 15
        return [text for contrast, text in found if contrast < 4.5]

    until(lambda: unreadable() == [], what="every text in the charts is readable")


def test_chart_without_sight(opened_once: Page) -> None:
    """A chart is an image whose name refers to the table with the same data."""
    names = opened_once.run("""
        return [...document.querySelectorAll(".place")].map((e) => [e.role, e.ariaLabel])
    """)

    assert len(names) == 5
    for role, name in names:
        assert role == "img"
        assert name.endswith("as a chart; also available as a table")
    others = "return document.querySelectorAll('.chart > :is(.drawn, .labels):not([aria-hidden])')"
    assert opened_once.run(f"{others}.length") == 0
