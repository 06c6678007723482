"""Every text of the page, computed by hand for the guide's example and for edge cases."""

import re
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.intraday import IntradayData
from northstar.view.live.panels import texts
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.drawn import props
from support.snapshots import snapshot

TOTALS_ALONE: dict[str, Any] = dict.fromkeys(
    [
        "netPnL",
        "previousRevenue",
        "previousExpenses",
        "previousNetPnL",
        "trendsData",
        "costBreakdown",
        "agentAttribution",
    ],
    ...,
)
EXAMPLE = {
    "chart-waterfall-labels-0-amount": "$125,450.00",
    "chart-waterfall-labels-1-amount": "-$18,500.00",
    "chart-waterfall-labels-2-amount": "-$12,800.00",
    "chart-waterfall-labels-3-amount": "-$11,200.00",
    "chart-waterfall-labels-4-amount": "-$5,820.00",
    "chart-waterfall-labels-5-amount": "$77,130.00",
    "as-of": "22:24:00",
    "as-of-day": "25 Feb 2026 · UTC",
    "kpi-net-value": "$77,130.00",
    "kpi-net-previous-change": "▲ +$30.00 (0.0%)",
    "kpi-net-previous-before": "was $77,100.00 in the previous period",
    "kpi-revenue-value": "$125,450.00",
    "kpi-revenue-previous-change": "▲ +$250.00 (+0.2%)",
    "kpi-revenue-previous-before": "was $125,200.00 in the previous period",
    "kpi-expenses-value": "$48,320.00",
    "kpi-expenses-previous-change": "▲ +$220.00 (+0.5%)",
    "kpi-expenses-previous-before": "was $48,100.00 in the previous period",
    "kpi-margin-value": "61.5%",
    "kpi-margin-previous-change": "▼ -0.1 pp",
    "kpi-margin-previous-before": "was 61.6% in the previous period",
    "sentence-net": "+$77,130.00",
    "sentence-ahead": "",
    "sentence-target": "",
    "sentence-month": "",
    "sentence-findings": "",
    "today-summary-before": "–",
    "today-summary-high": "–",
    "today-summary-low": "–",
    "trend-summary-revenue-all": "–",
    "trend-summary-revenue-7": "–",
    "trend-summary-revenue-14": "–",
    "trend-summary-expenses-all": "–",
    "trend-summary-expenses-7": "–",
    "trend-summary-expenses-14": "–",
    "trend-summary-net-all": "–",
    "trend-summary-net-7": "–",
    "trend-summary-net-14": "–",
    "trend-summary-average": "–",
    "costs-total": "$48,320.00",
    "costs-legend-0-amount": "$18,500.00",
    "costs-legend-0-share": "38.3%",
    "costs-legend-1-amount": "$12,800.00",
    "costs-legend-1-share": "26.5%",
    "costs-legend-2-amount": "$11,200.00",
    "costs-legend-2-share": "23.2%",
    "costs-legend-3-amount": "$5,820.00",
    "costs-legend-3-share": "12.0%",
    "agents-summary-revenue": "$125,450.00",
    "agents-summary-expenses": "$48,320.00",
    "agents-summary-net": "$77,130.00",
    "agents-summary-margin": "61.5%",
    "agent-cards-0-net": "$46,500.00",
    "agent-cards-0-revenue": "$75,000.00",
    "agent-cards-0-expenses": "$28,500.00",
    "agent-cards-0-contribution": "60.3%",
    "agent-cards-0-margin": "62.0%",
    "agent-cards-1-net": "$19,200.00",
    "agent-cards-1-revenue": "$32,000.00",
    "agent-cards-1-expenses": "$12,800.00",
    "agent-cards-1-contribution": "24.9%",
    "agent-cards-1-margin": "60.0%",
    "agent-cards-2-net": "$11,430.00",
    "agent-cards-2-revenue": "$18,450.00",
    "agent-cards-2-expenses": "$7,020.00",
    "agent-cards-2-contribution": "14.8%",
    "agent-cards-2-margin": "62.0%",
    "books-net": "",
    "books-trend": "",
    "books-costs": "",
    "books-agents": "",
}


def words(**changes: Any) -> dict[str, str]:
    """Return the texts by component id; of the comparisons, those of the previous period only."""
    said = {
        str(name): prop.get("children")
        for name, prop in props(**changes).items()
        if not re.search("-(same-time|average|target)-", name)
    }
    return {name: text for name, text in said.items() if isinstance(text, str)}


def tones(**changes: Any) -> dict[str, str]:
    """Return the class of each figure's movement, such as `gain`."""
    said = props(**changes)
    return {
        name: said[f"kpi-{name}-previous-change"]["className"].removeprefix("kpi-change ")
        for name in ("net", "revenue", "expenses", "margin")
    }


def test_texts_of_the_example() -> None:
    """Every text of the page equals a hand-computed value."""
    assert words() == EXAMPLE


def test_finding_of_a_day() -> None:
    """A finding for a day of the trend has its date in the page's format."""
    wrong = {**guide.month()[0], "net": 70551}
    shown = words(trendsData=[wrong, guide.month()[-1]])["books-trend"]
    assert shown == "27 Jan 2026: net $70,551.00, $1.00 over"


