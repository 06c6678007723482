"""The guard: authentication, Host, request size and rate limits."""

import tracemalloc
import zlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from http import HTTPStatus
from itertools import product
from typing import Any
from unittest.mock import AsyncMock

import pytest
from pydantic import SecretStr
from starlette.routing import Mount, Route, WebSocketRoute

from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.settings.users import User
from northstar.web.app import create_server
from northstar.web.auth.access import SCREEN, TOKEN_VIEWER, Access
from northstar.web.auth.guard import Guard
from support.guards import BEARER, HASH, NOWHERE, TOKEN, client_of, guarded

HTML = {"Accept": "text/html,application/xhtml+xml"}
PROXY = ["--trusted-proxies", "203.0.113.9"]
PUBLIC = {"/healthz", "/readyz", "/sign-in", "/sign-out", "/screen", "/manifest.webmanifest"}


def every_path(settings: Settings) -> list[str]:
    """Return a path for every route of the server, with a value for each variable."""
    paths = []
    for route in create_server(settings).router.routes:
        assert isinstance(route, Route | Mount | WebSocketRoute), route
        path = route.path.replace("{path:path}", "x").replace("{name:path}", "x")
        paths.append(path.replace("{what}", "kpi-net") + ("/x" if isinstance(route, Mount) else ""))
    return paths


async def test_everything_is_behind_the_door() -> None:
    """Without a credential only the public paths are answered."""
    settings = guarded()
    async with client_of(settings) as client:
        answers = {path: await client.get(path) for path in every_path(settings)}
    closed = {path for path, answer in answers.items() if answer.status_code == 401}

    assert len(closed) > 20
    assert {"/", "/history", "/api/pnl", "/api/docs", "/explain/kpi-net"} < closed
    assert {path for path in answers if path not in closed} <= PUBLIC


@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/api/feed", "/api/docs", "/history"])
async def test_bearer_token(path: str) -> None:
    """A bearer token is accepted; a wrong one is refused."""
    async with client_of(guarded()) as client:
        known = await client.get(path, headers=BEARER)
        unknown = await client.get(path, headers={"Authorization": f"Bearer {TOKEN}x"})

    assert known.status_code == HTTPStatus.OK
    assert unknown.status_code == HTTPStatus.UNAUTHORIZED
    assert unknown.headers["www-authenticate"] == "Bearer"
    assert unknown.json() == {"error": "sign-in required"}


async def test_cookie() -> None:
    """After a sign-in the cookie is enough."""
    settings = guarded()
    access = Access(settings)
    async with client_of(settings) as client:
        client.cookies.set("northstar", access.cookie(TOKEN_VIEWER))
        answer = await client.get("/api/feed")

    assert answer.status_code == HTTPStatus.OK


@pytest.mark.parametrize(("path", "status"), [("/api/feed", 401), ("/sign-in", 200)])
async def test_cookie_that_decompresses_to_megabytes(path: str, status: int) -> None:
    """A compressed cookie of 62 kB takes no more memory than its bytes."""
    settings = guarded()
    packed = urlsafe_b64encode(zlib.compress(b"[" + b"[]," * 15_000_000 + b"0]", 9))
    cookie = f"northstar=.{packed.decode().rstrip('=')}.a.b"
    async with client_of(settings) as client:
        tracemalloc.start()
        try:
            answer = await client.get(path, headers={"Cookie": cookie})
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert answer.status_code == status
    assert peak_bytes < 5_000_000


@pytest.mark.parametrize(("path", "status"), [("/api/feed", 401), ("/sign-in", 200)])
async def test_cookie_in_quotes(path: str, status: int) -> None:
    """Quoted cookies are not decoded, because that can take quadratic time; ours has no quotes."""
    settings = guarded()
    access = Access(settings)
    cookie = f'northstar="{access.cookie(TOKEN_VIEWER)}"'
    async with client_of(settings) as client:
        answer = await client.get(path, headers={"Cookie": cookie})

    assert answer.status_code == status


