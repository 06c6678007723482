"""The history page as Dash serves it, one of its Pages: content as of the request, then charts."""

import re
from collections.abc import Callable

import dash
import msgspec
from dash import ClientsideFunction, Input, Output, html

from northstar import __version__
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.view.history.figures import CHARTS
from northstar.view.history.page import history_page, problem_page, shown_charts, title
from northstar.view.history.tables import chart_table
from northstar.view.shared.charts import empty_chart
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import HistoryId, part
from northstar.view.shared.money import Notation
from northstar.web.pages.dash_page import DashPage, Site, as_json

PREFIX = "/history/"
# Files in assets/ that belong to the live page.
OTHERS = r"^(stream|status)\.js$"

# What the template has of a period.
CONTENT = ("title", "first_frame", "page")
CONTENT_PLACE = re.compile(r"\{%(" + "|".join(CONTENT) + r")%\}")

_ENCODER = msgspec.json.Encoder()


class HistoryPage(DashPage):
    """The page of a period; `source` tells what kind of data there is, as of then."""

    def __init__(self, site: Site, write: Notation, source: Callable[[], str]) -> None:
        super().__init__(
            site,
            ignoring=OTHERS,
            prefix=PREFIX,
            use_pages=True,
            pages_folder="",
            include_pages_meta=False,
        )
        self._write = write
        # Dash calls what has its output in the part of the page that has come.
        ready = html.Div(id=HistoryId.READY)
        charts = html.Div([*map(empty_chart, CHARTS), ready])
        dash.register_page("history", path="/", title=lambda: title(source()), layout=charts)
        self.layout = dash.page_container
        self.clientside_callback(
            ClientsideFunction("northstarHistory", "start"),
            Output(HistoryId.READY, "children"),
            Input(HistoryId.READY, "id"),
        )

    def interpolate_index(self, **parts: str) -> str:
        """Return what is the same for every period; `render` fills in the rest."""
        return self.fill({**parts, **{name: f"{{%{name}%}}" for name in CONTENT}})

    def render(self, report: Report, source: str) -> str:
        """Return the page of a report; `source` is "live", or what of it is not real."""
        return self._with(
            title=title(source),
            first_frame=as_json(self._frame(report, source)),
            page=to_html(history_page(report, source, self._write)),
        )

    def render_problem(self, problem: str, instead: Period, source: str) -> str:
        """Return the page that says why there is no report."""
        return self._with(
            title=title(source),
            first_frame="null",
            page=to_html(problem_page(problem, instead, source)),
        )

    def _with(self, **content: str) -> str:
        return CONTENT_PLACE.sub(lambda place: content[place[1]], self.index())

    def _frame(self, report: Report, source: str) -> str:
        """Return the charts and their tables, as in a frame of the live page."""
        props: dict[str, object] = {}
        for chart in shown_charts(report):
            props[chart] = {"figure": CHARTS[chart](report, self._write)}
            props[part(chart, "table")] = chart_table(chart, report, self._write)
        frame = {
            "version": __version__,
            "seq": 0,
            "as_of": report.as_of,
            "feed": {"source": source},
        }
        return _ENCODER.encode({**frame, "props": props}).decode()
