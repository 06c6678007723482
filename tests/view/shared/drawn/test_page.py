"""Drawings as HTML of the page."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from northstar.view.shared.charts import blank
from northstar.view.shared.drawn.page import arc, drawn, to_page
from northstar.view.shared.drawn.shapes import (
    Area,
    Drawing,
    Hatched,
    Label,
    Line,
    Margin,
    Marks,
    Ring,
    Shape,
    Slice,
)
from northstar.view.shared.ids import Id
from support import guide
from support.drawn import FORTY, figure

MARGIN = Margin(52, 30, 10, 26)


class Balanced(HTMLParser):
    """Raises if an element is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_shapes_on_the_page() -> None:
    """Lines, areas and symbols are paths of one SVG in relative steps."""
    shapes: list[Shape] = [
        Line([[(0, 10), (10_000, 10)], [(5, 5), (5, 0)]], "--grid", 1, crisp=True),
        Line([[(0, 0), (10, 20), (30, 10), (40, 10)]], "--text", 1.5, dotted=True),
        Area([[(0, 0), (9, 0), (9, 9), (0, 9)]], "--fill-net"),
        Marks([(5, 6), (7, 8)], "square", 9, "--series-1"),
    ]

    page = to_page(Drawing(MARGIN, shapes, []))

    assert re.findall(r"<path ([^>]*)/>", page) == [
        'd="M0 10h10000M5 5v-5" stroke="var(--grid)" stroke-width="1" shape-rendering="crispEdges"',
        'd="M0 0l10 20 20-10h10" stroke="var(--text)" stroke-width="1.5" stroke-dasharray="3"',
        'd="M0 0h9v9h-9z" fill="var(--fill-net)"',
        'd="M5 6h1M7 8h1" stroke="var(--series-1)" stroke-width="9" stroke-linecap="square"',
    ]
    assert page.startswith('<div class="area" style="--l:52px;--r:30px;--t:10px;--b:26px"><svg ')


def test_thin_bars() -> None:
    """Bars that could be thinner than two pixels have a minimum width."""
    bar = Area([[(0, 0), (9, 0), (9, 9), (0, 9)]], "--fill-net", 800)

    page = to_page(Drawing(MARGIN, [bar], []))

    assert ' fill="var(--fill-net)" class="thin" style="--thin:800px" stroke="var(--f' in page


def test_bars_that_lie() -> None:
    """Horizontal bars start at the top, and amounts go from left to right."""
    bar = Area([[(0, 2500), (5000, 2500), (5000, 10_000), (0, 10_000)]], "--fill-net")

    page = to_page(Drawing(MARGIN, [bar], []), lies=True)

    assert 'd="M7500 0v5000h-7500v-5000z"' in page


def test_boxes_and_diamonds() -> None:
    """Hatched bars and diamonds are separate elements, so that they are not distorted."""
    shapes: list[Shape] = [
        Hatched([((1000, 2000), (1550, 10_000))], "--fill-loss"),
        Marks([(5000, 2500)], "diamond", 8, "--text", "--hover"),
    ]

    page = to_page(Drawing(MARGIN, shapes, []))

    assert (
        '<i class="hatched" style="left:10%;top:20%;width:5.5%;height:80%;--fill:var(--fill-loss)">'
        in page
    )
    assert '<i class="diamond" style="left:50%;top:25%"></i>' in page


def test_labels_on_the_page() -> None:
    """Each label is at its point, escaped, with the width that it needs."""
    labels = [
        Label("left", "10k", (0, 2500)),
        Label("below", "1 Mar", (1234, 10_000), 500),
        Label("centre", "<b>", (5000, 5000)),
    ]

    page = to_page(Drawing(MARGIN, [], labels))

    assert '<i class="left" style="top:25%">10k</i>' in page
    assert '<i class="below" style="left:12.34%;--least:500px">1 Mar</i>' in page
    assert '<i class="centre" style="left:50%;top:50%">&lt;b&gt;</i>' in page


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (
            Slice(0, 0.5, "red", hatched=False),
            "M0 -10A10 10 0 0 1 10 0A10 10 0 0 1 0 10L0 5A5 5 0 0 0 5 0A5 5 0 0 0 0 -5z",
        ),
        (
            Slice(0, 1, "red", hatched=False),
            "M0 -10A10 10 0 0 1 0 10A10 10 0 0 1 0 -10zM0 -5A5 5 0 0 0 0 5A5 5 0 0 0 0 -5z",
        ),
    ],
    ids=["half", "whole"],
)
def test_arc_of(share: Slice, expected: str) -> None:
    """A slice is drawn clockwise on the outside and back on the inside."""
    numbers = [
        round(float(number)) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", arc(share, 10, 5))
    ]

    assert numbers == [int(number) for number in re.findall(r"-?\d+", expected)]
    assert re.findall("[A-Za-z]", re.sub(r"e-\d+", "", arc(share, 10, 5))) == re.findall(
        "[A-Za-z]", expected
    )


def test_ring_on_the_page() -> None:
    """A hatched slice has its own pattern."""
    slices = [
        Slice(0, 0.75, "--series-0", hatched=False),
        Slice(0.75, 1, "--series-1", hatched=True),
    ]

    page = to_page(Drawing(MARGIN, [], [], Ring(slices, 0.7, "--slice-gap", 1.5)))

    assert 'class="ring" viewBox="-1000 -1000 2000 2000" stroke="var(--slice-gap)"' in page
    assert page.count("fill=") == 2
    assert '<pattern id="hatch-1"' in page
    assert 'fill="url(#hatch-1)"' in page


@pytest.mark.parametrize(
    ("chart", "changes", "most"),
    [
        (Id.CHART_TREND, {"trendsData": guide.month()}, 5000),
        (Id.CHART_WATERFALL, FORTY, 4500),
        (Id.CHART_AGENTS, FORTY, 3500),
        (Id.CHART_COSTS, FORTY, 2200),
    ],
)
def test_size_on_the_page(chart: Id, changes: dict[str, Any], most: int) -> None:
    """A drawn chart is a few kilobytes of well-formed HTML."""
    page = drawn(figure(chart, **changes))
    parser = Balanced()
    parser.feed(re.sub(r"<path ([^>]*)/>", r"<path \1></path>", page))

    assert parser.open == []
    assert len(page) < most


def test_either() -> None:
    """The waterfall is drawn with vertical and with horizontal bars; CSS chooses by width."""
    page = drawn(figure(Id.CHART_WATERFALL))

    assert page.count("<svg ") == 2 * page.count('<svg class="grid" ') == 4
    assert re.match(
        r'<div class="either" style="--least:\d+px;--names:\d+px;--amounts:\d+px">', page
    )
    assert drawn(blank("none")).count("<svg") == 0
