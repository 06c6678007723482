"""Check whether the books balance, and by how much they do not.

Pure. The page shows a failed check as a finding; nothing corrects it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from northstar.domain.arithmetic import percentage, total
from northstar.domain.currency import CENTS, half_a_unit
from northstar.domain.messages import EXACT
from northstar.domain.snapshot import Snapshot, today

# Half of the last digit shown: sources compute in floating point, so amounts are rarely equal.
HALF_A_CENT = half_a_unit(CENTS)
HALF_A_TENTH = Decimal("0.05")  # of a percent


class Place(StrEnum):
    """The part of the page to which a finding belongs."""

    NET = "net"
    TREND = "trend"
    COSTS = "costs"
    AGENTS = "agents"


class Check(Struct, frozen=True):
    """Compare a stated value with the expected one, in money or (`unit` "%") in percent.

    `day` is the day of the trend that the subject is of.
    """

    place: Place
    subject: str
    stated: Decimal
    expected: Decimal
    unit: str = "money"
    tolerance: Decimal = HALF_A_CENT
    day: date | None = None

    @property
    def holds(self) -> bool:
        return abs(self.amount) <= self.tolerance

    @property
    def amount(self) -> Decimal:
        """The stated value minus the expected one."""
        return EXACT.subtract(self.stated, self.expected)


MoneyCheck: TypeAlias = Callable[[Place, str, Decimal, Decimal], Check]


def audit(snapshot: Snapshot, tolerance: Decimal = HALF_A_CENT) -> list[Check]:
    """Return every check that fails, in the order of the page; `tolerance` is as for `checks`."""
    return [check for check in checks(snapshot, tolerance) if not check.holds]


def checks(snapshot: Snapshot, tolerance: Decimal = HALF_A_CENT) -> list[Check]:
    """Return every check that the snapshot has the figures for, in the order of the page.

    Amounts that differ by at most `tolerance`, half of the currency's last decimal, are equal.
    """
    money = partial(Check, tolerance=tolerance)
    return [
        *_check_net(snapshot, money),
        *_check_trend(snapshot, money),
        *_check_costs(snapshot, money),
        *_check_agents(snapshot, money),
    ]


def _check_net(snapshot: Snapshot, money: MoneyCheck) -> Iterator[Check]:
    state = snapshot.state
    if state.net_stated:  # the guide's servers send 0 as a placeholder
        yield money(Place.NET, "stated net", state.net_stated, snapshot.net)
    if state.previous_net_stated and snapshot.previous_net is not None:
        subject = "stated previous net"
        yield money(Place.NET, subject, state.previous_net_stated, snapshot.previous_net)


def _check_trend(snapshot: Snapshot, money: MoneyCheck) -> Iterator[Check]:
    for row in snapshot.trend:
        if row.net_stated is not None:
            check = money(Place.TREND, "net", row.net_stated, row.net)
            yield replace(check, day=row.date)
    if last := today(snapshot):
        yield money(Place.TREND, "today's row: revenue", last.revenue, snapshot.revenue)
        yield money(Place.TREND, "today's row: expenses", last.expenses, snapshot.expenses)


def _check_costs(snapshot: Snapshot, money: MoneyCheck) -> Iterator[Check]:
    if snapshot.state.cost_breakdown is None:
        return
    spent = total(cost.value for cost in snapshot.costs)
    yield money(Place.COSTS, "categories sum to", spent, snapshot.expenses)
    for cost in snapshot.costs:
        if cost.percentage is None:
            continue
        share = percentage(cost.value, spent)
        if share is not None:
            yield Check(
                Place.COSTS,
                f"{cost.name}: share",
                cost.percentage,
                share,
                unit="%",
                tolerance=max(half_a_step(cost.percentage), HALF_A_TENTH),
            )


def _check_agents(snapshot: Snapshot, money: MoneyCheck) -> Iterator[Check]:
    if snapshot.state.agent_attribution is None:
        return
    agents = snapshot.agents
    revenue = total(agent.revenue for agent in agents)
    expenses = total(agent.expenses for agent in agents)
    yield money(Place.AGENTS, "revenue: agents sum to", revenue, snapshot.revenue)
    yield money(Place.AGENTS, "expenses: agents sum to", expenses, snapshot.expenses)
    for agent in agents:
        if agent.net_stated is not None:
            yield money(Place.AGENTS, f"{agent.agent}: net", agent.net_stated, agent.net)


def half_a_step(stated: Decimal) -> Decimal:
    """Return half a unit of the last decimal place sent, the largest rounding error."""
    exponent = stated.as_tuple().exponent
    return Decimal(5).scaleb(min(int(exponent), 0) - 1)
