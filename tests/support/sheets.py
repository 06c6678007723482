"""Tables with every kind of value and names that a spreadsheet might run, and their CSV."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from northstar.reports.csv_files import to_csv
from northstar.reports.spreadsheet import Column, Export, Kind, Sheet

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
    """A name as sent, as in the CSV and as in the workbook."""

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
    # In OOXML a return is _x000D_, which openpyxl does not decode.
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
    """Return the lines of the only table's CSV as texts."""
    (sheet,) = export.sheets
    text = to_csv(sheet).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), strict=True))
