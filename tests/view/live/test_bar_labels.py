"""Names and amounts of bars as HTML."""

import pytest

from northstar.view.live.bar_labels import bar_labels, room_for_bars
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support.drawn import FORTY, figure
from support.snapshots import snapshot


def labels(**changes: object) -> dict[str, dict[str, object]]:
    """Return the labels for one variation of the example."""
    return {
        name: dict(props) for name, props in bar_labels(snapshot(**changes), Notation()).items()
    }


def test_amounts_at_their_bars() -> None:
    """An amount is above a rising bar and below a falling one."""
    found = labels(
        costBreakdown=[{"name": "Rent", "value": 50_000}], revenue=100_000, expenses=50_000
    )

    # The axis ends 16 % above 100,000.
    assert [found[f"chart-waterfall-labels-{row}-amount"] for row in range(3)] == [
        {"children": "$100,000.00", "className": "bar-amount", "style": {"--end": "13.79"}},
        {"children": "-$50,000.00", "className": "bar-amount below", "style": {"--end": "56.9"}},
        {"children": "$50,000.00", "className": "bar-amount", "style": {"--end": "56.9"}},
    ]


def test_amount_of_a_loss() -> None:
    """The amount of a net loss is below its bar."""
    found = labels(revenue=0, expenses=100, costBreakdown=[{"name": "Rent", "value": 100}])

    net = found["chart-waterfall-labels-2-amount"]
    assert (net["children"], net["className"]) == ("-$100.00", "bar-amount below")
    assert net["style"] == {"--end": "86.21"}


def test_names_of_bars() -> None:
    """Names are text with the whole name as title, and each has its position."""
    rows = labels(costBreakdown=[{"name": "<b>Rent", "value": 1}])["chart-waterfall-labels"]

    written = to_html(list(rows["children"]))  # type: ignore[call-overload]
    assert written.count("<li ") == 4
    assert '<span class="bar-name" title="&lt;b&gt;Rent">&lt;b&gt;Rent</span>' in written
    assert '<li style="--bar:3">' in written


def test_layout_of_labels() -> None:
    """The labels follow the margins of their chart and the room of its bars."""
    found = labels()
    meta = figure(Id.CHART_WATERFALL)["layout"]["meta"]

    style = found["chart-waterfall-labels"]["style"]
    assert isinstance(style, dict)
    assert style["--least"] == f"{meta['least_px']}px"
    assert (style["--bars"], style["--l"], style["--t"]) == (6, "10px", "22px")
    agents = found["chart-agents-labels"]["style"]
    assert agents == {"--bars": 3, "--l": "52px", "--r": "30px", "--t": "10px", "--b": "26px"}


def test_labels_without_agents() -> None:
    """Without agents there are no names; of forty agents, eight have bars."""
    assert labels(agentAttribution=[])["chart-agents-labels"]["children"] == ()
    assert len(labels(**FORTY)["chart-agents-labels"]["children"]) == 8  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "amounts", "least"),
    [
        (("A", "B"), ("$1", "$2"), 2 * (13 * 2 * 0.636 + 4) * 10 / 13 + 40),
        (("Infrastructure", "B"), ("$1", "$2"), 2 * (75.5 + 4) + 40),
    ],
    ids=["amounts", "names"],
)
def test_room_for_bars(names: tuple[str, ...], amounts: tuple[str, ...], least: float) -> None:
    """Bars are vertical if the longest name and the longest amount fit."""
    assert room_for_bars(names, amounts).least_px == pytest.approx(least, rel=0.02)
