"""The decimals of currencies, and the differences that they can show."""

from decimal import Decimal

import pytest
from babel.numbers import is_currency

from northstar.domain.currency import MINOR_UNITS, decimals_of, half_a_unit


@pytest.mark.parametrize(
    ("currency", "decimals", "places", "half"),
    [
        ("USD", None, 2, "0.005"),
        ("JPY", None, 0, "0.5"),
        ("KWD", None, 3, "0.0005"),
        ("IQD", None, 3, "0.0005"),  # CLDR, for cash: 0
        ("RSD", None, 2, "0.005"),  # CLDR, for cash: 0
        ("CLF", None, 4, "0.00005"),
        ("BTC", 8, 8, "0.000000005"),
        ("pts", 0, 0, "0.5"),
        ("EUR", 4, 4, "0.00005"),
    ],
)
def test_decimals_of(currency: str, decimals: int | None, places: int, half: str) -> None:
    """The setting for decimals overrides ISO 4217."""
    assert decimals_of(currency, decimals) == places
    assert half_a_unit(places) == Decimal(half)


def test_minor_units() -> None:
    """Every exception is a currency that the settings accept."""
    assert all(map(is_currency, MINOR_UNITS))
