"""Sparklines in the cards of the key figures: the running day so far.

A line has coordinates of its own, which the browser scales to the card: slots of the day to the
right, and downwards how far the amount is below the first one. So an update moves only the last
point.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor, log10

from northstar.domain.day import Amounts
from northstar.domain.intraday import SLOT, DayLine, Intraday
from northstar.view.shared.html import Markup
from northstar.view.shared.panels import Props

POINTS = 60  # a line of some 200 pixels shows no more
ABOVE, BELOW = 0.04, 0.08  # of the box, so that the line's width is visible
LEAST_SPAN = 0.2  # of the largest amount: a small movement does not fill the box
DIGITS = 3  # of amounts that differ by 1 to 10


def sparkline(day: Intraday | None, figure: str, label: str) -> Props:
    """Return the properties of one figure's line.

    `points` are the line's corners as SVG has them, `viewBox` is the box around them.
    """
    since = f" since {day.line.start.astimezone(day.line.zone):%H:%M}" if day else ""
    name = {"title": f"{label}{since}", "aria-label": f"{label}{since}"}
    known = [*_closed(day.line, figure), *_newest(day, figure)] if day else []
    if not known[1:]:
        return {"points": (), "viewBox": "0 0 1 1", **name}
    return {**_line(known), **name}


def drawing(line: Props) -> Markup:
    """Return a line and the area below it, as assets/50-texts.js draws them."""
    x, y, width, height = map(float, line["viewBox"].split())
    ends = f"{x + width:g},{y + height:g} {x:g},{y + height:g}"
    corners = " ".join(line["points"])
    return Markup(
        f'<svg viewBox="{line["viewBox"]}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="{corners} {ends}"></polygon>'
        f'<polyline points="{corners}"></polyline></svg>'
    )


@lru_cache(maxsize=8)  # a line changes when one of its slots ends
def _closed(line: DayLine, figure: str) -> Sequence[tuple[int, float]]:
    """Return some of the closed slots and their amounts, at most `POINTS`."""
    stride = max(1, ceil(len(line.slots) / POINTS))
    return [
        (slot, float(amount))
        for slot, moment in enumerate(line.slots)
        if moment and slot % stride == 0 and (amount := _amount(moment.amounts, figure)) is not None
    ]


def _newest(day: Intraday, figure: str) -> Sequence[tuple[int, float]]:
    amount = _amount(day.newest.amounts, figure)
    return [] if amount is None else [((day.newest.at - day.line.start) // SLOT, float(amount))]


def _amount(amounts: Amounts, figure: str) -> float | None:
    amount = getattr(amounts, figure)
    return None if amount is None else float(amount)


def _line(known: Sequence[tuple[int, float]]) -> Props:
    first_slot, first = known[0]
    below = [first - amount for _, amount in known]
    span = max(below) - min(below)
    least = LEAST_SPAN * max(abs(amount) for _, amount in known)
    box = max(span, least) or 1.0
    unit = 10.0 ** floor(log10(box))
    top = (min(below) - (box - span) / 2) / unit
    height = box / unit / (1 - ABOVE - BELOW)
    return {
        "points": tuple(
            f"{slot - first_slot},{round(y / unit, DIGITS) + 0:g}"
            for (slot, _), y in zip(known, below, strict=True)
        ),
        "viewBox": f"0 {top - ABOVE * height:.3f} {known[-1][0] - first_slot} {height:.3f}",
    }
