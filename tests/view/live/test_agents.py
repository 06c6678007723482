"""The agents beside their chart: cards, or a table for many."""

from typing import Any

import pytest

from northstar.view.live.agents import ranked_rows
from northstar.view.live.earners import NAMED
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from support.drawn import FORTY, props
from support.snapshots import snapshot


def crowd(*nets: int) -> dict[str, Any]:
    """Return fields of a message with agents of these nets, numbered from the last."""
    count = len(nets)
    return {
        "agentAttribution": [
            {"agent": f"Agent {count - row:02}", "revenue": 1000 + net, "expenses": 1000}
            for row, net in enumerate(nets)
        ]
    }


def names(rows: Any) -> list[str]:
    """Return the names of rows, in order."""
    return [row.children[0].children[-1].children for row in rows]


@pytest.mark.parametrize("count", [0, 1, NAMED, NAMED + 1, 40])
def test_cards_or_table(count: int) -> None:
    """Up to eight agents are cards; more are rows of the table."""
    said = props(**crowd(*range(count)))

    cards, rows = (said[whole]["children"] for whole in (Id.AGENT_CARDS, Id.AGENT_ROWS))
    assert (len(cards), len(rows)) == ((count, 0) if count <= NAMED else (0, count))
    assert len([name for name in said if name.endswith("-margin") and "agent-" in name]) == count


def test_rows_after_a_change_of_rank() -> None:
    """Rows are in the order of names and reused, whatever the ranks."""
    before, after = props(**crowd(*range(12))), props(**crowd(*range(12, 0, -1)))

    assert names(before[Id.AGENT_ROWS]["children"]) == [f"Agent {n:02}" for n in range(1, 13)]
    assert after[Id.AGENT_ROWS]["children"] is before[Id.AGENT_ROWS]["children"]
    assert before["agent-rows-0-net"]["children"] == "$11.00"
    assert after["agent-rows-0-net"]["children"] == "$1.00"


def test_rows_of_the_first_response() -> None:
    """In the first response the highest net is first; a row keeps its number."""
    nets = [3, 1, 9, -4, 5, 0, 2, 8, 7, 6]
    rows = ranked_rows(snapshot(**crowd(*nets)))[Id.AGENT_ROWS]["children"]

    assert names(rows)[:3] == ["Agent 08", "Agent 03", "Agent 02"]
    assert [row.id for row in rows][:2] == ["agent-rows-7", "agent-rows-2"]
    assert ranked_rows(snapshot()) == {}


@pytest.mark.parametrize(
    ("nets", "zero", "bars"),
    [
        ([40, 10, 0, *[1] * 6], 0, [100, 25, 0]),
        ([30, -10, 0, *[0] * 6], 25, [75, -25, 0]),
        ([-20, -10, 0, *[0] * 6], 100, [-100, -50, 0]),
        ([0] * 9, 0, [0, 0, 0]),
    ],
    ids=["gains", "both", "losses", "nothing"],
)
def test_bars(nets: list[int], zero: int, bars: list[int]) -> None:
    """Bars are percentages of the range from the largest loss to the largest gain."""
    said = props(**crowd(*nets))

    assert said[Id.AGENT_TABLE]["style"]["--zero"] == zero
    last = len(nets) - 1
    found = [said[f"agent-rows-{last - row}-bar"]["style"]["--net"] for row in range(3)]
    assert found == bars


def test_row() -> None:
    """A row has the agent's numbers; a loss has a minus and its tone."""
    said = props(**FORTY)
    row = next(
        row for row, name in enumerate(names(said[Id.AGENT_ROWS]["children"])) if name == "Agent 10"
    )

    assert said[f"agent-rows-{row}-net"] == {"children": "-$1,000.00", "className": "loss"}
    shown = [said[f"agent-rows-{row}-{name}"]["children"] for name in ("revenue", "expenses")]
    assert shown == ["$1,000.00", "$2,000.00"]
    assert said[f"agent-rows-{row}-margin"]["children"] == "-100.0%"


def test_names_with_markup() -> None:
    """A name in the table is text."""
    agents = crowd(*range(9))["agentAttribution"]
    agents[0]["agent"] = "<img src=x onerror=alert(1)>"
    rows = props(agentAttribution=agents)[Id.AGENT_ROWS]["children"]

    assert "<img" not in to_html(rows)
    assert "&lt;img" in to_html(rows)
