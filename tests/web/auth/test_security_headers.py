"""The security headers of every answer."""

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.auth.security_headers import SafeHeaders, hash_of, page_policy
from support.guards import SCREEN_TOKEN, guarded

INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*json)[^>]*>(.*?)</script>", re.DOTALL)


def asking(app: FastAPI, base: str = "http://localhost") -> httpx.AsyncClient:
    """Return a client of the app in the same process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)


def with_headers(*ancestors: str) -> FastAPI:
    """Return a server with one page and one other answer."""
    app = FastAPI()
    app.add_middleware(SafeHeaders, frame_ancestors=ancestors)

    @app.get("/page")
    def page() -> HTMLResponse:
        return HTMLResponse("", headers=page_policy([hash_of("run()")]))

    @app.get("/data")
    def data() -> list[int]:
        return []

    return app


def directives(policy: str) -> dict[str, str]:
    """Return the directives of a policy by name."""
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def test_hash() -> None:
    """The hash of a script equals that of the standard's example."""
    assert hash_of("doSomething();") == "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"


async def test_page() -> None:
    """A page may run our own files and the named inline scripts, and load nothing else."""
    async with asking(with_headers()) as client:
        headers = (await client.get("/page")).headers
    told = directives(headers["content-security-policy"])

    assert told["default-src"] == "'none'"
    assert told["script-src"] == f"'self' {hash_of('run()')}"
    assert told["frame-ancestors"] == "'none'"
    assert told["base-uri"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("about", "status"),
    [({"token": SCREEN_TOKEN}, 200), ({"token": "x"}, 401), ({"tokn": "x"}, None)],
)
async def test_address_with_a_token(about: dict[str, str], status: int | None) -> None:
    """Every answer for a wall screen's address forbids sending that address as referrer."""
    for base in ("", "/pnl"):
        async with asking(create_server(guarded(base_path=base))) as client:
            answer = await client.get(f"{base}/screen", params=about)
            foreign = await client.get(
                f"{base}/screen", params=about, headers={"Host": "evil.example"}
            )

        assert status in {None, answer.status_code}
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert foreign.headers["referrer-policy"] == "no-referrer"
        if status == 200:  # a proxy may replace the header
            assert '<meta name="referrer" content="no-referrer">' in answer.text


@pytest.mark.parametrize("path", ["/data", "/nothing"])
async def test_answer_that_is_no_page(path: str) -> None:
    """An answer that is not a page may run and load nothing if it is opened as one."""
    async with asking(with_headers()) as client:
        headers = (await client.get(path)).headers

    assert directives(headers["content-security-policy"])["default-src"] == "'none'"
    assert "script-src" not in headers["content-security-policy"]


async def test_frame_ancestors() -> None:
    """Configured pages may show ours in a frame."""
    async with asking(with_headers("https://desk.example", "https://wall.example")) as client:
        headers = (await client.get("/page")).headers
    told = directives(headers["content-security-policy"])

    assert told["frame-ancestors"] == "https://desk.example https://wall.example"


@pytest.mark.parametrize(
    ("base", "told"), [("https://localhost", True), ("http://localhost", False)]
)
async def test_strict_transport_security(base: str, told: bool) -> None:  # noqa: FBT001
    """Over TLS the answer has Strict-Transport-Security."""
    async with asking(with_headers(), base) as client:
        headers = (await client.get("/page")).headers

    assert ("strict-transport-security" in headers) is told


@pytest.mark.parametrize("path", ["/", "/history", "/history?range=x", "/api/docs"])
async def test_every_script_that_stands_in_a_page_is_named(path: str) -> None:
    """The policy of each page names its inline scripts, and no other may run."""
    async with asking(create_server(Settings(demo=True))) as client:
        answer = await client.get(path)
    allowed = directives(answer.headers["content-security-policy"])["script-src"].split()
    scripts = INLINE.findall(answer.text)

    assert scripts
    assert not {hash_of(script) for script in scripts} - set(allowed)
    assert "'unsafe-inline'" not in allowed
    assert "'unsafe-eval'" not in allowed
