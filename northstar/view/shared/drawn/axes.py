"""Axes of a figure: positions of values, grid lines, labels of days and amounts."""

import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any

from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.shapes import FULL, Label, Line

DAY_S = timedelta(days=1).total_seconds()
DAY_PX = 58  # room for a day below an axis; as in assets/40-fit.js
EDGE = 1e-3  # of the plot area: a grid line this close to its edge is not drawn
WIDEST_PX = 4000  # no chart is wider


class Axis:
    """An axis of numbers or times, with a given range."""

    def __init__(self, layout: Figure) -> None:
        self.is_date = layout.get("type") == "date"
        self.low, self.high = (self.number(end) for end in layout.get("range", (0, 1)))

    def number(self, value: Any) -> float:
        """Return a value as a number: a time in seconds."""
        if not self.is_date:
            return float(value)
        return _seconds(value)

    def share(self, value: Any) -> float:
        """Return a value's distance from the start of the axis, as a share of its length."""
        return (self.number(value) - self.low) / (self.high - self.low)

    def across(self, value: Any) -> int:
        """Return the position from the left."""
        return round(FULL * self.share(value))

    def down(self, value: Any) -> int:
        """Return the position from the top."""
        return FULL - self.across(value)


# The traces of a chart, and the charts of a page, have the same times: up to 10,000 days.
@lru_cache(maxsize=10_000)
def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp()


def grid(layout: Figure) -> Iterator[Line]:
    """Yield the grid lines of the amounts and the line at zero."""
    amounts = layout["yaxis"]
    if "range" not in amounts:
        return
    axis = Axis(amounts)
    has_zero = amounts.get("zeroline", True) and axis.low <= 0 <= axis.high
    if amounts.get("showgrid", True):
        inner = [
            tick
            for tick in amounts.get("tickvals", ())
            if EDGE < axis.share(tick) < 1 - EDGE and not (tick == 0 and has_zero)
        ]
        yield Line([_level(axis.down(tick)) for tick in inner], amounts["gridcolor"], 1, crisp=True)
    if has_zero:
        yield Line([_level(axis.down(0))], amounts["zerolinecolor"], 1, crisp=True)


def _level(down: int) -> Sequence[tuple[int, int]]:
    return [(0, down), (FULL, down)]


def labels(layout: Figure) -> Iterator[Label]:
    """Yield the labels of both axes and the annotations; names of bars are not among them."""
    amounts, places, margin = layout["yaxis"], layout["xaxis"], layout["margin"]
    if "range" in amounts and amounts.get("showticklabels", True):
        axis = Axis(amounts)
        for tick, text in zip(amounts["tickvals"], amounts["ticktext"], strict=True):
            yield Label("left", text, (0, axis.down(tick)))
    if places.get("type") == "date":
        yield from _days(places, margin["l"] + margin["r"])
    for note in layout.get("annotations", ()):
        text = html.unescape(note["text"])
        at = (round(FULL * note["x"]), round(FULL * (1 - note["y"])))
        yield Label("corner" if note.get("xanchor") == "right" else "centre", text, at)


def _days(layout: Figure, margins_px: float) -> Iterator[Label]:
    """Yield the labels of days: where not all have room, every second, fourth, … from the last."""
    axis = Axis(layout)
    days = list(zip(layout["tickvals"], layout["ticktext"], strict=True))
    for back, (day, text) in enumerate(reversed(days)):
        # The largest power of two that divides the distance from the newest day, of which each
        # stride up to it is a divisor. The newest always has its label.
        stride = back & -back
        least_px = ceil(len(days) * DAY_PX / stride + margins_px) if back else 0
        if least_px < WIDEST_PX:
            yield Label("below", text, (axis.across(day), FULL), least_px)


def ink(colour: str) -> str:
    """Return a colour as CSS: names of the theme are custom properties."""
    return f"var({colour})" if colour.startswith("--") else colour


TRANSPARENT = "rgba(0,0,0,0)"
