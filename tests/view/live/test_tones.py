"""Arrows and colours follow the displayed value: a change rounded to zero has neither."""

from decimal import Decimal

import pytest

from northstar.domain.messages import AgentMetrics, PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.view.live.figures import CHARTS
from northstar.view.live.panels import texts
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support.drawn import GAIN, LOSS
from support.snapshots import snapshot

USD = Notation()
JPY = Notation(currency="JPY")


def book(revenue: str, expenses: str, before: tuple[str, str] = ("100", "50")) -> Snapshot:
    """Return totals with those of the previous period."""
    update = PnLUpdate(
        timestamp=snapshot().as_of,
        revenue=Decimal(revenue),
        expenses=Decimal(expenses),
        previous_revenue=Decimal(before[0]),
        previous_expenses=Decimal(before[1]),
        agent_attribution=[
            AgentMetrics(agent="Ann", revenue=Decimal(revenue), expenses=Decimal(expenses))
        ],
    )
    return Snapshot(update)


@pytest.mark.parametrize(
    ("state", "shown", "tone"),
    [
        (book("100.04", "50"), "0.0 pp", "flat"),
        (book("99.95", "50"), "0.0 pp", "flat"),
        (book("99.89", "50"), "▼ -0.1 pp", "loss"),
        (book("100.09", "50"), "0.0 pp", "flat"),
        (book("100.21", "50"), "▲ +0.1 pp", "gain"),
        (book("100", "50"), "0.0 pp", "flat"),
        (book("0.0001", "50"), "n/a", "flat"),
        (book("0", "50"), "–", "flat"),
    ],
)
def test_change_of_margin(state: Snapshot, shown: str, tone: str) -> None:
    """A change in points that is shown as zero or n/a is neither a gain nor a loss."""
    change = texts(state, USD)["kpi-margin-previous-change"]

    assert (change["children"], change["className"]) == (shown, f"kpi-change {tone}")


@pytest.mark.parametrize(
    ("state", "write", "shown", "tone"),
    [
        (book("100.004", "50"), USD, "$0.00 (0.0%)", "flat"),
        (book("99.996", "50"), USD, "$0.00 (0.0%)", "flat"),
        (book("99.995", "50"), USD, "$0.00 (0.0%)", "flat"),
        (book("99.994", "50"), USD, "▼ -$0.01 (0.0%)", "loss"),
        (book("100.4", "50"), JPY, "¥0 (0.0%)", "flat"),
        (book("100.5", "50"), JPY, "▲ +¥1 (+1.0%)", "gain"),
    ],
)
def test_change_of_money(state: Snapshot, write: Notation, shown: str, tone: str) -> None:
    """A change of money that is shown as zero has no arrow and no colour."""
    change = texts(state, write)["kpi-net-previous-change"]

    assert (change["children"], change["className"]) == (shown, f"kpi-change {tone}")


@pytest.mark.parametrize(
    ("state", "write", "net", "margin"),
    [
        (book("50", "50.004"), USD, False, False),
        (book("50", "50.4"), JPY, False, True),
        (book("50000", "50020"), JPY, True, False),
        (book("50", "51"), USD, True, True),
        (book("0.0001", "50"), USD, True, False),
    ],
)
def test_loss_as_shown(state: Snapshot, write: Notation, net: bool, margin: bool) -> None:  # noqa: FBT001
    """A loss that is shown as zero is not red in cards, agents and bars."""
    shown = texts(state, write)
    bars = CHARTS[Id.CHART_WATERFALL](state, write)["data"][0]["marker"]["color"][-1]
    earners = CHARTS[Id.CHART_AGENTS](state, write)["data"][2]["marker"]["color"]

    assert ("loss" in shown["kpi-net-value"]["className"]) == net
    assert ("loss" in shown["kpi-margin-value"]["className"]) == margin
    assert (shown["agent-cards-0-net"]["className"] == "loss") == net
    assert (bars, earners) == ((LOSS, [LOSS]) if net else (GAIN, [GAIN]))
