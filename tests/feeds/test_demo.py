"""The demo source: it starts with the guide's numbers, and its books always balance."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any

import pytest

from conftest import UTC
from northstar.domain.books import audit
from northstar.domain.calendar import Calendar
from northstar.domain.freshness import LinkState
from northstar.domain.ledger import Ledger
from northstar.domain.messages import encode
from northstar.feeds import Source
from northstar.feeds.demo.calm import earlier_updates, emit
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.demo.scenes import Scene
from support.waiting import eventually

MORNING = datetime(2026, 2, 25, 8, tzinfo=UTC)
EVENING = datetime(2026, 2, 25, 23, 59, tzinfo=UTC)  # sixty seconds before midnight
SECOND = timedelta(seconds=1)
HALF_A_TENTH = Decimal("0.05")


def seconds(start: datetime, count: int) -> Iterator[datetime]:
    """Yield `count` moments, one second apart."""
    return (start + SECOND * passed for passed in range(count))


def wire(seed: int, moments: Iterable[datetime]) -> Iterator[dict[str, Any]]:
    """Yield what a subscriber reads, with amounts as exact decimals."""
    for update in emit(seed, moments):
        yield json.loads(encode(update), parse_int=Decimal, parse_float=Decimal)


def assert_balanced(message: dict[str, Any]) -> None:
    """Recompute all totals in decimals and compare them."""
    revenue, expenses = message["revenue"], message["expenses"]
    agents, costs = message["agentAttribution"], message["costBreakdown"]
    last = message["trendsData"][-1]
    assert sum(agent["revenue"] for agent in agents) == revenue
    assert sum(agent["expenses"] for agent in agents) == expenses
    assert sum(agent["net"] for agent in agents) == revenue - expenses == message["netPnL"]
    assert sum(cost["value"] for cost in costs) == expenses
    assert (last["revenue"], last["expenses"]) == (revenue, expenses)
    for row in (*agents, *message["trendsData"]):
        assert row["net"] == row["revenue"] - row["expenses"]
    for cost in costs:
        share = cost["value"] * 100 / expenses if expenses else Decimal(0)
        assert abs(cost["percentage"] - share) <= HALF_A_TENTH
    before = message["previousRevenue"] - message["previousExpenses"]
    assert message["previousNetPnL"] == before


def test_first_message() -> None:
    """The first message has the guide's example and thirty days that end today."""
    (first,) = wire(1, [MORNING])

    assert first["timestamp"] == "2026-02-25T08:00:00Z"
    assert (first["revenue"], first["expenses"], first["netPnL"]) == (125450, 48320, 77130)
    assert (first["previousRevenue"], first["previousExpenses"]) == (118200, 45600)
    assert [(row["name"], row["value"]) for row in first["costBreakdown"]] == [
        ("Trading Fees", 18500),
        ("Infrastructure", 12800),
        ("Personnel", 11200),
        ("Other", 5820),
    ]
    assert [
        (row["agent"], row["revenue"], row["expenses"], row["net"])
        for row in first["agentAttribution"]
    ] == [
        ("Scalper", 75000, 28500, 46500),
        ("John", 32000, 12800, 19200),
        ("Cliff", 18450, 7020, 11430),
    ]
    assert [date.fromisoformat(row["date"]) for row in first["trendsData"]] == [
        date(2026, 1, 27) + timedelta(days=day) for day in range(30)
    ]
    assert first["trendsData"][0]["revenue"] == pytest.approx(108000, rel=0.15)
    assert first["trendsData"][-2]["revenue"] == 118200


def test_later_messages() -> None:
    """Later messages have only today's row, as in the guide."""
    _, *later = wire(1, seconds(MORNING, 100))

    assert {row["date"] for message in later for row in message["trendsData"]} == {"2026-02-25"}
    assert {len(message["trendsData"]) for message in later} == {1}


@pytest.mark.parametrize("start", [MORNING, EVENING], ids=["one day", "across midnight"])
@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_books_over_many_messages(start: datetime, count: int) -> None:
    """Every one of many messages balances to the cent."""
    for message in wire(1, seconds(start, count)):
        assert_balanced(message)


def test_audit_of_the_merged_state() -> None:
    """The dashboard's audit has no finding before or after midnight."""
    ledger = Ledger(Calendar(UTC))

    for update in emit(1, seconds(EVENING, 1_000)):
        assert ledger.receive(encode(update)).accepted
        assert ledger.snapshot is not None
        assert audit(ledger.snapshot) == []


def test_same_seed() -> None:
    """The same seed emits the same bytes."""
    one, other = (list(map(encode, emit(7, seconds(EVENING, 500)))) for _ in range(2))

    assert one == other


