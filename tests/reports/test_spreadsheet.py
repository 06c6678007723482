"""Exports, read back: by csv, by openpyxl, and the XML within by a parser of its own."""

import csv
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from northstar.reports.spreadsheet import Column, Export, Kind, Sheet, to_csv, to_xlsx

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = timezone(timedelta(hours=9))
AS_OF = datetime(2026, 11, 25, 11, 2, 7, tzinfo=BERLIN)
ABOUT = [("As of", "2026-11-25T11:02:07+01:00"), ("Zone", "Europe/Berlin")]
COLUMNS = (
    Column("Day", Kind.DAY),
    Column("Time", Kind.TIME),
    Column("Net", Kind.MONEY),
    Column("Share, %", Kind.PERCENT),
    Column("Agents", Kind.COUNT),
    Column("Best agent", Kind.TEXT),
)
KNOWN: Sequence[object] = (
    date(2026, 11, 24),
    AS_OF,
    Decimal("-1234.50"),
    Decimal("38.3"),
    3,
    "Cliff",
)
UNKNOWN: Sequence[object] = (date(2026, 11, 25), None, None, None, None, None)
DAYS = Sheet("Days", COLUMNS, [KNOWN, UNKNOWN])

RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}"
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


class Name(NamedTuple):
    """A name as it was sent, as the CSV has it, and as the workbook has it."""

    sent: str
    in_csv: str
    in_excel: str


NAMES = {
    "plain": Name("Trading Fees", "Trading Fees", "Trading Fees"),
    "minus-within": Name("Profit - Loss = 1", "Profit - Loss = 1", "Profit - Loss = 1"),
    "link": Name('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),
    "address": Name("http://example.com", "http://example.com", "http://example.com"),
    "array": Name("{=1+1}", "{=1+1}", "{=1+1}"),
    "plus": Name("+1", "'+1", "+1"),
    "minus": Name("-2+3", "'-2+3", "-2+3"),
    "at": Name("@SUM", "'@SUM", "@SUM"),
    "tab": Name("\tname", "'\tname", "\tname"),
    # In OOXML a return is _x000D_, which openpyxl does not undo.
    "return": Name("\rname", "'\rname", "_x000D_name"),
    "spaces": Name("  \xa0=1", "'  \xa0=1", "  \xa0=1"),
    "invisible": Name("\u200b\ufeff=1", "'\u200b\ufeff=1", "\u200b\ufeff=1"),
    "bidi": Name(f"{RIGHT_TO_LEFT}=1", "'=1", "=1"),
    "bidi-within": Name(f"abc{RIGHT_TO_LEFT}fdp.exe", "abcfdp.exe", "abcfdp.exe"),
    "full-width": Name("\uff1d1", "'\uff1d1", "\uff1d1"),
    "full-width-plus": Name("\uff0b1", "'\uff0b1", "\uff0b1"),
    "semicolon-quote": Name('a;"=1+1;', "a;'\"=1+1;", 'a;"=1+1;'),
    "full-width-at": Name("\uff201", "'\uff201", "\uff201"),
    "second-line": Name("a\n=1+1\nb", "a\n'=1+1\nb", "a\n=1+1\nb"),
    "semicolon": Name("a; =1+1", "a;' =1+1", "a; =1+1"),
    "quotes": Name('say "hi", twice', 'say "hi", twice', 'say "hi", twice'),
    "emoji": Name("🚀 Scalper", "🚀 Scalper", "🚀 Scalper"),
    "surrogate": Name("lone \ud800", "lone \ufffd", "lone \ufffd"),
    "nul": Name("a\0b\x1bc\ufffe", "a\ufffdb\ufffdc\ufffd", "a\ufffdb\ufffdc\ufffd"),
    "markup": Name("<b>&amp;</b>]]>", "<b>&amp;</b>]]>", "<b>&amp;</b>]]>"),
    "rich": Name("<r><t>x</b></r>", "<r><t>x</b></r>", "<r><t>x</b></r> "),
    "empty": Name("", "", ""),
}
every_name = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())


def names(*rows: str) -> Export:
    """Return an export of one column of texts."""
    return Export([], [Sheet("Agents", [Column("Agent", Kind.TEXT)], [(row,) for row in rows])])


def of_kind(kind: Kind, *values: object) -> Export:
    """Return an export of one column of some kind."""
    return Export([], [Sheet("Values", [Column("Value", kind)], [(value,) for value in values])])


def lines(export: Export) -> list[list[str]]:
    """Return the lines of the CSV, as texts."""
    text = to_csv(export).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def xlsx(export: Export, currency: str = "EUR") -> bytes:
    """Return the workbook for Berlin; every part of it is well-formed XML."""
    file = to_xlsx(export, currency=currency, zone=BERLIN, as_of=AS_OF)
    with zipfile.ZipFile(BytesIO(file)) as archive:
        for part in archive.namelist():
            ET.fromstring(archive.read(part))  # noqa: S314 - of our own making
    return file


