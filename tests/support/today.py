"""The guide's example with the current time and a month of days."""

from datetime import UTC, datetime
from typing import Any

from support import guide

HUGE = 100_000_000_000_000  # as large as any amount here
LONG_NAME = ("An agent with quite a name " * 8)[:200]  # the longest possible name


def now(**changes: Any) -> str:
    """Return the guide's example with the current time and a trend up to today."""
    moment = datetime.now(UTC)
    fields = {
        "timestamp": moment.isoformat(),
        "trendsData": guide.month(moment.date().isoformat()),
        **changes,
    }
    return guide.text(**fields)


def at_revenue(revenue: float) -> str:
    """Return a message whose totals and trend have `revenue`; its agents do not."""
    return now(revenue=revenue, netPnL=0, trendsData=...)


def crowd(scale: int = HUGE) -> str:
    """Return the largest supported page: 40 categories and agents, long names, huge amounts."""
    names = [f"{number:02} {LONG_NAME}"[:200] for number in range(40)]
    agents = [
        {"agent": name, "revenue": scale + 0.25, "expenses": scale / 2, "net": scale / 2 + 0.25}
        for name in names
    ]
    today = datetime.now(UTC).date().isoformat()
    days = [
        {"date": row["date"], "revenue": scale + row["revenue"], "expenses": scale / 2, "net": 0}
        for row in guide.month(today)
    ]
    costs = [{"name": name, "value": scale / 80 + row} for row, name in enumerate(names)]
    return now(
        revenue=scale + 0.25,
        expenses=scale / 2 + 0.5,
        netPnL=0,
        previousRevenue=scale - 0.25,
        previousExpenses=scale / 3,
        previousNetPnL=-scale,
        trendsData=days,
        costBreakdown=costs,
        agentAttribution=agents,
    )
