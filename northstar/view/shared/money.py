"""Amounts, percentages, counts and dates in the notation of a locale.

The locale data is CLDR's, from babel: separators, and the positions of currency symbol and minus.
Some notation is the same in all locales, because the page is in English and left to right: digits
are 0 to 9, minus is a hyphen, unknown is “–”, meaningless is “n/a”, percentage points are “pp”.
Direction marks of right-to-left locales are removed, so that a minus is left of its digits; words
(a month, a currency) are isolated instead, which keeps their order.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import cache, lru_cache, partial
from itertools import repeat
from typing import Literal, TypeAlias

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from northstar.domain.currency import decimals_of, half_a_unit, round_half_up
from northstar.domain.messages import EXACT
from northstar.view.shared.number_patterns import DIRECTIONS, adapted, spaced, text_of

UNKNOWN = "–"
MEANINGLESS = "n/a"

# Characters that XML forbids; a chart with such a name could not be exported as a picture.
FORBIDDEN = {*range(0x20), 0x7F, 0xFFFE, 0xFFFF} - set(map(ord, "\t\n\r"))
REPLACEMENTS = DIRECTIONS | dict.fromkeys(FORBIDDEN, "\N{REPLACEMENT CHARACTER}")
RIGHT_TO_LEFT = {"R", "AL"}

# Day before month in every English locale; CLDR's American format is “Feb 25, 2026”.
ENGLISH_DATES = {"yMMMd": "d MMM y", "MMMd": "d MMM", "yMMM": "MMM y"}

# A larger percentage is meaningless: its base is close to zero.
ABSURD = Decimal(1_000_000)

Kind: TypeAlias = Literal["money", "percent", "points", "count"]
PLACES: dict[Kind, int] = {"percent": 1, "points": 1, "count": 0}


@dataclass(frozen=True, slots=True)
class Notation:
    """Formats numbers and dates for `locale` (babel's name), and money in `currency`.

    `currency` is an ISO 4217 code or the name of another unit, `decimals` the decimal places of
    amounts, by default the currency's own. Amounts are not converted to the currency.
    """

    locale: str = "en_US"
    currency: str = "USD"
    decimals: int | None = None

    @property
    def places(self) -> int:
        """The decimal places of amounts: none for a yen, three for a dinar."""
        return decimals_of(self.currency, self.decimals)

    @property
    def unit(self) -> Decimal:
        """One of the last decimal place of amounts."""
        return _unit(self.places)

    @property
    def tolerance(self) -> Decimal:
        """The largest difference between amounts that is not shown."""
        return half_a_unit(self.places)

    def money(self, amount: Decimal | None) -> str:
        """Return an amount with its currency and all decimal places, also those that are zero."""
        return UNKNOWN if amount is None else _written(self, "money", amount)

    def exact(self, amount: Decimal | None) -> str:
        """Return an amount with its currency and every digit that it has."""
        if amount is None:
            return UNKNOWN
        exponent = EXACT.normalize(amount).as_tuple().exponent
        return replace(self, decimals=max(self.places, -int(exponent))).money(amount)

    def signed_money(self, amount: Decimal | None) -> str:
        """Return an amount with its sign; a plus is in the locale's position of minus."""
        return UNKNOWN if amount is None else _written(self, "money", amount, plus=True)

    def shown(self, amount: Decimal) -> Decimal:
        """Return an amount as `money` shows it, which decides on its arrow and colour."""
        return round_half_up(amount, self.unit)

    def difference(self, now: Decimal, before: Decimal) -> Decimal:
        """Return the difference of two amounts as `money` shows them."""
        return EXACT.subtract(self.shown(now), self.shown(before))

    def is_rounded(self, amounts: Iterable[Decimal]) -> bool:
        """Return whether amounts have digits that are not shown, beyond floating-point noise.

        If not, up to 500 of them add up to their total as shown.
        """
        unit, noise = self.unit, self.unit.scaleb(-3)
        beyond = filter(None, map(EXACT.remainder, amounts, repeat(unit)))
        return any(noise < abs(rest) < unit - noise for rest in beyond)

    def foots(self, revenue: Decimal | None, expenses: Decimal | None, net: Decimal | None) -> bool:
        """Return whether revenue − expenses is net as they are shown; true if one is unknown."""
        if revenue is None or expenses is None or net is None:
            return True
        return self.difference(revenue, expenses) == self.shown(net)

    def percent(self, share: Decimal | None) -> str:
        """Return a percentage with one decimal place; 100 is 100 %."""
        shown = self.shown_percent(share)
        return MEANINGLESS if shown is None else _written(self, "percent", shown)

    def signed_percent(self, share: Decimal | None) -> str:
        """Return a percentage with its sign, including plus."""
        shown = self.shown_percent(share)
        return MEANINGLESS if shown is None else _written(self, "percent", shown, plus=True)

    def signed_points(self, now: Decimal | None, before: Decimal | None) -> str:
        """Return the signed difference of two percentages, in percentage points."""
        if now is None or before is None:
            return UNKNOWN
        shown = self.points(now, before)
        return MEANINGLESS if shown is None else f"{_written(self, 'points', shown, plus=True)} pp"

    def shown_percent(self, share: Decimal | None) -> Decimal | None:
        """Return a percentage or its change as it is shown, None if that is meaningless."""
        if share is None or abs(share) >= ABSURD:
            return None
        return round_half_up(share, _unit(PLACES["percent"]))

    def points(self, now: Decimal | None, before: Decimal | None) -> Decimal | None:
        """Return the difference of two percentages as they are shown, None if it is not shown."""
        shown, then = self.shown_percent(now), self.shown_percent(before)
        return None if shown is None or then is None else self.shown_percent(shown - then)

    def count(self, number: int) -> str:
        """Return an integer with digits grouped."""
        return _written(self, "count", Decimal(number))

    def time_of_day(self, time: datetime) -> str:
        """Return hours, minutes and seconds: HH:mm:ss in every locale."""
        return f"{time:%H:%M:%S}"

    def day(self, time: datetime) -> str:
        """Return a date with its time zone."""
        return f"{_date(self, time.date(), 'yMMMd')} · {time.tzname()}"

    def full_day(self, day: date) -> str:
        """Return a day with its year."""
        return _date(self, day, "yMMMd")

    def month(self, day: date) -> str:
        """Return a day's month and year."""
        return _date(self, day, "yMMM")

    def short_day(self, day: date) -> str:
        """Return a day with its month, without the year."""
        return _date(self, day, "MMMd")

    @property
    def symbol(self) -> str:
        """The currency symbol or code that the locale writes next to an amount."""
        return whole(get_currency_symbol(self.currency, self.locale))

    @property
    def point(self) -> str:
        """The decimal separator of amounts, empty if they have no decimals."""
        return self.separators[0] if self.places else ""

    @property
    def separators(self) -> str:
        """The decimal separator and the group separator."""
        return _separators(self.locale)


def legible(name: str) -> str:
    """Return a name without direction controls, so that it cannot reorder itself or other text.

    Control characters become U+FFFD.
    """
    return name if name.isascii() and name.isprintable() else name.translate(REPLACEMENTS)


def isolated(text: str) -> str:
    """Isolate foreign text, so that it cannot change the direction of a sentence."""
    if text.isascii():
        return legible(text)
    return f"\N{FIRST STRONG ISOLATE}{legible(text)}\N{POP DIRECTIONAL ISOLATE}"


# A frame repeats most amounts of the one before, a report has up to ten thousand, and babel takes
# 10 µs for each.
@lru_cache(maxsize=16_384)
def _written(notation: Notation, kind: Kind, number: Decimal, *, plus: bool = False) -> str:
    """Return a number to the decimal places of its kind; `plus` signs positive numbers too."""
    places = PLACES.get(kind, notation.places)
    rounded = round_half_up(number, Decimal(1).scaleb(-places))
    with localcontext(EXACT):  # babel rounds once more, and would refuse many digits
        return _writer(notation, kind, places, plus=plus and rounded > 0)(rounded)


@lru_cache(maxsize=256)
def _writer(notation: Notation, kind: Kind, places: int, *, plus: bool) -> Callable[[Decimal], str]:
    """Return a formatter for numbers of one kind; `plus` signs positive numbers too."""
    locale = _locale(notation.locale)
    formats = {
        "money": locale.currency_formats["standard"],
        "percent": locale.percent_formats[None],
    }
    source = text_of(formats.get(kind, locale.decimal_formats[None]))
    pattern = adapted(
        spaced(source, get_currency_symbol(notation.currency, locale)),
        (places, places),
        lambda text: text.replace("¤", notation.symbol),
        plus=plus,
    )
    return partial(pattern.apply, locale=locale)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=8)
def _separators(locale: str) -> str:
    return get_decimal_symbol(locale) + get_group_symbol(locale)


# A report has up to 10,000 days, and each several times; babel takes 40 µs for one.
@lru_cache(maxsize=10_000)
def _date(notation: Notation, day: date, skeleton: str) -> str:
    locale = _locale(notation.locale)
    if locale.language == "en":
        return format_date(day, ENGLISH_DATES[skeleton], locale)
    return whole(format_skeleton(skeleton, day, locale=locale))


def whole(text: str) -> str:
    """Return a locale's text for a left-to-right line, isolated if necessary."""
    right_to_left = any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text)
    return isolated(text) if right_to_left else text
