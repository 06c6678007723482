"""Large amounts in the locale's compact units."""

from decimal import Decimal

import pytest

from northstar.view.shared.compact import brief, is_large
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import amount_props

VISIBLE = str.maketrans({"\u00a0": "_", "\u202f": "~", "\u2068": "<", "\u2069": ">"})
AMERICAN, GERMAN = Notation(), Notation("de_DE", "EUR")


@pytest.mark.parametrize(
    ("write", "amount", "expected"),
    [
        (AMERICAN, "999999.99", "$999,999.99"),
        (AMERICAN, "999999.994", "$999,999.99"),
        (AMERICAN, "999999.995", "$1.00M"),
        (AMERICAN, "-12345678.9", "-$12.35M"),
        (AMERICAN, "999999999", "$1.00B"),
        (AMERICAN, "1e12", "$1.00T"),
        (AMERICAN, "2.5e15", "$2,500.00T"),
        (GERMAN, "3080000000", "3,08_Mrd._€"),
        (GERMAN, "-3080000", "-3,08_Mio._€"),
        (Notation("ja_JP", "JPY"), "3080000000", "\uffe530.80億"),
        (Notation("en_US", "KWD"), "1234567.891", "KWD_1.23M"),
        (Notation("en_US", "BTC", 8), "1234567.891", "BTC_1.23M"),
        (Notation("fr_FR", "EUR"), "1234567", "1,23_M_€"),
        (Notation("pl_PL", "PLN"), "5000000", "5,00_mln_zł"),
        (Notation("en_IN", "INR"), "12345678", "₹1.23Cr"),
        (Notation("nl_NL", "EUR"), "-1234567", "-€_1,23_mln."),
        (Notation("ar_EG", "EGP"), "1234567", "1.23<_مليون_ج.م.>"),
    ],
)
def test_brief(write: Notation, amount: str, expected: str) -> None:
    """An amount of a million or more has the locale's unit and two decimals."""
    assert brief(Decimal(amount), write).translate(VISIBLE) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("5000000", "+$5.00M"), ("-5000000", "-$5.00M"), ("5", "+$5.00"), ("0", "$0.00")],
)
def test_brief_with_a_plus(amount: str, expected: str) -> None:
    """A change has its sign."""
    assert brief(Decimal(amount), AMERICAN, plus=True) == expected


def test_brief_of_nothing() -> None:
    """An unknown amount is a dash and has no title."""
    assert brief(None, AMERICAN) == "–"
    assert not is_large(None)


def test_title_of_an_abbreviated_amount() -> None:
    """An abbreviated amount has the full amount as its title; others have none."""
    assert amount_props(Decimal(3_080_000), AMERICAN) == {
        "children": "$3.08M",
        "title": "$3,080,000.00",
    }
    assert amount_props(Decimal(3_080), AMERICAN) == {"children": "$3,080.00"}
