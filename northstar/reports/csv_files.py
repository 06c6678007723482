"""Write tables as CSV files, and as a ZIP archive of them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

from northstar.reports.spreadsheet import ABOUT, FORMULA, Column, Export, Kind, Sheet, plain

TENTH = Decimal("0.1")


def to_csv(sheet: Sheet) -> bytes:
    """Return a table as RFC 4180 CSV in UTF-8 with a byte order mark.

    Amounts are exact plain digits; percentages have one decimal place, as shown (38.3 is 38.3 %).
    Days and times are ISO 8601, times with their original offset. Unknown is empty. An apostrophe
    precedes text that could begin a formula.

    Raise TypeError for a value of no column kind.
    """
    kinds = [column.kind for column in sheet.columns]
    lines = [[_field(column.name, Kind.TEXT) for column in sheet.columns]]
    lines += [list(map(_field, row, kinds)) for row in _rows(sheet)]
    return _encoded(lines)


def to_zip(export: Export) -> bytes:
    """Return a ZIP archive with each table as CSV, and the notes as `about.csv`."""
    notes = Sheet(ABOUT, (Column("Note", Kind.TEXT), Column("Text", Kind.TEXT)), export.about)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for sheet in (notes, *export.sheets):
            archive.writestr(f"{sheet.name.lower()}.csv", to_csv(sheet))
    return file.getvalue()


def _rows(sheet: Sheet) -> Sequence[Sequence[object]]:
    """Return the rows of a table, with its total."""
    return [*sheet.rows, sheet.total] if sheet.total else sheet.rows


def _encoded(lines: Iterable[Iterable[str]]) -> bytes:
    file = StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue().encode("utf-8-sig")


def _field(value: object, kind: Kind) -> str:
    """Return a value as a CSV field; raise TypeError for a value of no column kind."""
    match value:
        case str():
            return FORMULA.sub("'", plain(value))
        case date():
            return value.isoformat()
        case Decimal() | int():
            number = Decimal(value)
            if kind is Kind.PERCENT:
                number = number.quantize(TENTH, ROUND_HALF_UP)
            return f"{number or abs(number):f}"  # zero has no sign
        case None:
            return ""
    raise TypeError(f"{value!r} is of no kind of column")
