"""Sums, drawdowns and shares, by hand and compared with pandas."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from northstar.domain.day import Amounts, DayRecord
from northstar.reports.returns import (
    AgentShare,
    Remainder,
    Share,
    best,
    by_agent,
    by_category,
    known_agents,
    known_costs,
    remainder_of_agents,
    remainder_of_costs,
    totals,
    worst,
)
from support.february import amounts, february, month, record

FIRST = date(2026, 2, 1)


def test_amounts() -> None:
    """Net and margin are computed from revenue and expenses."""
    assert amounts("125450.10", "48320.05").net == Decimal("77130.05")
    assert amounts(200, 50).margin == Decimal(75)
    assert amounts(200, 250).margin == Decimal(-25)


@pytest.mark.parametrize("revenue", [0, -200])
def test_margin_without_revenue(revenue: int) -> None:
    """Without positive revenue there is no margin."""
    assert amounts(revenue, 50).margin is None


def test_net_to_the_last_digit() -> None:
    """Amounts of very different size lose no digit."""
    assert amounts("999999999999999", "1e-48").net == Decimal("999999999999998." + 48 * "9")


def test_record() -> None:
    """A day has its current amounts, and may have had others at its close."""
    at = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
    day = DayRecord(february(24), amounts(7, 4))
    restated = DayRecord(february(24), amounts(7, 4), closed=amounts(7, 3), restated_at=at)

    assert [day.revenue, day.expenses, day.net] == [7, 4, 3]
    assert not day.is_restated
    assert restated.is_restated
    assert restated.net == 3


def test_nothing_known() -> None:
    """Without days the sums are zero, and all other figures are missing."""
    assert totals([]) == amounts(0, 0)
    for shares in (by_category, by_agent):
        assert list(shares([])) == []
    assert [best([]), worst([])] == [None, None]


def test_totals() -> None:
    """Revenue and expenses are added exactly."""
    days = [
        DayRecord(february(1), amounts("0.1", "1000000000000000.00")),
        DayRecord(february(2), amounts("0.2", "0.000000000000000001")),
    ]

    assert totals(days) == amounts("0.3", "1000000000000000.000000000000000001")


def test_best_and_worst() -> None:
    """The best day has the highest net, the worst the lowest; of equal ones the earlier counts."""
    days = month(1, 9, -2, 9, -2)

    assert best(days) is days[1]
    assert worst(days) is days[2]


def test_best_of_bad_days() -> None:
    """The best day may have a loss."""
    days = month(-3, -1, -2)

    assert best(days) is days[1]
    assert worst(days) is days[0]


def test_best_to_the_last_digit() -> None:
    """Nets that differ by less than a float's precision are ranked exactly."""
    nets = ["1000000000000000.00", "1000000000000000.000000000001", "1000000000000000"]
    days = [DayRecord(february(number), amounts(net)) for number, net in enumerate(nets, 1)]

    assert best(days) is days[1]
    assert worst(days) is days[0]


def test_by_category() -> None:
    """Costs are summed over the days that have them, largest first, with their percentages."""
    days = [
        record(1, costs={"Rent": Decimal("1.10"), "Pay": Decimal("2.00")}),
        record(2),
        record(3, costs={"Pay": Decimal("3.50"), "Tax": Decimal("1.10")}),
        record(4, costs={"Tax": Decimal("0.30")}),
        record(5, costs={}),
    ]

    assert by_category(days) == [
        Share("Pay", Decimal("5.50"), Decimal("68.75")),
        Share("Tax", Decimal("1.40"), Decimal("17.5")),
        Share("Rent", Decimal("1.10"), Decimal("13.75")),
    ]
    assert len(known_costs(days)) == 4


@pytest.mark.parametrize("refund", [-3, -5])
def test_by_category_of_nothing_in_all(refund: int) -> None:
    """Costs with a sum of zero or less have no percentages."""
    days = [record(1, costs={"Pay": Decimal(3), "Refund": Decimal(refund)})]

    assert by_category(days) == [
        Share("Pay", Decimal(3), None),
        Share("Refund", Decimal(refund), None),
    ]


def test_by_agent() -> None:
    """Agents are summed over the days that have them, highest net first."""
    days = [
        record(1, agents={"Cliff": amounts(10, 12), "Ann": amounts(20, 5)}),
        record(2),
        record(3, agents={"Ann": amounts(5, 10), "John": amounts("11.5", "0.5")}),
        record(4, agents={"Cliff": amounts(1, 0)}),
    ]

    assert by_agent(days) == [
        AgentShare("John", amounts("11.5", "0.5"), Decimal(55)),
        AgentShare("Ann", amounts(25, 15), Decimal(50)),
        AgentShare("Cliff", amounts(11, 12), Decimal(-5)),
    ]
    assert len(known_agents(days)) == 3


def test_remainders() -> None:
    """The remainder of a breakdown includes only days that have one."""
    parts = {"Ann": amounts(900, 500), "John": amounts(50, 100)}
    days = [
        record(1, 400, costs={"Pay": Decimal(550)}, agents=parts),  # of 1000 and 600
        record(2, 400),
        record(3, 400, costs={"Pay": Decimal("600.005")}, agents={"Ann": amounts(1000, "600.01")}),
        record(4, 400, costs={"Pay": Decimal(700)}),
        record(5, 400, costs={}, agents={}),
    ]
    cent = Decimal("0.005")

    assert remainder_of_costs(days, cent) == Remainder(3, amounts(0, 50 - 100 + 600))
    assert remainder_of_agents(days, cent) == Remainder(
        3, Amounts(Decimal(50 + 0 + 1000), Decimal("599.99"))
    )
    assert remainder_of_costs(days[1:3], cent) == Remainder(0, amounts(0, 0))


def test_by_agent_with_a_loss_in_all() -> None:
    """Agents with a loss in total have no shares."""
    days = [record(1, agents={"Cliff": amounts(0, 5), "Ann": amounts(3, 1)})]

    assert [(share.name, share.percent) for share in by_agent(days)] == [
        ("Ann", None),
        ("Cliff", None),
    ]


def test_equal_shares() -> None:
    """Equal agents or costs stay in the order of their first appearance."""
    costs: Mapping[str, Decimal] = dict.fromkeys(["Rent", "Pay", "Tax"], Decimal(1))
    agents: Mapping[str, Amounts] = dict.fromkeys(["John", "Ann"], amounts(2, 1))
    days = [record(1, costs=costs, agents=agents)]

    assert [share.name for share in by_category(days)] == ["Rent", "Pay", "Tax"]
    assert [share.name for share in by_agent(days)] == ["John", "Ann"]
