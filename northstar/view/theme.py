"""The colours that plotly needs to be told; the page's own are the tokens in `assets/`."""

GROUND = "rgba(0,0,0,0)"
TEXT = "#e6edf7"
MUTED = "#9fb0c9"
GRID = "rgba(159,176,201,0.14)"
AXIS = "rgba(159,176,201,0.45)"

HOVER = "#0f1a33"
SLICE_GAP = "#16213e"

GAIN = "#10b981"
LOSS = "#ef4444"
REVENUE = "#3b82f6"
EXPENSES = "#f59e0b"
NET = "#10b981"

FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Liberation Sans', Arial, sans-serif"

# The first four are the brand's; then hues as far from them, and from each other, as 12 allow.
COSTS = (
    "#f97316",
    "#ef4444",
    "#ec4899",
    "#8b5cf6",
    "#3b82f6",
    "#06b6d4",
    "#10b981",
    "#84cc16",
    "#eab308",
    "#a16207",
    "#94a3b8",
    "#f0abfc",
)


def cost_colour(index: int) -> str:
    """Return the colour of the `index`-th category."""
    return COSTS[index % len(COSTS)]


def result_colour(net: float) -> str:
    """Return the colour of a result: loss or gain."""
    return LOSS if net < 0 else GAIN
