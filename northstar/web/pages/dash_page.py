"""Base class of server-rendered pages; Dash drives only the charts."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from dash.development.base_component import Component
from fastapi import FastAPI

from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.html import to_html
from northstar.view.shared.templates import read_template
from northstar.web.auth.security_headers import hash_of, page_policy
from northstar.web.files.dash_app import DEPENDENCIES, LAYOUT, DashApp
from northstar.web.files.font import Font
from northstar.web.files.joined import joined, joined_script
from northstar.web.files.plotlyjs import address

TEMPLATES = Path(__file__).parent
INDEX = read_template(TEMPLATES / "index.html")
HEAD = TEMPLATES / "head.js"
LOAD = TEMPLATES / "load.js"

# The content of the page being rendered.
_CONTENT: ContextVar[Mapping[str, str]] = ContextVar("content")


class Site(NamedTuple):
    """What all pages share.

    `base` is the path that all addresses begin with, `bundle` the small plotly.js, or None for
    plotly's own, `font` that of the pages, or None for the system's; `signs_in` is whether there is
    a sign-in page, and so a sign-out button; `desk` is the name of the desk.
    """

    server: FastAPI
    base: str
    bundle: Path | None
    font: Font | None
    signs_in: bool
    desk: str


class DashPage(DashApp):
    """One page of the server, at `prefix`, with the scripts of assets/ joined into `script`.

    `ignoring` is a pattern of other pages' assets. All pages load Dash's files from the same
    addresses, so a browser loads each once.
    """

    def __init__(
        self, site: Site, *, name: str, ignoring: str, prefix: str = "/", **more: Any
    ) -> None:
        base = f"{site.base}/"
        plotly = address(base, site.bundle)
        self.script = joined_script(ASSETS, f"{name}.js", ignoring)
        super().__init__(
            site.server,
            base=base,
            plotly=plotly,
            name="northstar",
            assets_folder=str(ASSETS),
            include_assets_files=False,
            routes_pathname_prefix=prefix,
            requests_pathname_prefix=f"{site.base}{prefix}",
            update_title=None,
            suppress_callback_exceptions=True,  # otherwise the page contains the layout twice
            **more,
        )
        self._inline = [file.read_text("utf-8") for file in (theme.SCRIPT, HEAD, LOAD)]
        *head, load = self._inline
        self._parts = {
            "base": base,
            "signs_in": site.signs_in,
            "head": head,
            "style": (site.font.face if site.font else "") + _style(base, ignoring),
            "font": site.font.address if site.font else "",
            "joined": f"{base}assets/{self.script.path}?m={self.script.version}",
            "plotly": plotly,
            "layout": self.config.requests_pathname_prefix + LAYOUT,
            "dependencies": self.config.requests_pathname_prefix + DEPENDENCIES,
            "load": load,
        }

    @cached_property
    def headers(self) -> dict[str, str]:
        """Response headers of the page; to be read after its callbacks are registered."""
        hashes = [*map(hash_of, self._inline), *self.csp_hashes()]
        return {"Cache-Control": "no-store", **page_policy(hashes)}

    def write(self, title: str, content: Sequence[Component], first_frame: str) -> str:
        """Render the page with `content` and the JSON of its charts; safe in any thread."""
        token = _CONTENT.set(
            {
                "title": title,
                "page": to_html(content),
                # The JSON must not end the script element.
                "first_frame": first_frame.replace("<", "\\u003c"),
            }
        )
        try:
            return self.rendered()
        finally:
            _CONTENT.reset(token)

    def interpolate_index(self, **parts: str) -> str:
        """Fill the template with Dash's `parts`, ours and the content."""
        ours = {**self._parts, "library": self.library_address, **_CONTENT.get()}
        return INDEX.render({**parts, **ours})


def _style(base: str, ignoring: str) -> str:
    """Return a page's style sheets as one; the URLs in them are below `base`."""
    return joined(ASSETS, "css", ignoring).replace('url("', f'url("{base}assets/')
