"""Amounts, percentages and times as people read them. Unknown is “–”, meaningless is “n/a”."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

LOCALE = "en_US"
CURRENCY = "USD"

UNKNOWN = "–"
MEANINGLESS = "n/a"

# What text can say of its direction: marks, embeddings, overrides and isolates.
DIRECTIONS = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
WHOLE_DOLLARS = "¤#,##0;-¤#,##0"
WITH_CENTS = "¤#,##0.00;-¤#,##0.00"
ONE_PLACE = "#,##0.0;-#,##0.0"

# A percentage that large says only that it was taken of next to nothing.
ABSURD = Decimal(1_000_000)


# A frame repeats most of the amounts of the one before it, and the library takes 30 µs for each.
@lru_cache(maxsize=4096)
def money(amount: Decimal | None) -> str:
    """Return an amount with its currency, to the cent; no cents where they are zero."""
    if amount is None:
        return UNKNOWN
    cents = round_half_up(amount, CENT)
    pattern = WHOLE_DOLLARS if cents == int(cents) else WITH_CENTS
    return format_currency(cents, CURRENCY, pattern, locale=LOCALE, currency_digits=False)


def signed_money(amount: Decimal | None) -> str:
    """Return an amount with its sign, plus included."""
    return money(amount) if amount is None else f"{_plus(amount, CENT)}{money(amount)}"


def percent(share: Decimal | None) -> str:
    """Return a percentage with one decimal place."""
    return MEANINGLESS if share is None or abs(share) >= ABSURD else f"{_one_place(share)}%"


def signed_percent(share: Decimal | None) -> str:
    """Return a percentage with its sign, plus included."""
    text = percent(share)
    return text if share is None or text == MEANINGLESS else f"{_plus(share, TENTH)}{text}"


def signed_points(difference: Decimal | None) -> str:
    """Return a difference of two percentages with its sign, in percentage points."""
    if difference is None or abs(difference) >= ABSURD:
        return UNKNOWN if difference is None else MEANINGLESS
    return f"{_plus(difference, TENTH)}{_one_place(difference)} pp"


def time_of_day(time: datetime) -> str:
    """Return hours, minutes and seconds."""
    return format_time(time, "HH:mm:ss", locale=LOCALE)


def day(time: datetime) -> str:
    """Return a date with the zone it is of."""
    return f"{format_date(time, 'd MMM y', locale=LOCALE)} · {time.tzname()}"


def count(number: int) -> str:
    """Return a number of things."""
    return f"{number:,}"


def isolated(text: str) -> str:
    """Return foreign words for use in a sentence, whose own direction they cannot turn around."""
    if text.isascii():
        return text
    return f"\N{FIRST STRONG ISOLATE}{text.translate(DIRECTIONS)}\N{POP DIRECTIONAL ISOLATE}"


def round_half_up(number: Decimal, step: Decimal) -> Decimal:
    """Round as an accountant does, halves away from zero; never to a negative zero."""
    return number.quantize(step, ROUND_HALF_UP) + 0


def _plus(number: Decimal, step: Decimal) -> str:
    return "+" if round_half_up(number, step) > 0 else ""


@lru_cache(maxsize=4096)
def _one_place(number: Decimal) -> str:
    return format_decimal(round_half_up(number, TENTH), ONE_PLACE, locale=LOCALE)
