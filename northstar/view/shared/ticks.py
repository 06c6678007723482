"""Ticks of an axis of amounts: round amounts of the currency, and their labels."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from math import ceil, floor, log10
from typing import NamedTuple

from northstar.view.shared.compact import in_unit, unit_of
from northstar.view.shared.money import Notation

TICKS = 6  # at most
PLAIN = 1e4  # amounts from here on are written in thousands, millions, …, if the locale has them
LEAST_PLAIN = 1e-3  # smaller amounts have more digits, or are powers of ten; without the currency
MAX_LABEL = 11  # letters of these
ERROR = 1e-9  # of a logarithm, or of a step
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Ticks(NamedTuple):
    """Amounts on an axis, and their labels."""

    values: Sequence[float]
    texts: Sequence[str]


@lru_cache(maxsize=64)  # the labels of bars need the margin of their chart
def ticks(low: float, high: float, write: Notation, finer: int = 1) -> Ticks:
    """Return the ticks between two amounts, none between the currency's smallest ones.

    `finer` is how many times as many there are. Labels have the currency, and the fewest decimals
    that tell them apart.
    """
    step = max(_step((high - low) / TICKS) / finer, float(write.unit))
    first, last = ceil(low / step - ERROR), floor(high / step + ERROR)
    counts = range(first, last + 1)
    values = [count * step for count in counts]
    return Ticks(values, [_label(each, max(abs(low), abs(high)), step, write) for each in values])


def _step(rough: float) -> float:
    """Return the next of 2, 5 or 10 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(power * digit for digit in (2, 5, 10) if power * digit >= rough)


def _label(amount: float, largest: float, step: float, write: Notation) -> str:
    if largest < LEAST_PLAIN:
        decimals = max(0, -floor(log10(step) + ERROR))
        if len(f"-0.{'0' * decimals}") > MAX_LABEL:
            return _power(amount, step, write)
        return _plain(amount, decimals, write)
    unit = unit_of(Decimal(largest), write) if largest >= PLAIN else None
    decimals = max(0, -floor(log10(step / float(unit.size if unit else 1)) + ERROR))
    return in_unit(Decimal(amount), unit if amount else None, (0, decimals), write)


def _plain(amount: float, decimals: int, write: Notation) -> str:
    """Return a number without trailing zeros, with the locale's separators."""
    text = f"{amount:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    point, group = write.separators[0], write.separators[1:]
    return text.translate({ord("."): point, ord(","): group})


def _power(amount: float, step: float, write: Notation) -> str:
    exponent = floor(log10(step) + ERROR)
    if not amount:
        return "0"
    return f"{_plain(amount / 10**exponent, 0, write)}×10{str(exponent).translate(SUPERSCRIPTS)}"
