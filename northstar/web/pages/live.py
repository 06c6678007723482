"""The live page; its first response carries the current numbers."""

from collections.abc import Callable

from northstar.live.pipeline import Pipeline
from northstar.view.live.figures import CHARTS
from northstar.view.live.layout import dash_parts, page, title
from northstar.view.live.panels import texts
from northstar.web.coalescing import Shared
from northstar.web.pages.dash_page import DashPage, Site

# Files in assets/ that belong to the history page.
OTHERS = r"^\d+-history[a-z-]*\.(js|css)$"


class Page(DashPage):
    """The live page, the same for all viewers, with the pipeline's state at the request."""

    def __init__(self, pipeline: Pipeline, site: Site) -> None:
        self._pipeline = pipeline
        self._desk = site.desk
        self._shared = Shared()
        super().__init__(site, ignoring=OTHERS)
        self.layout = dash_parts()

    async def current(self) -> str:
        """Return the page with the current numbers."""
        return await self._shared.get(self._begin)

    def _begin(self) -> Callable[[], str]:
        """Capture the current snapshot, and return a function that renders the page with it."""
        intake, broadcast = self._pipeline.intake, self._pipeline.broadcast
        snapshot = broadcast.rendered or intake.current  # the same as in the first frame
        notation = broadcast.notation
        desk, demo = self._desk, self._pipeline.demo
        source, feed, frame = intake.source, intake.status(), broadcast.frame()

        def write() -> str:
            known = texts(snapshot, notation) if snapshot else {}
            figures = {
                chart: figure(snapshot, notation) for chart, figure in CHARTS.items() if snapshot
            }
            tree = page(feed, known, figures, desk, demo.scenes if demo else None)
            return self.write(title(source, desk), tree, frame.whole)

        return write
