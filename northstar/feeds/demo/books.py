"""Books of the demo: whole cents inside, dollars in messages."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from northstar.domain.messages import AgentMetrics, CostCategory, PnLUpdate, TrendDay

Book: TypeAlias = Mapping[str, int]


class Books(NamedTuple):
    """Revenue and expenses by agent, and expenses by category, in cents."""

    revenue: Book
    expenses: Book
    costs: Book

    @property
    def earned(self) -> int:
        return sum(self.revenue.values())

    @property
    def spent(self) -> int:
        return sum(self.expenses.values())


def message(
    moment: datetime, books: Books, before: TrendDay, trend: Sequence[TrendDay]
) -> PnLUpdate:
    """Return the message of a moment, compared with the day `before`."""
    return PnLUpdate(
        timestamp=moment,
        revenue=_dollars(books.earned),
        expenses=_dollars(books.spent),
        net_stated=_dollars(books.earned - books.spent),
        previous_revenue=before.revenue,
        previous_expenses=before.expenses,
        previous_net_stated=before.net,
        trends_data=list(trend),
        cost_breakdown=_cost_breakdown(books.costs),
        agent_attribution=_agent_attribution(books),
    )


def closing(day: TrendDay, at: datetime, books: Books) -> PnLUpdate:
    """Return an update with the totals of `day` at the time `at`, in the proportions of `books`."""
    expenses = _in_dollars(books.expenses, day.expenses)
    return PnLUpdate(
        timestamp=at,
        revenue=day.revenue,
        expenses=day.expenses,
        cost_breakdown=[
            CostCategory(name=name, value=amount)
            for name, amount in _in_dollars(books.costs, day.expenses).items()
        ],
        agent_attribution=[
            AgentMetrics(agent=agent, revenue=amount, expenses=expenses[agent])
            for agent, amount in _in_dollars(books.revenue, day.revenue).items()
        ],
    )


def split(book: Book, whole: int) -> dict[str, int]:
    """Split an amount in the proportions of a book; the first takes the remainder."""
    (first, _), *others = book.items()
    total = sum(book.values()) or 1  # at the opening of a day
    parts = {name: whole * amount // total for name, amount in others}
    return {first: whole - sum(parts.values()), **parts}


def _in_dollars(book: Book, whole: Decimal) -> dict[str, Decimal]:
    first, *others = (
        (name, _dollars(cents)) for name, cents in split(book, int(whole * 100)).items()
    )
    return {first[0]: whole - sum(amount for _, amount in others), **dict(others)}


def trend_day(day: date, revenue_cents: int, expenses_cents: int) -> TrendDay:
    """Return a day of the trend."""
    return TrendDay(
        date=day,
        revenue=_dollars(revenue_cents),
        expenses=_dollars(expenses_cents),
        net_stated=_dollars(revenue_cents - expenses_cents),
    )


def _cost_breakdown(costs: Book) -> list[CostCategory]:
    total = max(sum(costs.values()), 1)
    return [
        CostCategory(
            name=name, value=_dollars(cents), percentage=round(Decimal(cents * 100) / total, 1)
        )
        for name, cents in costs.items()
    ]


def _agent_attribution(books: Books) -> list[AgentMetrics]:
    return [
        AgentMetrics(
            agent=agent,
            revenue=_dollars(cents),
            expenses=_dollars(books.expenses[agent]),
            net_stated=_dollars(cents - books.expenses[agent]),
        )
        for agent, cents in books.revenue.items()
    ]


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100
