"""The files of the page: where they are, how they travel, how often they are compressed."""

import asyncio
import gzip
import os
import re
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped] # it brings no types
import plotly
import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.files.encodings import Coding, encode
from support.checkout import ASSETS
from support.inprocess import running
from support.page import Page
from support.sites import BARS, SECRET, STYLE, Site, client
from support.waiting import POLL_S, eventually

FOR_EVER = "public, max-age=31536000, immutable"
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PASS = {"Pass": "yes"}
PLOTLY = Path(str(plotly.__file__)).parent / "package_data" / "plotly.min.js"
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]* href="([^"]+)">')
ADDRESS = re.compile(r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"')


class Gate:
    """Stands in for compressing: counts, and waits in its thread until it may go on."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered: list[int] = []

    def encode(self, raw: bytes, coding: Coding) -> bytes:
        self.entered.append(threading.get_ident())
        self.opened.wait()
        return encode(raw, coding)


class Guard:
    """Lets nobody in who does not say the word."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "pass" not in Headers(scope=scope):
            raise AssertionError("somebody was refused")
        await self._app(scope, receive, send)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Write the files of a page."""
    return Site(tmp_path)


@pytest.fixture
async def get(site: Site) -> AsyncIterator[Callable[..., Any]]:
    """Return what asks a server of that page."""
    async with client(site.serve(site.bundle)) as asking:
        yield asking.get


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Hold up whoever compresses."""
    gate = Gate()
    monkeypatch.setattr("northstar.web.files.cache.encode", gate.encode)
    return gate


def fail(*_: object) -> bytes:
    """Stand in for compressing a file that cannot be read."""
    raise OSError("broken disk")


def addresses(page: str) -> list[str]:
    """Return the scripts and styles that a page names."""
    return ADDRESS.findall(page)


async def test_brotli(get: Callable[..., Any]) -> None:
    """A browser gets a text in brotli, with its kind and nothing to guess."""
    answer = await get("/assets/style.css", headers=BROWSER)

    assert answer.status_code == 200
    assert answer.content == STYLE
    assert answer.headers["content-encoding"] == "br"
    assert int(answer.headers["content-length"]) < len(STYLE) / 2
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("zstd", None)],
)
async def test_other_codings(accepted: str, coding: str | None, get: Callable[..., Any]) -> None:
    """One that does not take brotli gets what it takes, the same text."""
    answer = await get("/assets/style.css", headers={"Accept-Encoding": accepted})

    assert answer.headers.get("content-encoding") == coding
    assert answer.content == STYLE


async def test_client_that_names_no_coding(get: Callable[..., Any]) -> None:
    """One that says nothing gets the file as it is."""
    answer = await get("/assets/style.css")

    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(STYLE)


async def test_picture(get: Callable[..., Any]) -> None:
    """What is compressed already is sent as it is."""
    answer = await get("/assets/icon.png", headers=BROWSER)

    assert answer.headers["content-type"] == "image/png"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("fingerprint", ["", "?m=", "?m=1", "?v=4"])
async def test_address_without_its_fingerprint(fingerprint: str, get: Callable[..., Any]) -> None:
    """An address that does not name the version is asked for again each time."""
    answer = await get(f"/assets/style.css{fingerprint}", headers=BROWSER)

    assert answer.headers["cache-control"] == "no-cache"


async def test_address_with_its_fingerprint(site: Site, get: Callable[..., Any]) -> None:
    """An address of one version alone is never asked for again."""
    fingerprint = site.fingerprint("style.css")
    answer = await get("/assets/style.css", params={"m": fingerprint}, headers=BROWSER)

    assert answer.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize("form", ["{}", '"else", {}', '{},W/"more"'])
async def test_known_version(form: str, get: Callable[..., Any]) -> None:
    """A browser that has this version, in whatever coding, is told so and sent nothing."""
    first = await get("/assets/style.css", headers=BROWSER)
    known = {"If-None-Match": form.format(first.headers["etag"])}

    again = await get("/assets/style.css", headers=known)

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"


