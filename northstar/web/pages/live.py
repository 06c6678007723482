"""The live page as Dash serves it; its first response carries the numbers already."""

from collections.abc import Callable
from typing import Any

from northstar.live.pipeline import Pipeline
from northstar.view.live.layout import dash_parts, page, title
from northstar.view.live.panels import texts
from northstar.view.shared.html import to_html
from northstar.web.coalescing import Shared
from northstar.web.pages.dash_page import DashPage, Site, as_json

# Files in assets/ that belong to the other page.
OTHERS = r"^(past\.js|80-history\.css)$"


class Page(DashPage):
    """One page, the same for all viewers, with the pipeline's state as of the request."""

    def __init__(self, pipeline: Pipeline, site: Site) -> None:
        self._pipeline = pipeline
        self._shared = Shared()
        self._parts: Callable[[], dict[str, str]] = dict
        super().__init__(site, ignoring=OTHERS)
        self.layout = dash_parts()

    async def current(self) -> str:
        """Return the page with its numbers as of now."""
        return await self._shared.get(self._begin)

    def interpolate_index(self, **parts: Any) -> str:
        """Fill the template: style, numbers and first frame are in it, not fetched after it."""
        return self.fill(parts | self._parts())

    def _begin(self) -> Callable[[], str]:
        """Note the state, and return what writes it into the page."""
        intake, broadcast = self._pipeline.intake, self._pipeline.broadcast
        snapshot = broadcast.rendered or intake.snapshot  # what the first frame says, too
        session, notation = intake.session_line.points, broadcast.notation
        source, feed, frame = intake.source, intake.status(), broadcast.frame()

        def parts() -> dict[str, str]:
            known = texts(snapshot, session, notation) if snapshot else {}
            return {
                "title": title(source),
                "first_frame": as_json(frame),
                "page": to_html(page(feed, known)),
            }

        self._parts = parts
        return lambda: str(self.index())
