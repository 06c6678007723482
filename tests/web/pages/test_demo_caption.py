"""The caption of the demo and the choice of another scene, in a real browser."""

from http import HTTPStatus
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from support.axe import broken_rules
from support.dashboard import Dashboard
from support.page import Page
from support.sources import Stream
from support.waiting import until

pytestmark = pytest.mark.browser

BADGE = "summary#source-badge"
TEXT = "#demo-caption-text"
PRESSED = "#demo-caption [aria-pressed=true] .name"


def press(page: Page, *keys: str) -> None:
    """Press keys at the focused element."""
    page.driver.switch_to.active_element.send_keys(*keys)


def focus(page: Page) -> Any:
    """Return the id of the focused element, or the scene of its button."""
    return page.run("return document.activeElement.id || document.activeElement.dataset.scene")


def test_another_scene(page: Page, demo: Dashboard) -> None:
    """The keyboard opens the caption and chooses a scene, the page shows it, and Escape closes."""
    page.open(demo.url)
    page.is_in_state("live")
    page.run("document.getElementById('source-badge').focus()")
    press(page, Keys.ENTER)
    page.shows(TEXT, "Nothing happens: amounts move evenly.")
    page.shows(PRESSED, "Calm")
    press(page, Keys.TAB)
    assert focus(page) == "story"
    for _ in ("calm", "loss"):
        press(page, Keys.TAB)
    press(page, Keys.ENTER)

    page.shows(PRESSED, "Loss")
    page.shows(TEXT, "All but one agent cost more than they earn.")
    until(lambda: page.text("#kpi-net .kpi-value").startswith("-$"), what="the day has a loss")
    assert broken_rules(page) == []
    press(page, Keys.ESCAPE)
    assert focus(page) == "source-badge"
    assert not page.run("return document.getElementById('demo-caption').open")


def test_caption_opened_before_its_script(page: Page, demo: Dashboard) -> None:
    """A caption that is opened before its script has loaded has its content."""
    page.before_scripts("""
        document.addEventListener("DOMContentLoaded", () => {
            document.getElementById("demo-caption").open = true;
        });
    """)
    page.open(demo.url)

    page.shows(TEXT, "Nothing happens: amounts move evenly.")


def test_choices_that_are_too_many(page: Page, demo: Dashboard) -> None:
    """The caption shows why a choice is refused, and keeps the current scene."""
    page.open(demo.url)
    page.is_in_state("live")
    page.click(BADGE)
    page.shows(PRESSED, "Calm")
    until(lambda: page.run(REFUSED) == HTTPStatus.TOO_MANY_REQUESTS, what="the choice is refused")
    page.click("[data-scene=loss]")

    until(lambda: page.text("#demo-caption-problem").startswith("too many requests: try again in"))
    assert page.text(PRESSED) == "Calm"
    assert all("429" in entry["message"] for entry in page.driver.get_log("browser"))


REFUSED = """
    const body = new URLSearchParams({ scene: "calm" });
    const request = new XMLHttpRequest();
    request.open("POST", "demo", false);
    request.send(body);
    return request.status;
"""


def test_stream_without_caption(page: Page, server: Dashboard, source: Stream) -> None:
    """The page of a real stream has no caption, and its badge is no control."""
    page.open(server.url)
    until(lambda: source.clients, what="the stream is connected")

    page.has("#demo-caption, summary#source-badge", 0)
    page.has("span#source-badge", 1)
