"""Charts of the live page as pictures: titles, labels and totals."""

import re
from dataclasses import replace
from typing import Any

import pytest

from northstar.view.live.pictures import HEADINGS, Look, chart_svg, state_labels
from northstar.view.shared import theme
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support.checkout import ASSETS
from support.feed_states import FEED, QUIET
from support.snapshots import snapshot

COLOURS = theme.colours((ASSETS / "10-tokens.css").read_text("utf-8"))
LOOK = Look(640, 360, COLOURS)


def texts(chart: Id, **changes: Any) -> list[str]:
    """Return the texts of a chart for one variation of the example."""
    svg = chart_svg(chart, snapshot(**changes), "DEMO", Notation(), LOOK)
    assert 'width="640" height="360"' in svg
    return re.findall(r"<text[^>]*>([^<]*)<", svg)


@pytest.mark.parametrize("chart", HEADINGS)
def test_title(chart: Id) -> None:
    """The title has the panel's heading, the time of the data, the source and the state."""
    heading, as_of, day, labels = texts(chart)[0].split(" · ", 3)

    assert heading == HEADINGS[chart].replace("&", "&amp;")
    assert as_of == "as of 22:24:00, 25 Feb 2026"
    assert (day, labels) == ("UTC", "DEMO")


def test_total() -> None:
    """The total of costs is in the middle of the ring; without costs there is none."""
    assert "$48,320.00" in texts(Id.CHART_COSTS)
    assert "$48,320.00" not in texts(Id.CHART_WATERFALL)
    assert texts(Id.CHART_COSTS, costBreakdown=[])[1:] == []


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({}, "LIVE"),
        ({"state": "stale"}, "STALE"),
        ({"source": "demo"}, "DEMO"),
        ({"source": "demo", "state": "stale"}, "DEMO · STALE"),
        ({"source": "replay", "state": "offline"}, "REPLAY · OFFLINE"),
    ],
)
def test_labels(changes: dict[str, Any], labels: str) -> None:
    """The label names a source that is not real, and the state unless a real source is live."""
    assert state_labels(replace(FEED, **changes)) == labels


def test_labels_before_the_first_message() -> None:
    """Before the first connection the label has the state."""
    assert state_labels(QUIET) == "CONNECTING"
