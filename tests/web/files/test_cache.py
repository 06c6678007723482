"""The cache of files: its answers before, during and after compression."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import brotli  # type: ignore[import-untyped] # it brings no types
import pytest
from fastapi import Response
from fastapi.datastructures import Headers

from northstar.web.files.cache import File, FileCache, Found
from northstar.web.files.encodings import Coding, Effort, encode
from support.executors import Held
from support.waiting import eventually

TEXT = "".join(f".cell-{n} {{ width: {n * n % 997}px; }}\n" for n in range(400)).encode()
BROWSER = "gzip, deflate, br, zstd"
FOR_ALL = "public, max-age=31536000, immutable"
FOR_ONE = "private, max-age=31536000, immutable"


class Working:
    """A running cache whose compressions the test releases one by one."""

    def __init__(self) -> None:
        self.cache = FileCache()
        self.held = Held()
        self.stopped = False
        self.task = asyncio.create_task(self.cache.work(self.held, lambda: self.stopped))

    async def ask(
        self, file: File, accepted: str = BROWSER, known: str = "", version: str = "1.0"
    ) -> Response:
        """Request a file with its version in the address."""
        headers = Headers({"accept-encoding": accepted, "if-none-match": known})
        return await self.cache.answer(Found(file, version), headers)

    async def compress(self, times: int) -> None:
        """Release the next few compressions."""
        for _ in range(times):
            await eventually(lambda: self.held.waiting, what="a compression waits")
            self.held.run_one()

    async def is_idle(self) -> bool:
        """Tell whether nothing waits for compression."""
        for _ in range(10):
            await asyncio.sleep(0)
        return not self.held.waiting


@pytest.fixture
async def working() -> AsyncIterator[Working]:
    """Run a cache."""
    working = Working()
    yield working
    working.task.cancel()
    await asyncio.gather(working.task, return_exceptions=True)


@pytest.fixture
def style(tmp_path: Path) -> File:
    """Write a style sheet."""
    path = tmp_path / "style.css"
    path.write_bytes(TEXT)
    return File(path, "1.0", len(TEXT))


async def test_before_compression(working: Working, style: File) -> None:
    """A file is sent uncompressed until it is compressed, and no proxy may cache that form."""
    answer = await working.ask(style)

    assert answer.body == TEXT
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == FOR_ONE
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_before_compression_of_an_address_without_version(
    working: Working, style: File
) -> None:
    """A proxy does not store an uncompressed file that is revalidated each time."""
    answer = await working.ask(style, version="")

    assert answer.headers["cache-control"] == "private, no-cache"


async def test_after_compression(working: Working, style: File) -> None:
    """Requests after the compression get the compressed file, which may be cached."""
    await working.ask(style)
    await working.compress(2)
    brotlied, gzipped = await working.ask(style), await working.ask(style, "gzip")

    assert brotli.decompress(bytes(brotlied.body)) == TEXT
    assert gzip.decompress(bytes(gzipped.body)) == TEXT
    assert [answer.headers["content-encoding"] for answer in (brotlied, gzipped)] == ["br", "gzip"]
    assert {answer.headers["cache-control"] for answer in (brotlied, gzipped)} == {FOR_ALL}
    assert brotlied.headers["etag"] == gzipped.headers["etag"]


async def test_second_best_form(working: Working, style: File) -> None:
    """Of the forms that are ready, a browser gets the one it prefers."""
    working.cache.request([style], Effort.FAST)
    await working.compress(1)  # brotli is first
    to_brotli_or_gzip = await working.ask(style, "gzip;q=1, br;q=0.5")
    to_gzip_alone = await working.ask(style, "gzip")

    assert to_brotli_or_gzip.headers["content-encoding"] == "br"
    assert to_brotli_or_gzip.headers["cache-control"] == FOR_ONE
    assert to_gzip_alone.body == TEXT


@pytest.mark.parametrize("accepted", ["", "identity", "zstd", "gzip;q=0.5, identity"])
async def test_browser_that_wants_it_as_it_is(accepted: str, working: Working, style: File) -> None:
    """A client that prefers `identity` gets it, proxies may cache it, and nothing is compressed."""
    answer = await working.ask(style, accepted)

    assert answer.body == TEXT
    assert answer.headers["cache-control"] == FOR_ALL
    assert await working.is_idle()


async def test_known_version(working: Working, style: File) -> None:
    """A browser that has this version in any form gets 304, which proxies may cache."""
    first = await working.ask(style, "identity")
    again = await working.ask(style, known=first.headers["etag"])

    assert (again.status_code, again.body) == (304, b"")
    assert again.headers["cache-control"] == FOR_ALL


async def test_many_requests(working: Working, style: File) -> None:
    """Each coding of a file is compressed once, whatever the number of requests."""
    for _ in range(3):
        await working.ask(style)
    await working.compress(2)

    assert await working.is_idle()
    await working.ask(style)
    assert await working.is_idle()


async def test_efforts(working: Working, style: File) -> None:
    """Fast compression comes first, largest file first; better forms replace worse ones."""
    large = style.path.with_name("large.css")
    large.write_bytes(TEXT * 2)
    files = [style, File(large, "1.0", 2 * len(TEXT))]
    for effort in (Effort.BEST, Effort.GOOD, Effort.FAST):
        working.cache.request(files, effort)
    sizes = []
    for times in (4, 4, 2):
        await working.compress(times)
        sizes.append(len((await working.ask(style)).body))

    assert sizes[0] > sizes[1] > sizes[2]
    assert sizes[2] == len(brotli.compress(TEXT, quality=11))


async def test_effort_after_a_better_one(working: Working, style: File) -> None:
    """A form is never replaced by a larger one."""
    working.cache.request([style], Effort.GOOD)
    await working.compress(2)
    good = (await working.ask(style)).body
    working.cache.request([style], Effort.FAST)
    await working.compress(2)

    assert (await working.ask(style)).body == good


async def test_picture(working: Working, tmp_path: Path) -> None:
    """A file that is already compressed is not compressed again."""
    path = tmp_path / "icon.png"
    path.write_bytes(b"\x89PNG")
    answer = await working.ask(File(path, "1.0", 4))

    assert answer.body == b"\x89PNG"
    assert answer.headers["cache-control"] == FOR_ALL
    assert await working.is_idle()


async def test_failure(working: Working, style: File, caplog: pytest.LogCaptureFixture) -> None:
    """A file that cannot be read is logged, and compressed on the next request that reads it."""
    away = style.path.rename(style.path.with_name("away"))
    working.cache.request([style], Effort.GOOD)
    await working.compress(2)
    with pytest.raises(FileNotFoundError):
        await working.ask(style)
    away.rename(style.path)
    assert "style.css is not compressed" in caplog.text
    await working.ask(style)
    await working.compress(2)

    assert (await working.ask(style)).headers["content-encoding"] == "br"


async def test_stop(working: Working, style: File) -> None:
    """A stopped compression leaves the file uncompressed."""
    working.cache.request([style], Effort.FAST)
    working.stopped = True
    await working.compress(2)

    assert (await working.ask(style)).body == TEXT


async def test_visitor_who_goes(working: Working, style: File) -> None:
    """A request that is cancelled while the file is read does not affect other requests."""
    impatient = asyncio.create_task(working.ask(style))
    patient = asyncio.create_task(working.ask(style))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)

    assert (await patient).body == TEXT


def test_encoded_sizes() -> None:
    """The text of these tests has a different size for each effort."""
    sizes = [len(encode(TEXT, Coding.BROTLI, effort, lambda: False) or b"") for effort in Effort]
    assert sizes == sorted(set(sizes), reverse=True)
