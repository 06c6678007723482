"""Behind a real nginx with the example's configuration: TLS, a base path, and restarts."""

import asyncio
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from northstar.settings.loading import load
from northstar.web.app import create_server
from northstar.web.proxies import Proxies
from support.addresses import DRAWN, addresses
from support.dashboard import Dashboard, dashboard
from support.inprocess import SOCKETS, running
from support.isolation import isolate, no_threads_left
from support.nginx import Nginx, nginx
from support.page import Page
from support.sources import Stream
from support.today import at_revenue, now
from support.waiting import SLOWNESS, until

BEHIND = ("--base-path", "/pnl", "--trusted-proxies", "127.0.0.1", "--insecure")
STRIPPED = {"proxy_pass http://northstar;": "proxy_pass http://northstar/;"}
WITHOUT_TLS = {" ssl default_server": " default_server"}
# Shorter than the time between two heartbeats.
IMPATIENT = {"proxy_read_timeout    60s": "proxy_read_timeout    1s"}
TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)
VISITOR = "127.0.0.2"  # the address of this machine and not of the proxy
LIES = {
    "X-Forwarded-For": "192.0.2.99",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "Remote-User": "ada",
}


def port_of(address: str) -> int:
    """Return the port of a host and port."""
    return int(address.rpartition(":")[2])


@pytest.fixture(scope="module", params=[{}, STRIPPED], ids=["whole", "stripped"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    """Run a dashboard behind nginx, which forwards its path with or without the base."""
    folder = tmp_path_factory.mktemp("shared")
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, folder)
        with (
            running(create_server(load(["--demo", *BEHIND]))) as address,
            nginx(port_of(address), folder, request.param) as proxy,
        ):
            yield proxy


@pytest.fixture
def proxy(shared: Nginx) -> Nginx:
    """Return the proxy of the module, for tests that only send requests."""
    return shared


@pytest.fixture
def visitor(proxy: Nginx) -> Iterator[httpx.Client]:
    """Return a client that trusts the proxy's certificate and follows no redirect."""
    url = f"https://{proxy.host}"
    with httpx.Client(
        base_url=url, verify=proxy.tls, timeout=5 * SLOWNESS, trust_env=False
    ) as client:
        yield client


def open_socket(proxy: Nginx, path: str, origin: str | None = None, **headers: str) -> connect:
    """Connect to a socket, as a page of `origin` or as a program.

    Without the client that reads in one thread and writes in another, which OpenSSL does not
    support (https://github.com/openssl/openssl/issues/20446): about one connection in a hundred
    hangs.
    """
    return connect(
        f"wss://{proxy.host}/pnl{path}",
        ssl=proxy.tls,
        origin=Origin(origin) if origin else None,
        additional_headers=headers,
        proxy=None,
    )


async def receive(viewer: ClientConnection) -> object:
    """Return the next message of a socket."""
    async with asyncio.timeout(10 * SLOWNESS):
        return json.loads(await viewer.recv())


def is_there(visitor: httpx.Client, url: httpx.URL) -> bool:
    """Return whether a page exists; a category's page does once the history has the day."""
    return visitor.get(url).status_code == 200


@pytest.mark.parametrize("page", ["/pnl/", "/pnl/history?range=today", "/pnl/api/docs"])
def test_pages(visitor: httpx.Client, page: str) -> None:
    """Each page and everything it links to exist."""
    answer = visitor.get(page)
    urls = [answer.url.join(address) for address in addresses(answer.text)]
    own = [url for url in urls if url.host == visitor.base_url.host]

    assert answer.status_code == 200
    assert len(own) > 3
    for url in own:
        assert url.path.startswith("/pnl/")
        until(partial(is_there, visitor, url), what=f"{url} is there")


def test_files_as_they_are(visitor: httpx.Client) -> None:
    """Compressed files and their cache headers pass through the proxy unchanged."""
    [script] = [name for name in addresses(visitor.get("/pnl/").text) if "live.js" in name]

    def headers() -> httpx.Headers:
        return visitor.get(script, headers={"Accept-Encoding": "br"}).headers

    until(lambda: headers().get("content-encoding") == "br", what="the script is compressed")
    assert "immutable" in headers()["cache-control"]


def test_ways_to_the_page(proxy: Nginx, visitor: httpx.Client) -> None:
    """Requests without TLS, the path or its last slash are redirected to the page."""
    plain = httpx.get(f"http://127.0.0.1:{proxy.plain_port}/pnl/?kiosk", trust_env=False)

    assert plain.headers["location"] == "https://127.0.0.1/pnl/?kiosk"
    assert visitor.get("/").headers["location"] == "/pnl/"
    assert visitor.get("/pnl").headers["location"] == "/pnl/"
    assert visitor.get("/pnl/history/?range=7d", follow_redirects=True).status_code == 200
    assert visitor.get("/elsewhere").status_code == 404


@pytest.mark.parametrize("path", SOCKETS)
async def test_sockets(proxy: Nginx, path: str) -> None:
    """Both sockets accept the page at its public address, and programs."""
    for origin in (f"https://{proxy.host}", None):
        async with open_socket(proxy, path, origin) as viewer:
            assert await receive(viewer)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "https://127.0.0.1", "null"])
