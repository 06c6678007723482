"""The live page as Dash serves it; its first response carries the numbers already."""

from typing import Any

from northstar.pipeline import Pipeline
from northstar.template import DashPage, Site, as_json
from northstar.view.first_paint import to_html
from northstar.view.layout import dash_parts, page, title
from northstar.view.panels import texts

# Files in assets/ that belong to the other page.
OTHERS = r"^(past\.js|80-history\.css)$"


class Page(DashPage):
    """One page, the same for all viewers, with the pipeline's state as of the request."""

    def __init__(self, pipeline: Pipeline, site: Site) -> None:
        self._pipeline = pipeline
        super().__init__(site, ignoring=OTHERS)
        self.layout = dash_parts()

    def interpolate_index(self, **parts: Any) -> str:
        """Fill the template: style, numbers and first frame are in it, not fetched after it."""
        pipeline = self._pipeline
        snapshot = pipeline.rendered or pipeline.snapshot  # what the first frame says, too
        known = texts(snapshot, pipeline.session.points, pipeline.notation) if snapshot else {}
        return self.fill(
            parts
            | {
                "title": title(pipeline.source),
                "first_frame": as_json(pipeline.frame()),
                "page": to_html(page(pipeline.feed_status(), known)),
            }
        )
