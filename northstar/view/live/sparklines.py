"""Sparklines in the cards of the key figures.

A line's points are in percent of its box; see assets/50-texts.js.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from northstar.domain.sparkline import Point

TOP, BOTTOM = 4, 92  # percent of the height; the margin keeps the line's width visible


def sparkline(
    points: Sequence[Point], figure: str, label: str, write: Callable[[Decimal | None], str]
) -> Mapping[str, Any]:
    """Return the properties of one figure's line; `points` are oldest first."""
    known = [
        (point.slot, amount) for point in points if (amount := getattr(point, figure)) is not None
    ]
    if not known or known[0][0] == known[-1][0]:
        text = f"{label} since the start"
        return {"data-points": "", "title": text, "aria-label": text}
    text = f"{label} since the start, from {write(known[0][1])} to {write(known[-1][1])}"
    return {"data-points": _corners(known), "title": text, "aria-label": text}


def _corners(known: Sequence[tuple[int, Decimal]]) -> str:
    """Return the line's points from left to right, in percent from the left and the top."""
    first, last = known[0][0], known[-1][0]
    low = float(min(amount for _, amount in known))
    span = float(max(amount for _, amount in known)) - low

    def corner(slot: int, amount: Decimal) -> str:
        height = (float(amount) - low) / span if span else 0.5
        x, y = 100 * (slot - first) / (last - first), BOTTOM - height * (BOTTOM - TOP)
        return f"{x:.4g},{y:.4g}"

    return " ".join(corner(slot, amount) for slot, amount in known)
