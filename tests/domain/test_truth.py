"""The ledger compared with simple independent bookkeeping over generated streams and moments.

Every stream is made as plain dicts, lists and Decimals. The ledger gets them as JSON; `Truth` gets
them as they are and computes with fractions, loops and nothing of NorthStar's. 100 streams (600 in
the long tests) are compared message by message, 50 (250) are passed on to a second dashboard, 150
have trends only; 250 moments from the years 1 to 9999 go through the zones.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from northstar.domain.arithmetic import average, change, percentage, total
from northstar.domain.books import audit
from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.domain.messages import PnLUpdate, decode, encode
from northstar.domain.snapshot import Snapshot
from support import guide
from support.findings import subject_of
from support.truth import PREVIOUS, Row, Sent, Truth

ROUNDING = Fraction(1, 10**25)  # a quotient of Decimals has 28 digits

quick = partial(
    settings,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# The sent messages.


def write(part: Any) -> str:
    """Return `part` as JSON with exact Decimals."""
    if isinstance(part, Decimal):
        return str(part)
    if isinstance(part, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{write(v)}" for k, v in part.items()) + "}"
    if isinstance(part, list):
        return "[" + ",".join(map(write, part)) + "]"
    return json.dumps(part)


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
).map(ZoneInfo)
# Around the clock changes in those zones, a leap day, a new year and the guide's day.
WALLS = st.sampled_from(
    [
        "2026-03-29T01:59:59",
        "2026-10-25T02:30:00",
        "2026-03-08T02:15:00",
        "2026-11-01T01:30:00",
        "2026-10-04T02:10:00",
        "2026-04-05T01:45:00",
        "2024-02-29T12:00:00.123456",
        "2025-12-31T23:59:59",
        "2026-02-25T22:24:00",
    ]
).map(datetime.fromisoformat)
LAST_WALL = datetime.fromisoformat("2060-01-01T00:00:00")
SECOND, HOUR, DAY, YEAR = 1, 3600, 86_400, 31_556_952
STEPS = st.sampled_from([SECOND, SECOND, HOUR, DAY, 0, -SECOND, 7 * YEAR])
OFFSETS = st.sampled_from([0, 0, 0, None, None, 60, -300, 330, 840])
CENTS = st.integers(-(10**14), 10**14).map(lambda n: Decimal(n).scaleb(-2))
AMOUNTS = CENTS | st.decimals(0, 10**6, places=4) | st.integers(0, 10**6).map(Decimal)
SHARES = st.decimals(0, 100, places=1) | st.integers(0, 100).map(Decimal)
MARKUP = ["<script>alert(1)</script>", "<b>John</b>", "Комиссия", "手数料", "أحمد", "🦊\u200d", ""]
NAMES = st.sampled_from(MARKUP) | st.text(max_size=12)
BOOKS = {"revenue": AMOUNTS, "expenses": AMOUNTS}
STATED = {"net": AMOUNTS | st.just(Decimal(0))}
AGENT = st.fixed_dictionaries({"agent": NAMES, **BOOKS}, optional=STATED)
COST = st.fixed_dictionaries({"name": NAMES, "value": AMOUNTS}, optional={"percentage": SHARES})
NOVELTY = {"strategy": {"name": "x", "depth": [1, None, True]}}


def crowd(row: Row, amount: str, size: int) -> list[Row]:
    """Return this many rows with slightly different amounts."""
    return [row | {amount: row[amount] + n % 7} for n in range(size)]


def month(book: Row, end: date, size: int) -> list[Row]:
    """Return this many days up to `end`."""
    return [
        {"date": (end - timedelta(days=back)).isoformat(), **book, "revenue": Decimal(back)}
        for back in range(size)
    ]


SIZES = st.integers(0, 40)
AGENTS = st.lists(AGENT, max_size=4) | st.builds(crowd, AGENT, st.just("expenses"), SIZES)
COSTS = st.lists(COST, max_size=5) | st.builds(crowd, COST, st.just("value"), SIZES)
BOOK = st.fixed_dictionaries(BOOKS, optional=STATED)
DATES = st.dates(date(2025, 12, 20), date(2026, 3, 10)) | st.dates(date(1999, 1, 1))
TRENDS = st.lists(st.builds(month, BOOK, DATES, st.sampled_from([1, 1, 1, 30])), max_size=2).map(
    lambda parts: [row for part in parts for row in part]
)


PERIOD: dict[str, Any] = dict.fromkeys((*PREVIOUS, "netPnL"), AMOUNTS)
SECTIONS: dict[str, Any] = {"costBreakdown": COSTS, "agentAttribution": AGENTS}
FIGURES: Any = st.fixed_dictionaries(BOOKS, optional=PERIOD | SECTIONS)


def total_of(rows: list[Row], amount: str) -> Decimal:
    """Return the sum of one amount."""
    return sum((row[amount] for row in rows), Decimal(0))


def shares(costs: list[Row], places: int, off: int) -> list[Row]:
    """Return the categories with their shares rounded, or off by some units of the last place."""
    spent = Fraction(total_of(costs, "value"))
    if spent < 1 or any(abs(Fraction(cost["value"])) > 10**6 * spent for cost in costs):
        return costs
    units = [round(Fraction(cost["value"]) / spent * 100 * 10**places) + off for cost in costs]
    return [
        cost | {"percentage": Decimal(unit).scaleb(-places)}
        for cost, unit in zip(costs, units, strict=True)
    ]


def balanced(costs: list[Row], expenses: Decimal) -> list[Row]:
    """Return the categories; the first is changed so that they sum to the expenses."""
    first, *others = costs
    return [first | {"value": expenses - total_of(others, "value")}, *others]


@st.composite
def updates(draw: st.DrawFn, wall: datetime) -> Row:
    """Return a message without its timestamp, whose books may not balance."""
    row: Row = draw(FIGURES)
    if "agentAttribution" in row and draw(st.booleans()):
        row |= {name: total_of(row["agentAttribution"], name) for name in BOOKS}
    if draw(st.booleans()):
        row["trendsData"] = draw(TRENDS)
    if draw(st.booleans()):
        day = wall.date() + timedelta(days=draw(st.sampled_from([0, 0, 1, 2])))
        off = draw(st.sampled_from([Decimal(0), Decimal("0.005"), Decimal("0.006")]))
        book = {"revenue": row["revenue"] + off, "expenses": row["expenses"] - off}
        row["trendsData"] = [*row.get("trendsData", []), {"date": day.isoformat(), **book}]
    if row.get("costBreakdown") and draw(st.booleans()):
        costs = balanced(row["costBreakdown"], row["expenses"])
        row["costBreakdown"] = shares(costs, draw(st.integers(0, 3)), draw(st.integers(-1, 1)))
    return row | draw(st.sampled_from([{}, NOVELTY]))


def in_utc(wall: datetime, offset: int | None, zone: ZoneInfo) -> datetime:
    """Return the instant at which a clock with that offset, or in `zone`, shows `wall`."""
    if offset is None:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    return (wall - timedelta(minutes=offset)).replace(tzinfo=UTC)


def stamp(wall: datetime, offset: int | None) -> str:
    """Return a timestamp in one of the forms that sources use."""
    if offset is None:
        return wall.isoformat()
    sign, size = "-" if offset < 0 else "+", abs(offset)
    return wall.isoformat() + (f"{sign}{size // 60:02}:{size % 60:02}" if offset else "Z")


DAMAGE: list[Row] = [
    {"revenue": float("nan")},
    {"expenses": float("-inf")},
    {"revenue": "12"},
    {"expenses": None},
    {"timestamp": "soon"},
    {"timestamp": 1772058240},
    {"trendsData": {}},
    {"trendsData": [{"date": "2026-2-30", "revenue": 1, "expenses": 1}]},
    {"costBreakdown": [{"name": "x", "value": True}]},
    {"agentAttribution": [None]},
    {"previousRevenue": []},
    {"netPnL": Decimal("1e400")},
]
ENVELOPES = st.sampled_from([None, None, ("event", "data"), ("type", "payload")])
FATES = st.sampled_from(["good"] * 9 + ["damaged", "cut", "other"])


@st.composite
def messages(draw: st.DrawFn, wall: datetime, zone: ZoneInfo) -> Sent:
    """Return one message whose source's clock shows `wall`."""
    fate, offset, envelope = draw(FATES), draw(OFFSETS), draw(ENVELOPES)
    update = {"timestamp": stamp(wall, offset), **draw(updates(wall))}
    message = update | (draw(st.sampled_from(DAMAGE)) if fate == "damaged" else {})
    if fate == "other":
        message = {"event": "heartbeat", "data": message}
    elif envelope:
        event, body = envelope
        message = {event: draw(st.sampled_from(["pnl-update", "pnl:update"])), body: message}
    text = write(message)
    text = text[: draw(st.integers(0, len(text) - 1))] if fate == "cut" else text
    return Sent(
        text if draw(st.booleans()) else text.encode(), fate, update, in_utc(wall, offset, zone)
    )


