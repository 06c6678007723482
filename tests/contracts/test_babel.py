"""Internals of babel that northstar/view/shared/number_patterns.py uses, hook by hook."""

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import parse_pattern

from northstar.view.shared.number_patterns import text_of

AMERICAN = Locale("en", "US")


def test_pattern() -> None:
    """`NumberPattern.pattern` is the text of CLDR's pattern."""
    assert text_of(AMERICAN.currency_formats["standard"]) == "¤#,##0.00"


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [
        ("prefix", ("+", "−"), "+1,234.5%"),
        ("suffix", (" pp", " pp"), "1,234.5 pp"),
        ("frac_prec", (2, 2), "1,234.50%"),
        ("int_prec", (5, 5), "01,234.5%"),
        ("grouping", (1000, 1000), "1234.5%"),
        ("scale", 0, "12.3%"),
    ],
)
def test_attribute_of_a_pattern(name: str, value: object, after: str) -> None:
    """`NumberPattern.apply` uses an attribute of the result of `parse_pattern`."""
    pattern = parse_pattern("#,##0.0%")
    assert hasattr(pattern, name)
    assert pattern.apply(Decimal("12.345"), AMERICAN) == "1,234.5%"

    setattr(pattern, name, value)
    assert pattern.apply(Decimal("12.345"), AMERICAN) == after
