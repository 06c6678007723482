"""Static files: their addresses, codings and compression."""

import asyncio
import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped] # it brings no types
import httpx
import plotly
import pytest

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.files.cache import File, FileCache
from northstar.web.files.encodings import Coding, Effort, encode
from support.checkout import ASSETS, ROOT
from support.executors import Held
from support.inprocess import running
from support.page import Page
from support.sites import BARS, SECRET, STYLE, Site, client
from support.waiting import POLL_S, SLOWNESS, eventually, until

LSTAT = os.lstat
FOR_EVER = "public, max-age=31536000, immutable"
ALL = "gzip, deflate, br, zstd"
BROWSER = {"Accept-Encoding": ALL}
PLOTLY = Path(str(plotly.__file__)).parent / "package_data" / "plotly.min.js"
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]* href="([^"]+)">')
ADDRESS = re.compile(r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"')
LOADED = re.compile(r'(?:src|href)="([^"]+\.(?:js|css|svg|woff2)[^"]*)"')


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Write the files of a page."""
    return Site(tmp_path)


@pytest.fixture
async def get(site: Site) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that sends requests to a running server of that page."""
    server = site.serve(site.bundle)
    async with client(server) as asking, server.router.lifespan_context(server):
        yield asking.get


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Hold back all compression."""
    held = Held()
    monkeypatch.setattr("northstar.web.files.static.ThreadPoolExecutor", lambda *_: held)
    return held


async def compressed(get: Callable[..., Any], address: str, accepted: str = ALL) -> Any:
    """Return the answer of a server after it has compressed the file."""
    async with asyncio.timeout(60):
        while True:
            answer = await get(address, headers={"Accept-Encoding": accepted})
            if "content-encoding" in answer.headers:
                return answer
            await asyncio.sleep(POLL_S)


def addresses(page: str) -> list[str]:
    """Return the scripts and styles that a page names."""
    return ADDRESS.findall(page)


async def test_brotli(get: Callable[..., Any]) -> None:
    """A browser gets brotli, the content type and `nosniff`."""
    answer = await compressed(get, "/assets/style.css")

    assert answer.status_code == 200
    assert answer.content == STYLE
    assert answer.headers["content-encoding"] == "br"
    assert int(answer.headers["content-length"]) < len(STYLE) / 2
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "accepted",
    ["gzip", "br;q=0, gzip"],
)
async def test_gzip(accepted: str, get: Callable[..., Any]) -> None:
    """A client that does not accept brotli gets gzip."""
    answer = await compressed(get, "/assets/style.css", accepted)

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == STYLE


@pytest.mark.parametrize("accepted", ["identity", "zstd"])
async def test_other_codings(accepted: str, get: Callable[..., Any]) -> None:
    """A client that accepts neither gets the uncompressed file."""
    answer = await get("/assets/style.css", headers={"Accept-Encoding": accepted})

    assert "content-encoding" not in answer.headers
    assert answer.content == STYLE


async def test_client_that_names_no_coding(get: Callable[..., Any]) -> None:
    """A client without Accept-Encoding gets the uncompressed file."""
    answer = await get("/assets/style.css")

    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(STYLE)


async def test_picture(get: Callable[..., Any]) -> None:
    """A file in a compressed format is sent unchanged."""
    answer = await get("/assets/icon.png", headers=BROWSER)

    assert answer.headers["content-type"] == "image/png"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("fingerprint", ["", "?m=", "?v=4"])
async def test_address_without_its_fingerprint(fingerprint: str, get: Callable[..., Any]) -> None:
    """A file whose address has no version is revalidated each time."""
    answer = await compressed(get, f"/assets/style.css{fingerprint}")

    assert answer.headers["cache-control"] == "no-cache"


async def test_address_with_its_fingerprint(site: Site, get: Callable[..., Any]) -> None:
    """An address with the fingerprint is cached for ever."""
    fingerprint = site.fingerprint("style.css")
    answer = await compressed(get, f"/assets/style.css?m={fingerprint}")

    assert answer.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize("form", ["{}", '"else", {}', '{},W/"more"'])
async def test_known_version(form: str, get: Callable[..., Any]) -> None:
    """A browser that has this version, in any coding, gets 304 and no content."""
    first = await get("/assets/style.css", headers=BROWSER)
    known = {"If-None-Match": form.format(first.headers["etag"])}

    again = await get("/assets/style.css", headers=known)

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"


async def test_changed_file(site: Site, get: Callable[..., Any]) -> None:
    """A changed file is sent again, even to a client with the old version."""
    first = await compressed(get, "/assets/style.css")
    (site.assets / "style.css").write_bytes(b"a {}")
    os.utime(site.assets / "style.css", (1, 1))

    known = {"If-None-Match": first.headers["etag"]}
    address = f"/assets/style.css?m={site.fingerprint('style.css')}"
    again = await get(address, headers=BROWSER | known)

    assert (again.status_code, again.content) == (200, b"a {}")
    again = await compressed(get, address)
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
    """Paths outside the folders and files that Dash has not registered are not found."""
    answer = await get(path)

    assert answer.status_code == 404
    assert SECRET not in answer.text


@pytest.mark.parametrize("folder", ["a/", "./", "../", "none/../"])
async def test_long_path(
    folder: str, get: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path with very many folders is refused, because resolving it would block the event loop."""
    await get("/assets/style.css")
    looked: list[Path] = []

    def look(path: Path) -> os.stat_result:
        looked.append(path)
        return LSTAT(path)

    monkeypatch.setattr(os, "lstat", look)
    answer = await get("/assets/" + (folder * 8000)[:8000].replace("/", "%2f") + "style.css")

    assert answer.status_code == 404
    assert looked == []


async def test_improvement(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server runs, the files of the page are compressed best."""
    monkeypatch.setattr("northstar.web.files.static.CALM_S", 0)
    server = site.serve(site.bundle)
    best = len(brotli.compress(STYLE, quality=11))
    good = encode(STYLE, Coding.BROTLI, Effort.GOOD, lambda: False)
    assert good
    assert best < len(good)

    async with client(server) as asking, server.router.lifespan_context(server):

        async def improved() -> bool:
            answer = await asking.get("/assets/style.css", headers=BROWSER)
            assert answer.content == STYLE
            return int(answer.headers["content-length"]) == best

        async with asyncio.timeout(60 * SLOWNESS):
            while not await improved():  # noqa: ASYNC110 (it has to be asked)
                await asyncio.sleep(POLL_S)  # best compression waits for an idle processor


async def test_files_that_are_compressed_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages load is compressed before a browser asks for it, and nothing else is."""
    requested: dict[Effort, set[File]] = {effort: set() for effort in Effort}

    def note(_: FileCache, files: Iterable[File], effort: Effort) -> None:
        requested[effort].update(file for file in files if file.is_text)

    monkeypatch.setattr(FileCache, "request", note)
    server = create_server(Settings(demo=True))
    async with client(server) as asking, server.router.lifespan_context(server):
        await eventually(lambda: requested[Effort.FAST], what="files are to be compressed")
        unasked = set(requested[Effort.FAST])
        for path in ("/", "/history"):
            for address in LOADED.findall((await asking.get(path)).text):
                answer = await asking.get(address, headers=BROWSER)
                assert answer.status_code == 200, address

    assert len(unasked) > 4
    assert unasked == requested[Effort.GOOD]  # of what is not compressed when a browser asks for it


def test_large_file_before_it_is_compressed(site: Site, held: Held) -> None:
    """A real server sends plotly.js uncompressed at first, and in brotli once that is ready."""
    with (
        running(site.serve()) as host,
        httpx.Client(base_url=f"http://{host}", headers=BROWSER, trust_env=False) as visitor,
    ):
        [address] = PRELOAD.findall(visitor.get("/").text)
        first = visitor.get(address)
        until(lambda: held.waiting, what="it is to be compressed")
        held.run_one()
        second = visitor.get(address)

    assert first.content == second.content == PLOTLY.read_bytes()
    assert "content-encoding" not in first.headers
    assert first.headers["cache-control"] == FOR_EVER.replace("public", "private")
    assert first.headers["vary"] == "Accept-Encoding"
    assert second.headers["content-encoding"] == "br"
    assert second.headers["cache-control"] == FOR_EVER
    assert second.headers["etag"] == first.headers["etag"]


async def test_stop_before_compressing(site: Site, held: Held) -> None:
    """A stopping server starts no more compressions and does not wait for a running one."""
    server = site.serve()
    async with server.router.lifespan_context(server):
        await eventually(lambda: held.waiting, what="something is to be compressed")

    [(compressing, _)] = held.waiting
    assert compressing.cancelled()


async def test_page_with_the_bundle(site: Site) -> None:
    """The page loads the small plotly.js, from an address that is cached for ever."""
    server = site.serve(site.bundle)
    async with client(server) as asking, server.router.lifespan_context(server):
        page = (await asking.get("/")).text
        [address] = PRELOAD.findall(page)
        answer = await compressed(asking.get, address)

    assert address.startswith("/vendor/plotly-basic-4.1.0.min.js?m=")
    assert f'"plotlyjs_url":"{address}"'.replace("/", r"\u002f") in page
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.text == site.bundle.read_text()


async def test_page_without_the_bundle(site: Site) -> None:
    """The page loads plotly's own plotly.js, from an address that is cached for ever."""
    server = site.serve()
    async with client(server) as asking, server.router.lifespan_context(server):
        page = (await asking.get("/")).text
        [address] = PRELOAD.findall(page)
        answer = await compressed(asking.get, address, "gzip")

    assert address.startswith("/_dash-component-suites/plotly/package_data/plotly.v")
    assert f'"plotlyjs_url":"{address}"'.replace("/", r"\u002f") in page
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.content == PLOTLY.read_bytes()


async def test_every_file_of_our_page() -> None:
    """Each script and style sheet of the dashboard is served compressed and cached for ever."""
    server = create_server(Settings(demo=True))
    async with client(server) as asking, server.router.lifespan_context(server):
        named = addresses((await asking.get("/")).text)
        answers = [await compressed(asking.get, address, "br") for address in named]

    assert len(named) > 3
    for answer in answers:
        assert answer.status_code == 200, answer.url
        assert answer.headers["content-encoding"] == "br", answer.url
        assert answer.headers["cache-control"] == FOR_EVER, answer.url


@pytest.mark.browser
@pytest.mark.parametrize("bundled", [True, False], ids=["small", "whole"])
def test_chart_in_a_browser(*, bundled: bool, site: Site, page: Page) -> None:
    """A chart is drawn with one plotly.js, which is loaded once."""
    shutil.copy(PLOTLY, site.bundle)  # without npm, any plotly.js will do
    shutil.copy(ASSETS / "10-regenerator.js", site.assets)

    with running(site.serve(site.bundle if bundled else None)) as host:
        page.open(f"http://{host}/")
        page.has("#chart .js-plotly-plot .bars .point", len(BARS))
        loaded = page.run("return performance.getEntriesByType('resource').map(e => e.name)")

    [script] = [name for name in loaded if "plotly" in name]
    assert ("/vendor/" in script) is bundled
    assert [name for name in loaded if "async-" in name] == [], "it is in the page's one file"


async def test_gzip_is_what_it_says(site: Site) -> None:
    """The content has the coding that the header names."""
    server = site.serve()
    gzipping = {"Accept-Encoding": "gzip"}
    async with client(server) as asking, server.router.lifespan_context(server):
        await compressed(asking.get, "/assets/style.css", "gzip")
        async with asking.stream("GET", "/assets/style.css", headers=gzipping) as answer:
            sent = b"".join([part async for part in answer.aiter_raw()])

    assert gzip.decompress(sent) == STYLE


@pytest.mark.skipif(sys.platform != "linux", reason="the priority of a thread is Linux's")
def test_priority_of_compression() -> None:
    """Compression does not raise the priority of a process that was started with a low one."""
    code = (
        "import os; from northstar.web.files.static import _be_nice; _be_nice(); print(os.nice(0))"
    )
    command = ["nice", "-n", "19", sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert found.stdout == "19\n"
