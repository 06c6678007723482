"""Signing in and out in a real browser, with pages and sockets open."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from northstar.settings.loading import load
from northstar.web.auth.access import Access, AuthMethod, Viewer
from support.dashboard import Dashboard, dashboard
from support.guards import quick_hash
from support.inprocess import goodbye
from support.page import Page
from support.programs import unused_port
from support.waiting import SLOWNESS, until

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)
SCREEN_TOKEN = "fedcba9876543210"  # noqa: S105
PASSWORD = "correct horse"  # noqa: S105
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SHORT_H = "0.002"  # some seven seconds


@pytest.fixture(params=["168"])
def closed(
    request: pytest.FixtureRequest, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dashboard]:
    """Run a demo that requires a sign-in."""
    monkeypatch.setenv("NORTHSTAR_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("NORTHSTAR_SCREEN_TOKEN", SCREEN_TOKEN)
    monkeypatch.setenv("NORTHSTAR_AUTH_USERS", f"alice:{quick_hash(PASSWORD)}")
    monkeypatch.setenv("NORTHSTAR_SESSION_H", request.param)
    with dashboard(free_port, "--demo", "--demo-scene", "calm") as running:
        yield running


def sign_in(page: Page, password: str = PASSWORD, name: str = "alice") -> None:
    """Enter name and password, and submit them."""
    until(lambda: page.driver.find_elements(By.NAME, "password"), what="the sign-in page")
    page.driver.find_element(By.NAME, "name").send_keys(name)
    page.driver.find_element(By.NAME, "password").send_keys(password, "\n")


def forget_refusals(page: Page) -> None:
    """Remove the browser's messages about 401 from the console; fail on any other error."""
    for entry in page.driver.get_log("browser"):
        assert "401 (Unauthorized)" in entry["message"] or entry["level"] == "DEBUG", entry


@pytest.mark.browser
def test_sign_in_and_out(closed: Dashboard, page: Page) -> None:
    """A user signs in, reaches the requested page and signs out."""
    page.driver.get(f"{closed.url}/history?range=7d")
    sign_in(page, "wrong horse")
    page.shows("[role=alert]", "Incorrect credentials: try again.")
    sign_in(page, name="")  # the session still exists
    until(lambda: page.driver.current_url == f"{closed.url}/history?range=7d", what="the history")
    forget_refusals(page)

    page.driver.get(closed.url)
    page.is_in_state("live")
    page.is_drawn()
    assert page.driver.get_log("browser") == []

    page.click("#display")
    page.click(".sign-out button")
    until(lambda: page.driver.find_elements(By.NAME, "password"), what="the sign-in page")
    page.driver.get(closed.url)
    until(lambda: "/sign-in?" in page.driver.current_url, what="the sign-in page again")
    forget_refusals(page)


@pytest.mark.browser
def test_sign_out_with_an_open_history_page(closed: Dashboard, page: Page) -> None:
    """A sign-out removes the history from other tabs, too, although they have no socket."""
    page.driver.get(f"{closed.url}/history?range=7d")
    sign_in(page)
    page.has("#chart-cumulative .js-plotly-plot", 1)
    history = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.driver.get(closed.url)
    page.click("#display")
    page.click(".sign-out button")
    until(lambda: page.driver.find_elements(By.NAME, "password"), what="the sign-in page")
    forget_refusals(page)
    page.driver.close()
    page.driver.switch_to.window(history)
    asked = f"{closed.url}/sign-in?next=%2Fhistory%3Frange%3D7d"
    until(lambda: page.driver.current_url == asked, what="the sign-in page for the history")
    sign_in(page)
    until(lambda: page.driver.current_url == f"{closed.url}/history?range=7d", what="the history")
    forget_refusals(page)


@pytest.mark.browser
def test_theme_of_the_sign_in(closed: Dashboard, page: Page) -> None:
    """The sign-in has the system's theme first, and then the theme chosen on the dashboard."""
    ground = "return getComputedStyle(document.querySelector('main')).backgroundColor"
    grounds = []
    for system, chosen in (("dark", ""), ("light", ""), ("light", "dark")):
        page.prefers(color_scheme=system)
        page.driver.get(f"{closed.url}/sign-in")
        page.run("localStorage['northstar.theme'] = arguments[0]", chosen)
        page.driver.refresh()
        grounds.append(page.run(ground))

    assert grounds == ["rgb(32, 38, 63)", "rgb(255, 255, 255)", "rgb(32, 38, 63)"]


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/sign-in", "/sign-in?fbclid=x"])
def test_logo_beside_the_name(path: str, closed: Dashboard, page: Page) -> None:
    """The sign-in and the page of a refused request show the logo, and have an icon."""
    page.driver.get(f"{closed.url}{path}")
    logo = "return document.querySelector('h1 img').naturalWidth"

    until(lambda: page.run(logo), what="the logo is decoded")
    icon = page.run("return document.querySelector('link[rel=icon]').href")
    assert icon.startswith("data:image/svg+xml;base64,")
    messages = [entry["message"] for entry in page.driver.get_log("browser")]
    assert all("422 (Unprocessable" in each for each in messages), messages