async def test_sockets_of_another_origin(proxy: Nginx, path: str, origin: str) -> None:
    """A page of another origin is refused, even one on another port of the same host."""
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(proxy, path, origin)

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("visitor", [VISITOR, "127.0.0.1"], ids=["elsewhere", "where nginx is"])
def test_visitor_who_lies(visitor: str, tmp_path: Path) -> None:
    """The proxy replaces a visitor's own forwarding headers."""
    inside = FastAPI()

    @inside.get("/who")
    def who(request: Request) -> dict[str, object]:
        """Return what the server knows about the client."""
        signed_in = request.headers.get("remote-user")
        return {"client": request.client, "url": str(request.url), "signed in": signed_in}

    inside.add_middleware(Proxies, load(["--demo", *BEHIND, "--auth-header", "Remote-User"]))
    with (
        running(inside) as address,
        nginx(port_of(address), tmp_path, {}) as proxy,
        httpx.Client(
            transport=httpx.HTTPTransport(verify=proxy.tls, local_address=visitor)
        ) as client,
    ):
        answer = client.get(f"https://{proxy.host}/pnl/who", headers=LIES).json()

    assert answer["client"][0] == visitor
    assert answer["url"] == f"https://{proxy.host}/pnl/who"
    assert answer["signed in"] is None


async def test_sign_in(tmp_path: Path) -> None:
    """A sign-in through the proxy is valid under its path; wrong attempts are throttled."""
    closed = load(["--demo", *BEHIND[:-1], "--auth-token", TOKEN, "--max-attempts", "2"])
    with (
        running(create_server(closed)) as address,
        nginx(port_of(address), tmp_path, {}) as proxy,
    ):
        base = f"https://{proxy.host}/pnl"
        visitor = httpx.AsyncClient(
            base_url=base, verify=proxy.tls, timeout=5 * SLOWNESS, trust_env=False
        )
        from_elsewhere = httpx.AsyncHTTPTransport(verify=proxy.tls, local_address=VISITOR)
        other = httpx.AsyncClient(base_url=base, transport=from_elsewhere)
        async with visitor, other:
            before = await visitor.get("/", headers={"Accept": "text/html"})
            entered = await visitor.post("/sign-in", data={"token": TOKEN, "next": "/history"})
            after = await visitor.get("/history")
            [cookie] = [f"{name}={value}" for name, value in visitor.cookies.items()]
            origin = f"https://{proxy.host}"
            async with open_socket(proxy, "/view-stream", origin, Cookie=cookie) as viewer:
                assert await receive(viewer)
            guesses = [
                await other.post(
                    "/sign-in", data={"token": "x"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
                )
                for n in range(3)
            ]

    assert "/pnl/sign-in?next=%2F" in before.text
    assert entered.headers["location"] == "/pnl/history"
    assert {"Path=/pnl", "Secure", "HttpOnly"} <= set(entered.headers["set-cookie"].split("; "))
    assert after.status_code == 200
    assert [guess.status_code for guess in guesses] == [401, 401, 429]


@pytest.fixture
def server(source: Stream, free_port: int) -> Iterator[Dashboard]:
    """Run the dashboard with its arguments for nginx."""
    source.send(at_revenue(100_000))
    with dashboard(free_port, "--ws-url", source.url, *BEHIND) as running:
        yield running


@pytest.fixture
def plain(server: Dashboard, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Nginx]:
    """Run nginx without TLS, for a browser that would not trust our authority."""
    with nginx(server.port, tmp_path, {**WITHOUT_TLS, **getattr(request, "param", {})}) as proxy:
        yield proxy


@pytest.mark.browser
@pytest.mark.parametrize("plain", [{}, STRIPPED], indirect=True, ids=["whole", "stripped"])
def test_pages_in_a_browser(source: Stream, plain: Nginx, page: Page) -> None:
    """A person can go from page to page and back through the proxy."""
    source.send(now())
    page.open(f"http://{plain.host}/pnl/")
    page.is_drawn()
    page.click(".explain[data-explain=kpi-net]")
    page.shows("#explain .body h3:first-child", "Net P&L $77,130.00")
    page.click("a.other-page")
    until(lambda: page.run(DRAWN), what="the history is drawn")
    page.click("a[href='history?range=90d&compare=previous']")
    until(lambda: "/pnl/history?range=90d" in page.driver.current_url, what="it has 90 days")
    page.click("a.other-page")
    page.is_drawn()

    assert page.driver.current_url == f"http://{plain.host}/pnl/"


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize("plain", [IMPATIENT], indirect=True, ids=["impatient"])
def test_idle_cut(source: Stream, plain: Nginx, page: Page) -> None:
    """A page whose socket is cut whenever it is idle reconnects each time and is live."""
    page.open(f"http://{plain.host}/pnl/")
    page.shows("#kpi-revenue .kpi-value", "$100,000.00")
    until(lambda: plain.count("/pnl/view-stream") > 1, 20, "the socket was cut twice")
    source.send(at_revenue(200_000))

    page.shows("#kpi-revenue .kpi-value", "$200,000.00")
    page.is_in_state("live")
    assert page.is_still_the_same()


@pytest.mark.browser
@pytest.mark.long
def test_nginx_restarts(source: Stream, plain: Nginx, page: Page) -> None:
    """A page is live again without a reload after nginx restarts."""
    source.send(now())
    page.open(f"http://{plain.host}/pnl/")
    page.is_drawn()  # all its scripts have loaded
    until(lambda: page.has_heard, what="the socket is open")
    plain.program.stop()
    source.send(at_revenue(200_000))
    until(lambda: page.state != "live", what="the page shows the disconnection")
    plain.program.start()

    page.shows("#kpi-revenue .kpi-value", "$200,000.00")
    page.is_in_state("live")
    assert page.is_still_the_same()
    log = [entry["message"] for entry in page.driver.get_log("browser")]
    assert [
        line for line in log if not re.search(r"net::ERR_CONNECTION_(REFUSED|RESET)", line)
    ] == []
