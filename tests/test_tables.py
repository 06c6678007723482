"""A snapshot's sections as tables: columns, order, and floats only here."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

import guide
from northstar.ledger import Snapshot, merge
from northstar.messages import decode
from northstar.view.tables import agent_table, cost_table, trend_table

AMOUNTS = ["revenue", "expenses", "net"]


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(None, decode(guide.text(**changes), ZoneInfo("UTC")))


def test_trend_table_of_a_month() -> None:
    """Thirty rows, the oldest day first, each with what its message said."""
    table = trend_table(snapshot(trendsData=guide.month()[::-1]))

    assert table.to_dict("records") == guide.month()


def test_cost_table_of_the_example() -> None:
    """Categories stay in the order of the source."""
    assert cost_table(snapshot()).to_dict("records") == [
        {"name": "Trading Fees", "value": 18500.0},
        {"name": "Infrastructure", "value": 12800.0},
        {"name": "Personnel", "value": 11200.0},
        {"name": "Other", "value": 5820.0},
    ]


def test_agent_table_of_the_example() -> None:
    """The best net comes first, however the source sorted them."""
    table = agent_table(snapshot(agentAttribution=guide.message()["agentAttribution"][::-1]))

    assert table.to_dict("records") == guide.message()["agentAttribution"]


def test_net_where_the_source_is_wrong() -> None:
    """Net is revenue − expenses, not what was stated."""
    rows = [{"agent": "John", "revenue": 5, "expenses": 7, "net": 12}]

    assert agent_table(snapshot(agentAttribution=rows))["net"].tolist() == [-2.0]


@pytest.mark.parametrize("absent", [..., []], ids=["not-sent", "empty"])
def test_tables_of_absent_sections(absent: object) -> None:
    """A table without rows still has its columns, and amounts are floats in it."""
    state = snapshot(trendsData=absent, costBreakdown=absent, agentAttribution=absent)

    for table, label, amounts in (
        (trend_table(state), "date", AMOUNTS),
        (cost_table(state), "name", ["value"]),
        (agent_table(state), "agent", AMOUNTS),
    ):
        assert table.empty
        assert list(table.columns) == [label, *amounts]
        assert [str(table[column].dtype) for column in amounts] == ["float64"] * len(amounts)


def test_amounts_as_floats() -> None:
    """Whole numbers and fractions alike become floats, the nearest there is."""
    rows = [{"name": "a", "value": 1}, {"name": "a", "value": 0.1}]

    table = cost_table(snapshot(costBreakdown=rows))

    assert str(table["value"].dtype) == "float64"
    assert table["value"].tolist() == [1.0, 0.1]
    assert table["name"].tolist() == ["a", "a"]