async def test_target_without_a_path() -> None:
    """A request for `*` is refused."""
    passed, send = AsyncMock(), AsyncMock()
    settings = Settings(ws_url=NOWHERE)
    headers = [(b"host", b"localhost")]
    about = {"type": "http", "method": "GET", "path": "*", "query_string": b"", "headers": headers}
    scope = {**about, "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 5)}
    await Guard(passed, settings, Access(settings))(scope, AsyncMock(), send)

    passed.assert_not_awaited()
    assert send.await_args_list[0].args[0]["status"] == HTTPStatus.BAD_REQUEST


async def test_cookies_behind_the_door() -> None:
    """The application behind the guard gets no Cookie header, so it spends no time parsing one."""
    passed = AsyncMock()
    settings = Settings(ws_url=NOWHERE)
    headers = [(b"host", b"localhost"), (b"cookie", b"a=b"), (b"accept", b"*/*")]
    scope = {"type": "http", "path": "/", "headers": headers, "server": ("127.0.0.1", 80)}
    await Guard(passed, settings, Access(settings))(scope, AsyncMock(), AsyncMock())

    assert passed.await_args
    assert passed.await_args.args[0]["headers"] == [headers[0], headers[2]]


async def test_person_who_is_unknown() -> None:
    """A browser without a session is redirected to the sign-in and then back."""
    async with client_of(guarded()) as client:
        answer = await client.get("/history?range=7d", headers=HTML)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert 'content="0;url=/sign-in?next=%2Fhistory%3Frange%3D7d"' in answer.text


async def test_screen() -> None:
    """A wall screen can open the live page only."""
    settings = guarded()
    expected = {
        "/": 200,
        "/_dash-layout": 200,
        "/explain/kpi-net": 200,
        "/history": 403,
        "/history/_dash-layout": 403,
        "/api/pnl": 403,
        "/api/feed": 403,
        "/api/export.csv": 403,
        "/chart/trend.png": 403,
        "/api/docs": 403,
        "/pnl-stream": 403,
        "/metrics": 403,
    }
    async with client_of(settings) as client:
        client.cookies.set("northstar", Access(settings).cookie(SCREEN))
        answers = {path: (await client.get(path)).status_code for path in expected}

    assert answers == expected


@pytest.mark.parametrize(
    ("base", "hosts", "status"),
    [
        ("http://localhost:8050", (), 200),
        ("http://127.0.0.1:8050", (), 200),
        ("http://[::1]:8050", (), 200),
        ("http://192.0.2.7", (), 200),  # an address cannot be rebound by DNS
        ("http://desk.example", (), 421),
        ("http://desk.example:8050", ("desk.example",), 200),
        ("http://DESK.example", ("Desk.Example",), 200),
        ("http://evil-desk.example", ("desk.example",), 421),
        ("http://localhost.evil.example", (), 421),
        ("http://anything.example", ("*",), 200),
    ],
)
async def test_host(base: str, hosts: tuple[str, ...], status: int) -> None:
    """IP addresses, localhost and the configured names are accepted as Host."""
    async with client_of(
        Settings(ws_url=NOWHERE, allowed_hosts=hosts, insecure=True), base=base
    ) as client:
        answer = await client.get("/api/feed")

    assert answer.status_code == status


@pytest.mark.parametrize("host", ["", "[::1", "a b", "\xff", "a" * 254])
async def test_host_that_is_none(host: str) -> None:
    """An invalid Host is refused, and not repeated if it is longer than a host name can be."""
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        answer = await client.get("/", headers={b"Host": host.encode("latin-1")})

    assert answer.status_code == HTTPStatus.MISDIRECTED_REQUEST
    assert len(answer.content) < 200


async def test_host_that_is_unknown_is_said() -> None:
    """The answer and the log name the setting that allows the host."""
    async with client_of(Settings(ws_url=NOWHERE), base="http://desk.example") as client:
        answer = await client.get("/")

    assert "desk.example" in answer.json()["error"]
    assert "NORTHSTAR_ALLOWED_HOSTS" in answer.json()["error"]


@pytest.mark.parametrize(
    ("insecure", "base", "status"),
    [
        (False, "http://127.0.0.1", 200),
        (False, "http://192.0.2.7", 403),
        (True, "http://192.0.2.7", 200),
    ],
)
async def test_another_server_than_ours(insecure: bool, base: str, status: int) -> None:  # noqa: FBT001
    """Started by uvicorn on all addresses without a credential, it refuses other machines."""
    async with client_of(Settings(ws_url=NOWHERE, insecure=insecure), base=base) as client:
        answer = await client.get("/api/feed")

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_form_of_a_stranger(path: str) -> None:
    """Without authentication the body limit is that of a form, whatever the configured limit is."""
    async with client_of(guarded(max_body_kb=64)) as client:
        answer = await client.post(path, content=b"x" * 16_385)

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize(("size", "status"), [(1024, 401), (1025, 413)])
async def test_body(chunked: bool, size: int, status: int) -> None:  # noqa: FBT001
    """A body over the limit is refused, with or without a Content-Length."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"token=" + b"x" * 500
        yield b"x" * (size - 506)

    async with client_of(guarded(max_body_kb=1)) as client:
        body = b"token=" + b"x" * (size - 6)
        answer = await client.post("/sign-in", content=parts() if chunked else body)

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/api/feed", "/api/trend", "/history"])
async def test_rate(path: str) -> None:
    """An address can request computed answers `api_rate` times a minute; pages are unlimited."""
    async with client_of(Settings(ws_url=NOWHERE, api_rate=3)) as client:
        answers = [await client.get(path) for _ in range(4)]
        page = await client.get("/")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert page.status_code == HTTPStatus.OK


async def test_attempts() -> None:
    """After too many wrong tokens an address is refused even with the right one; others pass."""
    settings = guarded(max_attempts=2)
    access = Access(settings)
    async with client_of(settings) as client:
        for _ in range(2):
            await client.get("/api/feed", headers={"Authorization": "Bearer wrong"})
        refused = await client.get("/api/feed", headers=BEARER)
        client.cookies.set("northstar", access.cookie(TOKEN_VIEWER))
        signed_in = await client.get("/api/feed")

    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert signed_in.status_code == HTTPStatus.OK


async def test_right_token_is_no_attempt() -> None:
    """Requests with the right token are not counted as attempts."""
    async with client_of(guarded(max_attempts=1)) as client:
        answers = [await client.get("/api/feed", headers=BEARER) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}


@pytest.mark.parametrize(("proxied", "status"), [(True, 200), (False, 401)])
async def test_header_of_a_proxy(
    proxied: bool,  # noqa: FBT001
    status: int,
) -> None:
    """The user header is accepted from trusted proxies only."""
    settings = load(["--ws-url", NOWHERE, "--auth-header", "Remote-User", *PROXY])
    address = "203.0.113.9" if proxied else "203.0.113.10"
    async with client_of(settings, address) as client:
        answer = await client.get("/api/feed", headers={"Remote-User": "alice"})
        nobody = await client.get("/api/feed")

    assert answer.status_code == status
    assert nobody.status_code == HTTPStatus.UNAUTHORIZED


async def test_header_of_a_proxy_without_one_set() -> None:
    """Without a configured user header, no header signs a viewer in."""
    settings = load(["--ws-url", NOWHERE, "--auth-token", TOKEN, *PROXY])
    async with client_of(settings) as client:
        answer = await client.get("/api/feed", headers={"": "alice", "Remote-User": "alice"})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_users_alone() -> None:
    """With users and without a token, no bearer token is accepted."""
    users = {"alice": User(SecretStr(HASH))}
    async with client_of(Settings(ws_url=NOWHERE, auth_users=users)) as client:
        answers = [
            await client.get("/api/feed", headers={"Authorization": scheme})
            for scheme in ("Bearer ", "Bearer", "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ==", "")
        ]

    assert {answer.status_code for answer in answers} == {HTTPStatus.UNAUTHORIZED}


async def test_header_of_a_proxy_twice() -> None:
    """A proxy that appends its header to a visitor's own header does not sign the visitor in."""
    settings = load(["--ws-url", NOWHERE, "--auth-header", "Remote-User", *PROXY])
    async with client_of(settings) as client:
        two = [("Remote-User", "mallory"), ("Remote-User", "alice")]
        answer = await client.get("/api/feed", headers=two)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_method() -> None:
    """Every method that could change something is refused."""
    requests = product(
        ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"],
        ["/", "/api/pnl", "/_dash-update-component"],
    )
    async with client_of(guarded()) as client:
        for method, path in requests:
            answer = await client.request(method, path, headers=BEARER)
            assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED, (method, path)


async def test_other_sockets() -> None:
    """The sockets that Dash adds are refused, because nothing uses or bounds them."""
    server = create_server(guarded())
    sockets = {route.path for route in server.routes if isinstance(route, WebSocketRoute)}
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message.get("status"))

    for path in (others := sockets - {"/view-stream", "/pnl-stream"}):
        headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {TOKEN}".encode())]
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "scheme": "ws"}
        about = {"client": ("203.0.113.9", 1), "root_path": "", "query_string": b""}
        await server({**scope, **about, "headers": headers}, AsyncMock(), send)

    assert others
    assert told == [HTTPStatus.NOT_FOUND, None] * len(others)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_probe(method: str, path: str) -> None:
    """Probes are answered for any Host, with GET and with HEAD."""
    async with client_of(guarded(), base="http://dashboard:8050") as client:
        answer = await client.request(method, path)

    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}


async def test_screen_that_wants_more() -> None:
    """A person in a wall screen's browser who opens another page is redirected to the sign-in."""
    settings = guarded()
    access = Access(settings)
    async with client_of(settings) as client:
        client.cookies.set("northstar", access.cookie(SCREEN))
        answer = await client.get("/history", headers=HTML)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "/sign-in?next=%2Fhistory" in answer.text
