"""The state after an update, and the figures derived from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from northstar.domain.arithmetic import percentage
from northstar.domain.day import DayRecord
from northstar.domain.intraday import Intraday
from northstar.domain.limits import Limit
from northstar.domain.messages import EXACT, AgentMetrics, CostCategory, PnLUpdate, TrendDay
from northstar.domain.notes import Note
from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.domain.trend import RecordedDay


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after one accepted update; unknown fields are None, never zero.

    `trading` are the days on which there is trading, `day` is the running day up to this state,
    `recorded` are the days before it in the history: those of its month and of the trend,
    `notes` are those of the newest days, and `limits` are those of net that alert rules have.
    """

    state: PnLUpdate
    trading: TradingDays = field(default=EVERY_DAY, compare=False)
    day: Intraday | None = field(default=None, compare=False)
    recorded: Mapping[date, DayRecord] = field(default_factory=dict, compare=False)
    notes: Sequence[Note] = field(default=(), compare=False)
    limits: Sequence[Limit] = field(default=(), compare=False)

    @property
    def as_of(self) -> datetime:
        return self.state.timestamp

    @property
    def instant(self) -> datetime:
        """`as_of` in UTC, for comparisons: Python compares times of one zone by local time."""
        return self.as_of.astimezone(UTC)

    @property
    def revenue(self) -> Decimal:
        return self.state.revenue

    @property
    def expenses(self) -> Decimal:
        return self.state.expenses

    @property
    def net(self) -> Decimal:
        return self.state.net

    @property
    def margin(self) -> Decimal | None:
        """Net as a percentage of revenue."""
        return percentage(self.net, self.revenue)

    @property
    def previous_net(self) -> Decimal | None:
        """Net of the previous period: computed if both parts are known, else as stated."""
        before = self.state
        if before.previous_revenue is None or before.previous_expenses is None:
            return before.previous_net_stated
        return EXACT.subtract(before.previous_revenue, before.previous_expenses)

    @property
    def previous_margin(self) -> Decimal | None:
        before = self.state.previous_revenue
        return (
            None
            if before is None or self.previous_net is None
            else percentage(self.previous_net, before)
        )

    @property
    def trend(self) -> Sequence[TrendDay]:
        """Up to 30 days, oldest first."""
        return self.state.trends_data or ()

    @property
    def costs(self) -> Sequence[CostCategory]:
        return self.state.cost_breakdown or ()

    @property
    def agents(self) -> Sequence[AgentMetrics]:
        """The agents, highest net first."""
        agents = self.state.agent_attribution or ()
        return sorted(agents, key=lambda agent: agent.net, reverse=True)


def today(snapshot: Snapshot) -> TrendDay | None:
    """Return the trend row of the current day; None if there is none.

    A source further east may already be on the day after ours.
    """
    if not snapshot.trend or isinstance(snapshot.trend[-1], RecordedDay):
        return None
    newest = snapshot.trend[-1]
    ahead = newest.date.toordinal() - snapshot.as_of.toordinal()
    return newest if ahead in {0, 1} else None