async def test_changed_file(site: Site, get: Callable[..., Any]) -> None:
    """A file that was changed is sent anew, to one who knows the old version too."""
    first = await get("/assets/style.css", headers=BROWSER)
    (site.assets / "style.css").write_bytes(b"a {}")
    os.utime(site.assets / "style.css", (1, 1))

    known = {"If-None-Match": first.headers["etag"]}
    again = await get("/assets/style.css?m=1.0", headers=BROWSER | known)

    assert (again.status_code, again.content) == (200, b"a {}")
    assert again.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.css",
        "/assets/",
        "/assets/%2e%2e/secret.css",
        "/assets/..%2fsecret.css",
        "/assets/%2fetc%2fpasswd",
        "/assets/link.txt",
        "/assets/a%00.css",
        "/assets/" + "a" * 300,
        "/vendor/other.js",
        "/vendor/../secret.css",
        "/vendor/",
        "/_dash-component-suites/os/__init__.py",
        "/_dash-component-suites/none/none.js",
        "/_dash-component-suites/dash/dash.py",
        "/_dash-component-suites/dash/dcc/%2e%2e/dash.py",
        "/_dash-component-suites/dash//etc/passwd",
        "/_dash-component-suites/dash/../../secret.css",
        "/_dash-component-suites/",
    ],
)
async def test_what_is_not_there(path: str, get: Callable[..., Any]) -> None:
    """Nothing leads out of a folder, nor to what Dash has not registered."""
    answer = await get(path)

    assert answer.status_code == 404
    assert SECRET not in answer.text


async def test_one_compression_for_all(gate: Gate, get: Callable[..., Any]) -> None:
    """Those who ask at the same time wait for one and the same compression, in a thread."""
    asking = [asyncio.create_task(get("/assets/style.css", headers=BROWSER)) for _ in range(5)]
    await eventually(lambda: gate.entered, what="one is compressing")
    # The loop is free meanwhile: it answers what needs no compressing.
    assert (await get("/_dash-component-suites/none/none.js")).status_code == 404
    gate.opened.set()

    assert {(await task).content for task in asking} == {STYLE}
    assert len(gate.entered) == 1
    assert gate.entered != [threading.get_ident()]


async def test_compression_once(gate: Gate, get: Callable[..., Any]) -> None:
    """Each coding of a file is made once, however often it is asked for."""
    gate.opened.set()
    for _ in range(3):
        for accepted in ("br", "gzip"):
            await get("/assets/style.css", headers={"Accept-Encoding": accepted})

    assert len(gate.entered) == 2


async def test_visitor_who_goes(gate: Gate, get: Callable[..., Any]) -> None:
    """One who does not wait for the compression spoils it for no other."""
    impatient = asyncio.create_task(get("/assets/style.css", headers=BROWSER))
    patient = asyncio.create_task(get("/assets/style.css", headers=BROWSER))
    await eventually(lambda: gate.entered, what="one is compressing")
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    gate.opened.set()

    assert (await patient).content == STYLE
    assert len(gate.entered) == 1


async def test_failure(monkeypatch: pytest.MonkeyPatch, get: Callable[..., Any]) -> None:
    """A file that cannot be read now can be read later."""
    with monkeypatch.context() as broken:
        broken.setattr("northstar.web.files.cache.encode", fail)
        with pytest.raises(OSError, match="broken disk"):
            await get("/assets/style.css", headers=BROWSER)

    assert (await get("/assets/style.css", headers=BROWSER)).content == STYLE


