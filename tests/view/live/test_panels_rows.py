"""The rows of categories and agents: which, in which order and colour."""

import re
from typing import Any

from northstar.view.shared.ids import Id
from support import guide
from support.drawn import props


def test_names_of_the_example() -> None:
    """Categories are in the order of the message, agents by descending net."""
    said = props(agentAttribution=guide.message()["agentAttribution"][::-1])

    names = [row.children[1].children for row in said[Id.COSTS_LEGEND]["children"]]
    agents = [card.children[0].title for card in said[Id.AGENT_CARDS]["children"]]
    assert names == ["Trading Fees", "Infrastructure", "Personnel", "Other"]
    assert agents == ["Scalper", "John", "Cliff"]


def test_agent_with_a_loss() -> None:
    """An agent's loss has its sign and tone; its shares have a sign, too."""
    agents = [
        {"agent": "up", "revenue": 400, "expenses": 100},
        {"agent": "down", "revenue": 100, "expenses": 200},
        {"agent": "idle", "revenue": 0, "expenses": 0},
    ]

    said = props(agentAttribution=agents)

    assert said["agent-cards-0-net"] == {"children": "$300.00", "className": "gain"}
    assert said["agent-cards-1-net"]["children"] == "$0.00"
    assert said["agent-cards-2-net"] == {"children": "-$100.00", "className": "loss"}
    assert [said[f"agent-cards-{n}-contribution"]["children"] for n in range(3)] == [
        "150.0%",
        "0.0%",
        "-50.0%",
    ]
    assert [said[f"agent-cards-{n}-margin"]["children"] for n in range(3)] == [
        "75.0%",
        "n/a",
        "-100.0%",
    ]
    assert said["agents-summary-net"]["children"] == "$200.00"
    assert said["agents-summary-margin"]["children"] == "40.0%"


def test_texts_of_forty_categories() -> None:
    """The legend groups the small categories as the chart does; the total includes all."""
    rows = [{"name": f"c{n}", "value": n} for n in range(40)]

    said = props(costBreakdown=rows)

    names = [row.children[1].children for row in said[Id.COSTS_LEGEND]["children"]]
    assert names == ["c39", "c38", "c37", "c36", "c35", "c34", "34 smaller costs"]
    assert said["costs-legend-6-amount"]["children"] == f"${sum(range(34))}.00"
    assert said["costs-legend-6-share"]["children"] == "71.9%"  # 561 of 780
    assert said[Id.COSTS_TOTAL]["children"] == "$780.00"


def test_colours_of_agents() -> None:
    """An agent has the same colour everywhere."""
    rows = guide.message()["agentAttribution"]

    def colours(agents: list[dict[str, Any]]) -> dict[str, str]:
        cards = props(agentAttribution=agents)[Id.AGENT_CARDS]["children"]
        heads = [card.children[0] for card in cards]
        return {head.title: head.children[0].style["background"] for head in heads}

    first = colours(rows)
    assert len(set(first.values())) == 3
    assert all(re.fullmatch(r"var\(--series-\d+\)", colour) for colour in first.values())
    best = [rows[0] | {"revenue": 1}, *rows[1:]]
    assert list(colours(best)) == ["John", "Cliff", "Scalper"]
    assert colours(best) == first


def test_rows_of_equal_names() -> None:
    """Rows are reused until a name changes."""
    first = props()
    same, renamed = props(revenue=1), props(costBreakdown=[{"name": "A", "value": 48320}])

    assert same[Id.COSTS_LEGEND]["children"] is first[Id.COSTS_LEGEND]["children"]
    assert same[Id.AGENT_CARDS]["children"] is first[Id.AGENT_CARDS]["children"]
    assert renamed[Id.COSTS_LEGEND]["children"] is not first[Id.COSTS_LEGEND]["children"]


def test_lists_before_their_parts() -> None:
    """A list of rows is set before the numbers in it, which it would overwrite."""
    order = list(props())

    for whole in (Id.COSTS_LEGEND, Id.AGENT_CARDS):
        parts = [place for place, name in enumerate(order) if name.startswith(f"{whole}-")]
        assert len(parts) > 3
        assert order.index(whole) < min(parts)


def test_names_with_markup() -> None:
    """A name is unchanged as the text of an element."""
    name = "<script>alert(1)</script> & <b>bold</b>"
    said = props(
        costBreakdown=[{"name": name, "value": 1}],
        agentAttribution=[{"agent": name, "revenue": 1, "expenses": 0}],
    )

    (row,) = said[Id.COSTS_LEGEND]["children"]
    (card,) = said[Id.AGENT_CARDS]["children"]
    assert row.children[1].children == name
    assert card.children[0].children[1].children == name
    assert row.children[1].title == card.children[0].title == name
