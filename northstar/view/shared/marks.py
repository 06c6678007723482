"""Marks of notes and alerts in charts."""

from collections.abc import Sequence

from northstar.view.shared import theme
from northstar.view.shared.charts import Figure
from northstar.view.shared.money import legible

LONGEST = 120  # characters of a tooltip; the history page has the whole text


def note_marks(x: Sequence[str], y: Sequence[float], texts: Sequence[str]) -> list[Figure]:
    """Return a trace of marks with notes in their tooltips; none without notes."""
    return _marks("Note", "circle", x, y, texts)


def alert_marks(x: Sequence[str], y: Sequence[float], texts: Sequence[str]) -> list[Figure]:
    """Return a trace of marks with what happened to alerts in their tooltips, or none."""
    return _marks("Alert", "square", x, y, texts)


def shortened(text: str) -> str:
    """Return a text, cut to the length of a tooltip."""
    shown = legible(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1].rstrip()}…"


def _marks(
    name: str, symbol: str, x: Sequence[str], y: Sequence[float], texts: Sequence[str]
) -> list[Figure]:
    if not x:
        return []
    marks = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "meta": f"{name.lower()}s",
        "x": x,
        "y": y,
        "customdata": [*map(shortened, texts)],
        "marker": {
            "symbol": symbol,
            "size": 9,
            "color": theme.TEXT,
            "line": {"color": theme.HOVER, "width": 1.5},
        },
        "cliponaxis": False,
    }
    return [marks]
