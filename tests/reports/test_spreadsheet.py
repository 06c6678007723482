"""Workbooks, read by openpyxl and by a separate parser of their XML."""

import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from northstar.reports.csv_files import to_csv
from northstar.reports.spreadsheet import Column, Difference, Export, Kind, Sheet, to_xlsx
from support.sheets import (
    ABOUT,
    AS_OF,
    BERLIN,
    COLUMNS,
    DAYS,
    KNOWN,
    TOKYO,
    Name,
    every_name,
    lines,
    names,
    of_kind,
)


def xlsx(export: Export, decimals: int = 2) -> bytes:
    """Return the workbook for Berlin; every part must be well-formed XML."""
    file = to_xlsx(export, decimals=decimals, zone=BERLIN, as_of=AS_OF)
    with zipfile.ZipFile(BytesIO(file)) as archive:
        for part in archive.namelist():
            ET.fromstring(archive.read(part))  # noqa: S314 - of our own making
    return file


def workbook(export: Export, decimals: int = 2) -> Any:
    """Return the workbook as openpyxl reads it."""
    return load_workbook(BytesIO(xlsx(export, decimals)))


def cells(export: Export, decimals: int = 2) -> list[Any]:
    """Return the cells of the first table's first column, without the header."""
    page = workbook(export, decimals).worksheets[1]
    return [cell for cell, *_ in page.iter_rows(min_row=2)]


def test_workbook() -> None:
    """Each value has Excel's own type and notation; unknown is empty."""
    page = workbook(Export(ABOUT, [DAYS]))["Days"]
    known, unknown = page.iter_rows(min_row=2)

    assert [cell.value for cell in known] == [
        datetime(2026, 11, 24),  # noqa: DTZ001 - Excel knows no zones
        datetime(2026, 11, 25, 11, 2, 7),  # noqa: DTZ001
        "+01:00",
        -1234.5,
        0.383,
        3,
        "Cliff",
    ]
    assert [cell.data_type for cell in known] == ["d", "d", "s", "n", "n", "n", "s"]
    assert [cell.number_format for cell in known] == [
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
        "General",
        "#,##0.00;[Red]-#,##0.00",
        "0.0%",
        "#,##0",
        "General",
    ]
    assert [cell.value for cell in unknown[1:]] == [None] * 6


def test_heads_of_workbook() -> None:
    """Headers are bold, frozen and have filters; columns are as wide as their content."""
    page = workbook(Export(ABOUT, [DAYS]))["Days"]

    heads = ["Day", "Time", "UTC offset", "Net", "Share, %", "Agents", "Best agent"]
    assert [cell.value for cell in page[1]] == heads
    assert all(cell.font.bold for cell in page[1])
    assert not page["G2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:G3"
    widths = [page.column_dimensions[letter].width for letter in "ABCDEFG"]
    assert [int(width) for width in widths] == [11, 20, 14, 10, 12, 10, 14]


def test_total_in_workbook() -> None:
    """A total is the last row, outside the filter, with a bold label."""
    total = ("Total", None, Decimal("-5.5"), None, None, None)
    page = workbook(Export([], [Sheet("Days", COLUMNS, [KNOWN], total)]))["Days"]

    last = [cell.value for cell in page[3]]
    assert last == ["Total", None, None, -5.5, None, None, None]
    assert page["A3"].font.bold
    assert page.auto_filter.ref == "A1:G2"


def test_about_in_workbook() -> None:
    """The first sheet describes the tables, with bold labels."""
    about = [("As of", "=NOW()"), ("Demo", "x" * 500)]
    page = workbook(Export(about, [DAYS])).worksheets[0]

    assert page.title == "About"
    assert [(label.value, text.value) for label, text in page] == about
    assert page["A1"].font.bold
    assert page["B1"].data_type == "s"
    assert int(page.column_dimensions["B"].width) == 60


def test_workbook_of_the_same() -> None:
    """Equal tables give equal bytes, created at the time of their figures."""
    export = Export(ABOUT, [DAYS])

    assert xlsx(export) == xlsx(export)
    assert workbook(export).properties.created == datetime(2026, 11, 25, 10, 2, 7)  # noqa: DTZ001


def test_workbook_without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook is created in memory without temporary files."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    assert xlsx(Export(ABOUT, [DAYS]))


@every_name
def test_name_in_workbook(name: Name) -> None:
    """Every name is text, never a formula or link, and stays text when edited."""
    book = workbook(Export([(name.sent, name.sent)], names(name.sent).sheets))
    cell = book.worksheets[1]["A2"]

    assert cell.value == name.in_excel
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.quotePrefix == (name.in_csv[:1] == "'")
    assert book.worksheets[0]["B1"].value == name.in_excel


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("x" * 32_767, "x" * 32_767),
        ("x" * 32_768, "x" * 32_766 + "…"),
        ("=" * 1_000_000, "=" * 32_766 + "…"),
        ("🚀" * 16_384, "🚀" * 16_383 + "…"),
        ("x" + "🚀" * 16_384, "x" + "🚀" * 16_382 + "…"),
        ("<r>" + "x" * 32_760 + "</r>", "<r>" + "x" * 32_760 + "</r…"),
    ],
    ids=["longest", "longer", "megabyte", "emoji", "half-an-emoji", "rich"],
)
def test_long_name_in_workbook(sent: str, held: str) -> None:
    """A text over Excel's limit ends in an ellipsis, never within a character."""
    (name,) = cells(names(sent))

    assert name.value == held


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (["Days"], ["Days"]),
        (["Days", "days", "DAYS"], ["Days", "days (2)", "DAYS (3)"]),
        (["About", "History"], ["About (2)", "History (2)"]),
        (["a[b]c:d*e?f/g\\h"], ["a b c d e f g h"]),
        (["", "'", "[]"], ["Sheet", "Sheet (2)", "Sheet (3)"]),
        (["'quoted'"], ["quoted"]),
        (["it's"], ["it's"]),
        (["x" * 31, "x" * 32], ["x" * 31, "x" * 30 + "…"]),
        (["x" * 31, "x" * 31], ["x" * 31, "x" * 26 + "… (2)"]),
        (["🚀" * 16], ["🚀" * 15 + "…"]),
        (["\ud800\0\n<&>"], ["\ufffd\ufffd <&>"]),
    ],
)
def test_sheet_names(sent: list[str], held: list[str]) -> None:
    """Sheet names follow Excel's rules and are unique."""
    book = workbook(Export([], [Sheet(name, COLUMNS, [KNOWN]) for name in sent]))

    assert book.sheetnames == ["About", *held]


