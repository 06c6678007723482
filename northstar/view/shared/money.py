"""Amounts, percentages, counts and dates in the notation of a locale.

The locale is CLDR's, by way of babel: its signs between digits, its places of symbol and minus.
The same everywhere, because the page's own words are English and run from left to right: digits
are 0 to 9, a minus is a hyphen, unknown is “–”, meaningless is “n/a”, points are “pp”.
Of a locale written from right to left the direction marks are left out, so that a minus stands
left of its digits as elsewhere; a word of it (a month, a currency) is isolated, and stays whole.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Literal, TypeAlias

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

UNKNOWN = "–"
MEANINGLESS = "n/a"

# What text can say of its direction: marks, embeddings, overrides and isolates.
DIRECTIONS = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# What XML has no way to say: a chart with such a name could not be made a picture.
UNSAYABLE = {*range(0x20), 0x7F, 0xFFFE, 0xFFFF} - set(map(ord, "\t\n\r"))
LEGIBLE = DIRECTIONS | dict.fromkeys(UNSAYABLE, "\N{REPLACEMENT CHARACTER}")
RIGHT_TO_LEFT = {"R", "AL"}

# Day before month in all English; in the American, CLDR would have “Feb 25, 2026”.
ENGLISH_DATES = {"yMMMd": "d MMM y", "MMMd": "d MMM", "yMMM": "MMM y"}

# A percentage that large says only that it was taken of next to nothing.
ABSURD = Decimal(1_000_000)

Kind: TypeAlias = Literal["money", "percent", "points", "count"]
PLACES: dict[Kind, int] = {"percent": 1, "points": 1, "count": 0}


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers and dates are written: as in `locale`, by babel's name, money in `currency`.

    The settings see to it that babel knows both. The currency is a name: nothing is converted.
    """

    locale: str = "en_US"
    currency: str = "USD"

    def money(self, amount: Decimal | None) -> str:
        """Return an amount with its currency, to the cent; no cents where they are zero.

        A cent is the currency's smallest unit in CLDR: a yen has none, a dinar 1000.
        """
        return UNKNOWN if amount is None else _written(self, "money", amount)

    def signed_money(self, amount: Decimal | None) -> str:
        """Return an amount with its sign; a plus stands where the locale has its minus."""
        return UNKNOWN if amount is None else _written(self, "money", amount, plus=True)

    def percent(self, share: Decimal | None) -> str:
        """Return a percentage with one decimal place; 100 is the whole."""
        if share is None or abs(share) >= ABSURD:
            return MEANINGLESS
        return _written(self, "percent", share)

    def signed_percent(self, share: Decimal | None) -> str:
        """Return a percentage with its sign, plus included."""
        if share is None or abs(share) >= ABSURD:
            return MEANINGLESS
        return _written(self, "percent", share, plus=True)

    def signed_points(self, difference: Decimal | None) -> str:
        """Return a difference of two percentages with its sign, in percentage points."""
        if difference is None or abs(difference) >= ABSURD:
            return UNKNOWN if difference is None else MEANINGLESS
        return f"{_written(self, 'points', difference, plus=True)} pp"

    def count(self, number: int) -> str:
        """Return a number of things."""
        return _written(self, "count", Decimal(number))

    def time_of_day(self, time: datetime) -> str:
        """Return hours, minutes and seconds: HH:mm:ss in every locale."""
        return f"{time:%H:%M:%S}"

    def day(self, time: datetime) -> str:
        """Return a date with the zone it is of."""
        return f"{_date(self, time.date(), 'yMMMd')} · {time.tzname()}"

    def full_day(self, day: date) -> str:
        """Return a day with its year."""
        return _date(self, day, "yMMMd")

    def month(self, day: date) -> str:
        """Return a day's month, with its year."""
        return _date(self, day, "yMMM")

    def short_day(self, day: date) -> str:
        """Return a day with its month, without the year."""
        return _date(self, day, "MMMd")

    @property
    def symbol(self) -> str:
        """The currency as the locale writes it next to an amount: a sign, or letters."""
        return _whole(get_currency_symbol(self.currency, self.locale))

    @property
    def separators(self) -> str:
        """The sign before decimals and the one between groups: plotly's `layout.separators`."""
        return get_decimal_symbol(self.locale) + get_group_symbol(self.locale)


