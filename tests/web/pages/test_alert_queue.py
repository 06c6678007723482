"""The alert queue in a real browser: opened, read and used with the keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from support.axe import broken_rules
from support.dashboard import Dashboard, dashboard
from support.page import Page

pytestmark = pytest.mark.browser

RULES = """
[rules.floor]
kind = "net_below"
limit = 90_000_000
severity = "critical"
"""


@pytest.fixture
def demo(free_port: int, tmp_path: Path) -> Iterator[Dashboard]:
    """Run a demo with a rule that is true."""
    file = tmp_path / "alerts.toml"
    file.write_text(RULES)
    with dashboard(free_port, "--demo", "--demo-scene", "calm", "--alerts", str(file)) as running:
        yield running


def press(page: Page, *keys: str) -> None:
    """Press keys at the focused element."""
    ActionChains(page.driver).send_keys(*keys).perform()


def test_acknowledge_and_silence(demo: Dashboard, page: Page) -> None:
    """The keyboard acknowledges and silences an alert, which then needs no attention."""
    page.open(demo.url)
    page.shows("#alerts-pill", "1 needs you")
    page.shows("#sentence-alerts", "1 alert needs you")
    page.run("document.getElementById('alerts-pill').focus()")
    press(page, Keys.ENTER)
    page.shows("#alerts-queue h3", "critical floor")
    assert page.run("return document.activeElement.id") == "alerts-title"
    assert broken_rules(page) == []

    page.run("document.querySelector('#alerts-queue summary').focus()")
    press(page, Keys.ENTER)
    press(page, Keys.TAB)
    press(page, "on <b>it</b>")
    press(page, Keys.TAB, Keys.ENTER)
    page.shows("#alerts-pill", "Alerts: 1 open")
    page.shows("#sentence-alerts", "")
    page.shows("#alerts-queue li summary", "Silence")
    assert "on <b>it</b>" in page.text("#alerts-queue dl")

    page.resize(390, 844)
    labels = "[...document.querySelectorAll('#alerts-queue dt')]"
    assert page.run(f"return {labels}.every(each => each.scrollWidth <= each.clientWidth)")

    # In one step, because the content may be replaced between two.
    page.run("document.querySelector('#alerts-queue li summary').click()")
    page.run("document.querySelector('#alerts-queue [data-fields*=\"240\"]').click()")
    page.has("#alerts-queue [data-fields='{\"minutes\": 0}']", 1)
    press(page, Keys.ESCAPE)
    assert page.run("return document.getElementById('alerts-queue').hidden")
    assert page.run("return document.activeElement.id") == "alerts-pill"


def test_phone(demo: Dashboard, page: Page) -> None:
    """On a phone the queue fits, and typed text survives updates."""
    page.resize(390, 844)
    page.open(demo.url)
    page.shows("#alerts-pill", "1 needs you")
    page.run("document.getElementById('alerts-pill').click()")
    page.has("#alerts-queue li summary", 1)
    page.run("document.querySelector('#alerts-queue li summary').click()")
    page.run("""
        const input = document.querySelector('#alerts-queue input');
        input.focus();
        input.dataset.old = "true";
    """)
    press(page, "look")
    page.has("#alerts-queue input[data-old]", 0)

    assert page.run("return document.activeElement.value") == "look"
    assert page.run("return document.documentElement.scrollWidth") <= 390
    assert broken_rules(page) == []
