"""Pictures of charts for notifications."""

import struct
import sys

import pytest

from northstar import programs
from northstar.errors import PictureError
from northstar.live.pictures import ALERT_SIZE, alert_png
from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support.readings import snapshot


async def draw(chart: Id) -> bytes:
    """Return the picture of a chart."""
    colours = theme.colours((ASSETS / "10-tokens.css").read_text("utf-8"), light=True)
    return await alert_png(chart, snapshot(-5120, expenses=60_000), "LIVE", Notation(), colours)


@pytest.mark.parametrize("chart", [Id.CHART_TREND, Id.CHART_WATERFALL])
async def test_picture(chart: Id) -> None:
    """A chart is a PNG with twice as many pixels as its size."""
    content = await draw(chart)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == tuple(2 * length for length in ALERT_SIZE)


async def test_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the drawing program raises PictureError."""
    monkeypatch.setattr(programs, "command", lambda _: (sys.executable, "-c", "1 / 0"))
    with pytest.raises(PictureError, match="division by zero"):
        await draw(Id.CHART_TREND)