def test_export_of_nothing() -> None:
    """Without rows there are headers; without sheets and notes there is a file."""
    empty = Export([], [Sheet("Days", COLUMNS[:1], [])])

    assert lines(empty) == [["Day"]]
    assert workbook(empty)["Days"].auto_filter.ref == "A1"
    assert workbook(Export([], [])).sheetnames == ["About"]


@pytest.mark.parametrize(
    ("decimals", "number_format"),
    [
        (2, "#,##0.00;[Red]-#,##0.00"),
        (0, "#,##0;[Red]-#,##0"),
        (8, "#,##0.00000000;[Red]-#,##0.00000000"),
    ],
)
def test_amounts_in_workbook(decimals: int, number_format: str) -> None:
    """Amounts keep their digits and are shown with the currency's decimals."""
    amounts = [Decimal(digits) for digits in ("1E+3", "0.1", "-7.5", "-0.0", "12345678901234.56")]
    found = cells(of_kind(Kind.MONEY, *amounts), decimals)

    assert [cell.value for cell in found] == [1000, 0.1, -7.5, 0, 12345678901234.56]
    assert {cell.number_format for cell in found} == {number_format}


def test_amount_beyond_a_double() -> None:
    """An amount with more digits than Excel stores is still a number, and exact in the CSV."""
    export = of_kind(Kind.MONEY, Decimal("12345678901234567890.12"))
    (amount,) = cells(export)

    assert amount.value == pytest.approx(1.2345678901234567e19, rel=1e-15)
    assert lines(export)[-1] == ["12345678901234567890.12"]


def test_hour_that_comes_twice() -> None:
    """Two equal local times have different offsets in the next column."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    export = of_kind(Kind.TIME, first, first + timedelta(hours=1))
    page = workbook(export).worksheets[1]

    assert [[str(cell) for cell in row] for row in page.iter_rows(values_only=True)] == [
        ["Value", "UTC offset"],
        ["2026-10-25 02:30:00", "+02:00"],
        ["2026-10-25 02:30:00", "+01:00"],
    ]
    assert lines(export)[-2:] == [["2026-10-25T00:30:00+00:00"], ["2026-10-25T01:30:00+00:00"]]


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        (Kind.DAY, date(1900, 1, 1), datetime(1900, 1, 1)),  # noqa: DTZ001
        (Kind.DAY, date(1899, 12, 31), "1899-12-31"),
        (Kind.DAY, date.min, "0001-01-01"),
        (Kind.DAY, date.max, datetime(9999, 12, 31)),  # noqa: DTZ001
        (Kind.TIME, datetime(1850, 1, 1, tzinfo=UTC), "1850-01-01T00:53:28+00:53:28"),
        (Kind.TIME, datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999999+00:00"),
        (Kind.TIME, datetime.min.replace(tzinfo=TOKYO), "0001-01-01T00:00:00+09:00"),
    ],
)
def test_date_off_the_calendar(kind: Kind, value: date, held: object) -> None:
    """A date outside Excel's calendar is text."""
    (cell,) = cells(of_kind(kind, value))

    assert cell.value == held


def test_more_rows_than_excel_holds() -> None:
    """A table over Excel's limit is refused with its name."""
    rows: list[Sequence[object]] = [()] * 1_048_576

    with pytest.raises(ValueError, match="sheet 'Days' has 1,048,576 rows; Excel holds 1,048,575"):
        xlsx(Export(ABOUT, [Sheet("Days", COLUMNS, rows)]))


@pytest.mark.parametrize("kind", Kind)
def test_value_of_another_kind(kind: Kind) -> None:
    """A value of another kind than its column is refused; no kind accepts a float."""
    value = Decimal(1) if kind is Kind.TEXT else "1"

    with pytest.raises(TypeError, match=f"in a column of {kind}"):
        xlsx(of_kind(kind, value))
    with pytest.raises(TypeError, match="is of no kind of column"):
        lines(of_kind(kind, 0.1))


def test_difference_of_rounded_amounts() -> None:
    """A difference is that of the rounded amounts in Excel, and exact in the CSV."""
    now, before = Decimal("100.004"), Decimal("99.996")
    columns = [Column(name, Kind.MONEY) for name in ("Now", "Before", "Change")]
    table = Sheet("T", columns, [(now, before, Difference(now, before))])

    row = next(workbook(Export(ABOUT, [table]))["T"].iter_rows(min_row=2))

    assert [cell.value for cell in row] == [100.004, 99.996, 0]
    assert to_csv(table).decode("utf-8-sig").splitlines()[1] == "100.004,99.996,0.008"
