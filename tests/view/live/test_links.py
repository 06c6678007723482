"""Names that link to their page, and marks of related elements."""

from northstar.reports.parts import Part, PartKind
from northstar.view.live.links import mark, part_link
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from support.drawn import props


def test_link_to_a_part() -> None:
    """The address has the name as sent, the text as displayed."""
    link = to_html(part_link(PartKind.AGENT, "A\ufffd & B", "A\x01 & B", className="name"))

    assert 'href="history?agent=A%01+%26+B"' in link
    assert link.endswith(">A\ufffd &amp; B</a>")


def test_group_of_categories() -> None:
    """A group of categories is not a link."""
    assert to_html(part_link(PartKind.CATEGORY, "Other (3)", "")).startswith("<span ")


def test_marks_of_a_part() -> None:
    """A category's row and step share a mark, as an agent's card and bar do; totals have none."""
    said = props()

    def marks(component_id: str) -> list[str | None]:
        rows = said[component_id]["children"]
        return [getattr(row, "data-part", None) for row in rows]

    costs, steps = marks(Id.COSTS_LEGEND), marks("chart-waterfall-labels")
    assert costs[0] == "category Trading Fees"
    assert steps == [None, *costs, None]
    assert marks(Id.AGENT_CARDS) == marks("chart-agents-labels")
    assert mark(Part(PartKind.AGENT, "Ada")) == {"data-part": "agent Ada"}
