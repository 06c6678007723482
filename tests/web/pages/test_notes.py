"""Notes in a real browser: written with the keyboard, shown in charts and tables, deleted."""

from collections.abc import Iterator
from functools import partial

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.axe import broken_rules
from support.dashboard import Dashboard, dashboard
from support.guards import HASH
from support.page import Page
from support.waiting import until

pytestmark = pytest.mark.browser

TEXT = "Fees <b>rose</b> at the open"
AUTHOR = "#day-notes-author"
PROBLEM = "#day-notes-problem"
ANONYMOUS = "Written as anonymous: no sign-in is configured."
PASSWORD = "correct horse"  # noqa: S105 (of tests alone)


@pytest.fixture
def closed(free_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """Run a demo that requires a sign-in."""
    monkeypatch.setenv("NORTHSTAR_AUTH_USERS", f"alice:{HASH}")
    with dashboard(free_port, "--demo", "--demo-scene", "calm") as running:
        yield running


def press(page: Page, *keys: str) -> None:
    """Press keys at the focused element."""
    page.driver.switch_to.active_element.send_keys(*keys)


def open_form(page: Page, url: str, author: str) -> None:
    """Open the form of a page with the keyboard, and wait until it shows the author."""
    page.open(url)
    until(lambda: page.run("return !document.querySelector('#day-notes details').hidden"))
    page.run("document.querySelector('#day-notes summary').focus()")
    press(page, Keys.ENTER)
    page.shows(AUTHOR, author)
    assert page.run("return document.activeElement.name") == "text"


def save(page: Page) -> None:
    """Save the note with the keyboard."""
    press(page, Keys.TAB, Keys.ENTER)


def is_marked(page: Page, chart: str) -> bool:
    """Tell whether a chart is drawn with a mark for the note."""
    marks = [trace for trace in page.plot(chart)["data"] if trace.get("meta") == "notes"]
    return [TEXT in text for trace in marks for text in trace["customdata"]] == [True]


def test_note(demo: Dashboard, page: Page) -> None:
    """A note is shown as text and as a mark in the charts of both pages, and can be deleted."""
    open_form(page, f"{demo.url}/history?range=7d", ANONYMOUS)
    press(page, TEXT)
    save(page)

    page.shows("#day-notes li .text", TEXT)
    assert page.run("return document.querySelector('#day-notes li:target') !== null")
    assert TEXT in page.text(".table-days tbody tr:first-child td[data-label=Notes]")
    for chart in ("chart-days", "chart-cumulative", "chart-underwater"):
        until(partial(is_marked, page, chart), what=f"{chart} is marked")
    page.open(demo.url)
    until(lambda: is_marked(page, "chart-trend"), what="the trend is marked")

    page.open(f"{demo.url}/history?range=today")
    delete = "[data-delete]:not([hidden])"
    page.has(delete, 1)
    page.click(delete)
    page.shows(delete, "Really delete?")
    page.click(delete)
    page.shows("#day-notes > p", "No notes in these days.")


def test_note_of_a_moment(demo: Dashboard, page: Page) -> None:
    """A note about a time is a mark in the chart of that day."""
    open_form(page, f"{demo.url}/history?range=today", ANONYMOUS)
    page.run("document.querySelector('[name=at]').value = '00:00'")
    press(page, TEXT)
    save(page)

    page.shows("#day-notes li .text", TEXT)
    until(lambda: is_marked(page, "chart-intraday"), what="the day is marked")
    assert ", 00:00 · anonymous" in page.text("#day-notes li .label")


def test_refused_note(demo: Dashboard, page: Page) -> None:
    """A refused note stays in the form with the reason, and causes no other error."""
    page.resize(390, 844)
    open_form(page, f"{demo.url}/history?range=7d", ANONYMOUS)
    long = "x" * 1001
    page.run("document.querySelector('[name=text]').value = arguments[0]", long)
    save(page)

    page.shows(PROBLEM, "Not saved: text: expected 1 to 1,000 characters, got 1,001.")
    assert page.run("return document.querySelector('[name=text]').value") == long
    assert broken_rules(page) == []
    assert page.run("return document.documentElement.scrollWidth") <= 390
    assert all("422" in entry["message"] for entry in page.driver.get_log("browser"))


def test_note_of_a_user(closed: Dashboard, page: Page) -> None:
    """A signed-in user writes under their name; after the session's end the text stays."""
    page.driver.get(f"{closed.url}/history?range=7d")
    until(lambda: page.driver.find_elements(By.NAME, "password"), what="the sign-in page")
    page.driver.find_element(By.NAME, "name").send_keys("alice")
    page.driver.find_element(By.NAME, "password").send_keys(PASSWORD, "\n")
    until(lambda: page.driver.find_elements(By.ID, "day-notes"), what="the history")
    page.driver.get_log("browser")  # of the page before the sign-in
    open_form(page, f"{closed.url}/history?range=7d", "Written as alice.")
    press(page, TEXT)
    save(page)
    page.shows("#day-notes li .text", TEXT)
    assert "alice, written" in page.text("#day-notes li .label")

    page.run("document.querySelector('#day-notes summary').click()")
    page.shows(AUTHOR, "Written as alice.")
    page.driver.delete_all_cookies()
    press(page, "Another")
    save(page)
    page.shows(PROBLEM, "Not saved: sign-in required.")
    assert page.run("return document.querySelector('[name=text]').value") == "Another"
    assert all("401" in entry["message"] for entry in page.driver.get_log("browser"))
