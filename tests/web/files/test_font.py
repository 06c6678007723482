"""The font of the pages: served under an address with its fingerprint, or not at all."""

from importlib.resources import files
from pathlib import Path

import pytest

from northstar.settings.table import Settings
from northstar.web.app import create_server
from northstar.web.files.font import NAME, font
from support.inprocess import running
from support.page import Page
from support.sites import client

FACES = """return document.fonts.ready.then((faces) =>
    [...faces].map((face) => `${face.family} ${face.status}`))"""


@pytest.fixture
def inter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Put a font where `make font` puts it."""
    content = b"wOF2 and so on"
    (tmp_path / NAME).write_bytes(content)
    monkeypatch.setattr("northstar.web.app.font", lambda base: font(base, tmp_path))
    return content


def test_font(tmp_path: Path) -> None:
    """The address changes with the content."""
    (tmp_path / NAME).write_bytes(b"one")
    first = font("/pnl/", tmp_path)
    (tmp_path / NAME).write_bytes(b"two")
    second = font("/pnl/", tmp_path)

    assert first
    assert second
    assert first.address.startswith("/pnl/vendor/inter.woff2?m=")
    assert first.address != second.address
    assert first.address in first.face


@pytest.mark.parametrize("path", ["/", "/history?range=today"])
async def test_page_with_the_font(path: str, inter: bytes) -> None:
    """The pages preload the font, which is cached for ever and allowed by their policy."""
    async with client(create_server(Settings(demo=True))) as asking:
        page = await asking.get(path)
        address = page.text.partition('crossorigin="anonymous" href="/vendor/')[2].partition('"')[0]
        answer = await asking.get(f"/vendor/{address}")

    assert page.text.count(address) == 2, "in the preload and in the style"
    assert "font-src 'self'" in page.headers["content-security-policy"]
    assert answer.content == inter
    assert answer.headers["content-type"] == "font/woff2"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_page_without_the_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the font file the pages refer to no font."""
    monkeypatch.setattr("northstar.web.app.font", lambda _: None)
    async with client(create_server(Settings(demo=True))) as asking:
        page = (await asking.get("/")).text
        answer = await asking.get("/vendor/inter.woff2")

    assert "woff2" not in page
    assert answer.status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("fetched", [True, False], ids=["inter", "system"])
def test_page_in_a_browser(
    *, fetched: bool, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page uses Inter if it was fetched, and the system's font otherwise."""
    if fetched:  # browsers read the format from the file
        source = files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf"
        (tmp_path / NAME).write_bytes(source.read_bytes())
    monkeypatch.setattr("northstar.web.app.font", lambda base: font(base, tmp_path))
    with running(create_server(Settings(demo=True))) as host:
        page.open(f"http://{host}/")
        page.is_drawn()
        assert page.run(FACES) == (["Inter loaded"] if fetched else [])
        page.driver.get("about:blank")  # before its server ends
