"""The explanation of a key figure: formula, inputs, checks and message."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dash.development.base_component import Component

from northstar.domain.outcomes import Receipt
from northstar.view.live.explain import ORIGINS, explain, explanations
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.snapshots import snapshot

KPIS = [Id.KPI_NET, Id.KPI_REVENUE, Id.KPI_EXPENSES, Id.KPI_MARGIN]
ARRIVED = datetime(2026, 2, 25, 22, 24, 0, 123456, tzinfo=UTC)
PLACES = ["Net stated by the source", "30-day trend", "Cost categories", "Agents"]
NOT_SENT: dict[str, Any] = dict.fromkeys(
    (
        *("netPnL", "previousRevenue", "previousExpenses", "previousNetPnL"),
        *("trendsData", "costBreakdown", "agentAttribution"),
    ),
    ...,
)


def receipt(raw: str = guide.EXAMPLE) -> Receipt:
    """Return the receipt of a message."""
    return Receipt(1234, raw, ARRIVED, "wss://example.org/pnl")


def of_type(part: Any, name: str) -> list[Component]:
    """Return every element of one name, in document order."""
    found = [part] if getattr(part, "_type", None) == name else []
    children = getattr(part, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        found += of_type(child, name) if isinstance(child, Component) else []
    return found


def text(part: Any) -> str:
    """Return all text of an element."""
    if isinstance(part, Component):
        part = getattr(part, "children", None)
    if isinstance(part, list | tuple):
        return " ".join(map(text, part))
    return "" if part is None else str(part)


@dataclass
class Panel:
    """The texts of the panel of one figure."""

    headings: list[str]
    rule: str
    formula: str
    inputs: dict[str, str]
    message: dict[str, str]
    raw: str
    checks: dict[str, tuple[str, str]] = field(default_factory=dict)


def told(kpi: Id, raw: str = guide.EXAMPLE, write: Notation | None = None, **changes: Any) -> Panel:
    """Return the panel of a figure for one variation of the example."""
    panel = explain(kpi, snapshot(**changes), receipt(raw), write or Notation())
    rule, formula = of_type(panel, "P")
    inputs, _, message = (
        {text(row.children[0]): text(row.children[1]) for row in rows.children}
        for rows in of_type(panel, "Dl")
    )
    (pre,) = of_type(panel, "Pre")
    found = Panel(
        [text(heading) for heading in of_type(panel, "H3")],
        text(rule),
        text(formula),
        inputs,
        message,
        text(pre),
    )
    for row in of_type(panel, "Li"):
        place, said = row.children
        found.checks[text(place)] = (said.className, text(said))
    return found


def test_origins() -> None:
    """Each key figure of the page has an explanation."""
    assert list(ORIGINS) == KPIS


@pytest.mark.parametrize(
    ("kpi", "heading", "formula", "inputs"),
    [
        (
            Id.KPI_NET,
            "Net P&L $77,130.00",
            "$125,450.00 − $48,320.00 = $77,130.00",
            {
                "Revenue": "$125,450.00",
                "Expenses": "$48,320.00",
                "Previous net P&L": "$77,100.00",
                "Net stated by the source": "$77,130.00",
            },
        ),
        (
            Id.KPI_REVENUE,
            "Revenue $125,450.00",
            "revenue = $125,450.00",
            {"Revenue": "$125,450.00", "Previous revenue": "$125,200.00"},
        ),
        (
            Id.KPI_EXPENSES,
            "Expenses $48,320.00",
            "expenses = $48,320.00",
            {"Expenses": "$48,320.00", "Previous expenses": "$48,100.00"},
        ),
        (
            Id.KPI_MARGIN,
            "Net margin 61.5%",
            "$77,130.00 ÷ $125,450.00 = 61.5%",
            {"Net P&L": "$77,130.00", "Revenue": "$125,450.00", "Previous net margin": "61.6%"},
        ),
    ],
)
def test_explanation_of(kpi: Id, heading: str, formula: str, inputs: dict[str, str]) -> None:
    """The explanation has heading, rule, formula with numbers, and inputs."""
    found = told(kpi)

    assert found.headings == [heading, "Inputs", "Compared with", "Checks", "The message"]
    assert found.rule
    assert found.formula == formula
    assert found.inputs == inputs


@pytest.mark.parametrize(
    ("kpi", "formula"),
    [
        (Id.KPI_NET, "$40,000.00 − $48,320.00 = -$8,320.00"),
        (Id.KPI_MARGIN, "-$8,320.00 ÷ $40,000.00 = -20.8%"),
    ],
)
def test_explanation_of_a_loss(kpi: Id, formula: str) -> None:
    """A loss keeps its sign."""
    assert told(kpi, revenue=40000).formula == formula


def test_explanation_of_a_margin_that_has_no_meaning() -> None:
    """Without revenue there is no margin, and the rule says so."""
    found = told(Id.KPI_MARGIN, revenue=0)

    assert found.formula == "-$48,320.00 ÷ $0.00 = n/a"
    assert "n/a if revenue is zero or negative" in found.rule


def test_explanation_of_a_previous_margin_that_has_no_meaning() -> None:
    """The margin of a previous period without revenue is known to be none."""
    assert told(Id.KPI_MARGIN, previousRevenue=0).inputs["Previous net margin"] == "n/a"


@pytest.mark.parametrize("kpi", KPIS)
def test_explanation_of_what_was_not_sent(kpi: Id) -> None:
    """A value that was not sent is a dash and is not compared."""
    found = told(kpi, **NOT_SENT)

    previous = [said for label, said in found.inputs.items() if label.startswith("Previous")]
    assert previous == ["–"]
    assert set(found.checks.values()) == {("none", "– no figures to compare")}


@pytest.mark.parametrize(
    ("kpi", "places"),
    [
        (Id.KPI_NET, PLACES),
        (Id.KPI_REVENUE, ["30-day trend", "Agents"]),
        (Id.KPI_EXPENSES, ["30-day trend", "Cost categories", "Agents"]),
        (Id.KPI_MARGIN, PLACES),
    ],
)
def test_places_where_a_figure_is_checked(kpi: Id, places: list[str]) -> None:
    """A figure is checked in each place where the message states it in another way."""
    assert list(told(kpi).checks) == places


def test_checks_that_hold() -> None:
    """Passed checks are counted for each place."""
    assert told(Id.KPI_NET).checks == {
        "Net stated by the source": ("held", "✓ 2 of 2 hold"),
        "30-day trend": ("held", "✓ 3 of 3 hold"),
        "Cost categories": ("held", "✓ 5 of 5 hold"),
        "Agents": ("held", "✓ 5 of 5 hold"),
    }


def test_checks_that_fail() -> None:
    """Each failed check is shown with the stated amount and the difference."""
    agents = [
        {"agent": "A", "revenue": 125449, "expenses": 48321, "net": 1},
        {"agent": "B", "revenue": 0, "expenses": 0, "net": 1},
    ]

    found = told(Id.KPI_NET, netPnL=77131, agentAttribution=agents).checks

    assert found["Net stated by the source"] == (
        "failed",
        "✗ stated net $77,131.00, $1.00 over",
    )
    assert found["Agents"] == (
        "failed",
        (
            "✗ revenue: agents sum to $125,449.00, $1.00 short; "
            "expenses: agents sum to $48,321.00, $1.00 over; "
            "A: net $1.00, $77,127.00 short; B: net $1.00, $1.00 over"
        ),
    )
    assert found["Cost categories"][0] == found["30-day trend"][0] == "held"


@pytest.mark.parametrize("kpi", KPIS)
def test_message_of_an_explanation(kpi: Id) -> None:
    """The message has its number, its time, our time, its source and its original text."""
    found = told(kpi)

    assert found.message == {
        "Message": "1,234 since the start",
        "Timestamp": "2026-02-25T22:24:00+00:00",
        "Received": "2026-02-25T22:24:00.123+00:00",
        "Source": "wss://example.org/pnl",
    }
    assert found.raw == guide.EXAMPLE


@pytest.mark.parametrize("kpi", KPIS)
@pytest.mark.parametrize("changes", [{}, {"netPnL": 1, "revenue": 7}, NOT_SENT])
def test_texts_of_a_panel_in_a_frame(kpi: Id, changes: dict[str, Any]) -> None:
    """A frame has the data-dependent texts of the panel, in the panel's order."""
    found = told(kpi, **changes)

    sent = explanations(snapshot(**changes), Notation())[f"explain-{kpi}"]

    assert sent == {
        "heading": found.headings[0],
        "formula": found.formula,
        "inputs": list(found.inputs.values()),
        "checks": list(found.checks.values()),
    }


