"""Compression of rendered pages in the coding that a browser prefers."""

import gzip
import threading
from typing import Any

import brotli  # type: ignore[import-untyped] # it brings no types
import httpx
import pytest

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.files import encodings
from northstar.web.files.compressed import compressed_page

PAGE = "<!doctype html>" + "<p>Größe &amp; Zahl</p>" * 1000
HEADERS = {"Cache-Control": "no-store"}
BROWSER = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("accepted", "coding", "decode"),
    [
        (BROWSER, "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("", None, bytes),
        ("identity", None, bytes),
    ],
)
def test_compressed_page(accepted: str, coding: str | None, decode: Any) -> None:
    """Each browser gets the same page with the given headers."""
    answer = compressed_page(PAGE, accepted, HEADERS)

    assert decode(bytes(answer.body)).decode() == PAGE
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.body)


async def test_history_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The history page is compressed once, and not on the event loop."""
    threads: list[int] = []

    def note(*given: Any) -> Any:
        threads.append(threading.get_ident())
        return encodings.encode(*given)

    monkeypatch.setattr("northstar.web.files.compressed.encode", note)
    server = create_server(Settings(demo=True))
    transport = httpx.ASGITransport(server)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/history?range=today", headers={"Accept-Encoding": BROWSER})

    assert answer.headers["content-encoding"] == "br"
    assert "</html>" in answer.text
    assert len(threads) == 1
    assert threads != [threading.get_ident()]
