"""February 2026, the month of the reports that tests make: its days, and what they came to."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from northstar.domain.day import Amounts, DayRecord


def february(day: int) -> date:
    """Return that day of February 2026."""
    return date(2026, 2, day)


def at(time: str) -> datetime:
    """Return a time of February 2026, in UTC: `25T10:00:05`."""
    return datetime.fromisoformat(f"2026-02-{time}+00:00")


def amounts(revenue: str | int, expenses: str | int = 0) -> Amounts:
    """Return these amounts."""
    return Amounts(Decimal(revenue), Decimal(expenses))


def money(*values: str | int | None) -> tuple[Decimal | None, ...]:
    """Return amounts, None for what is unknown."""
    return tuple(None if value is None else Decimal(value) for value in values)


def record(day: int, net: int = 0, **known: Any) -> DayRecord:
    """Return a day of February with 1000 of revenue and this net."""
    return DayRecord(february(day), amounts(1000, 1000 - net), **known)


def month(*nets: int | None) -> list[DayRecord]:
    """Return February with these nets from the 1st on; None: the date is missing."""
    return [record(day, net) for day, net in enumerate(nets, 1) if net is not None]
