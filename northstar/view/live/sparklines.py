"""Sparklines in the cards of the key figures.

A line has coordinates of its own, which the browser scales to the card: slots of time to the right,
and downwards how far the amount is below the first one. So an update adds a point and changes none.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import floor, log10

from northstar.domain.sparkline import Point
from northstar.view.shared.html import Markup
from northstar.view.shared.panels import Props

ABOVE, BELOW = 0.04, 0.08  # of the box, so that the line's width is visible
DIGITS = 3  # of amounts that differ by 1 to 10


def sparkline(
    points: Sequence[Point], figure: str, label: str, write: Callable[[Decimal | None], str]
) -> Props:
    """Return the properties of one figure's line; `points` are oldest first.

    `points` are the line's corners as SVG has them, `viewBox` is the box around them.
    """
    known = [
        (point.slot, amount) for point in points if (amount := getattr(point, figure)) is not None
    ]
    if not known or known[0][0] == known[-1][0]:
        text = f"{label} since the start"
        return {"points": (), "viewBox": "0 0 1 1", "title": text, "aria-label": text}
    text = f"{label} since the start, from {write(known[0][1])} to {write(known[-1][1])}"
    return {**_line(known), "title": text, "aria-label": text}


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


def _line(known: Sequence[tuple[int, Decimal]]) -> Props:
    first_slot, first = known[0]
    below = [float(first - amount) for _, amount in known]
    span = max(below) - min(below)
    unit = 10.0 ** floor(log10(span)) if span else 1.0
    top = min(below) / unit if span else -0.5
    height = (span / unit or 1.0) / (1 - ABOVE - BELOW)
    return {
        "points": tuple(
            f"{slot - first_slot},{round(y / unit, DIGITS) + 0:g}"
            for (slot, _), y in zip(known, below, strict=True)
        ),
        "viewBox": f"0 {top - ABOVE * height:.3f} {known[-1][0] - first_slot} {height:.3f}",
    }
