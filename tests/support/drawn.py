"""Figures and texts rendered from a message."""

from typing import Any

from northstar.view.live.figures import CHARTS
from northstar.view.live.panels import texts
from northstar.view.shared.charts import Figure
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Texts
from support.snapshots import snapshot

GAIN, LOSS = "--fill-gain", "--fill-loss"


FORTY: dict[str, Any] = {
    "costBreakdown": [{"name": f"Cost {n}", "value": n + 0.5} for n in range(40)],
    "agentAttribution": [
        {"agent": f"Agent {n}", "revenue": 100 * n, "expenses": 2000} for n in range(40)
    ],
}


def figure(chart_id: Id, write: Notation | None = None, **changes: Any) -> Figure:
    """Return a chart for one variation of the example."""
    return CHARTS[chart_id](snapshot(**changes), write or Notation())


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    """Return one field of every row of a message."""
    return [row[name] for row in rows]


def props(**changes: Any) -> Texts:
    """Return the props of a newly opened page for one variation of the example."""
    return texts(snapshot(**changes), Notation())
