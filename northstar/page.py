"""The page as Dash serves it; its first response carries the numbers already."""

import re
from pathlib import Path
from typing import Any

from dash import Dash
from dash.development.base_component import Component
from fastapi import FastAPI

from northstar.pipeline import Pipeline
from northstar.plotlyjs import load_from
from northstar.static import needed
from northstar.view.first_paint import to_html
from northstar.view.layout import dash_parts, page, title
from northstar.view.panels import texts

PACKAGE = Path(__file__).parent
ASSETS = PACKAGE.parent / "assets"
INDEX = PACKAGE / "view" / "index.html"
HEAD = PACKAGE / "view" / "head.js"
LOAD = PACKAGE / "view" / "load.js"
SCRIPT = re.compile(r'<script src="([^"]+)"')
PRELOAD = '<link rel="preload" as="script" href="{}">'


class Page(Dash):  # type: ignore[misc]  # Dash has no types
    """One page, the same for all viewers, with the pipeline's state as of the request.

    `bundle` is the small plotly.js, or None for the one that plotly brings.
    """

    def __init__(self, pipeline: Pipeline, server: FastAPI, bundle: Path | None) -> None:
        self._pipeline = pipeline
        super().__init__(
            "northstar",
            server=server,
            backend="fastapi",
            assets_folder=str(ASSETS),
            update_title=None,
            suppress_callback_exceptions=True,  # else the whole layout is in the page once more
        )
        self._plotly = load_from(self, bundle)
        self.index_string = INDEX.read_text("utf-8")
        self.layout = dash_parts()
        self._head = HEAD.read_text("utf-8")
        self._load = LOAD.read_text("utf-8")
        css = "\n".join(file.read_text("utf-8") for file in sorted(ASSETS.glob("*.css")))
        self._style = css.replace('url("', f'url("{self.get_asset_url("")}')

    def interpolate_index(self, **parts: Any) -> str:
        """Fill the template: style, numbers and first frame are in it, not fetched after it."""
        scripts = needed(parts["scripts"])
        parts |= {
            "title": title(self._pipeline.source),
            "base": self.config.requests_pathname_prefix,
            "icon": self.get_asset_url("favicon.svg"),
            "css": f"<style>{self._style}</style>",
            "head": f"<script>{self._head}</script>",
            "first_frame": self._pipeline.frame().replace("<", "\\u003c"),  # ends no script
            "scripts": scripts,
            "preloads": "".join(map(PRELOAD.format, SCRIPT.findall(scripts))),
            "load": f"<script>{self._load}</script>",
            "plotly": self._plotly,
            "page": to_html(self._page()),
        }
        # In one pass: what comes from the stream may look like a part of the template.
        return re.sub(r"\{%(\w+)%\}", lambda part: parts[part[1]], self.index_string)

    def _page(self) -> Component:
        pipeline = self._pipeline
        snapshot = pipeline.rendered or pipeline.snapshot  # what the first frame says, too
        known = texts(snapshot, pipeline.session.points, pipeline.notation) if snapshot else {}
        return page(pipeline.feed_status(), known)
