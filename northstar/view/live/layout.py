"""The live page: one tree of components with the current numbers in it.

The first response contains it as HTML. Dash renders only the small tree of `dash_parts`, the stream
and the charts, which `assets/55-paint.js` moves into place; the cost of a frame in Dash does not
depend on the size of the page.
"""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial

from dash import html
from dash.development.base_component import Component
from dash_extensions import WebSocket

from northstar import DESK
from northstar.domain.freshness import StreamStatus
from northstar.view.live.agents import agent_table
from northstar.view.live.caption import caption
from northstar.view.live.comparisons import Basis
from northstar.view.live.explain_panels import TITLES
from northstar.view.live.figures import CHARTS
from northstar.view.live.needs import Needs
from northstar.view.live.panels import BOOK, ZOOMS
from northstar.view.live.pictures import HEADINGS
from northstar.view.live.sentence import status_sentence
from northstar.view.live.status import status_text
from northstar.view.shared.charts import Figure, empty_chart
from northstar.view.shared.drawn.page import drawn
from northstar.view.shared.header import header
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN
from northstar.view.shared.panels import REAL, Props, Texts, cents_apart, entry, panel, stat
from northstar.view.shared.sparklines import DRAWN, drawing

COMPARISONS = {
    Basis.SAME_TIME: ("Same time", "The same time of the day before"),
    Basis.PREVIOUS: ("Previous", "The previous period, as the source has it"),
    Basis.AVERAGE: ("Average", "The average of the trend's whole days"),
    Basis.TARGET: ("Target", "The target of the day"),
}
# The part of the sentence about alerts, and the attributes of what opens them.
NEED = part(Id.SENTENCE, "alerts")
OPENS = {"data-alerts": "", "aria-controls": Id.QUEUE, "aria-expanded": "false"}


def title(source: str, desk: str = DESK) -> str:
    """Return the page's title; it includes a source that is not live."""
    name = f"{desk} | P&L"
    return name if source == REAL else f"{name} · {source.upper()}"


def page(  # noqa: PLR0913 (its parts)
    feed: StreamStatus,
    content: Texts,
    figures: Mapping[Id, Figure],
    desk: str = DESK,
    *,
    scenes: Mapping[str, str] | None = None,
    alerts: Needs | None = None,
) -> Component:
    """Return the page with the texts of `content`, drawn figures and the current status.

    Without content every figure is unknown, and there are no charts until the first frame.
    `scenes` are those of the demo, if it is shown: what each is about, by name. `alerts` has the
    texts about open alerts, None without rules.
    """
    tree = _page(desk, scenes, in_cluster=feed.cluster is not None)
    parts = _by_id(tree)
    status, detail = status_text(feed)
    parts[Id.SOURCE].children = "" if feed.source == REAL else feed.source.upper()
    parts[Id.FEED_WORD].children = status
    parts[Id.FEED_DETAIL].children = detail
    for component in (tree, parts[Id.FEED_STATUS]):
        setattr(component, "data-state", feed.state)
    setattr(
        parts[Id.FEED_STATUS], "data-young-for-s", max(0.0, feed.stale_after_s - feed.silence_s)
    )
    setattr(parts[Id.FEED_STATUS], "data-source", feed.source)
    for name, text in status_sentence(feed).items():
        parts[name].children = text
    if alerts:
        parts[Id.ALERTS].hidden = False
        setattr(parts[Id.ALERTS], "data-brief", alerts.brief)
        for name, text in ((Id.ALERTS, alerts.pill), (NEED, alerts.sentence)):
            parts[name].children = text
            setattr(parts[name], "data-level", alerts.level)
    for chart, figure in figures.items():
        parts[part(chart, "notice")].children = ""
        parts[part(chart, "drawn")].children = drawn(figure)
    for component_id, texts in content.items():
        component, props = parts[component_id], _with_cents(texts)
        if props.get("points"):
            component.children = drawing(props)
        for name, value in props.items():
            if name in DRAWN:
                continue
            # Rows are shared between pages, and this page modifies them.
            setattr(component, name, deepcopy(value) if isinstance(value, tuple) else value)
        parts |= _by_id(component)  # rows have parts
    return tree


def _with_cents(props: Props) -> Props:
    """Return the properties of a text, with its decimals apart if they are smaller."""
    point = props.get("data-point")
    return props if point is None else {**props, **cents_apart(props["children"], point)}


def _by_id(component: Component) -> dict[str, Component]:
    """Return a component and its descendants by id."""
    found = {component.id: component} if getattr(component, "id", None) else {}
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if isinstance(child, Component):
            found |= _by_id(child)
    return found


