"""Durations, percentages and hours of a day, as a rule file writes them.

Each `read_` function raises `ValueError` with the expected form.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, InstanceOf

UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d)\s*")
DURATION_EXPECTED = "expected a duration such as 30s, 5m, 1h30m or 2d"
AMOUNT_EXPECTED = "expected an amount, a number such as -5000 or 0.25"
PERCENT_EXPECTED = 'expected a percentage in quotes, such as "15%"'
HOURS = re.compile(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)")
HOURS_EXPECTED = 'expected hours such as "08:00-18:30"'
LONGEST_S = 366 * 86400


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage: `Percent(15)` is 15 %."""

    value: Decimal

    def of(self, amount: Decimal) -> Decimal:
        """Return this percentage of the size of an amount."""
        return abs(amount) * self.value / 100


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day, from `start` to before `end`, local time; over midnight if `end` is less."""

    start: time
    end: time

    def __contains__(self, moment: object) -> bool:
        if not isinstance(moment, datetime):
            return False
        at = moment.timetz().replace(tzinfo=None)
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


def read_duration(given: object) -> object:
    """Return the seconds of a text such as `1h30m`; a number is in seconds."""
    if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
        return _bounded(float(given))
    if not isinstance(given, str):
        raise ValueError(DURATION_EXPECTED)  # noqa: TRY004 (pydantic reports a ValueError)
    text = given.strip()
    parts = [*DURATION.finditer(text)]
    if not parts or "".join(part[0] for part in parts) != text:
        raise ValueError(DURATION_EXPECTED)
    return _bounded(sum(float(part[1]) * UNITS_S[part[2]] for part in parts))


def _bounded(seconds: float) -> float:
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(f"{DURATION_EXPECTED}, at most a year")
    return seconds


def read_amount(given: object) -> object:
    """Return an amount of money; a percentage or a text is none."""
    if isinstance(given, str) and given.strip().endswith("%"):
        raise ValueError(f"a percentage where an amount belongs; {AMOUNT_EXPECTED}")
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise ValueError(AMOUNT_EXPECTED)  # noqa: TRY004 (pydantic reports a ValueError)
    amount = Decimal(given)
    if not amount.is_finite():
        raise ValueError(AMOUNT_EXPECTED)
    return amount


def read_percent(given: object) -> object:
    """Return the percentage of a text such as `15%`; a number alone is none."""
    if isinstance(given, str) and (found := re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*%\s*", given)):
        return Percent(Decimal(found[1]))
    raise ValueError(PERCENT_EXPECTED)


def read_amount_or_percent(given: object) -> object:
    """Return an amount, or the percentage of a text such as `15%`."""
    is_percent = isinstance(given, str) and given.strip().endswith("%")
    return read_percent(given) if is_percent else read_amount(given)


def read_hours(given: object) -> object:
    """Return the hours of a text such as `08:00-18:30`; they may run over midnight."""
    if not isinstance(given, str) or not (found := HOURS.fullmatch(given.strip())):
        raise ValueError(HOURS_EXPECTED)
    try:
        hours = Hours(time.fromisoformat(found[1]), time.fromisoformat(found[2]))
    except ValueError as error:
        raise ValueError(HOURS_EXPECTED) from error
    if hours.start == hours.end:
        raise ValueError(f"{HOURS_EXPECTED}; leave the field out for all day")
    return hours


Duration: TypeAlias = Annotated[float, BeforeValidator(read_duration)]
Amount: TypeAlias = Annotated[Decimal, BeforeValidator(read_amount)]
Share: TypeAlias = Annotated[InstanceOf[Percent], BeforeValidator(read_percent)]
AmountOrPercent: TypeAlias = Annotated[
    Decimal | InstanceOf[Percent], BeforeValidator(read_amount_or_percent)
]
