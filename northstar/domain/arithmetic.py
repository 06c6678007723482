"""Changes, percentages, totals and averages of amounts. Sums and differences are exact."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from northstar.domain.messages import EXACT


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its percentage of the former amount; None where undefined."""

    amount: Decimal | None
    percent: Decimal | None


def percentage(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return `part` as a percentage of `whole`; None if `whole` is zero or negative."""
    return part / whole * 100 if whole > 0 else None


def change(now: Decimal, before: Decimal | None) -> Change:
    """Return the change from `before`; no percentage if that is zero or the sign changes."""
    if before is None:
        return Change(None, None)
    comparable = before != 0 and (now == 0 or (now > 0) == (before > 0))
    difference = EXACT.subtract(now, before)
    return Change(difference, difference / abs(before) * 100 if comparable else None)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; zero if there are no amounts."""
    return reduce(EXACT.add, amounts, Decimal(0))


def average(amounts: Iterable[Decimal]) -> Decimal | None:
    """Return the arithmetic mean; None if there are no amounts."""
    known = tuple(amounts)
    return total(known) / len(known) if known else None
