"""Figures as stand-alone pictures."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from northstar.view.history.figures import CHARTS as HISTORY
from northstar.view.live.figures import CHARTS
from northstar.view.shared import theme
from northstar.view.shared.charts import Figure, blank
from northstar.view.shared.drawn.picture import Picture, to_svg
from northstar.view.shared.ids import HistoryId, Id
from northstar.view.shared.money import Notation
from northstar.view.shared.text_width import text_width
from support import guide
from support.checkout import ROOT
from support.drawn import FORTY, figure
from support.reports import day_report, record, report
from support.snapshots import snapshot

CSS = (ROOT / "assets" / "10-tokens.css").read_text("utf-8")
COLOURS = theme.colours(CSS, light=True)
WRITE = Notation()
SVG = "{http://www.w3.org/2000/svg}"
TEXT, PATH = f"{SVG}text", f"{SVG}path"
EVIL = "<b>&amp;\"'"


def picture(figure: Figure, **changes: Any) -> ET.Element:
    """Return a picture of a figure, parsed."""
    return ET.fromstring(to_svg(figure, Picture("Title", COLOURS, **changes)))  # noqa: S314 (ours)


def texts(figure: Figure, **changes: Any) -> list[str]:
    """Return every text of a picture."""
    drawn = picture(figure, **changes)
    return [each.text or "" for each in drawn.iter(TEXT)]


def figures() -> Iterator[Figure]:
    """Yield every chart in ordinary and in extreme states."""
    states: list[dict[str, Any]] = [
        {"trendsData": guide.month()},
        {"revenue": 40_000},
        {"costBreakdown": [{"name": EVIL, "value": -5}], "agentAttribution": []},
        FORTY,
    ]
    yield from (draws(snapshot(**state), WRITE) for state in states for draws in CHARTS.values())
    running = report(days=[record(24, "9", "4"), record(25, "5", "9")])
    for chart, draws in HISTORY.items():
        yield draws(day_report() if chart is HistoryId.CHART_INTRADAY else running, WRITE)
    yield blank("no data yet")


@pytest.mark.parametrize("chart", list(figures()))
def test_picture_of(chart: Figure) -> None:
    """A picture is well-formed and self-contained: no CSS and no named theme colour."""
    written = to_svg(chart, Picture("Title", COLOURS))

    drawn = ET.fromstring(written)  # noqa: S314 (ours)
    assert not re.search(r'"--|var\(|nan|inf\b|class=|style=', written)
    assert (drawn.get("width"), drawn.get("height")) == ("800", "450")


def test_texts_of_a_waterfall() -> None:
    """The waterfall has its title, and the name and the amount of each bar."""
    found = texts(figure(Id.CHART_WATERFALL))

    assert found[0] == "Title"
    assert found[1:4] == ["Revenue", "Trading Fees", "Infrastructure"]
    assert found[-1] == "$77,130.00"


def test_amounts_of_a_loss() -> None:
    """An amount that the zero line would cross is placed at the start of its bar."""
    costs = [{"name": name, "value": value} for name, value in (("A", 99), ("B", 60))]
    loss = figure(Id.CHART_WATERFALL, revenue=100, expenses=159, costBreakdown=costs)
    low, high = loss["layout"]["yaxis"]["range"]

    drawn = picture(loss)

    margin = loss["layout"]["margin"]
    top, height = 40 + margin["t"], 450 - 40 - 28 - margin["t"] - margin["b"]
    zero = top + height * high / (high - low)
    bases = {
        each.text: float(each.get("y", 0)) for each in drawn.iter(TEXT) if "$" in (each.text or "")
    }
    assert len(bases) == 4
    assert not [text for text, y in bases.items() if y - 10 < zero < y + 2]
    assert bases["-$99.00"] < zero < bases["-$60.00"]


def test_long_names() -> None:
    """Names too long for their bars are shortened."""
    costs = [{"name": "A category with quite a long name", "value": 48_320}]
    found = texts(figure(Id.CHART_WATERFALL, costBreakdown=costs), width=300)

    assert found[2].startswith("A cat")
    assert found[2].endswith("…")


def test_legend_of_lines() -> None:
    """Lines are named at the bottom; a single one has no legend."""
    found = texts(figure(Id.CHART_TREND, trendsData=guide.month()))
    alone = texts(HISTORY[HistoryId.CHART_FALL](report(), WRITE))

    assert found[-4:] == ["Net", "Revenue", "Expenses", "Net, 7-day average"]
    assert "Below the peak" not in alone


def test_legend_of_a_ring() -> None:
    """Slices are named beside the ring with amount and share; the total is in its middle."""
    costs = [{"name": EVIL, "value": 48_320}]
    found = texts(figure(Id.CHART_COSTS, costBreakdown=costs), summary="$48,320.00")

    assert found == ["Title", "$48,320.00", EVIL, "$48,320.00 · 100.0%"]


@pytest.mark.parametrize(("width", "height"), [(640, 360), (640, 900), (1600, 360)])
def test_room_of_a_ring(width: int, height: int) -> None:
    """A ring and its legend fit in every aspect ratio; long names are shortened."""
    costs = [{"name": "A category with a name " * 8, "value": 48_320}]
    drawn = picture(figure(Id.CHART_COSTS, costBreakdown=costs), width=width, height=height)

    _, name, amount = drawn.iter(TEXT)
    drawn_ring = next(drawn.iter(PATH)).get("d", "")
    ring = max(float(x) for x in re.findall(r"[ML ](\d+\.?\d*) ", drawn_ring))
    shown = name.text or ""
    end = float(name.get("x", 0)) + text_width(shown, 12)
    assert shown.startswith("A category")
    assert shown.endswith("…")
    assert ring < float(name.get("x", 0))
    assert end < float(amount.get("x", 0)) - text_width(amount.text or "", 12)


@pytest.mark.parametrize("width", [300, 640, 1600])
def test_size_of_a_title(width: int) -> None:
    """The whole title is in the picture."""
    title = "Where the money went · as of 02:47:49, 30 Nov 2026 · UTC · REPLAY · RECONNECTING"
    svg = to_svg(figure(Id.CHART_COSTS), Picture(title, COLOURS, width=width))

    drawn = ET.fromstring(svg).find(TEXT)  # noqa: S314 (ours)
    assert drawn is not None
    size = float(drawn.get("font-size", 0))
    assert 1.1 * text_width(title, size) <= width - 2 * 20 + 1
    assert size <= 16


def test_days_of_a_picture() -> None:
    """As many days are labelled as fit."""
    month = figure(Id.CHART_TREND, trendsData=guide.month())
    days = [sum(" " in text for text in texts(month, width=width)) for width in (400, 2000)]

    assert days == [1 + 4, 1 + 30], "with the average's name"


@pytest.mark.parametrize("light", [False, True])
def test_colours_of_a_theme(light: bool) -> None:  # noqa: FBT001 (a parameter)
    """Every named colour has the value of the theme."""
    colours = theme.colours(CSS, light=light)

    assert colours[theme.GAIN] == ("#059669" if light else "#10b981")
    assert colours["--series-11"] == ("#6c8be0" if light else "#9db2f7")
    assert {theme.TEXT, theme.MUTED, theme.GRID, theme.AXIS, theme.REST} <= colours.keys()
