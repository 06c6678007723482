"""A page like ours, with files of its own, and a client that asks for it in the same process."""

from pathlib import Path

import httpx
from dash import Dash, dcc
from fastapi import FastAPI

from northstar.web.files.plotlyjs import address, load_from
from northstar.web.files.static import add_static_files, needed

STYLE = "".join(f".cell-{n} {{ width: {n * n % 997}px; }}\n" for n in range(400)).encode()
SECRET = "not for everybody"  # noqa: S105 (a text that must not be served)
BARS = [3, 1, 2]


class Needed(Dash):  # type: ignore[misc]  # Dash has no types
    """A page that loads what is needed and no more, as ours does."""

    plotly = ""

    def interpolate_index(self, **parts: str) -> str:
        parts["scripts"] = needed(parts["scripts"])
        parts["metas"] += f'<link rel="preload" as="script" href="{self.plotly}">'
        return str(super().interpolate_index(**parts))


class Site:
    """A page like ours, and a client that asks for it in the same process."""

    def __init__(self, folder: Path) -> None:
        self.assets = folder / "assets"
        self.assets.mkdir(parents=True)
        (self.assets / "style.css").write_bytes(STYLE)
        (self.assets / "icon.png").write_bytes(b"\x89PNG")
        (folder / "secret.css").write_text(SECRET)
        (self.assets / "link.txt").symlink_to(folder / "secret.css")
        self.bundle = folder / "vendor" / "plotly-finance-4.1.0.min.js"
        self.bundle.parent.mkdir()
        self.bundle.write_text("window.Plotly = {};")
        (self.bundle.parent / "other.js").write_text(SECRET)

    def serve(self, bundle: Path | None = None) -> FastAPI:
        """Return the server of the page, with that plotly.js or with plotly's own."""
        server = FastAPI()
        app = Needed("site", server=server, backend="fastapi", assets_folder=str(self.assets))
        app.plotly = address(app.config.requests_pathname_prefix, bundle)
        load_from(app, app.plotly)
        app.layout = dcc.Graph("chart", figure={"data": [{"type": "bar", "y": BARS}]})
        add_static_files(server, app, bundle)
        return server

    def fingerprint(self, name: str) -> str:
        return str((self.assets / name).stat().st_mtime)


def client(server: FastAPI) -> httpx.AsyncClient:
    """Return a client that takes a file only as it is, where it is not told otherwise."""
    transport = httpx.ASGITransport(server)
    headers = {"Accept-Encoding": ""}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
