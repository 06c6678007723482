"""Agents as shown: all in cards and table, the largest as bars."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.ledger import Snapshot
from northstar.view.shared import theme
from northstar.view.shared.money import legible

NAMED = 8  # at most as many agents have bars


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
