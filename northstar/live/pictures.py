"""Charts of a state as PNG, drawn in a separate process.

In a thread it would block the event loop: resvg holds the GIL for up to half a second.
"""

import asyncio
from collections.abc import Mapping

from northstar import programs
from northstar.domain.snapshot import Snapshot
from northstar.errors import PictureError, ProgramError
from northstar.view.live.pictures import Look, chart_svg
from northstar.view.shared.drawn import png
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation

LIMIT_S = 20.0
# Of an alert's picture, in units of the SVG: texts are readable on a phone. It has twice as many
# pixels.
ALERT_SIZE = (480, 300)


async def draw_png(svg: str) -> bytes:
    """Return the picture of an SVG. Raises `PictureError`."""
    try:
        return await programs.run(png.__name__, svg.encode(), LIMIT_S)
    except ProgramError as error:
        raise PictureError(str(error)) from error


async def alert_png(
    chart: Id, snapshot: Snapshot, labels: str, write: Notation, colours: Mapping[str, str]
) -> bytes:
    """Return a chart of a state for a notification, in the colours of a theme by name.

    `labels` are those of `state_labels`. Raises `PictureError`.
    """
    look = Look(*ALERT_SIZE, colours)
    return await draw_png(await asyncio.to_thread(chart_svg, chart, snapshot, labels, write, look))