def workbook(export: Export, currency: str = "EUR") -> Any:
    """Return the workbook as openpyxl reads it."""
    return load_workbook(BytesIO(xlsx(export, currency)))


def cells(export: Export, currency: str = "EUR") -> list[Any]:
    """Return the cells below the head of the first column of the first table."""
    page = workbook(export, currency).worksheets[1]
    return [cell for (cell,) in page.iter_rows(min_row=2)]


def test_csv() -> None:
    """Facts, an empty line, heads and rows: each byte is as RFC 4180 has it."""
    assert to_csv(Export(ABOUT, [DAYS])) == (
        b"\xef\xbb\xbfAs of,2026-11-25T11:02:07+01:00\r\n"
        b"Zone,Europe/Berlin\r\n"
        b"\r\n"
        b'Day,Time,Net,"Share, %",Agents,Best agent\r\n'
        b"2026-11-24,2026-11-25T11:02:07+01:00,-1234.50,38.3,3,Cliff\r\n"
        b"2026-11-25,,,,,\r\n"
    )


def test_csv_of_several_sheets() -> None:
    """Each has its name, and an empty line before it."""
    other = Sheet("=Agents", [Column("@Agent", Kind.TEXT), Column("Net", Kind.MONEY)], [])

    assert lines(Export(ABOUT[:1], [DAYS, other])) == [
        ["As of", "2026-11-25T11:02:07+01:00"],
        [],
        ["Days"],
        ["Day", "Time", "Net", "Share, %", "Agents", "Best agent"],
        ["2026-11-24", "2026-11-25T11:02:07+01:00", "-1234.50", "38.3", "3", "Cliff"],
        ["2026-11-25", "", "", "", "", ""],
        [],
        ["'=Agents"],
        ["'@Agent", "Net"],
    ]


@pytest.mark.parametrize(
    ("amount", "digits"),
    [
        ("1E+3", "1000"),
        ("0.1", "0.1"),
        ("-0.005", "-0.005"),
        ("0.00", "0.00"),
        ("-0.0", "0.0"),
        ("1E-9", "0.000000001"),
        ("-123456789012345678901234567890.12", "-123456789012345678901234567890.12"),
    ],
)
def test_amount_in_csv(amount: str, digits: str) -> None:
    """Amounts are exact, without exponent, grouping or apostrophe."""
    assert lines(of_kind(Kind.MONEY, Decimal(amount)))[-1] == [digits]


@every_name
def test_name_in_csv(name: Name) -> None:
    """What would begin a formula has an apostrophe; all else is as it was sent."""
    export = Export([(name.sent, name.sent)], names(name.sent).sheets)

    assert lines(export) == [[name.in_csv, name.in_csv], [], ["Agent"], [name.in_csv]]


@given(st.text("=+-@\uff1d\uff0b\uff0d\uff20 \t\r\n;,'\"a\0\u200b\u202e\u2066\ufeff\xa0\ud800"))
def test_any_name_in_csv(name: str) -> None:
    """Wherever a program may divide a field, no part's first visible sign begins a formula."""
    (field,) = lines(names(name))[-1]

    for part in re.split('[\t\r\n;]"*', field):
        seen = [letter for letter in part if unicodedata.category(letter) not in UNSEEN]
        assert unicodedata.normalize("NFKC", "".join(seen))[:1] not in {"=", "+", "-", "@"}


def test_workbook() -> None:
    """Each value is of Excel's own type, in the notation of its kind; unknown is empty."""
    page = workbook(Export(ABOUT, [DAYS]))["Days"]
    known, unknown = page.iter_rows(min_row=2)

    assert [cell.value for cell in known] == [
        datetime(2026, 11, 24),  # noqa: DTZ001 - Excel knows no zones
        datetime(2026, 11, 25, 11, 2, 7),  # noqa: DTZ001
        -1234.5,
        0.383,
        3,
        "Cliff",
    ]
    assert [cell.data_type for cell in known] == ["d", "d", "n", "n", "n", "s"]
    assert [cell.number_format for cell in known] == [
        "yyyy-mm-dd",
        'yyyy-mm-dd hh:mm:ss "+01:00"',
        "#,##0.00;[Red]-#,##0.00",
        "0.0%",
        "#,##0",
        "General",
    ]
    assert [cell.value for cell in unknown[1:]] == [None] * 5