@st.composite
def streams(draw: st.DrawFn) -> tuple[ZoneInfo, list[Sent]]:
    """Return a zone and its messages: mostly in order of time, some repeated."""
    zone, wall, sent = draw(ZONES), draw(WALLS), []
    for step in draw(st.lists(STEPS, min_size=1, max_size=8)):
        wall = min(wall + timedelta(seconds=step), LAST_WALL)
        message = draw(messages(wall, zone))
        sent += [message] * draw(st.sampled_from([1, 1, 1, 2]))
    return zone, sent


# The ledger's figures in the shape and order of `Truth`.


def plain(part: Any) -> Any:
    """Return `part` with every Decimal as a fraction."""
    if isinstance(part, Decimal):
        return Fraction(part)
    if isinstance(part, dict):
        return {key: plain(value) for key, value in part.items()}
    return type(part)(map(plain, part)) if isinstance(part, list | tuple) else part


def sums(snapshot: Snapshot) -> dict[str, Any]:
    """Return all sums and differences."""
    state, agents = snapshot.state, snapshot.agents
    present = [snapshot.revenue, snapshot.expenses, snapshot.net]
    before = [state.previous_revenue, state.previous_expenses, snapshot.previous_net]
    return {
        "as of": (snapshot.instant, snapshot.as_of.isoformat()),
        "now": present,
        "previous": before,
        "moved by": [change(a, b).amount for a, b in zip(present, before, strict=True)],
        "trend": [
            (day.date.isoformat(), day.revenue, day.expenses, day.net_stated, day.net)
            for day in snapshot.trend
        ],
        "costs": [(cost.name, cost.value, cost.percentage) for cost in snapshot.costs],
        "agents": [(a.agent, a.revenue, a.expenses, a.net_stated, a.net) for a in agents],
        "sums": [total(a.revenue for a in agents), total(a.expenses for a in agents)],
    }