def test_as_of_for_machines() -> None:
    """The machine-readable time has seconds and offset."""
    assert props()[Id.AS_OF]["dateTime"] == "2026-02-25T22:24:00+00:00"


def test_averages_of_two_days() -> None:
    """The trend's summary is the mean of its closed days."""
    rows = [
        {"date": "2026-02-23", "revenue": 201, "expenses": 90},
        {"date": "2026-02-24", "revenue": 100, "expenses": 40},
        {"date": "2026-02-25", "revenue": 7, "expenses": 5},
    ]

    said = words(trendsData=rows)

    assert said["trend-summary-revenue-all"] == "$150.50"
    assert said["trend-summary-expenses-all"] == "$65.00"
    assert said["trend-summary-net-all"] == "$85.50"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("gain", "gain", "loss", "loss")),
        ({"expenses": 40000}, ("gain", "gain", "gain", "gain")),
        ({"revenue": 100000}, ("loss", "loss", "loss", "loss")),
        ({"revenue": 125200, "expenses": 48100}, ("flat", "flat", "flat", "flat")),
        (TOTALS_ALONE, ("flat", "flat", "flat", "flat")),
    ],
    ids=["example", "saved", "slump", "same", "unknown"],
)
def test_tone_of_a_change(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    """A rise is a gain, except for expenses."""
    assert tuple(tones(**changes).values()) == expected


def test_kpis_of_a_loss() -> None:
    """A net loss has its minus everywhere, and no percentage crosses zero."""
    said = words(revenue=40000, previousRevenue=50000)

    assert said["kpi-net-value"] == "-$8,320.00"
    assert said["kpi-net-previous-change"] == "▼ -$10,220.00 (n/a)"
    assert said["kpi-revenue-previous-change"] == "▼ -$10,000.00 (-20.0%)"
    assert said["kpi-margin-value"] == "-20.8%"
    assert said["kpi-margin-previous-change"] == "▼ -24.6 pp"
    assert props(revenue=40000)["kpi-net-value"]["className"] == "kpi-value loss"
    assert props()["kpi-net-value"]["className"] == "kpi-value"


def test_texts_of_totals_alone() -> None:
    """A value that was not sent is a dash, never zero or a percentage."""
    said = words(**TOTALS_ALONE)

    assert {name: text for name, text in said.items() if text} == {
        "as-of": "22:24:00",
        "as-of-day": "25 Feb 2026 · UTC",
        "kpi-net-value": "$77,130.00",
        "kpi-revenue-value": "$125,450.00",
        "kpi-expenses-value": "$48,320.00",
        "kpi-margin-value": "61.5%",
        "chart-waterfall-labels-0-amount": "$125,450.00",
        "chart-waterfall-labels-1-amount": "-$48,320.00",
        "chart-waterfall-labels-2-amount": "$77,130.00",
        "sentence-net": "+$77,130.00",
        "kpi-net-previous-before": "unknown in the previous period",
        "today-summary-before": "–",
        "today-summary-high": "–",
        "today-summary-low": "–",
        "trend-summary-revenue-all": "–",
        "trend-summary-revenue-7": "–",
        "trend-summary-revenue-14": "–",
        "trend-summary-expenses-all": "–",
        "trend-summary-expenses-7": "–",
        "trend-summary-expenses-14": "–",
        "trend-summary-net-all": "–",
        "trend-summary-net-7": "–",
        "trend-summary-net-14": "–",
        "trend-summary-average": "–",
        "costs-total": "–",
        "agents-summary-revenue": "–",
        "agents-summary-expenses": "–",
        "agents-summary-net": "–",
        "agents-summary-margin": "–",
    }
    assert props(**TOTALS_ALONE)[Id.COSTS_LEGEND]["children"] == ()
    assert props(**TOTALS_ALONE)[Id.AGENT_CARDS]["children"] == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"revenue": 0, "expenses": 0},
        {"revenue": 0, "previousRevenue": 0, "previousExpenses": 0},
        {"revenue": -5.5, "previousRevenue": -1},
        {"previousRevenue": 1e-20, "previousExpenses": -(10**14)},
        {"revenue": 999999999999999, "expenses": -999999999999999},
        {"costBreakdown": [{"name": "", "value": 0, "percentage": 0}]},
        {"costBreakdown": [{"name": "A", "value": 5}, {"name": "B", "value": -5}]},
        {"agentAttribution": [{"agent": "A", "revenue": 0, "expenses": 1e-30}]},
        {"trendsData": [], "costBreakdown": [], "agentAttribution": []},
        TOTALS_ALONE,
    ],
    ids=range(10),
)
def test_texts_of_awkward_states(changes: dict[str, Any]) -> None:
    """No text contains a programming value such as NaN or None."""
    for name, prop in props(**changes).items():
        text = f"{prop.get('children')} {prop.get('style')}"
        assert not re.search(
            r"\b(nan|inf(inity)?|null|undefined|E[+-]\d+)\b", text, re.IGNORECASE
        ), name
        assert prop.get("children", "") is not None
        if isinstance(prop.get("children"), str):
            assert "None" not in prop["children"]
            assert "-$0.00" not in re.sub(r"-\$0.00\.\d", "", prop["children"])


