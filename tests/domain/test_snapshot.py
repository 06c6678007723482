"""Figures derived from a state."""

from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot, today
from support import guide


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after the example, with some fields changed."""
    return Snapshot(decode(guide.text(**changes), UTC))


@pytest.mark.parametrize(
    ("changes", "net", "margin"),
    [
        ({}, 77100, Decimal(77100) / 125200 * 100),
        ({"previousNetPnL": 5}, 77100, Decimal(77100) / 125200 * 100),
        ({"previousNetPnL": ...}, 77100, Decimal(77100) / 125200 * 100),
        ({"previousExpenses": ..., "previousNetPnL": 62600}, 62600, Decimal(50)),
        ({"previousRevenue": ...}, 77100, None),
        ({"previousRevenue": ..., "previousNetPnL": ...}, None, None),
        ({"previousExpenses": ..., "previousNetPnL": ...}, None, None),
        ({"previousRevenue": 0, "previousExpenses": 10}, -10, None),
    ],
)
def test_previous_net_and_margin(
    changes: dict[str, Any], net: int | None, margin: Decimal | None
) -> None:
    """They are computed where the parts are known, else as stated, else unknown."""
    state = snapshot(**changes)

    assert state.previous_net == net
    assert state.previous_margin == margin


def test_agents_by_net() -> None:
    """The best net comes first, by what it is and not by what the source says."""
    agents = [
        {"agent": "loss", "revenue": 1, "expenses": 9, "net": 99},
        {"agent": "some", "revenue": 900, "expenses": 890},
        {"agent": "most", "revenue": 50, "expenses": 10, "net": 0},
    ]

    state = snapshot(agentAttribution=agents)

    assert [agent.agent for agent in state.agents] == ["most", "some", "loss"]


def test_today_in_the_zone_of_the_ledger() -> None:
    """Today is the day of the timestamp where the ledger is, not in UTC."""
    late = guide.text(timestamp="2026-02-26T03:00:00Z")

    assert today(merge(None, decode(late, UTC))) is None
    here = today(merge(None, decode(late, ZoneInfo("America/New_York"))))
    assert here is not None
    assert here.date == date(2026, 2, 25)
