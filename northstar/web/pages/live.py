"""The live page; its first response carries the current numbers."""

from collections.abc import Callable

from northstar.live.pipeline import Pipeline
from northstar.view.live.agents import ranked_rows
from northstar.view.live.figures import CHARTS
from northstar.view.live.layout import dash_parts, page, title
from northstar.view.live.panels import texts
from northstar.view.live.sentence import sentence_day
from northstar.view.shared.panels import Texts
from northstar.web.pages.coalescing import Shared
from northstar.web.pages.dash_page import DashPage, Site

# Files in assets/ that belong to the history page.
OTHERS = r"^\d+-history[a-z-]*\.(js|css)$"


class Page(DashPage):
    """The live page, the same for all viewers, with the pipeline's state at the request."""

    def __init__(self, pipeline: Pipeline, site: Site) -> None:
        self._pipeline = pipeline
        self._desk = site.desk
        self._shared = Shared()
        super().__init__(site, name="live", ignoring=OTHERS)
        self.layout = dash_parts()

    async def current(self) -> str:
        """Return the page with the current numbers."""
        return await self._shared.get(self._begin)

    def _begin(self) -> Callable[[], str]:
        """Capture the current snapshot, and return a function that renders the page with it."""
        shown, broadcast = self._pipeline.shown, self._pipeline.broadcast
        snapshot = broadcast.rendered or shown.current  # the same as in the first frame
        notation = broadcast.notation
        desk, demo = self._desk, self._pipeline.demo
        source, feed, frame = shown.source, broadcast.status(), broadcast.frame()
        needs = broadcast.needs

        def write() -> str:
            known: Texts = {}
            if snapshot:
                known = texts(snapshot, notation) | ranked_rows(snapshot)
                known |= sentence_day(feed, snapshot, notation)
            figures = {
                chart: figure(snapshot, notation) for chart, figure in CHARTS.items() if snapshot
            }
            scenes = demo.scenes if demo else None
            tree = page(feed, known, figures, desk, scenes=scenes, alerts=needs)
            return self.write(title(source, desk), tree, frame.whole)

        return write
