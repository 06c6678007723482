"""The web app manifest and its icons, with which a browser installs the dashboard."""

from functools import cache
from pathlib import Path

from fastapi import FastAPI, Response, status
from fastapi.responses import JSONResponse
from resvg_py import svg_to_bytes

MANIFEST = "/manifest.webmanifest"
KIND = "application/manifest+json"
ICON = "/icon-{size}.png"
SIZES = (180, 192, 512)  # the first is for Apple's devices, the others for all
GROUND, HEADER = "#1a1a2e", "#181c34"  # of the dark theme, as in assets/10-tokens.css
# Systems cut icons to a circle or a square with round corners, of 80 % of the size at least.
SAFE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" fill="#16213e"/><g transform="translate(3.2 3.2) scale(0.8)">{}</g>
</svg>"""
A_DAY = {"Cache-Control": "max-age=86400"}
# What a browser requests without a session, and may be seen by anybody.
ADDRESSES = {MANIFEST, *(ICON.format(size=size) for size in SIZES)}


def add_manifest(server: FastAPI, desk: str, icon: Path) -> None:
    """Add the manifest of the dashboard of `desk`, and icons made of the SVG in the file `icon`."""

    @server.get(MANIFEST, include_in_schema=False)
    async def manifest() -> Response:
        """Return the manifest; its addresses are relative to its own."""
        return JSONResponse(_manifest(desk), media_type=KIND, headers=A_DAY)

    @server.get("/icon-{size}.png", include_in_schema=False)
    def picture(size: str) -> Response:
        """Return the icon of one size; drawing it takes some milliseconds, once."""
        if size not in map(str, SIZES):
            return JSONResponse({"error": f"no icon of size {size}"}, status.HTTP_404_NOT_FOUND)
        return Response(_png(icon, int(size)), media_type="image/png", headers=A_DAY)


def _manifest(desk: str) -> dict[str, object]:
    pictures = [
        {"src": ICON.format(size=size)[1:], "sizes": f"{size}x{size}", "type": "image/png"}
        for size in SIZES[1:]
    ]
    drawing = {"src": "assets/favicon.svg", "sizes": "any", "type": "image/svg+xml"}
    return {
        "name": f"{desk} P&L",
        "short_name": desk,
        "id": "./",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": HEADER,
        "icons": [drawing, *(each | {"purpose": "any maskable"} for each in pictures)],
    }


@cache
def _png(icon: Path, size: int) -> bytes:
    return svg_to_bytes(svg_string=SAFE.format(icon.read_text("utf-8")), width=size, height=size)
