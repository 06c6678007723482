"""Colours of the charts: names of custom properties in `assets/10-tokens.css`.

What it looks like is up to the viewer's theme, so the browser puts the colours in.
"""

from pathlib import Path
from zlib import crc32

# Runs before a page is drawn, and gives it the theme that its viewer chose.
SCRIPT = Path(__file__).with_name("theme.js")

TEXT = "--text"
MUTED = "--muted"
GRID = "--grid"
AXIS = "--axis"
HOVER = "--hover"
SLICE_GAP = "--slice-gap"

GAIN = "--fill-gain"
LOSS = "--fill-loss"
REVENUE = "--fill-revenue"
EXPENSES = "--fill-expenses"
NET = "--fill-net"
FALL = "--fill-fall"
REST = "--series-rest"

SALT = 4  # sets apart the agents of the guide, from each other and from revenue and net
SERIES = 12  # colours that can be told apart: --series-0 to --series-11

FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Liberation Sans', Arial, sans-serif"


def series(index: int) -> str:
    """Return the colour of the `index`-th of several things."""
    return f"--series-{index % SERIES}"


def result(net: float) -> str:
    """Return the colour of a result: loss or gain."""
    return LOSS if net < 0 else GAIN


def by_name(name: str) -> str:
    """Return the colour that a name always has; two names may have the same."""
    return series(crc32(name.encode(), SALT))
