"""The charts as tables: the same amounts as text, without grouping."""

from datetime import date
from typing import Any

import pytest

from northstar.view.live.as_table import TABLES, Table
from northstar.view.live.figures import CHARTS
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.snapshots import snapshot

MARKUP = "<script>alert(1)</script> & <b>bold</b>"
FORTY: dict[str, Any] = {
    "expenses": sum(range(40)),
    "costBreakdown": [{"name": f"Cost {n}", "value": n} for n in range(40)],
    "agentAttribution": [
        {"agent": f"Agent {n}", "revenue": 100 - n, "expenses": n} for n in range(40)
    ],
}
STATES = {
    "example": {},
    "month": {"trendsData": guide.month()},
    "forty": FORTY,
    "loss": {"revenue": 40000},
    "refund": {"costBreakdown": [{"name": "A", "value": 48325}, {"name": "B", "value": -5}]},
    "not-itemised": {"expenses": 50000},
}
every_state = pytest.mark.parametrize("changes", STATES.values(), ids=STATES.keys())


def table(chart: Id, **changes: Any) -> Table:
    """Return a chart's table for one variation of the example."""
    return TABLES[chart](snapshot(**changes), Notation())


def column(found: Table, head: str) -> list[str]:
    """Return the texts of one column."""
    place = list(found.columns).index(head)
    return [row[place] for row in found.rows]


def traces(chart: Id, **changes: Any) -> list[dict[str, Any]]:
    """Return the traces for one variation of the example."""
    return list(CHARTS[chart](snapshot(**changes), Notation())["data"])


def test_tables_of_every_chart() -> None:
    """Every chart has a table."""
    assert TABLES.keys() == CHARTS.keys()


def test_waterfall_as_table() -> None:
    """Each step has its amount with the chart's sign."""
    assert table(Id.CHART_WATERFALL) == Table(
        ("Step", "Amount"),
        [
            ("Revenue", "$125,450.00"),
            ("Trading Fees", "-$18,500.00"),
            ("Infrastructure", "-$12,800.00"),
            ("Personnel", "-$11,200.00"),
            ("Other", "-$5,820.00"),
            ("Net P&L", "$77,130.00"),
        ],
    )


def test_trend_as_table() -> None:
    """The newest day is first; the current day and the first six have no average."""
    found = table(Id.CHART_TREND, trendsData=guide.month())

    heads = ("Revenue", "Change", "Expenses", "Change", "Net", "Change")
    assert found.columns == ("Day", *heads, "7-day average")
    assert len(found.rows) == 30
    assert found.rows[0][0] == "25 Feb 2026"
    assert found.rows[0][1] == "$125,450.00"
    assert column(found, "7-day average")[:2] == ["–", "$71,800.00"]
    first = ("27 Jan 2026", "$117,100.00", "", "$46,550.00", "", "$70,550.00", "", "–")
    assert found.rows[-1] == first
    assert found.rows[-2][1:3] == ("$117,200.00", "+$100.00")
    assert column(found, "7-day average")[-7:] == ["$70,700.00"] + ["–"] * 6


def test_costs_as_table() -> None:
    """Each category has its amount and share."""
    assert table(Id.CHART_COSTS) == Table(
        ("Category", "Amount", "Share"),
        [
            ("Trading Fees", "$18,500.00", "38.3%"),
            ("Infrastructure", "$12,800.00", "26.5%"),
            ("Personnel", "$11,200.00", "23.2%"),
            ("Other", "$5,820.00", "12.0%"),
        ],
    )


def test_agents_as_table() -> None:
    """The agent with the highest net is first."""
    rows = guide.message()["agentAttribution"][::-1]

    assert table(Id.CHART_AGENTS, agentAttribution=rows) == Table(
        ("Agent", "Revenue", "Expenses", "Net", "Contribution", "Margin"),
        [
            ("Scalper", "$75,000.00", "$28,500.00", "$46,500.00", "60.3%", "62.0%"),
            ("John", "$32,000.00", "$12,800.00", "$19,200.00", "24.9%", "60.0%"),
            ("Cliff", "$18,450.00", "$7,020.00", "$11,430.00", "14.8%", "62.0%"),
        ],
    )


