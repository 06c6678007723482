"""Proxies: whose headers are trusted, and serving everything under a base path."""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.view.shared.ids import Id
from northstar.web.app import create_server
from northstar.web.auth.request_info import request_info
from northstar.web.proxies import Proxies
from support.addresses import addresses
from support.dashboard import dashboard

PROXY, VISITOR = "10.1.2.3", "203.0.113.9"
TOLD = [
    (b"host", b"dashboard:8050"),
    (b"x-forwarded-for", VISITOR.encode()),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"pnl.example.com"),
    (b"remote-user", b"ada"),
]
TRUSTING = ("--trusted-proxies", "10.0.0.0/8, 2001:db8::/32", "--auth-header", "Remote-User")
UNDER_PNL = ("--base-path", "/pnl", "--insecure")


class Inside:
    """Replaces the application and records its requests."""

    def __init__(self) -> None:
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.scope = scope

    @property
    def headers(self) -> dict[bytes, bytes]:
        headers = dict(self.scope["headers"])
        assert len(headers) == len(self.scope["headers"]), "one of each"
        return headers


async def passed_on(
    path: str = "/", *settings: str, sender: str | None = PROXY, **how: Any
) -> Inside:
    """Return the request that reaches the application when `sender` sends it."""
    inside = Inside()
    scope = {
        "type": "http",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "headers": TOLD,
        "client": sender and (sender, 4711),
        **how,
    }
    await Proxies(inside, load(["--demo", *(settings or TRUSTING)]))(scope, _nothing, _nothing)
    return inside


async def _nothing(*_: object) -> Any:
    raise AssertionError("nothing is read, and nothing answered")


@pytest.mark.parametrize("sender", [PROXY, "2001:db8::7"])
async def test_trusted_proxy(sender: str) -> None:
    """A trusted proxy's headers set client, scheme, host and user."""
    inside = await passed_on(sender=sender)

    assert inside.scope["client"][0] == VISITOR
    assert inside.scope["scheme"] == "https"
    assert inside.headers[b"host"] == b"pnl.example.com"
    assert inside.headers[b"remote-user"] == b"ada"
    assert request_info(inside.scope).proxied


@pytest.mark.parametrize("sender", ["192.0.2.1", "2001:db9::7", "127.0.0.1", "testclient", None])
async def test_anybody_else(sender: str | None) -> None:
    """Forwarding headers from anybody else are ignored, and their user header is removed."""
    inside = await passed_on(sender=sender)

    assert inside.scope["client"] == (sender and (sender, 4711))
    assert inside.scope["scheme"] == "http"
    assert inside.headers[b"host"] == b"dashboard:8050"
    assert b"remote-user" not in inside.headers
    assert not request_info(inside.scope).proxied


async def test_nobody_trusted() -> None:
    """Without a trusted proxy, no headers are believed, not even from this machine."""
    inside = await passed_on("/", "--base-path", "", sender="127.0.0.1")

    assert inside.scope["client"][0] == "127.0.0.1"
    assert not request_info(inside.scope).proxied


@pytest.mark.parametrize(
    ("said", "client"),
    [
        (f"{VISITOR}, 10.9.9.9, 10.0.0.1", VISITOR),
        (f"192.0.2.99, {VISITOR}, 10.0.0.1", VISITOR),
        (f"10.0.0.1, {VISITOR}", VISITOR),
        ("10.0.0.7, 10.0.0.1", "10.0.0.7"),
        (f"[2001:db9::1]:4711, {PROXY}", "2001:db9::1"),
        ("", PROXY),
    ],
    ids=["chain", "lie", "lie about a proxy", "all trusted", "IPv6", "nothing"],
)
async def test_chain_of_proxies(said: str, client: str) -> None:
    """The client is the last address that is not a trusted proxy's, whatever precedes it."""
    inside = await passed_on(headers=[(b"host", b"a"), (b"x-forwarded-for", said.encode())])

    assert inside.scope["client"][0] == client


async def test_headers_that_come_twice() -> None:
    """A visitor's own headers come before the proxy's and are ignored."""
    lies = [(b"x-forwarded-for", b"192.0.2.99"), (b"x-forwarded-host", b"evil.example")]
    inside = await passed_on(headers=lies + TOLD)

    assert inside.scope["client"][0] == VISITOR
    assert (b"host", b"pnl.example.com") in inside.scope["headers"]
    assert (b"host", b"dashboard:8050") not in inside.scope["headers"]


async def test_proxy_that_names_no_host() -> None:
    """Without a forwarded host the requested host stays."""
    inside = await passed_on(headers=[(b"host", b"pnl.example.com"), (b"x-forwarded-host", b" ")])

    assert inside.headers[b"host"] == b"pnl.example.com"


