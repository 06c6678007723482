"""Colours of the charts: names of custom properties in `assets/10-tokens.css`.

The browser replaces the names with the colours of the viewer's theme.
"""

import re
from decimal import Decimal
from pathlib import Path
from zlib import crc32

# Runs before the page is drawn and applies the theme that the viewer chose.
SCRIPT = Path(__file__).with_name("theme.js")

TEXT = "--text"
MUTED = "--muted"
GRID = "--grid"
AXIS = "--axis"
HOVER = "--hover"
WARN = "--warn"
SLICE_GAP = "--slice-gap"

GAIN = "--fill-gain"
LOSS = "--fill-loss"
REVENUE = "--fill-revenue"
EXPENSES = "--fill-expenses"
NET = "--fill-net"
FALL = "--fill-fall"
REST = "--series-rest"

SALT = 4  # gives the guide's agents colours distinct from each other, revenue and net
SERIES = 12  # distinguishable colours of agents: --series-0 to --series-11
COSTS = 7  # of cost categories: --cost-0 to --cost-6

FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Liberation Sans', Arial, sans-serif"


def colours(css: str, *, light: bool = False) -> dict[str, str]:
    """Return the colours of a theme by name, as the style sheet `10-tokens.css` defines them."""
    rules = re.findall(r"(:root[^{]*?)\s*\{([^}]*)\}", css)
    wanted = [":root", ':root[data-theme="light"]'][: 1 + light]
    found: dict[str, str] = {}
    for selector, body in rules:
        if selector in wanted:
            found |= re.findall(r"(--[\w-]+):\s*([^;]+);", body)
    return found


def series(index: int) -> str:
    """Return the colour of the `index`-th series."""
    return f"--series-{index % SERIES}"


def cost(row: int) -> str:
    """Return the colour of the cost category in that row; no agent has it, and it is no result."""
    return f"--cost-{row % COSTS}"


def result(net: Decimal) -> str:
    """Return the colour of a result as shown: loss or gain."""
    return LOSS if net < 0 else GAIN


def by_name(name: str) -> str:
    """Return the colour of a name, always the same; two names may share one."""
    return series(crc32(name.encode(), SALT))