def quotients(snapshot: Snapshot) -> list[Decimal | None]:
    """Return margins, changes in percent, averages of the trend and shares of the costs."""
    state, trend = snapshot.state, snapshot.trend
    spent = total(cost.value for cost in snapshot.costs)
    return [
        snapshot.margin,
        snapshot.previous_margin,
        change(snapshot.revenue, state.previous_revenue).percent,
        change(snapshot.expenses, state.previous_expenses).percent,
        change(snapshot.net, snapshot.previous_net).percent,
        average(day.revenue for day in trend),
        average(day.expenses for day in trend),
        average(day.net for day in trend),
        *(percentage(cost.value, spent) for cost in snapshot.costs),
    ]


def near(got: Decimal | Fraction | None, due: Fraction | None) -> bool:
    """Tell whether a quotient is right except for its last digits."""
    if got is None or due is None:
        return got is due
    return abs(Fraction(got) - due) <= ROUNDING * abs(due)


def assert_same(ledger: Ledger, truth: Truth) -> None:
    """Compare every figure, every finding and every count."""
    tally = ledger.tally
    assert {name: getattr(tally, name) for name in truth.counts} == truth.counts
    assert (ledger.snapshot is None) == (not truth.counts["accepted"])
    if ledger.snapshot is None:
        return
    assert plain(sums(ledger.snapshot)) == plain(truth.sums())
    pairs = zip(quotients(ledger.snapshot), truth.quotients(), strict=True)
    assert [pair for pair in pairs if not near(*pair)] == []
    found, due = audit(ledger.snapshot), truth.residuals()
    assert [(r.place.value, subject_of(r), plain(r.stated)) for r in found] == [d[:3] for d in due]
    assert all(near(r.expected, d[3]) for r, d in zip(found, due, strict=True))


def but_for_nets(update: PnLUpdate) -> str:
    """Return all encoded fields except the stated nets."""
    rows = {"__all__": {"net_stated"}}
    leave_out: Any = {"net_stated": True, "trends_data": rows, "agent_attribution": rows}
    return repr(update.model_dump(exclude=leave_out))


