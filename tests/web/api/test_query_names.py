"""Queries with unknown names."""

import pytest
from fastapi.routing import APIRoute

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.starlette_app import names_in_query
from support.guards import BEARER, NOWHERE, client_of, guarded

PAGE = "text/html; charset=utf-8"


async def test_every_route_that_reads_a_query() -> None:
    """Each route refuses an unknown parameter and a repeated one."""
    routes = [
        (route.path, sorted(names))
        for route in create_server(guarded()).router.routes
        if isinstance(route, APIRoute) and (names := names_in_query(route))
    ]
    async with client_of(guarded()) as client:
        for path, [name, *_] in routes:
            for query in ("unknown=1", f"unknown=1&{name}=1", f"{name}=1&{name}=1"):
                answer = await client.get(f"{path}?{query}", headers=BEARER)
                assert answer.status_code == 422, f"{path}?{query}"

    paths = {path for path, _ in routes}
    assert {"/", "/history", "/sign-in", "/screen", "/api/trend", "/api/history"} <= paths


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/?kiosk", 200),
        ("/?koisk", 422),
        ("/api/feed?days=7", 422),
        ("/api/openapi.json", 200),
        ("/api/openapi.json?days=7", 422),
        ("/api/docs?days=7", 422),
        ("/api/nothing?days=7", 404),
        ("/nothing?days=7", 404),
        ("/explain/kpi-net?days=7", 422),
        ("/assets/favicon.svg?m=1", 200),
        ("/healthz?now=1", 200),  # a load balancer may send anything
        ("/readyz?now=1", 503),
        ("/metrics?name[]=x", 200),  # `params` of a scrape configuration
    ],
)
async def test_name(address: str, status: int) -> None:
    """Pages and API refuse unknown parameters; routes without parameters accept any."""
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        assert (await client.get(address)).status_code == status


async def test_history_page() -> None:
    """The history page shows the error of its query on its own page."""
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        answer = await client.get("/history?rnage=7d")

    assert (answer.status_code, answer.headers["content-type"]) == (422, PAGE)
    assert "rnage: expected only agent, category, compare, from, range" in answer.text
