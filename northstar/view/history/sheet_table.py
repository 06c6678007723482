"""A table of typed cells as HTML, in the notation of a locale."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

from northstar.reports.spreadsheet import Column, Difference, Kind, Sheet
from northstar.view.history.links import CellLinks
from northstar.view.shared.html import Markup
from northstar.view.shared.money import UNKNOWN, Notation, legible
from northstar.view.shared.panels import is_loss

NAMELESS = "(no visible name)"  # of a link; some would have nothing to click on
LOSS = ' class="loss"'


def sheet_texts(
    sheet: Sheet, zone: tzinfo, write: Notation, most: int | None = None
) -> list[list[str]]:
    """Return the rows of a sheet, at most `most`, as texts; unknown is “–”."""
    writers = [_writer(column.kind, zone, write) for column in sheet.columns]
    return [
        [
            UNKNOWN if cell is None else writer(cell)
            for writer, cell in zip(writers, row, strict=True)
        ]
        for row in sheet.rows[:most]
    ]


def is_visible(text: str) -> bool:
    """Return whether a text has a character that is neither a space nor invisible."""
    return any(unicodedata.category(letter)[0] not in "ZC" for letter in text)


def no_links(_: object) -> None:
    """Return no address: the cell is not a link."""


def sheet_table(
    sheet: Sheet, most: int, zone: tzinfo, write: Notation, links: CellLinks = no_links
) -> Component:
    """Return the first `most` rows of a sheet as a table; losses have a class and a minus sign."""
    heads = [html.Th(column.name, scope="col") for column in sheet.columns]
    texts = sheet_texts(sheet, zone, write, most)
    rows = [_row(sheet, *row, write, links) for row in zip(sheet.rows, texts, strict=False)]
    body = html.Tbody(Markup("".join(rows)))
    parts = [html.Caption(sheet.name), html.Thead(html.Tr(heads)), body]
    if sheet.total and rows:
        first, *others = sheet.total
        (rest,) = sheet_texts(Sheet(sheet.name, sheet.columns[1:], [others]), zone, write)
        parts.append(html.Tfoot(_row(sheet, sheet.total, [str(first), *rest], write, no_links)))
    return html.Table(parts)


def _row(
    sheet: Sheet,
    cells: Sequence[object],
    texts: Sequence[str],
    write: Notation,
    links: CellLinks,
) -> Markup:
    """Return a row as HTML: a component for each cell would take several times as long."""
    first, *others = [
        f"{_attributes(column, cell, write)}>{_linked(text, links(cell))}"
        for column, cell, text in zip(sheet.columns, cells, texts, strict=True)
    ]
    row = f'<th scope="row"{first}</th>{"".join(f"<td{other}</td>" for other in others)}'
    return Markup(f"<tr>{row}</tr>")


def _attributes(column: Column, cell: object, write: Notation) -> str:
    """Return the attributes of a cell: its column, its value to sort by, and whether it is a loss.

    A narrow screen shows the column beside the cell, and leaves out what is unknown.
    """
    value = _value(column.kind, cell)
    sorted_by = "" if value is None else f' data-value="{value}"'
    loss = LOSS if _is_loss(column.kind, cell, write) else ""
    return f' data-label="{escape(column.name)}"{sorted_by}{loss}'


def _value(kind: Kind, cell: object) -> str | None:
    """Return a number to sort by, as a text; empty for unknown, None for a text."""
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.timestamp():.0f}"
        case date():
            return str(cell.toordinal())
    return None if kind is Kind.TEXT else str(cell)


def _linked(text: str, address: str | None) -> str:
    """Return a text as HTML, as a link if there is an address."""
    content = escape(text)
    if address and not is_visible(text):
        content = NAMELESS
    return f'<a href="{escape(address)}">{content}</a>' if address else content


def _is_repeated(local: datetime) -> bool:
    """Return whether the clocks show a time twice."""
    first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first != second


def _is_loss(kind: Kind, cell: object, write: Notation) -> bool:
    """Return whether a cell is negative as shown."""
    if isinstance(cell, Difference):
        cell = cell.rounded(write.unit)
    if not isinstance(cell, Decimal):
        return False
    return is_loss(write.shown(cell) if kind is Kind.MONEY else write.shown_percent(cell))


def _writer(kind: Kind, zone: tzinfo, write: Notation) -> Callable[[Any], str]:
    def day(value: date) -> str:
        return write.full_day(value)

    def time(value: datetime) -> str:
        local = value.astimezone(zone)
        name = f" {local:%Z}" if _is_repeated(local) else ""
        return f"{write.full_day(local.date())}, {write.time_of_day(local)}{name}"

    def money(value: Decimal) -> str:
        return write.money(value.rounded(write.unit) if isinstance(value, Difference) else value)

    writers: dict[Kind, Callable[[Any], str]] = {
        Kind.DAY: day,
        Kind.TIME: time,
        Kind.MONEY: money,
        Kind.PERCENT: write.percent,
        Kind.COUNT: write.count,
        Kind.NUMBER: str,
        Kind.TEXT: legible,
    }
    return writers[kind]