@pytest.mark.parametrize(
    ("seed", "day", "past"),
    [(1, "a20342664f65c980", "0eb71af44106309"), (7, "a4645147e5c8b3b6", "f0b146ebf688c18f")],
)
def test_bytes_of_version_0_5(seed: int, day: str, past: str) -> None:
    """A seed emits the same bytes as in version 0.5, so that measurements stay comparable."""
    emitted = b"".join(map(encode, emit(seed, seconds(EVENING, 500))))
    eight = EVENING.replace(hour=8, minute=0)
    invented = b"".join(map(encode, earlier_updates(seed, eight, Calendar(UTC).end)))

    assert sha256(emitted).hexdigest().startswith(day)
    assert sha256(invented).hexdigest().startswith(past)


def test_another_seed() -> None:
    """Another seed emits another history and another day."""
    one, other = (list(wire(seed, seconds(MORNING, 100))) for seed in (7, 8))

    assert one[0]["trendsData"] != other[0]["trendsData"]
    assert one[-1]["revenue"] != other[-1]["revenue"]


def test_midnight() -> None:
    """Yesterday's close is the last row of the past and the new day's previous period."""
    messages = list(wire(1, seconds(EVENING, 62)))
    close, opening, after = messages[59:]

    assert [row["date"] for row in opening["trendsData"][-2:]] == ["2026-02-25", "2026-02-26"]
    assert len(opening["trendsData"]) == 30
    assert opening["trendsData"][-2] == close["trendsData"][-1]
    assert opening["trendsData"][:-2] == messages[0]["trendsData"][1:-1]
    assert (opening["previousRevenue"], opening["previousExpenses"]) == (
        close["revenue"],
        close["expenses"],
    )
    assert (opening["revenue"], opening["expenses"]) == (0, 0)
    assert len(after["trendsData"]) == 1


def test_pace_of_the_business() -> None:
    """Amounts change often, in both directions, and by at most 0.1 % at once."""
    revenues = [message["revenue"] for message in wire(1, seconds(MORNING, 1_000))]
    steps = [now - before for before, now in pairwise(revenues)]

    assert max(map(abs, steps)) < revenues[0] / 1000
    assert min(steps) < 0 < max(steps)
    assert sum(step != 0 for step in steps) > 300
    assert revenues[-1] > revenues[0]


def test_a_day_of_business() -> None:
    """Eight hours from zero reach a third of the guide's example, within ten percent."""
    events = 8 * 60 * 60
    before_midnight = EVENING + 59 * SECOND
    update = next(islice(emit(1, seconds(before_midnight, events + 2)), events + 1, None))

    assert update.timestamp == datetime(2026, 2, 26, 8, tzinfo=UTC)
    assert float(update.revenue) == pytest.approx(125_450 / 3, rel=0.1)
    assert float(update.expenses) == pytest.approx(48_320 / 3, rel=0.1)


async def test_feed() -> None:
    """The feed is named a demo, opens its link, and delivers no faster than its rate."""
    feed = DemoFeed(seed=1, rate=200, now=lambda: MORNING, scene=Scene.CALM)
    received: list[bytes | str] = []

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        received.append(raw)
        return not fetched

    clock = asyncio.get_running_loop().time
    start = clock()
    running = asyncio.create_task(feed.run(accept))
    await eventually(lambda: len(received) >= 41)
    elapsed_s = clock() - start
    delivered = len(received)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert feed.source is Source.DEMO
    assert feed.link.state is LinkState.OPEN
    assert delivered <= elapsed_s * 200 + 1
    assert running.cancelled()
    assert json.loads(received[0])["revenue"] == 125450


def test_past() -> None:
    """The invented history has over a year of closed days and every minute of today so far."""
    told = list(earlier_updates(1, MORNING, Calendar(UTC).end))
    closes, minutes = told[:429], told[429:]

    days = [update.timestamp.date() for update in closes]
    assert (days[0], days[-1]) == (date(2024, 12, 23), date(2026, 2, 24))
    assert all((after - before).days == 1 for before, after in pairwise(days))
    assert {update.timestamp.time() for update in closes} == {time(23, 59, 59)}
    assert [update.timestamp for update in minutes] == [
        MORNING.replace(hour=0) + timedelta(minutes=minute) for minute in range(480)
    ]
    assert any(update.net < 0 for update in closes)


def test_past_balances() -> None:
    """Agents and categories sum to the totals at every moment, to the cent."""
    for update in earlier_updates(1, MORNING, Calendar(UTC).end):
        assert sum(agent.revenue for agent in update.agent_attribution or ()) == update.revenue
        assert sum(agent.expenses for agent in update.agent_attribution or ()) == update.expenses
        assert sum(cost.value for cost in update.cost_breakdown or ()) == update.expenses


def test_past_leads_up_to_the_first_message() -> None:
    """The first message has the days of the invented history and its last totals."""
    *_, last = told = list(earlier_updates(7, MORNING, Calendar(UTC).end))
    (first,) = wire(7, [MORNING])
    closed = {update.timestamp.date().isoformat(): update for update in told}

    for row in first["trendsData"][:-1]:
        assert (closed[row["date"]].revenue, closed[row["date"]].expenses) == (
            row["revenue"],
            row["expenses"],
        )
    assert (last.revenue, last.expenses) == (first["revenue"], first["expenses"])
