"""The currency of the amounts, and its decimals."""

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load


@pytest.mark.parametrize("given", ["EUR", "eur", " Eur "])
def test_currency_of(given: str) -> None:
    """A currency may be in lower case."""
    assert load(["--demo", "--currency", given]).currency == "EUR"


@pytest.mark.parametrize("unit", ["BTC", "USDT", "pts", "\u20bf", "Punkte"])
def test_unit_of_no_country(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that is no ISO 4217 currency is used unchanged, and requires its decimals."""
    monkeypatch.setenv("NORTHSTAR_CURRENCY", unit)
    with pytest.raises(ConfigurationError, match="together with NORTHSTAR_DECIMALS"):
        load(["--demo"])
    monkeypatch.setenv("NORTHSTAR_DECIMALS", "8")

    settings = load(["--demo"])

    assert (settings.currency, settings.decimals) == (unit, 8)


@pytest.mark.parametrize("unit", ["US-Dollar", "two words", "<b>", "5", "a" * 13, "%"])
def test_unit_that_is_no_name(unit: str) -> None:
    """A unit is a name or a currency sign, and not confusable with an amount."""
    with pytest.raises(ConfigurationError, match="expected an ISO 4217 currency code"):
        load(["--demo", "--decimals", "2", "--currency", unit])


def test_wrong_decimals_of_a_unit() -> None:
    """With unreadable decimals the unit is not reported, too."""
    with pytest.raises(ConfigurationError) as refusal:
        load(["--demo", "--currency", "BTC", "--decimals", "eight"])

    (line,) = str(refusal.value).splitlines()
    assert line.startswith("NORTHSTAR_DECIMALS / --decimals is 'eight'")