@pytest.mark.parametrize("count", [100, pytest.param(600, marks=pytest.mark.long)])
def test_ledger_of_any_stream(count: int) -> None:
    """After every message all figures, findings and counts are as computed."""

    @quick(max_examples=count)
    @given(streams())
    def compare(stream: tuple[ZoneInfo, list[Sent]]) -> None:
        zone, sent = stream
        ledger, truth = Ledger(Calendar(zone)), Truth(zone)
        for message in sent:
            before, counts = ledger.snapshot, truth.take(message)

            assert ledger.receive(message.raw).accepted == counts

            assert counts or ledger.snapshot is before
            assert_same(ledger, truth)

    compare()


@pytest.mark.parametrize("count", [50, pytest.param(250, marks=pytest.mark.long)])
def test_state_passed_on(count: int) -> None:
    """A second dashboard fed by the first has an equal state, digit for digit."""

    @quick(max_examples=count)
    @given(streams())
    def compare(stream: tuple[ZoneInfo, list[Sent]]) -> None:
        zone, sent = stream
        first, second = Ledger(Calendar(zone)), Ledger(Calendar(zone))
        for message in sent:
            if not first.receive(message.raw).accepted:
                continue
            assert first.snapshot is not None
            passed_on = encode(first.snapshot.state)

            assert but_for_nets(decode(passed_on, zone)) == but_for_nets(first.snapshot.state)
            assert second.receive(passed_on).accepted
            assert second.snapshot is not None
            assert but_for_nets(second.snapshot.state) == but_for_nets(first.snapshot.state)
            assert second.snapshot.state.net_stated == first.snapshot.net

    compare()


@quick(max_examples=150)
@given(st.lists(st.tuples(TRENDS, STEPS), max_size=12))
def test_trend_of_any_days(parts: list[tuple[list[Row], int]]) -> None:
    """After any messages, the trend has at most thirty days, in order, none beyond tomorrow."""
    ledger, wall = Ledger(Calendar(ZoneInfo("UTC"))), LAST_WALL
    for rows, step in parts:
        wall += timedelta(seconds=step)
        row = {"timestamp": stamp(wall, 0), "revenue": 1, "expenses": 1, "trendsData": rows}
        ledger.receive(write(row))

        if ledger.snapshot:
            days = [row.date for row in ledger.snapshot.trend]
            assert days == sorted({*days})[-30:]
            assert all(day <= ledger.snapshot.as_of.date() + timedelta(days=1) for day in days)


def has_place(wall: datetime, offset: int | None, zone: ZoneInfo) -> bool:
    """Tell whether a moment is within the years 1 to 9999 in UTC and in `zone`."""
    try:
        return bool(in_utc(wall, offset, zone).astimezone(zone))
    except OverflowError:
        return False


ENDS = ["0001-01-01T00:00:00", "1900-01-01T00:00:00", "9999-12-31T23:59:59.999999"]
MOMENTS = st.sampled_from(ENDS).map(datetime.fromisoformat) | st.datetimes()
GUIDES = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)


@quick(max_examples=150)
@given(MOMENTS, OFFSETS, ZONES)
def test_ledger_at_any_moment(wall: datetime, offset: int | None, zone: ZoneInfo) -> None:
    """A moment outside the calendar is rejected, and does not affect other messages."""
    ledger, valid = Ledger(Calendar(zone)), has_place(wall, offset, zone)
    raw = write({"timestamp": stamp(wall, offset), "revenue": 1, "expenses": 1})

    assert ledger.receive(raw).accepted == valid
    in_order = not valid or in_utc(wall, offset, zone) <= GUIDES
    assert ledger.receive(guide.EXAMPLE).accepted == in_order
    assert ledger.receive(raw).accepted == (valid and in_utc(wall, offset, zone) >= GUIDES)


@quick(max_examples=100)
@given(MOMENTS | WALLS, OFFSETS, ZONES)
def test_moment_passed_on(wall: datetime, offset: int | None, zone: ZoneInfo) -> None:
    """A moment is shown in the zone's local time, and encoded to the microsecond."""
    assume(has_place(wall, offset, zone))
    moment = in_utc(wall, offset, zone)
    update = decode(write({"timestamp": stamp(wall, offset), "revenue": 1, "expenses": 1}), zone)

    assert update.timestamp.isoformat() == moment.astimezone(zone).isoformat()
    assert decode(encode(update), zone).timestamp.isoformat() == update.timestamp.isoformat()
