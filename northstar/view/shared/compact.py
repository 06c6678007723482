"""Large amounts in the units of a locale, from CLDR: $3.08B, 3,08 Mrd. €.

They are written where exact amounts have no room, which are then in the tooltip.
"""

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.numbers import get_currency_symbol

from northstar.domain.currency import round_half_up
from northstar.domain.messages import EXACT
from northstar.view.shared.money import Notation, whole
from northstar.view.shared.number_patterns import adapted, spaced, text_of

LARGE = Decimal(1_000_000)  # amounts from here on are abbreviated
PLACES = 2  # of them
ONE = Decimal(1)


class Unit(NamedTuple):
    """A unit of amounts, such as a million: its size, and its name in CLDR, a power of ten."""

    size: Decimal
    magnitude: str


def is_large(amount: Decimal | None) -> bool:
    """Return whether `brief` abbreviates an amount that is shown."""
    return amount is not None and abs(amount) >= LARGE


def brief(amount: Decimal | None, write: Notation, *, plus: bool = False) -> str:
    """Return an amount with all decimals, or from a million on in a unit with two of them.

    `plus` signs positive amounts too.
    """
    exact = write.signed_money if plus else write.money
    if amount is None or not is_large(write.shown(amount)):
        return exact(amount)
    unit = unit_of(amount, write)
    if unit is None:
        return exact(amount)
    # 999,999,999 is a thousand millions as shown, which is a billion.
    shown = round_half_up(EXACT.divide(amount, unit.size), ONE.scaleb(-PLACES)) * unit.size
    return in_unit(amount, unit_of(shown, write), (PLACES, PLACES), write, plus=plus)


def unit_of(amount: Decimal, write: Notation) -> Unit | None:
    """Return the unit of an amount, None if the locale has none for its size."""
    return _unit(write.locale, abs(amount).adjusted())


@lru_cache(maxsize=4096)  # a frame repeats most amounts of the one before
def in_unit(
    amount: Decimal,
    unit: Unit | None,
    places: tuple[int, int],
    write: Notation,
    *,
    plus: bool = False,
) -> str:
    """Return an amount with its currency in a unit; `places` are the fewest and most decimals."""
    locale = Locale.parse(write.locale)
    shown = round_half_up(EXACT.divide(amount, unit.size if unit else ONE), ONE.scaleb(-places[1]))
    standard = text_of(locale.currency_formats["standard"])
    symbol = get_currency_symbol(write.currency, locale)
    pattern = adapted(
        spaced(_pattern(locale, shown, unit) if unit else standard, symbol),
        places,
        lambda text: whole(text.replace("¤", symbol)),
        plus=plus and shown > 0,
        grouped_like=standard,
    )
    with localcontext(EXACT):
        return str(pattern.apply(shown, locale))


def _pattern(locale: Locale, shown: Decimal, unit: Unit) -> str:
    """Return CLDR's pattern of an amount in a unit, in the plural form of its number."""
    formats = locale.compact_currency_formats["short"]
    form = formats.get(locale.plural_form(abs(shown)), formats["other"])
    return text_of(form.get(unit.magnitude) or formats["other"][unit.magnitude])


@lru_cache(maxsize=256)
def _unit(locale: str, power: int) -> Unit | None:
    patterns = Locale.parse(locale).compact_currency_formats["short"]["other"]
    known = [magnitude for magnitude in patterns if len(magnitude) <= power + 1]
    magnitude = max(known, key=len, default="")
    pattern = text_of(patterns[magnitude]) if magnitude else ""
    if "¤" not in pattern:  # “0”: the locale does not abbreviate amounts of this size
        return None
    return Unit(Decimal(magnitude).scaleb(1 - pattern.count("0")), magnitude)