def test_tables_of_forty() -> None:
    """Where a chart groups small categories, its table lists each."""
    costs = table(Id.CHART_COSTS, **FORTY)
    agents = table(Id.CHART_AGENTS, **FORTY)

    assert column(costs, "Category") == [f"Cost {n}" for n in reversed(range(40))]
    assert column(costs, "Amount") == [f"${n}.00" for n in reversed(range(40))]
    assert column(agents, "Agent") == [f"Agent {n}" for n in range(40)]
    assert column(agents, "Net") == [f"${100 - 2 * n}.00" for n in range(40)]


@every_state
def test_waterfall_and_its_table(changes: dict[str, Any]) -> None:
    """The table has the amounts of the bars."""
    bars, _ = traces(Id.CHART_WATERFALL, **changes)

    assert column(table(Id.CHART_WATERFALL, **changes), "Amount") == bars["text"]


@every_state
def test_trend_and_its_table(changes: dict[str, Any]) -> None:
    """The table has the amounts of the lines."""
    found = table(Id.CHART_TREND, **changes)

    for trace in traces(Id.CHART_TREND, **changes):
        place = list(found.columns).index(trace["name"].removeprefix("Net, "))
        told = [
            f"{row[place]} ({row[place + 1]})"
            if "".join(row[place + 1 : place + 2])
            else row[place]
            for row in found.rows
        ]
        assert told[::-1] == trace["customdata"]
        days = [f"{day.day} {day:%b %Y}" for day in map(date.fromisoformat, trace["x"])]
        assert column(found, "Day")[::-1] == days


@every_state
def test_agents_and_their_table(changes: dict[str, Any]) -> None:
    """The table has the amounts of the bars for each agent with a bar."""
    found = table(Id.CHART_AGENTS, **changes)
    agents = column(found, "Agent")

    names = CHARTS[Id.CHART_AGENTS](snapshot(**changes), Notation())["layout"]["meta"]["names"]
    for trace in traces(Id.CHART_AGENTS, **changes)[:3]:
        told = dict(zip(agents, column(found, trace["name"]), strict=True))
        drawn = dict(zip(names, trace["customdata"], strict=True))
        assert drawn.items() <= told.items()
        assert len(drawn) == min(len(agents), 8)


@pytest.mark.parametrize("absent", [..., []], ids=["not-sent", "empty"])
def test_tables_of_absent_sections(absent: object) -> None:
    """Without rows a table has headers only; the waterfall has expenses as one step."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("trendsData", "costBreakdown", "agentAttribution"), absent
    )

    rows = {chart: list(table(chart, **nothing).rows) for chart in TABLES}

    assert rows[Id.CHART_TREND] == rows[Id.CHART_COSTS] == rows[Id.CHART_AGENTS] == []
    assert rows[Id.CHART_WATERFALL][1] == ("Expenses", "-$48,320.00")


def test_names_with_markup() -> None:
    """A name is unchanged in the table; the browser escapes it."""
    rows: dict[str, Any] = {
        "costBreakdown": [{"name": MARKUP, "value": 1}],
        "agentAttribution": [{"agent": MARKUP, "revenue": 1, "expenses": 0}],
    }

    assert column(table(Id.CHART_COSTS, **rows), "Category") == [MARKUP]
    assert column(table(Id.CHART_WATERFALL, **rows), "Step")[1] == MARKUP
    assert column(table(Id.CHART_AGENTS, **rows), "Agent") == [MARKUP]


def test_tables_of_another_notation() -> None:
    """Amounts and shares are in the locale's notation."""
    found = TABLES[Id.CHART_COSTS](snapshot(), Notation("de_DE", "EUR"))

    space = "\N{NO-BREAK SPACE}"
    assert found.rows[0] == ("Trading Fees", f"18.500,00{space}€", f"38,3{space}%")
