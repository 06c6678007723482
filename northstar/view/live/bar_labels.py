"""Names and amounts of bars: HTML above the chart, so that they change with the other texts.

Plotly draws only the bars. The server estimates how wide the texts are, and from that how wide a
chart has to be for vertical bars; in a narrower one they are horizontal. assets/52-drawn.css and
assets/40-fit.js, which arranges the bars, follow the same numbers.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from northstar.domain.snapshot import Snapshot
from northstar.reports.parts import Part, PartKind
from northstar.view.live.earners import earners_layout, largest_earners
from northstar.view.live.links import mark
from northstar.view.live.sections import made_of
from northstar.view.live.steps import LABEL_PADDING, bounds, label_place, levels, steps
from northstar.view.shared.charts import Figure
from northstar.view.shared.compact import brief
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Rows, Texts
from northstar.view.shared.text_width import text_width

WATERFALL_MARGIN = {"l": 10, "r": 30, "t": 22, "b": 26}
NAME_PX = 11  # size of a name
AMOUNT_PX = 13  # size of an amount, down to
LEAST_AMOUNT_PX = 10
APART_PX = 4


class Room(NamedTuple):
    """The room that the texts of bars need, in pixels.

    Bars are vertical in a chart at least `least_px` wide. `names_px` and `amounts_px` are the
    widths of the longest name and amount beside horizontal bars.
    """

    least_px: int
    names_px: int
    amounts_px: int


@lru_cache(maxsize=8)
def room_for_bars(names: tuple[str, ...], amounts: tuple[str, ...]) -> Room:
    """Return the room for the waterfall's bars with these texts."""
    name = max(text_width(name, NAME_PX) for name in names)
    amount = max(text_width(amount, AMOUNT_PX) for amount in amounts)
    bar = max(name + APART_PX, (amount + APART_PX) * LEAST_AMOUNT_PX / AMOUNT_PX)
    least = len(names) * bar + WATERFALL_MARGIN["l"] + WATERFALL_MARGIN["r"]
    return Room(ceil(least), ceil(name), ceil(amount * NAME_PX / AMOUNT_PX))


def bar_labels(snapshot: Snapshot, write: Notation) -> Texts:
    """Return names and amounts of the bars of all charts."""
    return {**_waterfall(snapshot, write), **_agents(snapshot, write)}


def _waterfall(snapshot: Snapshot, write: Notation) -> Texts:
    """Return names and amounts of the waterfall; an amount is beyond the end of its bar."""
    bars = steps(snapshot, write.tolerance)
    names = tuple(bar.name for bar in bars)
    amounts = tuple(brief(bar.amount, write) for bar in bars)
    room = room_for_bars(names, amounts)
    style = {
        "--least": f"{room.least_px}px",
        "--names": f"{room.names_px}px",
        "--amounts": f"{room.amounts_px}px",
        "--widest": ceil(room.amounts_px * AMOUNT_PX / NAME_PX) + APART_PX,
    }
    whole = part(Id.CHART_WATERFALL, "labels")
    content: Texts = {
        whole: {
            "children": _rows(Id.CHART_WATERFALL, names, PartKind.CATEGORY),
            "style": {**_layout(names, WATERFALL_MARGIN), **style},
        }
    }
    low, high = bounds(bars)
    for row, (bar, ends, amount) in enumerate(zip(bars, levels(bars), amounts, strict=True)):
        level, is_below = label_place(float(bar.amount), ends, LABEL_PADDING * (high - low))
        content[part(Id.CHART_WATERFALL, "labels", row, "amount")] = {
            "children": amount,
            "className": "bar-amount below" if is_below else "bar-amount",
            "style": {"--end": f"{100 * (high - level) / (high - low):.4g}"},
        }
    return content


@made_of("agent_attribution")
def _agents(snapshot: Snapshot, write: Notation) -> Texts:
    """Return the agents' names; their amounts are in the cards."""
    rows = largest_earners(snapshot)
    names = tuple(row.name for row in rows)
    margin = earners_layout(rows, write)["margin"]
    whole = part(Id.CHART_AGENTS, "labels")
    return {
        whole: {
            "children": _rows(Id.CHART_AGENTS, names, PartKind.AGENT),
            "style": _layout(names, margin),
        }
    }


def _layout(names: Sequence[str], margin: Figure) -> Mapping[str, object]:
    return {"--bars": len(names), **{f"--{side}": f"{px}px" for side, px in margin.items()}}


@lru_cache(maxsize=8)  # names rarely change
def _rows(chart: Id, names: tuple[str, ...], kind: PartKind) -> Rows:
    """Return the texts of bars; the waterfall has amounts, and begins and ends with a total."""
    if kind is PartKind.AGENT:
        return tuple(_row(row, name, Part(kind, name), []) for row, name in enumerate(names))
    parts = [None, *(Part(kind, name) for name in names[1:-1]), None]
    amounts = [html.Span(id=part(chart, "labels", row, "amount")) for row in range(len(names))]
    return tuple(_row(row, names[row], parts[row], [amounts[row]]) for row in range(len(names)))


def _row(row: int, name: str, of: Part | None, amount: Sequence[Component]) -> Component:
    text = html.Span(name, className="bar-name", title=name)
    return html.Li([text, *amount], style={"--bar": row}, **mark(of))
