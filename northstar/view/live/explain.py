"""Explanation of a key figure: formula, inputs, comparisons, checks and the message.

The panel is sent when it is opened. The figures in it are also in every frame, so that the page
writes them together with those on its cards.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from northstar.domain.books import Check, Place, checks
from northstar.domain.outcomes import Receipt
from northstar.domain.snapshot import Snapshot
from northstar.view.live.comparisons import Basis, comparisons
from northstar.view.live.explain_panels import TITLES, explain_panel, slot
from northstar.view.live.panels import finding_text
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import Texts

PLACES = {
    Place.NET: "Net stated by the source",
    Place.TREND: "30-day trend",
    Place.COSTS: "Cost categories",
    Place.AGENTS: "Agents",
}
BASES = {
    Basis.SAME_TIME: "Same time, day before",
    Basis.PREVIOUS: "Previous period",
    Basis.AVERAGE: "Average day",
    Basis.TARGET: "Target",
}


class Origin(NamedTuple):
    """How a key figure is computed; `inputs` are named amounts, `places` where it is checked.

    The heading has the figure as on its card, formula and inputs have every digit.
    """

    heading: str
    rule: str
    formula: str
    inputs: Sequence[tuple[str, str]]
    places: Sequence[Place]


def explain(kpi: Id, snapshot: Snapshot, receipt: Receipt, write: Notation) -> Component:
    """Return the panel of a key figure, for a snapshot and the message that led to it."""
    origin = ORIGINS[kpi](snapshot, write)
    results = _results(origin, checks(snapshot, write.tolerance), write)
    return html.Div(
        [
            html.H3(origin.heading, id=part(Id.EXPLAIN, "heading")),
            html.P(origin.rule, className="rule"),
            html.P(origin.formula, id=part(Id.EXPLAIN, "formula"), className="formula"),
            html.H3("Inputs"),
            html.Div(_rows(dict(origin.inputs)), id=part(Id.EXPLAIN, "inputs")),
            html.H3("Compared with"),
            _compared(kpi, snapshot, write),
            html.H3("Checks"),
            html.Ul(
                [
                    html.Li([html.Span(PLACES[place]), html.Span(text, className=mark)])
                    for place, (mark, text) in zip(origin.places, results, strict=True)
                ],
                id=part(Id.EXPLAIN, "checks"),
            ),
            *_message(snapshot, receipt, write),
        ]
    )


def explain_chart(chart: Id, snapshot: Snapshot, receipt: Receipt, write: Notation) -> Component:
    """Return the panel of a chart: every number beside it, and the message that led to them."""
    numbers = explain_panel(chart, snapshot, write) or [html.P("no numbers yet")]
    heading = html.H3(TITLES[chart])
    return html.Div([heading, *numbers, *_message(snapshot, receipt, write)])


def _compared(kpi: Id, snapshot: Snapshot, write: Notation) -> Component:
    """Return each comparison of a key figure: the former amount, its time, and the difference."""
    shown = comparisons(snapshot, write)

    def text(basis: Basis, name: str) -> Component:
        of = part(kpi, basis, name)
        return slot(of, shown[of]["children"])

    def row(basis: Basis) -> Component:
        sides = [text(basis, "before"), " ", text(basis, "change")]
        return html.Div([html.Dt(BASES[basis]), html.Dd(sides)])

    return html.Dl(list(map(row, Basis)))


def _message(snapshot: Snapshot, receipt: Receipt, write: Notation) -> Sequence[Component]:
    number = f"{write.count(receipt.number)} since the start"
    message = {
        "Message": number if receipt.number else "restored from the history",
        "Timestamp": snapshot.as_of.isoformat(),
        "Received": receipt.arrived.isoformat(timespec="milliseconds"),
        "Source": receipt.source,
    }
    return [
        html.H3("The message"),
        _rows(message),
        html.Pre(receipt.raw, tabIndex="0"),
        html.Button("Copy the message", className="control", **{"data-copy": ""}),
    ]


def explanations(snapshot: Snapshot, write: Notation) -> Texts:
    """Return the texts of each panel that depend on the data, in the panel's order.

    `checks` are the class and the text of each check.
    """
    found = checks(snapshot, write.tolerance)
    return {
        part(Id.EXPLAIN, kpi): {
            "heading": origin.heading,
            "formula": origin.formula,
            "inputs": [text for _, text in origin.inputs],
            "checks": _results(origin, found, write),
        }
        for kpi, explained in ORIGINS.items()
        for origin in [explained(snapshot, write)]
    }


def _net(snapshot: Snapshot, write: Notation) -> Origin:
    revenue, expenses, net = map(write.exact, (snapshot.revenue, snapshot.expenses, snapshot.net))
    return Origin(
        f"Net P&L {write.money(snapshot.net)}",
        "Revenue − expenses",
        f"{revenue} − {expenses} = {net}",
        [
            ("Revenue", revenue),
            ("Expenses", expenses),
            ("Previous net P&L", write.exact(snapshot.previous_net)),
            ("Net stated by the source", write.exact(snapshot.state.net_stated)),
        ],
        list(Place),
    )


def _revenue(snapshot: Snapshot, write: Notation) -> Origin:
    now, before = map(write.exact, (snapshot.revenue, snapshot.state.previous_revenue))
    heading = f"Revenue {write.money(snapshot.revenue)}"
    return _stated(heading, "Revenue", now, before, [Place.TREND, Place.AGENTS])


def _expenses(snapshot: Snapshot, write: Notation) -> Origin:
    now, before = map(write.exact, (snapshot.expenses, snapshot.state.previous_expenses))
    heading = f"Expenses {write.money(snapshot.expenses)}"
    return _stated(heading, "Expenses", now, before, [Place.TREND, Place.COSTS, Place.AGENTS])


def _stated(heading: str, label: str, now: str, before: str, places: Sequence[Place]) -> Origin:
    """Return the origin of a figure that the message states."""
    return Origin(
        heading,
        "As stated in the message",
        f"{label.lower()} = {now}",
        [(label, now), (f"Previous {label.lower()}", before)],
        places,
    )


def _margin(snapshot: Snapshot, write: Notation) -> Origin:
    before = snapshot.previous_margin
    known = snapshot.state.previous_revenue is not None and snapshot.previous_net is not None
    net, revenue, margin = (
        write.exact(snapshot.net),
        write.exact(snapshot.revenue),
        write.percent(snapshot.margin),
    )
    return Origin(
        f"Net margin {margin}",
        "Net P&L ÷ revenue; n/a if revenue is zero or negative",
        f"{net} ÷ {revenue} = {margin}",
        [
            ("Net P&L", net),
            ("Revenue", revenue),
            ("Previous net margin", write.percent(before) if known else UNKNOWN),
        ],
        list(Place),
    )


ORIGINS: Mapping[str, Callable[[Snapshot, Notation], Origin]] = {
    Id.KPI_NET: _net,
    Id.KPI_REVENUE: _revenue,
    Id.KPI_EXPENSES: _expenses,
    Id.KPI_MARGIN: _margin,
}


def _results(origin: Origin, found: Sequence[Check], write: Notation) -> Sequence[tuple[str, str]]:
    """Return the class and the text of the checks in each place of a figure."""
    return [_checked([c for c in found if c.place is place], write) for place in origin.places]


def _checked(found: Sequence[Check], write: Notation) -> tuple[str, str]:
    failed = [check for check in found if not check.holds]
    if not found:
        return "none", "– no figures to compare"
    if failed:
        return "failed", "✗ " + "; ".join(finding_text(check, write) for check in failed)
    return "held", f"✓ {write.count(len(found))} of {write.count(len(found))} hold"


def _rows(texts: Mapping[str, str]) -> Component:
    return html.Dl([html.Div([html.Dt(label), html.Dd(text)]) for label, text in texts.items()])
