"""Agents as shown: their colours, and the largest as bars."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.snapshot import Snapshot
from northstar.view.shared import theme
from northstar.view.shared.charts import MEASURES, PADDING, Figure, lean_layout, padded, scale
from northstar.view.shared.money import Notation, legible

NAMED = 8  # at most as many agents have bars
MARK_PADDING = 0.05  # of the range, below the bars, for the marks of the agents


class Earner(NamedTuple):
    """One agent; `colour` names a colour of the theme, "" for none, by the agents' names alone.

    `source_name` is the name as the source has it, `name` as it is shown.
    """

    name: str
    revenue: Decimal
    expenses: Decimal
    net: Decimal
    colour: str
    source_name: str


def earners(snapshot: Snapshot) -> Sequence[Earner]:
    """Return every agent, highest net first."""
    colours = _colours({agent.agent for agent in snapshot.agents})
    return [
        Earner(
            legible(agent.agent),
            agent.revenue,
            agent.expenses,
            agent.net,
            colours[agent.agent],
            agent.agent,
        )
        for agent in snapshot.agents
    ]


def _colours(names: Collection[str]) -> Mapping[str, str]:
    """Return each name's own colour, or the next that is free; none if there are not enough.

    A shared colour would not distinguish its agents.
    """
    everything = [theme.series(index) for index in range(theme.SERIES)]
    if len(names) > len(everything):
        return dict.fromkeys(names, "")
    colours: dict[str, str] = {}
    for name in sorted(names):
        own = everything.index(theme.by_name(name))
        taken = set(colours.values())
        following = everything[own:] + everything[:own]
        colours[name] = next(colour for colour in following if colour not in taken)
    return colours


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
