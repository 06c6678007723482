"""Panels: a chart's frame, labelled numbers, arrows and tones."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.view.shared.charts import NO_DATA_YET
from northstar.view.shared.compact import brief
from northstar.view.shared.html import Markup
from northstar.view.shared.ids import HistoryId, Id, part
from northstar.view.shared.money import UNKNOWN, Notation

Props: TypeAlias = Mapping[str, Any]


Texts: TypeAlias = dict[str, Props]


Rows: TypeAlias = tuple[Component, ...]


# A text, or its parts.
Written: TypeAlias = str | Sequence[str | Component]


def stat(label: Written, number_id: str, key: str = "", number: Written = UNKNOWN) -> Component:
    """Return a labelled number, unknown by default; `key` gives it a chart's colour."""
    text = html.Dd(number, id=number_id)
    return html.Div([html.Dt(label), text], className=f"stat {key}".strip())


def amount_props(amount: Decimal | None, write: Notation) -> dict[str, Any]:
    """Return the text of an amount where there is little room; an abbreviated one has a title."""
    text = brief(amount, write)
    exact = write.money(amount)
    return {"children": text} if text == exact else {"children": text, "title": exact}


def change_text(shown: Decimal | None, percent: Decimal | None, write: Notation) -> str:
    """Return a difference as shown, with its arrow and percentage; unknown without one.

    `percent` is of the exact amounts; it is zero if these are shown alike.
    """
    if shown is None:
        return UNKNOWN
    known = percent if shown or percent is None else shown
    text = f"{brief(shown, write, plus=True)} ({write.signed_percent(known)})"
    return f"{arrow(shown)} {text}".strip()


def cents_apart(text: str, point: str) -> Props:
    """Return the properties of an amount whose decimals are smaller; it is read as one number.

    `point` is the decimal separator, empty if there are no decimals. The browser writes the next
    amounts (assets/50-texts.js).
    """
    found = re.search(rf"[{point}]\d+(?=\D*$)", text) if point else None
    label = {"role": "img", "aria-label": text, "data-point": point}
    if found is None:
        return {"children": text, **label}
    before, after = text[: found.start()], text[found.end() :]
    return {"children": [before, html.Small(found[0]), *filter(None, [after])], **label}


def points_text(now: Decimal | None, before: Decimal | None, write: Notation) -> str:
    """Return the difference of two percentages as shown, with its arrow."""
    return f"{arrow(write.points(now, before))} {write.signed_points(now, before)}".strip()


def arrow(movement: Decimal | None) -> str:
    """Return the arrow of a movement as shown, in addition to its colour; empty without one."""
    return "" if not movement else "▲" if movement > 0 else "▼"


def tone(movement: Decimal | None, *, more_is_good: bool = True) -> str:
    """Return the class of a movement as shown: gain, loss or flat; a rise in costs is a loss."""
    if not movement:
        return "flat"
    return "gain" if (movement > 0) == more_is_good else "loss"


def is_loss(shown: Decimal | None) -> bool:
    """Return whether an amount or a percentage is negative as shown."""
    return shown is not None and shown < 0


def room_for(numbers: Sequence[str]) -> Props:
    """Return the CSS property with the length of the longest number."""
    return {"style": {"--letters": max(map(len, numbers), default=0)}}


def numbers(whole: Id, *row: int, **shown: Props) -> Texts:
    """Return the texts of the numbers in a component, or in a row of it, by id."""
    return {part(whole, *row, name): props for name, props in shown.items()}


def summary_of(whole: Id, **shown: Props) -> Texts:
    """Return the texts of a panel's numbers, with room for the longest."""
    longest = room_for([number["children"] for number in shown.values()])
    return {whole: longest, **numbers(whole, **shown)}


def swatch(colour: str) -> Component:
    """Return the mark of a colour of the theme."""
    return html.I(className="swatch", style={"background": f"var({colour})"})


REAL = "live"  # the only source with real numbers


def panel(  # noqa: PLR0913 (a panel is its parts)
    chart: Id | HistoryId,
    heading: str,
    stats: Sequence[Component] = (),
    *,
    summary: str | None = None,
    over: Sequence[Component] = (),
    beside: Sequence[Component] = (),
    books: Id | None = None,
    labels: bool = False,
    drawn: Markup | None = None,
    zooms: Sequence[Component] = (),
) -> Component:
    """Return a chart with its heading, numbers, table and tools; `over` overlays the chart.

    `labels` is whether the names of its bars are HTML, `drawn` the chart without a script.
    """
    name = chart.removeprefix("chart-")
    image = {"role": "img", "aria-label": f"{heading}, as a chart; also available as a table"}
    place = html.Div(id=part(chart, "place"), className="place", **image)
    notice = html.P("" if drawn else NO_DATA_YET, id=part(chart, "notice"), className="notice")
    as_table = {"aria-pressed": "false", "aria-label": f"{heading}: show as table"}
    tools = [
        *zooms,
        html.Button("Table", className="control", **{"data-table": chart}, **as_table),
        html.Button(
            "PNG",
            className="control",
            **{"data-png": chart, "aria-label": f"{heading}: save as PNG"},
        ),
    ]
    # On a narrow screen this shows and hides the tools, which follow it.
    more = html.Details(
        html.Summary("⋯", **{"aria-label": f"{heading}: table, picture and other tools"}),
        className="more",
    )
    head = [html.H2(heading), more, html.Div(tools, className="tools")]
    if summary:
        texts = [number.children for stat in stats for _, number in [stat.children]]
        numbers = [text for text in texts if isinstance(text, str)]
        head.insert(1, html.Dl(list(stats), id=summary, className="stats", **room_for(numbers)))
    # The place of the chart describes it.
    unread = {"aria-hidden": "true"}
    drawing = html.Div(drawn, id=part(chart, "drawn"), className="drawn", **unread)
    names = [html.Ul(id=part(chart, "labels"), className="labels", **unread)] if labels else []
    figure = html.Div([place, drawing, *names, notice, *over], className="chart")
    region = {"role": "region", "aria-label": f"{heading}, as a table"}
    table = html.Div(
        id=part(chart, "table"), className="table", hidden=True, tabIndex="0", **region
    )
    foot = [html.P(id=books, className="books")] if books else []
    return html.Section(
        [
            html.Div(head, className="head"),
            html.Div([figure, *beside, table], className="body"),
            *foot,
        ],
        className=f"panel {name}",
    )


def entry(
    chart: Id | HistoryId, label: Written, number_id: str, number: Written = UNKNOWN
) -> Component:
    """Return a number that is also a legend entry; clicking it hides or shows its trace."""
    key = number_id.rpartition("-")[2]
    toggle = {"data-chart": chart, "data-trace": key, "aria-pressed": "true"}
    return stat(html.Button(label, **toggle), number_id, key, number)