def test_explanation_in_another_notation() -> None:
    """Amounts and counts are in the locale's notation; machine-readable times are not."""
    space = "\N{NO-BREAK SPACE}"

    found = told(Id.KPI_NET, write=Notation("de_DE", "EUR"))

    assert found.formula == f"125.450,00{space}€ − 48.320,00{space}€ = 77.130,00{space}€"
    assert found.message["Message"] == "1.234 since the start"
    assert found.message["Timestamp"] == "2026-02-25T22:24:00+00:00"


def test_message_with_markup() -> None:
    """Markup in the message and its names is text on the page."""
    evil = "</pre><script>alert(1)</script>{%scripts%}"
    state = snapshot(costBreakdown=[{"name": evil, "value": 48320, "percentage": 5}])

    shown = to_html(explain(Id.KPI_EXPENSES, state, receipt(evil), Notation()))

    assert "<script" not in shown
    assert shown.count("</pre>") == shown.count("<pre") == 1
    assert shown.count("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;{%scripts%}") == 2


def test_message_kept_from_before() -> None:
    """A state restored from the history shows no message number."""
    kept = replace(receipt(), number=0, source="the history")

    panel = explain(Id.KPI_NET, snapshot(), kept, Notation())

    assert "Message restored from the history" in text(panel)
