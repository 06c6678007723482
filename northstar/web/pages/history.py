"""The history page, rendered on each request."""

from collections.abc import Callable, Mapping

import dash
import msgspec
from dash import ClientsideFunction, Input, Output, html

from northstar.reports.parts import PartKind, PartReport, UnknownPart
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.view.history.controls import Typed
from northstar.view.history.figures import CHARTS
from northstar.view.history.page import history_page, problem_page, shown_figures
from northstar.view.history.part_page import part_figures, part_page, unknown_part_page
from northstar.view.history.shell import title
from northstar.view.history.tables import CATEGORY_COLUMNS, DAY_COLUMNS, chart_table
from northstar.view.shared.charts import Figure, empty_chart
from northstar.view.shared.ids import HistoryId, part
from northstar.view.shared.money import Notation
from northstar.web.pages.dash_page import DashPage, Site

PREFIX = "/history/"
# Files in assets/ that belong to the live page.
OTHERS = r"^\d+-(agents|clock|status|connection|patch|explain|demo|feed-status|stream)\.js$"

_ENCODER = msgspec.json.Encoder()


class HistoryPage(DashPage):
    """The page of a period; `source` returns the current kind of data.

    A `temporary` history ends with the program.
    """

    def __init__(
        self, site: Site, notation: Notation, source: Callable[[], str], *, temporary: bool = False
    ) -> None:
        super().__init__(
            site,
            name="history",
            ignoring=OTHERS,
            prefix=PREFIX,
            use_pages=True,
            pages_folder="",
            include_pages_meta=False,
        )
        self._notation = notation
        self._desk = site.desk
        self._temporary = temporary
        # Dash runs a callback when the component of its output is loaded.
        ready = html.Div(id=HistoryId.READY)
        charts = html.Div([*map(empty_chart, CHARTS), ready])
        dash.register_page(
            "history", path="/", title=lambda: title(source(), site.desk), layout=charts
        )
        self.layout = dash.page_container
        self.clientside_callback(
            ClientsideFunction("northstarHistory", "start"),
            Output(HistoryId.READY, "children"),
            Input(HistoryId.READY, "id"),
        )

    def render(self, report: Report, source: str) -> str:
        """Return the page of a report; `source` is "live" or the kind of data that is not real."""
        figures = shown_figures(report, self._notation)
        content = history_page(
            report, source, self._notation, self._desk, figures, temporary=self._temporary
        )
        frame = self._frame(report, figures, source)
        return self.write(title(source, self._desk), content, frame)

    def render_part(self, shown: PartReport, source: str) -> str:
        """Return the page of one agent or category."""
        figures = part_figures(shown, self._notation)
        content = part_page(shown, source, self._notation, self._desk, figures)
        is_agent = shown.part.kind is PartKind.AGENT
        columns = DAY_COLUMNS if is_agent else CATEGORY_COLUMNS
        frame = self._frame(shown.report, figures, source, columns)
        return self.write(title(source, self._desk), content, frame)

    def render_unknown(self, unknown: UnknownPart, source: str) -> str:
        """Return the page for an agent or category that the history does not have."""
        content = unknown_part_page(unknown, source, self._desk)
        return self.write(title(source, self._desk), content, "null")

    def render_problem(
        self, problem: str, instead: Period, source: str, typed: Typed | None
    ) -> str:
        """Return the page with the reason for a missing report, and the form as it was typed."""
        content = problem_page(problem, instead, source, self._desk, typed)
        return self.write(title(source, self._desk), content, "null")

    def _frame(
        self,
        report: Report,
        figures: Mapping[HistoryId, Figure],
        source: str,
        columns: Mapping[HistoryId, Mapping[str, str]] = DAY_COLUMNS,
    ) -> str:
        """Return the charts and their tables, in the format of a live frame."""
        props: dict[str, object] = {}
        for chart, figure in figures.items():
            props[chart] = {"figure": figure}
            props[part(chart, "table")] = chart_table(chart, report, self._notation, columns)
        frame = {
            "seq": 0,
            "as_of": report.made_at,
            "feed": {"source": source},
        }
        return _ENCODER.encode({**frame, "props": props}).decode()
