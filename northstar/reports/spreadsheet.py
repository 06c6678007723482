"""Tables of typed cells, and their XLSX files.

Names come from the source and are untrusted. Files show them unchanged and never as formulas;
characters that a file cannot hold are replaced by U+FFFD.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum, auto
from functools import cache, partial
from io import BytesIO
from itertools import chain, count
from typing import Any, NamedTuple, Self, TypeAlias

from xlsxwriter import Workbook

from northstar.domain.currency import half_a_unit, round_half_up
from northstar.domain.messages import EXACT

# Excel's limits, from “Excel specifications and limits”; lengths are in UTF-16 units.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_SHEET_NAME = 31
FIRST_YEAR = 1900
FORBIDDEN = re.compile(r"[\[\]:*?/\\\s]+")
# Excel reserves this sheet name for its change history.
RESERVED = "history"
ABOUT = "About"

PERCENT_PLACES = 1

# Column width at which text stays readable, and the width of a header's filter button.
MAX_WIDTH = 60
BUTTON = 3

# Unicode direction controls. Names carry some for the page; exports do not need them.
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# C0 controls except tab and line breaks, lone surrogates, and other characters XML 1.0 forbids.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Invisible before a sign: controls, spaces, Unicode's Default_Ignorable_Code_Point.
UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# = + - @, their small and full-width forms, and the minus sign U+2212.
SIGNS = r"=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20\u2212"
# Where a formula could begin: at the start of a text, or after a separator or line break in it.
# Excel splits at semicolons or tabs where the comma is the decimal sign, and misreads our quotes.
FORMULA = re.compile(
    rf"\A(?=[{UNSEEN}]*[\t\r\n{SIGNS}])"
    rf'|(?<=[\t\r\n;])(?=[{UNSEEN}"]*[{SIGNS}])'
)


class Difference(Decimal):
    """The exact difference of two amounts of a row: where these are rounded, it is theirs."""

    now: Decimal
    before: Decimal

    def __new__(cls, now: Decimal, before: Decimal) -> Self:
        exact = super().__new__(cls, EXACT.subtract(now, before))
        exact.now, exact.before = now, before
        return exact

    def rounded(self, unit: Decimal) -> Decimal:
        """Return the difference of both amounts rounded to `unit`."""
        return EXACT.subtract(round_half_up(self.now, unit), round_half_up(self.before, unit))


class Name(str):
    """A name from the source, such as an agent's, as opposed to a text of ours."""

    __slots__ = ()


