"""Amounts, and the record of one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from northstar.domain.arithmetic import percentage
from northstar.domain.messages import EXACT
from northstar.domain.trading import TradingDays


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


def amounts_of(book: Any) -> Amounts:
    """Return the amounts of a state, a row or an agent: of anything with revenue and expenses."""
    return Amounts(book.revenue, book.expenses)


class Moment(NamedTuple):
    """Amounts of a day at one time, aware and in UTC."""

    at: datetime
    amounts: Amounts


class DayStatus(StrEnum):
    """What is known of a day's figures.

    RUNNING: the day has not closed. CLOSED: the last state before the close. INCOMPLETE: a state,
    but the source was not connected at the close. STATED: only a row of the source's trend.
    RESTATED: the source changed the figures after the close. NO_TRADING: not a trading day, or its
    states repeat those of an earlier day. UNKNOWN: no figures.
    """

    RUNNING = "running"
    CLOSED = "closed"
    INCOMPLETE = "incomplete"
    STATED = "stated"
    RESTATED = "restated"
    NO_TRADING = "no trading"
    UNKNOWN = "unknown"

    @property
    def is_whole(self) -> bool:
        """Whether the figures are those of a whole trading day, so that they can be compared."""
        return self in {DayStatus.CLOSED, DayStatus.STATED, DayStatus.RESTATED}


class Origin(StrEnum):
    """Where a version of a day's figures came from."""

    STATE = "state"
    TREND = "trend"


class Version(NamedTuple):
    """Figures of a day as known from `at` on, by our clock."""

    at: datetime
    amounts: Amounts
    origin: Origin


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One day with its newest figures; unknown fields are None.

    `at` is the time of the day's last state, aware; None if only the source's trend has the day.
    `is_complete` is whether the figures are of the whole day, `is_stated` whether the source's
    trend gave them for a day of which only a part was received. `closed` has the amounts at
    the close if the source restated the day later, at `restated_at`. `versions` are all figures of
    the day, oldest first. `repeats` is the earlier day whose figures the source sent again, by its
    own trend. `costs` are by category, `agents` by name.
    """

    day: date
    amounts: Amounts
    at: datetime | None = None
    closed: Amounts | None = None
    restated_at: datetime | None = None
    costs: Mapping[str, Decimal] | None = None
    agents: Mapping[str, Amounts] | None = None
    is_complete: bool = True
    is_stated: bool = False
    repeats: date | None = None
    versions: Sequence[Version] = field(default=(), compare=False)

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

    def status(self, today: date, trading: TradingDays) -> DayStatus:
        """Return the status of the day as of `today`.

        A day that is no trading day but has figures of its own is a day as any other.
        """
        if self.repeats or (self.day not in trading and not (self.revenue or self.expenses)):
            return DayStatus.NO_TRADING
        if self.day >= today:
            return DayStatus.RUNNING
        if not self.is_complete:
            return DayStatus.INCOMPLETE
        if self.is_restated:
            return DayStatus.RESTATED
        return DayStatus.STATED if self.is_stated or self.at is None else DayStatus.CLOSED
