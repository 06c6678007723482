"""Agents as shown: all in cards and table, the largest as bars."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.ledger import Snapshot
from northstar.view.shared import theme
from northstar.view.shared.charts import MEASURES, PADDING, Figure, lean_layout, padded, scale
from northstar.view.shared.money import Notation, legible

NAMED = 8  # at most as many agents have bars
MARK_PADDING = 0.05  # of the range, below the bars, for the marks of the agents


class Earner(NamedTuple):
    """One agent; `colour` names a colour of the theme and depends only on the name."""

    name: str
    revenue: Decimal
    expenses: Decimal
    net: Decimal
    colour: str


def earners(snapshot: Snapshot) -> Sequence[Earner]:
    """Return every agent, highest net first."""
    return [
        Earner(
            legible(agent.agent),
            agent.revenue,
            agent.expenses,
            agent.net,
            theme.by_name(agent.agent),
        )
        for agent in snapshot.agents
    ]


def largest_earners(snapshot: Snapshot) -> Sequence[Earner]:
    """Return the `NAMED` agents with the largest gains or losses, highest net first."""
    by_size = sorted(earners(snapshot), key=lambda earner: abs(earner.net), reverse=True)
    return sorted(by_size[:NAMED], key=lambda earner: earner.net, reverse=True)


def earners_layout(rows: Sequence[Earner], write: Notation) -> Figure:
    """Return the layout of the agents' bars, with room for their marks below."""
    amounts = [float(getattr(row, name)) for row in rows for name in MEASURES]
    low, high = padded([0.0, *amounts], PADDING)
    layout = lean_layout()
    scale(layout, [low - 2 * MARK_PADDING * (high - low), high], write)
    return layout


def mark_level(layout: Figure) -> float:
    """Return the amount at which the marks of the agents are drawn."""
    low, high = layout["yaxis"]["range"]
    return float(low + (high - low) * MARK_PADDING / (1 + 2 * MARK_PADDING))