class Kind(StrEnum):
    """Type of a column's values; any column may hold None, for unknown."""

    DAY = auto()  # date
    TIME = auto()  # datetime, aware
    MONEY = auto()  # Decimal, finite
    PERCENT = auto()  # Decimal, finite; 100 is the whole
    COUNT = auto()  # int
    NUMBER = auto()  # Decimal, finite, in the unit that another column names
    TEXT = auto()  # str, any


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, with the unit if it needs one, and the kind of its values."""

    name: str
    kind: Kind


OFFSET = Column("UTC offset", Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: one or more columns, and rows with one value of the right kind per column.

    `total` is a last row whose first value is a text.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    total: Sequence[object] | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """Tables, and notes about them as (label, text) pairs."""

    about: Sequence[tuple[str, str]]
    sheets: Sequence[Sheet]


def to_xlsx(export: Export, *, decimals: int, zone: tzinfo, as_of: datetime) -> bytes:
    """Return an Excel workbook: a sheet with the notes, then a sheet for each table.

    Days and times are Excel dates, times in `zone` with their offset in a column of its own; before
    1900, which Excel does not support, they are ISO 8601 text. Amounts are numbers, shown with
    `decimals`; Excel stores 15 significant digits, the CSV has all. Percentages are fractions
    formatted as percent (38.3 is 0.383). Text longer than 32,767 UTF-16 units is truncated with
    an ellipsis. `as_of`, aware, is the file's creation date.

    Raise ValueError, naming the sheet, for more rows than Excel allows; TypeError for a value
    that is not of its column's kind.
    """
    _check_lengths(export.sheets)
    cell = partial(_cell, places=decimals, zone=zone)
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": as_of.astimezone(UTC)})
        style = _styles(book)
        _draw(book.add_worksheet(ABOUT), _about(export.about), style)
        for name, sheet in zip(_sheet_names(export.sheets), export.sheets, strict=True):
            page = book.add_worksheet(name)
            sheet = _with_offsets(sheet, zone)  # noqa: PLW2901 (the same, as Excel shows it)
            _draw(page, _columns(sheet, cell), style)
            page.freeze_panes(1, 0)
            page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    return file.getvalue()


def plain(text: str) -> str:
    """Return text without direction controls, unwritable characters replaced."""
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", DIRECTIONS.sub("", text))


def _check_lengths(sheets: Iterable[Sheet]) -> None:
    """Raise ValueError for a table with more rows than Excel allows."""
    for sheet in sheets:
        if len(sheet.rows) >= MAX_ROWS:
            raise ValueError(
                f"sheet {sheet.name!r} has {len(sheet.rows):,} rows; Excel holds {MAX_ROWS - 1:,}"
            )


def _sheet_names(sheets: Iterable[Sheet]) -> Iterator[str]:
    """Yield a valid, unique Excel sheet name for each table."""
    taken = {ABOUT.casefold(), RESERVED}
    for sheet in sheets:
        name = _cut(FORBIDDEN.sub(" ", plain(sheet.name)).strip(" '"), MAX_SHEET_NAME) or "Sheet"
        free = next(other for other in _numbered(name) if other.casefold() not in taken)
        taken.add(free.casefold())
        yield free


def _numbered(name: str) -> Iterator[str]:
    """Yield a name, then the name with (2), (3) and so on, truncated to Excel's limit."""
    tails = (f" ({number})" for number in count(2))
    return chain([name], (_cut(name, MAX_SHEET_NAME - len(tail)) + tail for tail in tails))


def _cut(text: str, units: int) -> str:
    """Truncate a text to `units` UTF-16 units, with an ellipsis if it was cut."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore") + "…"


class _Cell(NamedTuple):
    """A cell's content, its one format property, and the number of characters it shows."""

    content: str | float | date
    style: tuple[str, object]
    width: int


_Style: TypeAlias = Callable[[str, object], Any]


def _about(about: Sequence[tuple[str, str]]) -> Iterator[list[_Cell | None]]:
    """Yield a column of bold labels and a column of their texts."""
    yield [_bold(label) for label, _ in about]
    yield [_text(text) for _, text in about]


def _columns(sheet: Sheet, cell: Callable[[object, Kind], _Cell]) -> Iterator[list[_Cell | None]]:
    """Yield each column of a table: its bold header and its cells, None for unknown."""
    for place, column in enumerate(sheet.columns):
        head = _bold(column.name)
        values = (row[place] for row in sheet.rows)
        cells = (None if value is None else cell(value, column.kind) for value in values)
        yield [head._replace(width=head.width + BUTTON), *cells, *_total(sheet, place, cell)]


def _total(
    sheet: Sheet, place: int, cell: Callable[[object, Kind], _Cell]
) -> Iterator[_Cell | None]:
    """Yield the cell of a table's total in a column, if it has one."""
    if sheet.total is None:
        return
    match sheet.total[place]:
        case None:
            yield None
        case str() as text:
            yield _bold(text)
        case value:
            yield cell(value, sheet.columns[place].kind)


def _with_offsets(sheet: Sheet, zone: tzinfo) -> Sheet:
    """Return the table with the UTC offset of each time in a column after it."""

    def cells(row: Sequence[object]) -> list[object]:
        return [
            each
            for value, column in zip(row, sheet.columns, strict=True)
            for each in ((value, _offset(value, zone)) if column.kind is Kind.TIME else (value,))
        ]

    columns = [
        each
        for column in sheet.columns
        for each in ((column, OFFSET) if column.kind is Kind.TIME else (column,))
    ]
    total = cells(sheet.total) if sheet.total else None
    return Sheet(sheet.name, columns, [cells(row) for row in sheet.rows], total)


def _offset(time: object, zone: tzinfo) -> str | None:
    """Return the UTC offset of a time in a zone, +01:00; it distinguishes repeated hours."""
    if not isinstance(time, datetime):
        return None
    try:
        local = time.astimezone(zone)
    except OverflowError:  # out of the calendar's range in `zone`
        local = time
    return local.isoformat(timespec="seconds")[len("yyyy-mm-ddThh:mm:ss") :]


