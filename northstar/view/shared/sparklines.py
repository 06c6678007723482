"""Sparklines in the cards of the key figures: the running day so far.

A line has coordinates of its own, which the browser scales to the card: slots of the day to the
right, and downwards how far the amount is below the first one. So an update moves only the last
point.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil, floor, log10
from types import MappingProxyType

from northstar.domain.day import Amounts
from northstar.domain.intraday import SLOT, DayLine, Intraday
from northstar.domain.limits import Limit
from northstar.view.shared.html import Markup
from northstar.view.shared.limits import is_near
from northstar.view.shared.panels import Props

POINTS = 60  # a line of some 200 pixels shows no more
ABOVE, BELOW = 0.04, 0.08  # of the box, so that the line's width is visible
LEAST_SPAN = 0.2  # of the largest amount: a small movement does not fill the box
DIGITS = 3  # of amounts that differ by 1 to 10
DRAWN = {"points", "viewBox", "limits"}  # properties that are drawn, by `drawing`
NO_LIMITS: Mapping[str, Limit] = MappingProxyType({})


def sparkline(
    day: Intraday | None, figure: str, label: str, limits: Mapping[str, Limit] = NO_LIMITS
) -> Props:
    """Return the properties of one figure's line; `limits` are by text.

    `points` are the line's corners as SVG has them, `viewBox` is the box around them, `limits` are
    heights of level lines.
    """
    known = [*_closed(day.line, figure), *_newest(day, figure)] if day else []
    amounts = [amount for _, amount in known]
    near = {text: limit for text, limit in limits.items() if is_near(limit, amounts)}
    since = f"since {day.line.start.astimezone(day.line.zone):%H:%M}" if day else ""
    whole = ", ".join([f"{label} {since}".strip(), *(f"limit {text}".strip() for text in near)])
    name = {"title": whole, "aria-label": whole, "data-since": since}
    if not known[1:]:
        return {"points": (), "viewBox": "0 0 1 1", "limits": (), **name}
    return {**_line(known, [float(limit.net) for limit in near.values()]), **name}


def drawing(line: Props) -> Markup:
    """Return a line and the area below it, as assets/50-texts.js draws them."""
    x, y, width, height = map(float, line["viewBox"].split())
    ends = f"{x + width:g},{y + height:g} {x:g},{y + height:g}"
    corners = " ".join(line["points"])
    return Markup(
        f'<svg viewBox="{line["viewBox"]}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="{corners} {ends}"></polygon>'
        f'<polyline points="{corners}"></polyline>'
        f'<path d="{_levels(line)}"></path></svg>'
    )


def _levels(line: Props) -> str:
    """Return the level lines as the path of an SVG."""
    x, _, width, _ = line["viewBox"].split()
    return " ".join(f"M{x} {y}h{width}" for y in line["limits"])


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


def _line(known: Sequence[tuple[int, float]], limits: Sequence[float]) -> Props:
    first_slot, first = known[0]
    below = [first - amount for _, amount in known]
    levels = [first - limit for limit in limits]
    lowest, highest = max(*below, *levels), min(*below, *levels)
    span = lowest - highest
    least = LEAST_SPAN * max(abs(amount) for _, amount in known)
    box = max(span, least) or 1.0
    unit = 10.0 ** floor(log10(box))
    top = (highest - (box - span) / 2) / unit
    height = box / unit / (1 - ABOVE - BELOW)
    return {
        "points": tuple(
            f"{slot - first_slot},{round(y / unit, DIGITS) + 0:g}"
            for (slot, _), y in zip(known, below, strict=True)
        ),
        "limits": tuple(f"{y / unit:.{DIGITS}f}" for y in levels),
        "viewBox": f"0 {top - ABOVE * height:.3f} {known[-1][0] - first_slot} {height:.3f}",
    }
