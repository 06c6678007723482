"""A page that comes with its content, and of which Dash runs only the charts."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from dash import Dash
from fastapi import FastAPI

import northstar
from northstar.view.shared import theme
from northstar.web.auth.security_headers import hash_of, page_policy
from northstar.web.files.plotlyjs import address, load_from
from northstar.web.files.static import needed

PACKAGE = Path(northstar.__file__).parent
TEMPLATES = Path(__file__).parent


def assets_folder(package: Path = PACKAGE) -> Path:
    """Return where the assets lie: in the package where it is installed, else next to it."""
    installed = package / "assets"
    return installed if installed.is_dir() else package.parent / "assets"


ASSETS = assets_folder()
INDEX = TEMPLATES / "index.html"
HEAD = TEMPLATES / "head.js"
LOAD = TEMPLATES / "load.js"
SCRIPT = re.compile(r'<script src="([^"]+)"')
PRELOAD = '<link rel="preload" as="script" href="{}">'


class Site(NamedTuple):
    """What all pages are part of.

    `base` is the path that all addresses begin with, `bundle` the small plotly.js, or None for the
    one that plotly brings; `signs_in` tells whether there is a way in, and so a way out.
    """

    server: FastAPI
    base: str
    bundle: Path | None
    signs_in: bool


class DashPage(Dash):  # type: ignore[misc]  # Dash has no types
    """One page of the server, at `prefix`; `ignoring` names the assets that are not its own.

    All pages have the same files, at the same addresses: a browser loads each once.
    """

    def __init__(self, site: Site, *, ignoring: str, prefix: str = "/", **more: Any) -> None:
        super().__init__(
            "northstar",
            server=site.server,
            backend="fastapi",
            assets_folder=str(ASSETS),
            assets_ignore=ignoring,
            routes_pathname_prefix=prefix,
            requests_pathname_prefix=f"{site.base}{prefix}",
            update_title=None,
            suppress_callback_exceptions=True,  # else the whole layout is in the page once more
            **more,
        )
        # Its routes are there, the server's router knowing the base. Its middleware does not.
        self.init_app(routes_pathname_prefix=f"{site.base}{prefix}")
        # No callback runs over Dash's own socket, so the page must not open one for each tab.
        self.backend.websocket_capability = False
        self.index_string = INDEX.read_text("utf-8")
        self._base = f"{site.base}/"
        self._plotly = address(self._base, site.bundle)
        load_from(self, self._plotly)
        self._signs_in = " data-signs-in" if site.signs_in else ""
        self._head = [theme.SCRIPT.read_text("utf-8"), HEAD.read_text("utf-8")]
        self._load = LOAD.read_text("utf-8")
        styles = [
            file for file in sorted(ASSETS.glob("*.css")) if not re.match(ignoring, file.name)
        ]
        css = "\n".join(file.read_text("utf-8") for file in styles)
        self._style = css.replace('url("', f'url("{self._base}assets/')

    @cached_property
    def headers(self) -> dict[str, str]:
        """What is sent with the page; to be asked for once its callbacks are known."""
        hashes = [*map(hash_of, (*self._head, self._load)), *self.csp_hashes()]
        return {"Cache-Control": "no-store", **page_policy(hashes)}

    def fill(self, parts: Mapping[str, str]) -> str:
        """Fill the template with what is the same in all pages and with `parts`.

        In one pass: what comes from the stream may look like a part of the template.
        """
        scripts = needed(parts["scripts"]).replace(
            f'src="{self.config.requests_pathname_prefix}', f'src="{self._base}'
        )
        known = {
            **parts,
            "base": self._base,
            "signs_in": self._signs_in,
            "icon": f"{self._base}assets/favicon.svg",
            "css": f"<style>{self._style}</style>",
            "head": "".join(f"<script>{script}</script>" for script in self._head),
            "scripts": scripts,
            "preloads": "".join(map(PRELOAD.format, SCRIPT.findall(scripts))),
            "load": f"<script>{self._load}</script>",
            "plotly": self._plotly,
            "dash": self.config.requests_pathname_prefix,
        }
        return re.sub(r"\{%(\w+)%\}", lambda part: known[part[1]], self.index_string)


def as_json(text: str) -> str:
    """Return JSON for a script element, which nothing in it ends."""
    return text.replace("<", "\\u003c")