def _cell(value: object, kind: Kind, *, places: int, zone: tzinfo) -> _Cell:
    """Return the cell of a known value; raise TypeError if it is not of that kind."""
    if isinstance(value, Difference):
        value = value.rounded(Decimal(1).scaleb(-places))
    match kind, value:
        case Kind.MONEY, Decimal():
            form = _signed(_money_format(places), value, places)
            return _number(float(value), form, f"{value:,.{places}f}")
        case Kind.PERCENT, Decimal():
            form = _signed("0.0%", value, PERCENT_PLACES)
            return _number(float(value.scaleb(-2)), form, f"{value:.1f}%")
        case (Kind.COUNT, int() as number) | (Kind.NUMBER, Decimal() as number):
            form = "#,##0" if kind is Kind.COUNT else "General"
            return _number(float(number), form, f"{number:,}")
        case Kind.DAY, date():
            return _day(value)
        case Kind.TIME, datetime():
            return _time(value, zone)
        case Kind.TEXT, str():
            return _text(value)
    raise TypeError(f"{value!r} in a column of {kind}")


def _number(content: float | date, number_format: str, shown: str) -> _Cell:
    """Return a cell of a number or date, with its Excel number format and displayed text."""
    return _Cell(content, ("num_format", number_format), len(shown))


@cache
def _money_format(places: int) -> str:
    """Return the Excel number format of amounts: digits grouped, losses red."""
    digits = f"#,##0.{'0' * places}" if places else "#,##0"
    return f"{digits};[Red]-{digits}"


def _signed(number_format: str, value: Decimal, places: int) -> str:
    """Return the format without sign and colour for a loss that it would show as -0.00."""
    digits, *_ = number_format.split(";")
    is_zero = -half_a_unit(places) < value < 0
    return f"{digits};{digits}" if is_zero else number_format


def _day(day: date) -> _Cell:
    """Return a cell of a day, as text if Excel does not support the date."""
    shown = day.isoformat()
    return _text(shown) if day.year < FIRST_YEAR else _number(day, "yyyy-mm-dd", shown)


def _time(time: datetime, zone: tzinfo) -> _Cell:
    """Return a cell of a time in a zone, as text if Excel does not support the date."""
    try:
        local = time.astimezone(zone)
    except OverflowError:  # out of the calendar's range in `zone`
        return _text(time.isoformat())
    if local.year < FIRST_YEAR:
        return _text(local.isoformat())
    shown = f"{local:%Y-%m-%d %H:%M:%S}"
    return _number(local.replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss", shown)


def _text(text: str) -> _Cell:
    """Return a text cell; text that begins like a formula stays text when edited."""
    content = plain(text)
    if content.startswith("<r>") and content.endswith("</r>"):
        content += " "  # xlsxwriter would treat it as its own XML and not escape it
    content = _cut(content, MAX_TEXT)
    return _Cell(content, ("quote_prefix", bool(FORMULA.match(content))), len(content))


def _bold(text: str) -> _Cell:
    """Return a cell with bold text."""
    return _text(text)._replace(style=("bold", True))


def _styles(book: Any) -> _Style:
    """Return a function from property to format; each format is added once."""
    return cache(lambda name, setting: book.add_format({name: setting}))


def _draw(page: Any, columns: Iterable[Sequence[_Cell | None]], style: _Style) -> None:
    """Write columns from the left, each as wide as its content."""
    for place, cells in enumerate(columns):
        width = 0
        for row, cell in enumerate(cells):
            if cell:
                _write(page, row, place, cell, style)
                width = max(width, cell.width)
        page.set_column(place, place, min(width + 1, MAX_WIDTH))


def _write(page: Any, row: int, place: int, cell: _Cell, style: _Style) -> None:
    """Write a cell by its type; xlsxwriter's detection would turn text into formulas or links."""
    match cell.content:
        case str() as text:
            page.write_string(row, place, text, style(*cell.style))
        case date() as moment:
            page.write_datetime(row, place, moment, style(*cell.style))
        case number:
            page.write_number(row, place, number, style(*cell.style))
