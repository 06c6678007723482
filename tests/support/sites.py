"""A page like ours with its own files, and an in-process client for it."""

from pathlib import Path

import httpx
from dash import dcc
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette_compress import CompressMiddleware

from northstar.web.files.dash_app import DashApp
from northstar.web.files.plotlyjs import address
from northstar.web.files.static import static_files
from northstar.web.files.versions import file_version
from northstar.web.starlette_app import add_layers

STYLE = "".join(f".cell-{n} {{ width: {n * n % 997}px; }}\n" for n in range(400)).encode()
SECRET = "not for everybody"  # noqa: S105 (a text that must not be served)
BARS = [3, 1, 2]


class SitePage(DashApp):
    """A page that loads only the necessary files, as ours does."""

    def __init__(self, server: FastAPI, plotly: str, assets: Path) -> None:
        super().__init__(server, base="/", plotly=plotly, name="site", assets_folder=str(assets))
        self._preload = f'<link rel="preload" as="script" href="{plotly}">'

    def interpolate_index(self, **parts: str) -> str:
        parts["metas"] += self._preload
        return str(super().interpolate_index(**parts))


class Site:
    """A page like ours and a client in the same process."""

    def __init__(self, folder: Path) -> None:
        self.assets = folder / "assets"
        self.assets.mkdir(parents=True)
        (self.assets / "style.css").write_bytes(STYLE)
        (self.assets / "icon.png").write_bytes(b"\x89PNG")
        (folder / "secret.css").write_text(SECRET)
        (self.assets / "link.txt").symlink_to(folder / "secret.css")
        self.bundle = folder / "vendor" / "plotly-basic-4.1.0.min.js"
        self.bundle.parent.mkdir()
        self.bundle.write_text("window.Plotly = {};")
        (self.bundle.parent / "other.js").write_text(SECRET)

    def serve(self, bundle: Path | None = None) -> FastAPI:
        """Return the server of the page with this plotly.js or plotly's own."""
        server = FastAPI()
        app = SitePage(server, address("/", bundle), self.assets)
        app.layout = dcc.Graph("chart", figure={"data": [{"type": "bar", "y": BARS}]})
        files = static_files(server, app, bundle, assets=["style.css"])
        add_layers(server, [files, Middleware(CompressMiddleware)])  # as ours has
        return server

    def fingerprint(self, name: str) -> str:
        return file_version(self.assets / name)


def client(server: FastAPI) -> httpx.AsyncClient:
    """Return a client that accepts no compression unless a request does."""
    transport = httpx.ASGITransport(server)
    headers = {"Accept-Encoding": ""}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
