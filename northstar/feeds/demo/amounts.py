"""Amounts of the demo: whole cents inside, dollars in messages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from northstar.domain.messages import TrendDay


def dollars(cents: int) -> Decimal:
    """Return an amount of cents in dollars."""
    return Decimal(cents) / 100


def trend_day(day: date, revenue_cents: int, expenses_cents: int) -> TrendDay:
    """Return a day of the trend."""
    return TrendDay(
        date=day,
        revenue=dollars(revenue_cents),
        expenses=dollars(expenses_cents),
        net_stated=dollars(revenue_cents - expenses_cents),
    )


def split(book: Mapping[str, int], whole: Decimal) -> dict[str, Decimal]:
    """Split an amount in the proportions of a book, in cents; the first takes the remainder."""
    first, *others = book
    parts = {name: dollars(int(whole * 100) * book[name] // sum(book.values())) for name in others}
    return {first: whole - sum(parts.values()), **parts}