def test_averages_of_the_last_days() -> None:
    """With the last seven days chosen, averages are those of its complete days."""
    rows = guide.month()

    said = words(trendsData=rows)

    whole = [row["net"] for row in rows[-7:-1]]
    assert said["trend-summary-net-7"] == f"${sum(whole) / 6:,.2f}"
    assert said["trend-summary-net-7"] != said["trend-summary-net-14"]


def test_average_over_seven_days() -> None:
    """The summary has the mean of net over the last seven closed days."""
    said = words(trendsData=guide.month())

    assert said["trend-summary-average"] == "$71,800.00"


def test_sparklines_of_a_day() -> None:
    """Each figure's card has the line of that figure with its start."""
    known = IntradayData(Calendar(UTC))
    known.add(snapshot().state)
    later = snapshot(timestamp="2026-02-25T22:30:10Z", revenue=100000, expenses=50000)
    known.add(later.state)

    said = texts(replace(later, day=known.view), Notation())

    titles = {name: said[f"kpi-{name}-spark"]["title"] for name in ("net", "revenue", "margin")}
    assert titles == {
        "net": "Net P&L since 00:00",
        "revenue": "Revenue since 00:00",
        "margin": "Net margin since 00:00",
    }
    net, expenses = (said[f"kpi-{name}-spark"]["points"] for name in ("net", "expenses"))
    assert net[0] == expenses[0] == "0,0"
    assert float(net[1].split(",")[1]) > 0, "net falls"
    assert float(expenses[1].split(",")[1]) < 0, "expenses rise"


def test_sparklines_of_a_first_state() -> None:
    """A single state has no line, but the empty line has a name."""
    known = IntradayData(Calendar(UTC))
    known.add(snapshot().state)

    for day, span in ((None, ""), (known.view, " since 00:00")):
        said = texts(replace(snapshot(), day=day), Notation())
        assert said["kpi-margin-spark"] == {
            "points": (),
            "viewBox": "0 0 1 1",
            "limits": (),
            "title": f"Net margin{span}",
            "aria-label": f"Net margin{span}",
            "data-since": span.strip(),
        }


def test_letters_of_a_value() -> None:
    """The cards have the length of the longest figure, so that the font can be scaled."""
    assert props()["kpis"]["style"] == {"--letters": len("$125,450.00")}


def test_texts_of_another_notation() -> None:
    """Amounts, shares and dates are in the locale's notation."""
    said = texts(snapshot(), Notation("de_DE", "EUR"))

    space = "\N{NO-BREAK SPACE}"
    assert said["kpi-net-value"]["children"] == f"77.130,00{space}€"
    assert said["kpi-margin-value"]["children"] == f"61,5{space}%"
    assert said["as-of-day"]["children"] == "25. Feb. 2026 · UTC"


@pytest.mark.parametrize(
    ("changes", "place", "expected"),
    [
        ({"netPnL": 77131}, "net", "stated net $77,131.00, $1.00 over"),
        ({"netPnL": -1}, "net", "stated net -$1.00, $77,131.00 short"),
        (
            {"trendsData": [{"date": "2026-02-25", "revenue": 125450, "expenses": 48319.5}]},
            "trend",
            "today's row: expenses $48,319.50, $0.50 short",
        ),
        (
            {"costBreakdown": [{"name": "All", "value": 48320, "percentage": 98.5}]},
            "costs",
            "All: share 98.5%, 1.5% short",
        ),
        (
            {"agentAttribution": [{"agent": "A", "revenue": 125449, "expenses": 48321}]},
            "agents",
            (
                "revenue: agents sum to $125,449.00, $1.00 short; "
                "expenses: agents sum to $48,321.00, $1.00 over"
            ),
        ),
        (
            {
                "agentAttribution": [
                    {"agent": "A", "revenue": 125449, "expenses": 48321, "net": 1},
                    {"agent": "B", "revenue": 0, "expenses": 0, "net": 1},
                ]
            },
            "agents",
            (
                "revenue: agents sum to $125,449.00, $1.00 short; "
                "expenses: agents sum to $48,321.00, $1.00 over; and 2 more"
            ),
        ),
    ],
    ids=["over", "short", "trend", "percent", "two", "more"],
)
def test_books_that_do_not_balance(changes: dict[str, Any], place: str, expected: str) -> None:
    """A finding has place, stated amount and difference; other places stay empty."""
    said = {name: text for name, text in words(**changes).items() if name.startswith("books")}

    assert said == {
        f"books-{name}": expected if name == place else ""
        for name in ("net", "trend", "costs", "agents")
    }


def test_name_that_turns_text_around() -> None:
    """A name cannot change the direction of the numbers in a finding."""
    rows = [{"name": "\u202eevil", "value": 48320, "percentage": 5}]

    told = props(costBreakdown=rows)[Id.BOOKS_COSTS]["children"]

    assert told == "\u2068evil: share\u2069 5.0%, 95.0% short"
