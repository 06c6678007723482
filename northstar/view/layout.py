"""The page: one tree of components, with the current numbers already in it."""

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component
from dash_extensions import WebSocket

from northstar.ledger import Snapshot
from northstar.view.figures import CHARTS, fill
from northstar.view.ids import Id, part
from northstar.view.money import UNKNOWN
from northstar.view.panels import stat, texts

TITLE = "NorthStar Synergy | P&L"
REAL = "live"  # the one source whose numbers are

# The details panel: what is shown of each hop and of the messages, by the last part of its id.
DETAILS = (
    (
        "Source to server",
        {
            "source": "Source",
            "protocol": "Protocol",
            "link": "State",
            "data-age": "Last data",
            "problem": "Problem",
            "reconnects": "Reconnects",
            "clock": "Source's clock",
            "api": "State from the API",
            "recording": "Recording",
            "replaying": "Time replayed",
        },
    ),
    (
        "Server to page",
        {
            "page-link": "State",
            "page-age": "Last sign",
            "page-reconnects": "Reconnects",
            "page-skipped": "Frames skipped here",
            "skipped": "Frames skipped in all",
            "viewers": "Viewers",
            "epoch": "Server epoch",
        },
    ),
    (
        "Messages",
        {
            "accepted": "Accepted",
            "rejected": "Rejected",
            "out-of-order": "Out of order",
            "ignored": "Ignored",
        },
    ),
)

CHART_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
}


def title(source: str) -> str:
    """Return the page's title; numbers that are not real are named there too."""
    return TITLE if source == REAL else f"{TITLE} · {source.upper()}"


def page(snapshot: Snapshot | None, source: str, age_s: float | None = None) -> Component:
    """Return the page as `snapshot` has it; without one, every figure is unknown.

    `age_s` is the age of its data; how live that is, the page finds out by itself.
    """
    tree = _page()
    parts = _by_id(tree)
    parts[Id.SOURCE].children = "" if source == REAL else source.upper()
    setattr(parts[Id.FEED_STATUS], "data-source", source)
    setattr(parts[Id.AS_OF], "data-age-s", age_s)
    if snapshot is not None:
        for component_id, props in texts(snapshot).items():
            part = parts[component_id]
            for name, value in props.items():
                setattr(part, name, value)
            parts |= _by_id(part)  # a list brings parts of its own
        for chart_id, chart in CHARTS.items():
            parts[chart_id].figure = fill(chart.empty(), chart.values(snapshot))
    return tree


def _by_id(component: Component) -> dict[str, Component]:
    """Return what stands below a component, and itself, by id."""
    found = {component.id: component} if getattr(component, "id", None) else {}
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list) else [children]:
        if isinstance(child, Component):
            found |= _by_id(child)
    return found


def _page() -> Component:
    return html.Div(
        [
            WebSocket(id=Id.STREAM),
            _header(),
            html.Main(
                [
                    _kpis(),
                    _trend(),
                    _waterfall(),
                    _costs(),
                    _agents(),
                ]
            ),
            html.Div(id=Id.PAGE_SEQ, hidden=True, **{"data-seq": ""}),
        ],
        className="page",
    )


def _header() -> Component:
    return html.Header(
        [
            html.H1(
                [
                    html.Span("NorthStar Synergy", className="brand"),
                    html.Span("P&L", className="product"),
                ]
            ),
            html.Span(id=Id.SOURCE, title="These numbers are not real."),
            _status(),
            html.Div(
                [
                    html.Span("as of ", className="label"),
                    html.Time(UNKNOWN, id=Id.AS_OF),
                    html.Span(id=Id.AGE),
                    html.Span(id=Id.AS_OF_DAY, className="label day"),
                ],
                className="as-of",
            ),
        ]
    )


def _status() -> Component:
    """Return the word on how live the page is, and behind it everything that is known of that."""
    word = html.Summary(
        [
            html.I(className="dot"),
            html.Span("Connecting", id=Id.FEED_WORD, role="status"),
            html.Span(id=Id.FEED_DETAIL, className="detail"),
        ],
        id=Id.FEED_STATUS,
        title="Details of the connection",
        **{"data-state": "connecting", "data-source": ""},
    )
    return html.Details(
        [word, html.Div(list(map(_details, DETAILS)), className="details")],
        id=Id.DETAILS,
        className="status",
    )