def legible(name: str) -> str:
    """Return a name without what would have it, or what follows it, read backwards.

    Controls become U+FFFD.
    """
    return name if name.isascii() and name.isprintable() else name.translate(LEGIBLE)


def isolated(text: str) -> str:
    """Return foreign words for use in a sentence, whose own direction they cannot turn around."""
    if text.isascii():
        return legible(text)
    return f"\N{FIRST STRONG ISOLATE}{legible(text)}\N{POP DIRECTIONAL ISOLATE}"


def round_half_up(number: Decimal, step: Decimal) -> Decimal:
    """Round as an accountant does, halves away from zero; never to a negative zero."""
    return number.quantize(step, ROUND_HALF_UP) + 0


# A frame repeats most of the amounts of the one before it, and the library takes 10 µs for each.
@lru_cache(maxsize=4096)
def _written(notation: Notation, kind: Kind, number: Decimal, *, plus: bool = False) -> str:
    """Return a number to the places of its kind; `plus` has a sign stand before a gain as well."""
    places = PLACES[kind] if kind in PLACES else get_currency_precision(notation.currency)
    rounded = round_half_up(number, Decimal(1).scaleb(-places))
    if kind == "money" and rounded == int(rounded):
        places = 0
    return _writer(notation, kind, places, plus=plus and rounded > 0)(rounded)


@lru_cache(maxsize=256)
def _writer(notation: Notation, kind: Kind, places: int, *, plus: bool) -> Callable[[Decimal], str]:
    """Return what writes numbers of one kind; with `plus`, the positive ones signed."""
    locale = Locale.parse(notation.locale)
    formats = {
        "money": locale.currency_formats["standard"],
        "percent": locale.percent_formats[None],
    }
    source = formats.get(kind, locale.decimal_formats[None]).pattern.translate(DIRECTIONS)
    symbol = get_currency_symbol(notation.currency, locale)
    pattern = parse_pattern(_spaced(source, symbol))
    pattern.frac_prec = (places, places)
    pattern.scale = 0  # a percentage comes as such, not as a share of one
    for part in ("prefix", "suffix"):
        gain, loss = (text.replace("¤", notation.symbol) for text in getattr(pattern, part))
        setattr(pattern, part, (loss.replace("-", "+") if plus else gain, loss))
    return partial(pattern.apply, locale=locale)


def _spaced(pattern: str, symbol: str) -> str:
    """Return the pattern with a space between digits and a symbol with a letter next to them.

    So CLDR's `currencySpacing` has it, which babel does not read: CHF 250, but $250 and US$250.
    """
    letters = symbol.translate(DIRECTIONS)
    if unicodedata.category(letters[-1])[0] not in "SZ":
        pattern = re.sub("¤(?=[#0])", "¤\N{NO-BREAK SPACE}", pattern)
    if unicodedata.category(letters[0])[0] not in "SZ":
        pattern = re.sub("(?<=[#0])¤", "\N{NO-BREAK SPACE}¤", pattern)
    return pattern


@lru_cache(maxsize=1024)
def _date(notation: Notation, day: date, skeleton: str) -> str:
    locale = Locale.parse(notation.locale)
    if locale.language == "en":
        return format_date(day, ENGLISH_DATES[skeleton], locale)
    return _whole(format_skeleton(skeleton, day, locale=locale))


def _whole(text: str) -> str:
    """Return text of a locale for a line from left to right, isolated where it needs to be."""
    turns = any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text)
    return isolated(text) if turns else text
