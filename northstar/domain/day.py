"""Amounts, and the record of one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from northstar.domain.ledger import percentage
from northstar.domain.messages import EXACT


@dataclass(frozen=True, slots=True)
class Amounts:
    """Revenue and expenses, with the net and margin derived from them."""

    revenue: Decimal
    expenses: Decimal

    @property
    def net(self) -> Decimal:
        return EXACT.subtract(self.revenue, self.expenses)

    @property
    def margin(self) -> Decimal | None:
        """Net as a percentage of revenue; None where revenue is zero or negative."""
        return percentage(self.net, self.revenue)


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One day with its newest figures; unknown fields are None.

    `at` is the time of the day's last state, aware; None if only the source's trend has the day.
    `closed` has the amounts at the close if the source restated the day later, at `restated_at`.
    `costs` are by category, `agents` by name.
    """

    day: date
    amounts: Amounts
    at: datetime | None = None
    closed: Amounts | None = None
    restated_at: datetime | None = None
    costs: Mapping[str, Decimal] | None = None
    agents: Mapping[str, Amounts] | None = None

    @property
    def revenue(self) -> Decimal:
        return self.amounts.revenue

    @property
    def expenses(self) -> Decimal:
        return self.amounts.expenses

    @property
    def net(self) -> Decimal:
        return self.amounts.net

    @property
    def is_restated(self) -> bool:
        return self.closed is not None
