"""Saving charts as pictures."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.dashboard import Dashboard
from support.fresh_page import opened
from support.page import Page
from support.screen import DESK
from support.waiting import until

__all__ = ["opened"]  # a fixture

pytestmark = pytest.mark.browser

PNG_END = b"IEND\xaeB`\x82"


def png_size(file: Path) -> tuple[int, int]:
    """Return the width and height in a PNG file's header."""
    start = file.read_bytes()[:24]
    assert start[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", start[16:])
    return width, height


def saved(page: Page, folder: Path, charts: Sequence[str]) -> list[Path]:
    """Save charts as PNG files in turn; return them in that order."""
    page.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    page.run("""
        window.pictures = [];
        const { toImage } = Plotly;
        Plotly.toImage = (figure, ...rest) => {
            window.pictures.push(JSON.parse(JSON.stringify(figure)));
            return toImage(figure, ...rest);
        };
    """)
    found: list[Path] = []

    def new() -> list[Path]:
        files = [file for file in folder.glob("*.png") if file not in found]
        return [file for file in files if file.read_bytes().endswith(PNG_END)]

    for chart in charts:
        page.click(f"[data-png={chart}]")
        until(new, 20, f"{chart} is saved")
        found += new()
    return found


def test_pictures(opened: Page, tmp_path: Path) -> None:
    """Each chart is saved as a PNG file; file name and title name the chart, the title its time."""
    folder = tmp_path / "saved"
    folder.mkdir()
    charts = ["chart-trend", "chart-waterfall", "chart-costs", "chart-agents"]
    files = saved(opened, folder, charts)

    for chart, file in zip(charts, files, strict=True):
        assert file.name.startswith(f"northstar-{chart.removeprefix('chart-')}-20")
        assert png_size(file) == (2400, 1350)
        assert file.stat().st_size > 10_000
    pictures = opened.run("return window.pictures")
    as_of = f"as of {opened.text('#as-of')}, {opened.text('#as-of-day')}"
    titles = [picture["layout"]["title"]["text"] for picture in pictures]
    assert titles == [
        f"{heading} · {as_of}"
        for heading in (
            "30-day trend",
            "Revenue to net P&L",
            "Where the money went",
            "Who earned it",
        )
    ]
    for picture in pictures:
        named = [t for t in picture["data"] if t["type"] != "pie" and t.get("showlegend", True)]
        unnamed = [t["type"] for t in named if not t.get("name")]
        assert not picture["layout"]["showlegend"] or unnamed == [], "a legend of 'trace 3'"


@pytest.mark.long
def test_picture_of_what_is_not_real(page: Page, demo: Dashboard, tmp_path: Path) -> None:
    """A picture of invented numbers says so in its title and file name."""
    folder = tmp_path / "saved"
    folder.mkdir()
    page.resize(*DESK)
    page.open(demo.url)
    page.is_drawn()
    [file] = saved(page, folder, ["chart-agents"])

    [picture] = page.run("return window.pictures")
    assert picture["layout"]["title"]["text"].endswith(" · DEMO")
    assert file.name.endswith("-demo.png")
