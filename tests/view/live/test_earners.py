"""Colours of agents."""

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
    """Agents have different colours in any order."""
    names = [f"Agent {n}" for n in range(count)]

    found = colours(*names)

    assert len(set(found.values())) == count
    assert found == colours(*reversed(names))


def test_colours_of_the_guide() -> None:
    """A name has its own colour if no other agent has it."""
    found = colours("Scalper", "John", "Cliff")

    assert found == {name: theme.by_name(name) for name in found}


def test_colours_of_many_agents() -> None:
    """If there are fewer colours than agents, no agent has one."""
    found = colours(*(f"Agent {n}" for n in range(theme.SERIES + 1)))

    assert set(found.values()) == {""}
