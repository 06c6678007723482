"""Limits of alert rules, as lines in the charts of net."""

from collections.abc import Sequence

from northstar.domain.limits import Limit
from northstar.view.shared import theme
from northstar.view.shared.charts import Figure
from northstar.view.shared.money import Notation, isolated

REACH = 0.5  # of the data's range: a limit farther away would flatten the lines of the data


def is_near(limit: Limit, amounts: Sequence[float]) -> bool:
    """Return whether a limit is drawn in a chart of these amounts.

    A distant one is not, so that the axis stays that of the data; the list of rules has it.
    """
    low, high = min(amounts, default=0.0), max(amounts, default=0.0)
    room = REACH * (high - low)
    return low - room <= limit.net <= high + room


def limit_lines(
    limits: Sequence[Limit], x: Sequence[str], amounts: Sequence[float], write: Notation
) -> list[Figure]:
    """Return a line along `x` for each limit, without points if it is not near these amounts.

    So the number of no other trace changes when a limit comes near.
    """
    return [_line(limit, x if is_near(limit, amounts) else (), write) for limit in limits]


def limit_text(limit: Limit, write: Notation) -> str:
    """Return a limit in words: `below -$5,000 (net-floor)`."""
    side = "below" if limit.is_floor else "above"
    return f"{side} {write.money(limit.net)} ({isolated(limit.rule)})"


def _line(limit: Limit, x: Sequence[str], write: Notation) -> Figure:
    return {
        "type": "scatter",
        "name": "Limit",
        "meta": "limit",
        "x": list(x),
        "y": [float(limit.net)] * len(x),
        "customdata": [limit_text(limit, write)] * len(x),
        "mode": "lines",
        "line": {"color": theme.WARN, "width": 1, "dash": "dot"},
    }
