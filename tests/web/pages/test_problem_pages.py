"""Refused requests: a page for a person, JSON for a program."""

import re
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.auth.security_headers import hash_of
from northstar.web.pages import live_routes
from support.guards import BEARER, NOWHERE, SCREEN_TOKEN, client_of, guarded

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = "text/html; charset=utf-8"


def reason(answer: httpx.Response) -> str:
    """Return the reason on the page, which must be HTML."""
    assert answer.headers["content-type"] == PAGE
    [found] = re.findall(r'<p role="alert">(.*)</p>', answer.text)
    return str(found)


REFUSALS = [
    ("/?koisk", 422, "The address has koisk: expected only kiosk."),
    ("/?utm_source=mail", 422, "The address has utm_source: expected only kiosk."),
    ("/?kiosk&kiosk", 422, "The address has kiosk: expected once."),
    ("/sign-in?fbclid=x", 422, "The address has fbclid: expected only next."),
    ("/screen?tokne=x", 422, "The address has tokne: expected only token."),
    ("/api/trend?day=7", 422, "The address has day: expected only amounts, days."),
    ("/api/trend?days=x", 422, "The address has days: expected a whole number."),
    ("/api/trend?days=0", 422, "The address has days: expected 1 or more."),
    ("/api/trend?days=99999", 422, "The address has days: expected 10000 or less."),
    ("/api/trend?amounts=x", 422, "The address has amounts: expected number or string."),
    ("/api/history", 422, "The address has from: missing."),
    ("/api/export.csv?range=x", 422, "The address has range: expected today, 7d, 30d, 90d"),
    ("/api/pnl", 503, "No data yet."),
    ("/histroy", 404, "Not found: /histroy."),
    ("/%3Cscript%3E", 404, "Not found: /&lt;script&gt;."),
    ("/assets/nothing.js", 404, "Nothing at /assets/nothing.js."),
    ("/api/docs/static/nothing", 404, "Not Found."),
    ("/explain/kpi-net?x", 422, "The address has x: expected no query."),
    ("/explain/nothing", 404, "Unknown figure: nothing."),
    ("/screen?token=nothing", 401, "This link is not valid."),
]


@pytest.mark.parametrize(("address", "status", "words"), REFUSALS)
async def test_refused_request(address: str, status: int, words: str) -> None:
    """A browser gets a page with the reason and a link to the dashboard; a program gets JSON."""
    async with client_of(guarded()) as client:
        page = await client.get(address, headers={**BEARER, **HTML})
        answer = await client.get(address, headers=BEARER)
        head = await client.head(address, headers={**BEARER, **HTML})

    assert (page.status_code, answer.status_code) == (status, status)
    assert reason(page).startswith(words)
    assert '<a href="/">' in page.text
    assert answer.headers["content-type"] == "application/json"
    assert head.status_code in {status, 404, 405}  # not every route has HEAD
    assert "Traceback" not in page.text + answer.text + head.text
    assert "Input should" not in answer.text


async def test_policy() -> None:
    """The page runs its own script only, and is not stored."""
    async with client_of(guarded()) as client:
        page = await client.get("/nothing", headers={**BEARER, **HTML})

    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    policy = page.headers["content-security-policy"]
    assert f"script-src 'self' {hash_of(script)};" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "address", "headers", "status", "words"),
    [
        ("GET", "/", {"Host": "desk.example"}, 421, "Host name &#39;desk.example&#39; is not"),
        ("DELETE", "/", {}, 405, "Method not allowed."),
        ("POST", "/sign-in", {"Content-Length": "99999"}, 413, "Larger than 16 kB."),
        ("GET", "/history", {"Authorization": f"Bearer {SCREEN_TOKEN}"}, 403, "This token grants"),
    ],
)
async def test_request_that_the_guard_refuses(
    method: str, address: str, headers: dict[str, str], status: int, words: str
) -> None:
    """A refusal by the guard is a page, too; it links to the sign-in where that helps."""
    async with client_of(guarded(auth_token=SecretStr(""))) as client:
        page = await client.request(method, address, headers={**HTML, **headers})

    assert page.status_code == status
    assert reason(page).startswith(words)


async def test_too_many_requests() -> None:
    """The page for too many requests has the time to wait."""
    async with client_of(Settings(ws_url=NOWHERE, api_rate=1)) as client:
        for _ in range(2):
            page = await client.get("/history", headers=HTML)

    assert page.status_code == 429
    assert re.match(r"Too many requests: try again in \d+ s\.", reason(page))
    assert int(page.headers["retry-after"]) > 0


async def test_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server error has the id of its log entry and the security headers."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(live_routes, "_begin_explanation", fail)
    async with client_of(Settings(ws_url=NOWHERE)) as client:
        page = await client.get("/explain/kpi-net", headers=HTML)

    name = page.headers["x-request-id"]
    assert (page.status_code, reason(page)) == (500, f"Internal server error, request {name}.")
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_base_path() -> None:
    """The link to the dashboard is below the base path."""
    async with client_of(Settings(ws_url=NOWHERE, base_path="/pnl", insecure=True)) as client:
        page = await client.get("/pnl/nothing", headers=HTML)

    assert '<a href="/pnl/">' in page.text


async def test_title() -> None:
    """The page has the configured title, as text."""
    async with client_of(Settings(ws_url=NOWHERE, title="<Rates>")) as client:
        page = await client.get("/nothing", headers=HTML)

    assert "&lt;Rates&gt;" in page.text
    assert "<Rates>" not in page.text
