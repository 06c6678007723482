"""CSV files and archives, as bytes and as read by the csv module."""

import re
import unicodedata
import zipfile
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.reports.csv_files import to_csv, to_zip
from northstar.reports.spreadsheet import Column, Export, Kind, Sheet
from support.sheets import (
    ABOUT,
    COLUMNS,
    DAYS,
    KNOWN,
    UNKNOWN,
    UNSEEN,
    Name,
    every_name,
    lines,
    names,
    of_kind,
)


def test_csv() -> None:
    """Headers, rows and total are exactly as in RFC 4180."""
    total = ("Total", None, Decimal(-1), None, None, None)
    assert to_csv(Sheet("Days", COLUMNS, [KNOWN, UNKNOWN], total)) == (
        b"\xef\xbb\xbf"
        b'Day,Time,Net,"Share, %",Agents,Best agent\r\n'
        b"2026-11-24,2026-11-25T11:02:07+01:00,-1234.50,38.3,3,Cliff\r\n"
        b"2026-11-25,,,,,\r\n"
        b"Total,,-1,,,\r\n"
    )


def test_percentages_in_csv() -> None:
    """A percentage has the digits of the page."""
    shares = [(Decimal(80) / 3,), (Decimal("-0.05"),), (Decimal(100),)]
    sheet = Sheet("Shares", [Column("Share %", Kind.PERCENT)], shares)

    assert to_csv(sheet).decode("utf-8-sig").split()[2:] == ["26.7", "-0.1", "100.0"]


def test_zip_of_several_sheets() -> None:
    """Each table is a separate file, and so are the notes."""
    other = Sheet("=Agents", [Column("@Agent", Kind.TEXT), Column("Net", Kind.MONEY)], [])

    with zipfile.ZipFile(BytesIO(to_zip(Export(ABOUT[:1], [DAYS, other])))) as archive:
        files = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}

    assert {name: text.splitlines() for name, text in files.items()} == {
        "about.csv": ["Note,Text", "As of,2026-11-25T11:02:07+01:00"],
        "days.csv": [
            'Day,Time,Net,"Share, %",Agents,Best agent',
            "2026-11-24,2026-11-25T11:02:07+01:00,-1234.50,38.3,3,Cliff",
            "2026-11-25,,,,,",
        ],
        "=agents.csv": ["'@Agent,Net"],
    }


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
    """A text that would be a formula gets an apostrophe; all others are unchanged."""
    assert lines(names(name.sent)) == [["Agent"], [name.in_csv]]


@given(st.text("=+-@\uff1d\uff0b\uff0d\uff20 \t\r\n;,'\"a\0\u200b\u202e\u2066\ufeff\xa0\ud800"))
def test_any_name_in_csv(name: str) -> None:
    """Wherever a program splits a field, no part starts with a visible formula sign."""
    (field,) = lines(names(name))[-1]

    for part in re.split('[\t\r\n;]"*', field):
        seen = [letter for letter in part if unicodedata.category(letter) not in UNSEEN]
        assert unicodedata.normalize("NFKC", "".join(seen))[:1] not in {"=", "+", "-", "@"}


@pytest.mark.parametrize("letter", ["=", "\n", " ", ";", "\N{ZERO WIDTH SPACE}"])
def test_long_name_in_csv(letter: str) -> None:
    """A name of a megabyte is written completely and quickly."""
    name = letter * 1_000_000

    (sheet,) = names(name).sheets

    assert name in to_csv(sheet).decode()