async def test_improvement(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server runs, what the page loads gets as small as it can; a guard is no bar."""
    monkeypatch.setattr("northstar.web.files.static.CALM_S", 0)
    server = site.serve()
    server.add_middleware(Guard)
    address = f"/assets/style.css?m={site.fingerprint('style.css')}"
    best = len(brotli.compress(STYLE, quality=11))
    assert best < len(encode(STYLE, Coding.BROTLI))

    async with client(server) as asking, server.router.lifespan_context(server):

        async def improved() -> bool:
            answer = await asking.get(address, headers=BROWSER | PASS)
            assert answer.content == STYLE
            return int(answer.headers["content-length"]) == best

        async with asyncio.timeout(60):
            while not await improved():  # noqa: ASYNC110 (it has to be asked)
                await asyncio.sleep(POLL_S)  # what is done at leisure needs an idle processor


async def test_improvement_that_fails(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it fails the log says so, and the files are served as they would be without."""
    server = site.serve()
    monkeypatch.setattr("northstar.web.files.static.CALM_S", 0)
    monkeypatch.setattr("northstar.web.files.cache.encode_well", fail)
    async with client(server) as asking, server.router.lifespan_context(server):
        await eventually(lambda: caplog.records, what="the failure is logged")
        answer = await asking.get("/assets/style.css", headers=BROWSER)

    assert answer.content == STYLE


async def test_page_with_the_bundle(site: Site) -> None:
    """The page is told to load the small plotly.js, from an address that is cached for ever."""
    async with client(site.serve(site.bundle)) as asking:
        page = (await asking.get("/")).text
        [address] = PRELOAD.findall(page)
        answer = await asking.get(address, headers=BROWSER)

    assert address.startswith("/vendor/plotly-finance-4.1.0.min.js?m=")
    assert f'"plotlyjs_url":"{address}"'.replace("/", r"\u002f") in page
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.text == site.bundle.read_text()


async def test_page_without_the_bundle(site: Site) -> None:
    """The page is told to load plotly's own plotly.js, from an address cached for ever."""
    async with client(site.serve()) as asking:
        page = (await asking.get("/")).text
        [address] = PRELOAD.findall(page)
        answer = await asking.get(address, headers={"Accept-Encoding": "gzip"})

    assert address.startswith("/_dash-component-suites/plotly/package_data/plotly.v")
    assert f'"plotlyjs_url":"{address}"'.replace("/", r"\u002f") in page
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.content == PLOTLY.read_bytes()


async def test_scripts_that_nothing_uses(site: Site) -> None:
    """The page loads neither the tables nor the polyfill, but all else that Dash has."""
    async with client(site.serve()) as asking:
        page = (await asking.get("/")).text

    scripts = " ".join(addresses(page))
    for unused in ("dash_table", "polyfill"):
        assert unused not in scripts
    for used in ("react@", "react-dom@", "prop-types@", "dash_renderer", "dash_extensions"):
        assert used in scripts
    for used in (
        "async-graph.v",
        "dash_core_components.",
        "dash_core_components-shared.",
        "dash_html_components.",
    ):
        assert used in scripts


async def test_every_file_of_our_page() -> None:
    """Each script and style of the dashboard is there, compressed, and cached for ever."""
    async with client(create_server(Settings(demo=True))) as asking:
        named = addresses((await asking.get("/")).text)
        answers = [await asking.get(address, headers=BROWSER) for address in named]

    assert len(named) > 7
    for answer in answers:
        assert answer.status_code == 200, answer.url
        assert answer.headers["content-encoding"] == "br", answer.url
        assert answer.headers["cache-control"] == FOR_EVER, answer.url


@pytest.mark.browser
@pytest.mark.parametrize("bundled", [True, False], ids=["small", "whole"])
def test_chart_in_a_browser(*, bundled: bool, site: Site, page: Page) -> None:
    """A chart is drawn with the plotly.js of the one address, which is loaded once."""
    shutil.copy(PLOTLY, site.bundle)  # npm may be missing here, and any plotly.js will do
    shutil.copy(ASSETS / "regenerator.js", site.assets)

    with running(site.serve(site.bundle if bundled else None)) as host:
        page.open(f"http://{host}/")
        page.has("#chart .js-plotly-plot .bars .point", len(BARS))
        loaded = page.run("return performance.getEntriesByType('resource').map(e => e.name)")

    [script] = [name for name in loaded if "plotly" in name]
    assert ("/vendor/" in script) is bundled
    [graph] = [name for name in loaded if "async-" in name]
    assert "/async-graph.v" in graph, "it is not asked for again without a fingerprint"


async def test_gzip_is_what_it_says(site: Site) -> None:
    """The bytes on the wire are in the coding that the header names."""
    server = site.serve()
    async with (
        client(server) as asking,
        asking.stream("GET", "/assets/style.css", headers={"Accept-Encoding": "gzip"}) as answer,
    ):
        sent = b"".join([part async for part in answer.aiter_raw()])

    assert gzip.decompress(sent) == STYLE
