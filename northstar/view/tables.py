"""A snapshot's sections as pandas tables, for the plots.

Here, and only here, amounts become floats: dollars, in `float64` columns.
"""

from collections.abc import Iterable

import pandas as pd

from northstar.ledger import Snapshot

BOOK = ["revenue", "expenses", "net"]


def trend_table(snapshot: Snapshot) -> pd.DataFrame:
    """Return columns date (YYYY-MM-DD), revenue, expenses, net; the oldest day first."""
    rows = ((day.date.isoformat(), day.revenue, day.expenses, day.net) for day in snapshot.trend)
    return _table(rows, "date", BOOK)


def cost_table(snapshot: Snapshot) -> pd.DataFrame:
    """Return columns name, value; in the order of the source."""
    return _table(((cost.name, cost.value) for cost in snapshot.costs), "name", ["value"])


def agent_table(snapshot: Snapshot) -> pd.DataFrame:
    """Return columns agent, revenue, expenses, net; the best net first."""
    rows = ((row.agent, row.revenue, row.expenses, row.net) for row in snapshot.agents)
    return _table(rows, "agent", BOOK)


def _table(rows: Iterable[tuple[object, ...]], label: str, amounts: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[label, *amounts])
    return table.astype(dict.fromkeys(amounts, "float64"))
