"""Check whether the books balance, and by how much they do not.

Pure. The page shows a failed check as a finding; nothing corrects it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from northstar.domain.currency import CENTS, half_a_unit
from northstar.domain.ledger import Snapshot, percentage, today, total
from northstar.domain.messages import EXACT

# Half of the last digit shown: sources compute in floating point, so amounts are rarely equal.
HALF_A_CENT = half_a_unit(CENTS)
HALF_A_TENTH = Decimal("0.05")  # of a percent


class Place(StrEnum):
    """The part of the page to which a finding belongs."""

    NET = "net"
    TREND = "trend"
    COSTS = "costs"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Check:
    """Compare a stated value with the expected one, in money or (`unit` "%") in percent."""

    place: Place
    subject: str
    stated: Decimal
    expected: Decimal
    unit: str = "money"
    tolerance: Decimal = HALF_A_CENT

    @property
    def is_money(self) -> bool:
        return self.unit == "money"

    @property
    def holds(self) -> bool:
        return abs(self.amount) <= self.tolerance

    @property
    def amount(self) -> Decimal:
        """The stated value minus the expected one."""
        return EXACT.subtract(self.stated, self.expected)


def audit(snapshot: Snapshot, tolerance: Decimal = HALF_A_CENT) -> list[Check]:
    """Return every check that fails, in the order of the page; `tolerance` is as for `checks`."""
    return [check for check in checks(snapshot, tolerance) if not check.holds]


def checks(snapshot: Snapshot, tolerance: Decimal = HALF_A_CENT) -> list[Check]:
    """Return every check that the snapshot has the figures for, in the order of the page.

    Amounts that differ by at most `tolerance`, half of the currency's last decimal, are equal.
    """
    every = (
        *_check_net(snapshot),
        *_check_trend(snapshot),
        *_check_costs(snapshot),
        *_check_agents(snapshot),
    )
    return [replace(check, tolerance=tolerance) if check.is_money else check for check in every]


def _check_net(snapshot: Snapshot) -> Iterator[Check]:
    state = snapshot.state
    if state.net_stated:  # the guide's servers send 0 as a placeholder
        yield Check(Place.NET, "stated net", state.net_stated, snapshot.net)
    if state.previous_net_stated and snapshot.previous_net is not None:
        subject = "stated previous net"
        yield Check(Place.NET, subject, state.previous_net_stated, snapshot.previous_net)


def _check_trend(snapshot: Snapshot) -> Iterator[Check]:
    for row in snapshot.trend:
        if row.net_stated is not None:
            yield Check(Place.TREND, f"{row.date}: net", row.net_stated, row.net)
    if last := today(snapshot):
        yield Check(Place.TREND, "today's row: revenue", last.revenue, snapshot.revenue)
        yield Check(Place.TREND, "today's row: expenses", last.expenses, snapshot.expenses)


def _check_costs(snapshot: Snapshot) -> Iterator[Check]:
    if snapshot.state.cost_breakdown is None:
        return
    spent = total(cost.value for cost in snapshot.costs)
    yield Check(Place.COSTS, "categories sum to", spent, snapshot.expenses)
    for cost in snapshot.costs:
        share = percentage(cost.value, spent)
        if cost.percentage is not None and share is not None:
            yield Check(
                Place.COSTS,
                f"{cost.name}: share",
                cost.percentage,
                share,
                unit="%",
                tolerance=max(half_a_step(cost.percentage), HALF_A_TENTH),
            )


def _check_agents(snapshot: Snapshot) -> Iterator[Check]:
    if snapshot.state.agent_attribution is None:
        return
    revenue = total(agent.revenue for agent in snapshot.agents)
    expenses = total(agent.expenses for agent in snapshot.agents)
    yield Check(Place.AGENTS, "revenue: agents sum to", revenue, snapshot.revenue)
    yield Check(Place.AGENTS, "expenses: agents sum to", expenses, snapshot.expenses)
    for agent in snapshot.agents:
        if agent.net_stated is not None:
            yield Check(Place.AGENTS, f"{agent.agent}: net", agent.net_stated, agent.net)


def half_a_step(stated: Decimal) -> Decimal:
    """Return half a unit of the last decimal place sent, the largest rounding error."""
    exponent = stated.as_tuple().exponent
    return Decimal(5).scaleb(min(int(exponent), 0) - 1)
