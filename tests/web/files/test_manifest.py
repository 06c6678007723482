"""The manifest and its icons, which a browser needs to install the dashboard."""

from io import BytesIO

import pytest
from PIL import Image

from northstar.web.auth.security_headers import page_policy
from support.guards import BEARER, client_of, guarded


async def test_manifest_without_a_session() -> None:
    """The manifest is served without credentials and contains only the name."""
    async with client_of(guarded()) as client:
        answer = await client.get("/manifest.webmanifest")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert (told["name"], told["start_url"]) == ("NorthStar Synergy P&L", "./")
    assert told["display"] == "standalone"


@pytest.mark.parametrize("place", [1, 2])
async def test_icons_of_the_manifest(place: int) -> None:
    """Each icon has the size in the manifest and fills its square."""
    async with client_of(guarded()) as client:
        icon = (await client.get("/manifest.webmanifest")).json()["icons"][place]
        answer = await client.get(f"/{icon['src']}")

    picture = Image.open(BytesIO(answer.content))
    assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert answer.headers["content-type"] == icon["type"] == "image/png"
    corner, middle = picture.getpixel((0, 0)), picture.getpixel((picture.width // 2,) * 2)
    assert (corner, middle) == ((22, 33, 62, 255), (0, 212, 255, 255))


async def test_icon_of_another_size() -> None:
    """Only the sizes of the manifest are available."""
    async with client_of(guarded()) as client:
        answer = await client.get("/icon-9999.png", headers=BEARER)

    assert answer.status_code == 404


async def test_page_leads_to_the_manifest() -> None:
    """The page links the manifest and an icon, and its policy allows both."""
    async with client_of(guarded()) as client:
        page = await client.get("/", headers=BEARER)

    link = '<link rel="manifest" crossorigin="use-credentials" href="/manifest.webmanifest">'
    assert link in page.text
    assert '<link rel="apple-touch-icon" href="/icon-180.png">' in page.text
    assert "manifest-src 'self'" in page_policy(()).popitem()[1]