def _details(section: tuple[str, Mapping[str, str]]) -> Component:
    heading, labels = section
    rows = [
        html.Div([html.Dt(label), html.Dd(UNKNOWN, id=part(Id.DETAILS, name))])
        for name, label in labels.items()
    ]
    return html.Section([html.H2(heading), html.Dl(rows)])


def _kpis() -> Component:
    return html.Section(
        [
            html.H2("Key figures", className="visually-hidden"),
            _kpi(Id.KPI_NET, "Net P&L"),
            _kpi(Id.KPI_REVENUE, "Revenue"),
            _kpi(Id.KPI_EXPENSES, "Expenses"),
            _kpi(Id.KPI_MARGIN, "Net margin"),
            html.P(id=Id.BOOKS_NET, className="books"),
        ],
        className="kpis",
    )


def _kpi(kpi: Id, label: str) -> Component:
    return html.Article(
        [
            html.H3(label),
            html.Div(UNKNOWN, id=part(kpi, "value"), className="kpi-value"),
            html.Div(
                [
                    html.Span(UNKNOWN, id=part(kpi, "change"), className="kpi-change flat"),
                    html.Span(id=part(kpi, "before"), className="kpi-before"),
                ],
                className="kpi-moved",
            ),
            html.Div(
                id=part(kpi, "bar"),
                className="kpi-bar",
                title="The bar is this period, the mark is the previous one.",
            ),
        ],
        id=kpi,
        className="kpi",
    )


def _trend() -> Component:
    return _panel(
        "trend",
        [
            html.H2("30-day trend"),
            html.Dl(
                [
                    stat("Avg revenue", part(Id.TREND_SUMMARY, "revenue"), "revenue"),
                    stat("Avg expenses", part(Id.TREND_SUMMARY, "expenses"), "expenses"),
                    stat("Avg net", part(Id.TREND_SUMMARY, "net"), "net"),
                ],
                id=Id.TREND_SUMMARY,
                className="stats",
            ),
        ],
        [_chart(Id.CHART_TREND)],
        Id.BOOKS_TREND,
    )


def _waterfall() -> Component:
    return _panel("waterfall", [html.H2("Revenue to net P&L")], [_chart(Id.CHART_WATERFALL)])


def _costs() -> Component:
    total = html.Div([html.Span("Total"), html.Strong(UNKNOWN, id=Id.COSTS_TOTAL)])
    return _panel(
        "costs",
        [html.H2("Where the money went")],
        [
            html.Div([_chart(Id.CHART_COSTS), total], className="donut"),
            html.Ul(id=Id.COSTS_LEGEND, className="legend"),
        ],
        Id.BOOKS_COSTS,
    )


def _agents() -> Component:
    return _panel(
        "agents",
        [
            html.H2("Who earned it"),
            html.Dl(
                [
                    stat("Revenue", part(Id.AGENTS_SUMMARY, "revenue"), "revenue"),
                    stat("Expenses", part(Id.AGENTS_SUMMARY, "expenses"), "expenses"),
                    stat("Net", part(Id.AGENTS_SUMMARY, "net"), "net"),
                    stat("Avg margin", part(Id.AGENTS_SUMMARY, "margin")),
                ],
                id=Id.AGENTS_SUMMARY,
                className="stats",
            ),
        ],
        [_chart(Id.CHART_AGENTS), html.Ul(id=Id.AGENT_CARDS, className="cards")],
        Id.BOOKS_AGENTS,
    )


def _panel(
    name: str, head: list[Component], body: list[Component], books: Id | None = None
) -> Component:
    foot = [html.P(id=books, className="books")] if books else []
    return html.Section(
        [html.Div(head, className="head"), html.Div(body, className="body"), *foot],
        className=f"panel {name}",
    )


def _chart(chart: Id) -> Component:
    graph = dcc.Graph(id=chart, figure=CHARTS[chart].empty(), config=CHART_CONFIG, responsive=True)
    return html.Div(graph, className="chart")
