"""The configured title in all its places."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load
from support.dashboard import Dashboard, dashboard
from support.guards import BEARER, client_of, guarded
from support.page import Page
from support.waiting import until

NAME = 'Rates <b>& "FX"</b> · EU'
ESCAPED = "Rates &lt;b&gt;&amp; &#34;FX&#34;&lt;/b&gt; · EU"


@pytest.mark.parametrize(
    ("path", "title"),
    [("/", f"{ESCAPED} | P&amp;L"), ("/history", f"{ESCAPED} | History")],
)
async def test_pages(path: str, title: str) -> None:
    """Both pages have the title in the tab and in the header, as text."""
    async with client_of(guarded(title=NAME)) as client:
        page = (await client.get(path, headers=BEARER)).text

    assert f"<title>{title}</title>" in page
    [brand] = re.findall(r'<span class="brand">(.*?)</span>', page)
    assert unescape(brand) == NAME
    assert "<b>" not in brand
    assert "NorthStar Synergy" not in page


async def test_history_with_a_problem() -> None:
    """The page that refuses a period has the title, too."""
    async with client_of(guarded(title=NAME)) as client:
        page = (await client.get("/history?from=x", headers=BEARER)).text

    assert f"<title>{ESCAPED} | History</title>" in page


async def test_sign_in() -> None:
    """The sign-in page has the title as text."""
    async with client_of(guarded(title=NAME)) as client:
        page = (await client.get("/sign-in")).text

    assert f"<title>Sign in – {ESCAPED} P&amp;L</title>" in page
    assert f'<span class="brand">{ESCAPED}</span>' in page


async def test_export() -> None:
    """An export begins with the title."""
    async with client_of(guarded(title="Rates")) as client:
        answer = await client.get("/api/export.zip?range=today", headers=BEARER)

    with ZipFile(BytesIO(answer.content)) as archive:
        lines = archive.read("about.csv").decode().splitlines()
    assert lines[1] == "Desk,Rates"


@pytest.fixture
def demo(free_port: int) -> Iterator[Dashboard]:
    """Run a demo with a title."""
    with dashboard(free_port, "--demo", "--demo-scene", "calm", "--title", NAME) as running:
        yield running


@pytest.mark.browser
def test_tab(page: Page, demo: Dashboard) -> None:
    """The script that shows the state in the tab keeps the whole title, with its middle dot."""
    page.open(demo.url)
    due = f" · Live · {NAME} | P&L · DEMO"

    until(lambda: page.driver.title.endswith(due), what="the tab has state, title and source")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[1m", "x" * 61])
def test_no_title(name: str) -> None:
    """A title is one line of up to 60 printable characters."""
    with pytest.raises(ConfigurationError, match="expected a name of at most 60 characters"):
        load(["--demo", "--title", name])
