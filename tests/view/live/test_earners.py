"""Agents as shown: their colours."""

from zoneinfo import ZoneInfo

import pytest

from northstar.view.live.earners import earners
from northstar.view.shared import theme
from support.snapshots import snapshot

UTC = ZoneInfo("UTC")


def colours(*names: str) -> dict[str, str]:
    """Return the colours of agents by name."""
    rows = [{"agent": name, "revenue": n, "expenses": 0} for n, name in enumerate(names)]
    state = snapshot(agentAttribution=rows)
    return {row.name: row.colour for row in earners(state)}


@pytest.mark.parametrize("count", [1, 3, 8, theme.SERIES])
def test_colours_of_few_agents(count: int) -> None:
    """Agents differ in colour, whatever their order."""
    names = [f"Agent {n}" for n in range(count)]

    found = colours(*names)

    assert len(set(found.values())) == count
    assert found == colours(*reversed(names))


def test_colours_of_the_guide() -> None:
    """A name has its own colour if no other has taken it."""
    found = colours("Scalper", "John", "Cliff")

    assert found == {name: theme.by_name(name) for name in found}


def test_colours_of_many_agents() -> None:
    """Where there are not enough colours for all, none has one, because two would share it."""
    found = colours(*(f"Agent {n}" for n in range(theme.SERIES + 1)))

    assert set(found.values()) == {""}