async def test_socket() -> None:
    """The scheme of a socket over TLS is wss."""
    inside = await passed_on(type="websocket", scheme="ws")

    assert inside.scope["scheme"] == "wss"
    assert inside.scope["client"][0] == VISITOR


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("/pnl/api/pnl", "/pnl/api/pnl"),
        ("/api/pnl", "/pnl/api/pnl"),
        ("/pnl-stream", "/pnl/pnl-stream"),
        ("/", "/pnl/"),
        ("/pnl", "/pnl"),
        ("/pnl/", "/pnl/"),
    ],
)
async def test_path(path: str, whole: str) -> None:
    """A path is complete, whether or not the proxy forwards the base."""
    inside = await passed_on(path, *UNDER_PNL)

    assert inside.scope["path"] == whole
    assert inside.scope["raw_path"] == whole.encode()
    assert inside.scope["root_path"] == "/pnl"


async def test_path_in_escapes() -> None:
    """A path gets the base once, with any escaping."""
    inside = await passed_on("/pnl/api", *UNDER_PNL, raw_path=b"/%70nl/api")

    assert inside.scope["path"] == "/pnl/api"
    assert inside.scope["raw_path"] == b"/%70nl/api"


async def test_no_base() -> None:
    """Without a base path, the path and the server's root path stay unchanged."""
    inside = await passed_on("/api/pnl", root_path="/mounted")

    assert inside.scope["path"] == "/api/pnl"
    assert inside.scope["root_path"] == "/mounted"


@cache
def dashboard_under(base: str) -> FastAPI:
    """Return a dashboard that is served under a path, for tests that only read it."""
    return create_server(Settings(demo=True, base_path=base, insecure=True))


@pytest.fixture(params=["/desk/pnl", "/api", ""])
async def visitor(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a dashboard under a path; it follows no redirect."""
    base = request.param
    transport = httpx.ASGITransport(dashboard_under(base))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://localhost{base}") as client:
        yield client


@pytest.mark.parametrize("page", ["/", "/history?range=today", "/history?range=no", "/api/docs"])
async def test_addresses_under_a_path(visitor: httpx.AsyncClient, page: str) -> None:
    """All addresses in a page are under the path and exist."""
    base = visitor.base_url.path
    answer = await visitor.get(page)
    named = {str(answer.url.join(address)) for address in addresses(answer.text)}
    named = {address for address in named if address.startswith("http://localhost")}

    assert len(named) > 3
    for address in named:
        assert httpx.URL(address).path.startswith(base), address
        assert (await visitor.get(address)).status_code == 200, address


async def test_fetched_under_a_path(visitor: httpx.AsyncClient) -> None:
    """Files that no page links are served, too."""
    dash = ("/_dash-layout", "/_dash-dependencies")
    explained = "/explain/kpi-net"
    for path in ("/healthz", "/api/feed", explained, *dash, *(f"/history{part}" for part in dash)):
        assert (await visitor.get(path)).status_code == 200, path


async def test_what_scripts_are_told(visitor: httpx.AsyncClient) -> None:
    """Our scripts, Dash's scripts and the OpenAPI description contain the base path."""
    base = visitor.base_url.path.removesuffix("/")
    page = (await visitor.get("/")).text
    past = (await visitor.get("/history")).text
    described = (await visitor.get("/api/openapi.json")).json()

    assert f'data-base="{base}/"' in page
    assert f'data-base="{base}/"' in past
    assert f'"requests_pathname_prefix":"{base}/"'.replace("/", r"\u002f") in page
    assert f'"requests_pathname_prefix":"{base}/history/"'.replace("/", r"\u002f") in past
    assert described.get("servers", [{"url": ""}])[0]["url"] == base


async def test_redirects_under_a_path(visitor: httpx.AsyncClient) -> None:
    """A missing or extra slash is redirected to the page."""
    base = visitor.base_url.path.removesuffix("/")
    with_slash = await visitor.get("/history/?range=7d")
    without = await visitor.get(f"http://localhost{base}", follow_redirects=True)

    assert with_slash.url.join(with_slash.headers["location"]).path == f"{base}/history"
    assert without.url.path == f"{base}/"
    assert Id.FEED_STATUS in without.text


async def test_nothing_there(visitor: httpx.AsyncClient) -> None:
    """Unknown addresses are not found, under the path and outside it."""
    assert (await visitor.get("/nothing")).status_code == 404
    assert (await visitor.get("http://localhost/nothing/")).status_code == 404


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.0/8", 101), ("192.0.2.1", 403)])
def test_command_line(trusted: str, status: int, free_port: int) -> None:
    """The command line accepts a page's socket only through a trusted proxy."""
    asked = {
        "Origin": "https://pnl.example.com",
        "X-Forwarded-Host": "pnl.example.com",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    named = ("--trusted-proxies", trusted, "--allowed-hosts", "pnl.example.com")
    arguments = ("--demo", *UNDER_PNL, *named)
    with (
        dashboard(free_port, *arguments) as running,
        httpx.stream("GET", f"{running.url}/view-stream", headers=asked, trust_env=False) as answer,
    ):
        assert answer.status_code == status
