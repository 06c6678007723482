"""Requests from other machines, refused where no sign-in is set."""

from http import HTTPStatus
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest

from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.dashboard import dashboard
from support.guards import BEARER, NOWHERE, client_of, guarded

FROM_PROXIES = [
    ("Forwarded", "for=203.0.113.9"),
    ("X-Forwarded-For", "203.0.113.9"),
    ("x-forwarded-proto", "https"),
    ("X-Forwarded-Anything", ""),
    ("X-Real-IP", "203.0.113.9"),
    ("Via", "1.1 proxy"),
]


@pytest.mark.parametrize(("header", "value"), FROM_PROXIES)
@pytest.mark.parametrize("path", ["/", "/api/pnl", "/assets/10-tokens.css", "/history"])
async def test_proxy_that_nobody_named(header: str, value: str, path: str) -> None:
    """Without a sign-in, a forwarded request is refused with the setting to change."""
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        answer = await client.get(path, headers={header: value})

    assert answer.status_code == HTTPStatus.FORBIDDEN
    said = answer.json()["error"]
    assert header.lower() in said.lower()
    assert "NORTHSTAR_AUTH_TOKEN or NORTHSTAR_AUTH_USERS" in said
    assert "NORTHSTAR_INSECURE=true" in said


@pytest.mark.parametrize(("header", "value"), FROM_PROXIES)
async def test_proxy_where_somebody_is_named(header: str, value: str) -> None:
    """A forwarded request is answered with a sign-in or --insecure; probes always are."""
    via = {header: value}
    async with client_of(guarded()) as client:
        assert (await client.get("/api/feed", headers=BEARER | via)).status_code == HTTPStatus.OK
    async with client_of(Settings(ws_url=NOWHERE, insecure=True)) as client:
        assert (await client.get("/api/feed", headers=via)).status_code == HTTPStatus.OK
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        assert (await client.get("/healthz", headers=via)).status_code == HTTPStatus.OK
        answer = await client.get("/readyz", headers=via)
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE  # there is no data


@pytest.mark.parametrize("about", [{"root_path": "/pnl"}, {"server": None}])
async def test_proxy_in_front_of_another_server(about: dict[str, Any]) -> None:
    """Forwarded requests are recognised under `uvicorn --root-path` and on a Unix socket."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message.get("status"))

    scope = {"type": "http", "method": "GET", "path": "/api/feed", "raw_path": b"/api/feed"}
    how = {"root_path": "", "query_string": b"", "scheme": "http", "client": None}
    headers = {"headers": [(b"host", b"localhost")], "server": ("127.0.0.1", 8050)}
    server = create_server(Settings(ws_url=NOWHERE))
    await server(scope | how | headers | about, AsyncMock(), send)

    assert told[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(("more", "status"), [((), 403), (("--insecure",), 101)])
@pytest.mark.parametrize("stream", ["/view-stream", "/pnl-stream"])
def test_socket_through_a_proxy(
    stream: str, more: tuple[str, ...], status: int, free_port: int
) -> None:
    """A forwarded socket is refused in the same way."""
    asked = {
        "X-Forwarded-For": "203.0.113.9",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    with (
        dashboard(free_port, "--demo", "--demo-scene", "calm", *more) as running,
        httpx.stream("GET", f"{running.url}{stream}", headers=asked, trust_env=False) as answer,
    ):
        assert answer.status_code == status