def dash_parts() -> Component:
    """Return the components that Dash drives: the stream and the empty charts."""
    return html.Div([WebSocket(id=Id.STREAM), *map(empty_chart, CHARTS)])


def _page(desk: str, scenes: Mapping[str, str] | None, *, in_cluster: bool) -> Component:
    badge = caption(scenes) if scenes else None
    return html.Div(
        [
            header(desk, badge, _pill(), in_cluster=in_cluster),
            _queue(),
            _sentence(),
            html.Main(
                [_kpis(), _explanation(), _today(), _trend(), _waterfall(), _costs(), _agents()]
            ),
            html.Div(id=Id.PAGE_SEQ, hidden=True, **{"data-seq": ""}),
        ],
        className="page",
    )


def _pill() -> Component:
    """Return the button that opens the queue of alerts, for which there have to be rules."""
    return html.Button(id=Id.ALERTS, className="pill", hidden=True, **OPENS)


def _queue() -> Component:
    """Return the panel of the open alerts; opening it loads its content."""
    head = html.Div(
        [
            html.H2("Alerts", id=Id.QUEUE_TITLE, tabIndex="-1"),
            html.Button("Close", className="control", **{"data-alerts": ""}),
        ],
        className="head",
    )
    announcement = html.Span(id=part(Id.QUEUE, "said"), role="status", className="visually-hidden")
    label = {"aria-labelledby": Id.QUEUE_TITLE}
    panel = html.Section([head, html.Div(className="body")], id=Id.QUEUE, hidden=True, **label)
    return html.Div([announcement, panel])


def _sentence() -> Component:
    """Return the sentence above the cards; parts that need attention are links to the cause."""
    explain = {"data-explain": Id.KPI_NET, "aria-controls": Id.EXPLAIN}
    needs = [
        html.Span(id=part(Id.SENTENCE, "frozen"), className="need"),
        html.Button(id=NEED, className="need", **OPENS),
        html.Button(id=part(Id.SENTENCE, "findings"), className="need", **explain),
        html.Span(id=part(Id.SENTENCE, "history"), className="need"),
        html.Span("nothing needs you", className="calm"),
    ]
    day = html.Span("today", id=part(Id.SENTENCE, "day"))
    net = html.Strong([html.Span(id=part(Id.SENTENCE, "net")), " ", day])
    names = ("ahead", "target", "month", "feed")
    facts = [net, *(html.Span(id=part(Id.SENTENCE, name)) for name in names)]
    return html.Section(
        [
            html.P([*facts, *needs], id=Id.SENTENCE),
            html.P(id=Id.PRINTED),  # on paper: of what time and source
            _compare(),
        ],
        className="sentence",
        **{"aria-label": "Summary"},
    )


def _compare() -> Component:
    """Return the buttons that choose what the key figures are compared with."""
    buttons = [
        html.Button(
            text,
            className="control",
            title=name,
            **{"data-choice": "compare", "data-value": basis, "aria-pressed": "false"},
        )
        for basis, (text, name) in COMPARISONS.items()
    ]
    label = {"role": "group", "aria-label": "Compare with"}
    return html.Div([html.Span("Compare"), *buttons], className="compare", **label)


def _kpis() -> Component:
    frozen = html.Span(id=part(Id.KPI_NET, "frozen"), className="kpi-frozen")
    return html.Section(
        [
            html.H2("Key figures", className="visually-hidden"),
            _kpi(Id.KPI_NET, "Net P&L", html.P(id=Id.BOOKS_NET, className="books"), frozen),
            _kpi(Id.KPI_REVENUE, "Revenue"),
            _kpi(Id.KPI_EXPENSES, "Expenses"),
            _kpi(Id.KPI_MARGIN, "Net margin"),
        ],
        id=Id.KPIS,
        className="kpis",
        **{"data-basis": Basis.PREVIOUS},
    )


def _kpi(kpi: Id, label: str, *over: Component) -> Component:
    """Return a key figure's card; `over` overlays its sparkline."""
    line = {"aria-label": f"{label} since the start"}
    return html.Article(
        [
            html.H3(label),
            _explain_button(kpi, label, "explain"),
            html.Div(UNKNOWN, id=part(kpi, "value"), className="kpi-value"),
            *map(partial(_compared, kpi), Basis),
            html.Div(id=part(kpi, "spark"), className="spark", role="img", **line),
            *over,
        ],
        id=kpi,
        className="kpi",
        **{"aria-label": label},
    )


def _explain_button(figure: Id, label: str = "", name: str = "") -> Component:
    """Return the button that explains a key figure, or the numbers of a chart."""
    attributes = {
        "data-explain": figure,
        "aria-label": f"Explain {label or TITLES[figure]}",
        "aria-controls": Id.EXPLAIN,
        "aria-expanded": "false",
    }
    return html.Button("Explain", className=f"control {name}".strip(), **attributes)