def test_heads_of_workbook() -> None:
    """Heads are bold, stay in view and filter; columns are as wide as what they show."""
    page = workbook(Export(ABOUT, [DAYS]))["Days"]

    assert [cell.value for cell in page[1]] == [column.name for column in COLUMNS]
    assert all(cell.font.bold for cell in page[1])
    assert not page["F2"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:F3"
    widths = [page.column_dimensions[letter].width for letter in "ABCDEF"]
    assert [int(width) for width in widths] == [11, 27, 10, 12, 10, 14]


def test_about_in_workbook() -> None:
    """The first sheet says what the tables are about, in bold labels and text."""
    about = [("As of", "=NOW()"), ("Demo", "x" * 500)]
    page = workbook(Export(about, [DAYS])).worksheets[0]

    assert page.title == "About"
    assert [(label.value, text.value) for label, text in page] == about
    assert page["A1"].font.bold
    assert page["B1"].data_type == "s"
    assert int(page.column_dimensions["B"].width) == 60


def test_workbook_of_the_same() -> None:
    """The same tables are the same bytes, created when their figures were."""
    export = Export(ABOUT, [DAYS])

    assert xlsx(export) == xlsx(export)
    assert workbook(export).properties.created == datetime(2026, 11, 25, 10, 2, 7)  # noqa: DTZ001


def test_workbook_without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook is made in memory: it needs no folder for files of its own."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    assert xlsx(Export(ABOUT, [DAYS]))


@every_name
def test_name_in_workbook(name: Name) -> None:
    """Every name is text, never a formula or a link, and stays text when it is edited."""
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
    """A text that Excel could not hold ends in an ellipsis, never within a letter."""
    (name,) = cells(names(sent))

    assert name.value == held


@pytest.mark.parametrize("letter", ["=", "\n", " ", ";", "\N{ZERO WIDTH SPACE}"])
def test_long_name_in_csv(letter: str) -> None:
    """A megabyte of a name is written whole, and at once."""
    name = letter * 1_000_000

    assert name in to_csv(names(name)).decode()


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
    """Excel's rules for names are kept, and no two are the same."""
    book = workbook(Export([], [Sheet(name, COLUMNS, [KNOWN]) for name in sent]))

    assert book.sheetnames == ["About", *held]


def test_export_of_nothing() -> None:
    """Without rows there are heads; without sheets what they are about; without that, a file."""
    empty = Export([], [Sheet("Days", COLUMNS[:1], [])])

    assert lines(empty) == [[], ["Day"]]
    assert workbook(empty)["Days"].auto_filter.ref == "A1"
    assert lines(Export(ABOUT[1:], [])) == [["Zone", "Europe/Berlin"]]
    assert workbook(Export([], [])).sheetnames == ["About"]


@pytest.mark.parametrize(
    ("currency", "number_format"),
    [
        ("EUR", "#,##0.00;[Red]-#,##0.00"),
        ("JPY", "#,##0;[Red]-#,##0"),
        ("KWD", "#,##0.000;[Red]-#,##0.000"),
    ],
)
def test_amounts_in_workbook(currency: str, number_format: str) -> None:
    """Amounts keep their digits, and show the currency's decimals."""
    amounts = [Decimal(digits) for digits in ("1E+3", "0.1", "-0.005", "-0.0", "12345678901234.56")]
    found = cells(of_kind(Kind.MONEY, *amounts), currency)

    assert [cell.value for cell in found] == [1000, 0.1, -0.005, 0, 12345678901234.56]
    assert {cell.number_format for cell in found} == {number_format}


def test_amount_beyond_a_double() -> None:
    """An amount of more digits than Excel keeps is a number still, and whole in the CSV."""
    export = of_kind(Kind.MONEY, Decimal("12345678901234567890.12"))
    (amount,) = cells(export)

    assert amount.value == pytest.approx(1.2345678901234567e19, rel=1e-15)
    assert lines(export)[-1] == ["12345678901234567890.12"]


def test_hour_that_comes_twice() -> None:
    """Two times that the clocks show alike are told apart by the offset shown with them."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    export = of_kind(Kind.TIME, first, first + timedelta(hours=1))
    found = cells(export)

    assert [str(cell.value) for cell in found] == ["2026-10-25 02:30:00"] * 2
    assert [cell.number_format[-8:] for cell in found] == ['"+02:00"', '"+01:00"']
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
    """What Excel's calendar does not have is text."""
    (cell,) = cells(of_kind(kind, value))

    assert cell.value == held


def test_more_rows_than_excel_holds() -> None:
    """A table that does not fit is refused by its name."""
    rows: list[Sequence[object]] = [()] * 1_048_576

    with pytest.raises(ValueError, match="sheet 'Days' has 1,048,576 rows; Excel holds 1,048,575"):
        xlsx(Export(ABOUT, [Sheet("Days", COLUMNS, rows)]))


@pytest.mark.parametrize("kind", Kind)
def test_value_of_another_kind(kind: Kind) -> None:
    """A value that its column does not announce is refused; a float is of no kind."""
    value = Decimal(1) if kind is Kind.TEXT else "1"

    with pytest.raises(TypeError, match=f"in a column of {kind}"):
        xlsx(of_kind(kind, value))
    with pytest.raises(TypeError, match="is of no kind of column"):
        to_csv(of_kind(kind, 0.1))