@pytest.mark.browser
def test_link_from_another_site(closed: Dashboard, page: Page) -> None:
    """A signed-in user who follows a link from another site does not have to sign in again."""
    page.driver.get(closed.url)
    sign_in(page)
    page.is_in_state("live")

    link = f'<a id="link" href="{closed.url}/history?range=7d">the week</a>'
    page.driver.get(f"data:text/html,{quote(link)}")
    page.click("#link")

    until(lambda: page.driver.current_url == f"{closed.url}/history?range=7d", what="the history")
    forget_refusals(page)


@pytest.mark.browser
def test_wall_screen(closed: Dashboard, page: Page) -> None:
    """A wall screen's link shows the live page, without the token in its address or content."""
    page.driver.get(f"{closed.url}/screen?token={SCREEN_TOKEN}")
    page.is_in_state("live")
    page.is_drawn()

    assert page.driver.current_url == f"{closed.url}/?kiosk"
    assert SCREEN_TOKEN not in page.driver.page_source


@pytest.mark.browser
@pytest.mark.parametrize("closed", [SHORT_H], indirect=True)
@pytest.mark.parametrize(("path", "number"), [("/", "#kpi-net"), ("/history", "#history-kpis")])
def test_page_whose_sign_in_ends(path: str, number: str, closed: Dashboard, page: Page) -> None:
    """An open page shows the sign-in when its session expires."""
    page.driver.get(f"{closed.url}{path}")
    sign_in(page)
    page.has(number, 1)

    until(lambda: "/sign-in" in page.driver.current_url, 20, "the sign-in page again")
    forget_refusals(page)


@pytest.mark.browser
def test_no_other_script_runs(demo: Dashboard, page: Page) -> None:
    """An injected script does not run, and loads and sends nothing."""
    page.open(demo.url)
    page.is_in_state("live")
    page.run("""
        window.refused = [];
        addEventListener("securitypolicyviolation", (e) => refused.push(e.effectiveDirective));
        const add = (tag, more) => document.body.append(
            Object.assign(document.createElement(tag), more));
        add("script", {textContent: "window.ran = 1"});
        add("script", {src: "https://elsewhere.invalid/x.js"});
        add("img", {src: "https://elsewhere.invalid/x.png"});
        document.body.insertAdjacentHTML("beforeend", "<button id=trap onclick='ran = 2'>");
        document.getElementById("trap").click();
        fetch("https://elsewhere.invalid/", {method: "POST"}).catch(() => {});
    """)

    expected = ["script-src-elem"] * 2 + ["script-src-attr", "connect-src", "img-src"]
    until(lambda: sorted(page.run("return refused")) == sorted(expected), what="all are refused")
    assert page.run("return window.ran") is None
    page.driver.get_log("browser")  # which reports each


def test_socket_of_a_program(closed: Dashboard) -> None:
    """A program can open a socket with the token only."""
    for path in ("/view-stream", "/pnl-stream"):
        address = f"ws://127.0.0.1:{closed.port}{path}"
        with connect(address, additional_headers=BEARER) as socket:
            assert json.loads(socket.recv(timeout=10 * SLOWNESS))
        with pytest.raises(InvalidStatus) as refusal:
            connect(address)
        assert refusal.value.response.status_code == HTTPStatus.UNAUTHORIZED


def test_socket_of_a_page_without_a_sign_in(closed: Dashboard) -> None:
    """The close code contains the reason, the only part of a refusal that scripts can read."""
    address = f"ws://127.0.0.1:{closed.port}/view-stream"
    with connect(address, origin=Origin(closed.url)) as socket:
        assert goodbye(socket) == (4401, "sign-in required")


@pytest.mark.parametrize("closed", [SHORT_H], indirect=True)
def test_socket_whose_sign_in_ends(closed: Dashboard) -> None:
    """A socket is closed when its session expires."""
    access = Access(load(["--demo", "--port", str(closed.port)]))
    value = access.cookie(Viewer("alice", AuthMethod.USER))
    cookie = {"Cookie": f"northstar-{closed.port}={value}"}
    address = f"ws://127.0.0.1:{closed.port}/view-stream"
    with connect(address, additional_headers=cookie) as socket:
        assert goodbye(socket) == (4401, "sign in again")


def test_another_dashboard_with_the_token(
    closed: Dashboard, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A dashboard fed by this one authenticates with its token."""
    for name in ("AUTH_TOKEN", "SCREEN_TOKEN", "AUTH_USERS"):
        monkeypatch.delenv(f"NORTHSTAR_{name}")
    monkeypatch.setenv("NORTHSTAR_TOKEN", TOKEN)
    monkeypatch.setenv("NORTHSTAR_DB", str(tmp_path_factory.mktemp("fed") / "northstar.db"))
    fed = dashboard(unused_port(), "--ws-url", f"ws://127.0.0.1:{closed.port}/pnl-stream")
    with fed as running:
        until(lambda: running.get("/api/feed")["state"] == "live", what="it has received data")