def _compared(kpi: Id, basis: Basis) -> Component:
    """Return a key figure's change by one comparison; only the chosen one is shown."""
    change = html.Span(UNKNOWN, id=part(kpi, basis, "change"), className="kpi-change flat")
    before = html.Span(id=part(kpi, basis, "before"), className="kpi-before")
    return html.Div([change, before], className="kpi-moved", **{"data-basis": basis})


def _explanation() -> Component:
    """Return the explanation panel; opening it loads its content."""
    head = html.Div(
        [
            html.H2("Where it comes from", id=Id.EXPLAIN_TITLE, tabIndex="-1"),
            html.Button("Close", className="control", **{"data-explain": ""}),
        ],
        className="head",
    )
    label = {"aria-labelledby": Id.EXPLAIN_TITLE}
    return html.Section([head, html.Div(className="body")], id=Id.EXPLAIN, hidden=True, **label)


def _today() -> Component:
    chart, summary = Id.CHART_TODAY, Id.TODAY_SUMMARY
    return panel(
        chart,
        "Today's net P&L",
        [
            entry(chart, "Day before, same time", part(summary, "before")),
            stat("High", part(summary, "high")),
            stat("Low", part(summary, "low")),
        ],
        summary=summary,
        zooms=[_explain_button(chart)],
    )


def _trend() -> Component:
    chart = Id.CHART_TREND
    return panel(
        chart,
        HEADINGS[chart],
        [
            *map(_averaged, BOOK),
            entry(chart, "7-day avg", part(Id.TREND_SUMMARY, "average")),
        ],
        summary=Id.TREND_SUMMARY,
        books=Id.BOOKS_TREND,
        zooms=[
            html.Button("All days", className="control", hidden=True, **{"data-unzoom": chart}),
            *(
                html.Button(
                    f"{days} days",
                    className="control",
                    **{
                        "data-zoom": chart,
                        "data-days": days,
                        "aria-label": f"Last {days} days",
                        "aria-pressed": "false",
                    },
                )
                for days in ZOOMS
            ),
            _explain_button(chart),
        ],
    )


def _averaged(name: str) -> Component:
    """Return an average of the days that are shown, which it names if they are not all."""
    number_id = part(Id.TREND_SUMMARY, name)
    notes = {**{str(days): f", {days} days" for days in ZOOMS}, "part": ", all days"}
    label = [
        f"Avg {name}",
        *(html.Span(text, **{"data-span": span}) for span, text in notes.items()),
    ]
    numbers = [
        html.Span(UNKNOWN, id=f"{number_id}-{span}", **{"data-span": span})
        for span in ("all", *ZOOMS)
    ]
    return entry(Id.CHART_TREND, label, number_id, numbers)


def _waterfall() -> Component:
    chart = Id.CHART_WATERFALL
    return panel(chart, HEADINGS[chart], labels=True, zooms=[_explain_button(chart)])


def _costs() -> Component:
    total = html.Div(html.Strong(UNKNOWN, id=Id.COSTS_TOTAL))
    return panel(
        Id.CHART_COSTS,
        HEADINGS[Id.CHART_COSTS],
        over=[total],
        beside=[
            html.Ul(
                id=Id.COSTS_LEGEND,
                className="legend",
                tabIndex="0",
                **{"aria-label": "Cost categories"},
            )
        ],
        books=Id.BOOKS_COSTS,
        zooms=[_explain_button(Id.CHART_COSTS)],
    )


def _agents() -> Component:
    agents = panel(
        Id.CHART_AGENTS,
        HEADINGS[Id.CHART_AGENTS],
        [
            *map(_summed, BOOK),
            stat("Avg margin", part(Id.AGENTS_SUMMARY, "margin")),
        ],
        summary=Id.AGENTS_SUMMARY,
        beside=[_list(Id.AGENT_CARDS, "cards", "Agents"), agent_table()],
        books=Id.BOOKS_AGENTS,
        labels=True,
        zooms=[_explain_button(Id.CHART_AGENTS)],
    )
    agents.id = Id.AGENTS_PANEL
    return agents


def _summed(name: str) -> Component:
    """Return a sum of the agents: a legend entry, or a label where the table stands alone."""
    number = entry(Id.CHART_AGENTS, name.capitalize(), part(Id.AGENTS_SUMMARY, name))
    label, _ = number.children
    label.children = [label.children, html.Span(name.capitalize())]
    return number


def _list(rows: Id, kind: str, label: str) -> Component:
    return html.Ul(id=rows, className=kind, tabIndex="0", **{"aria-label": label})
