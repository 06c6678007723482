"""The message format: decoding and encoding with exact digits."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.messages import PnLUpdate, decode, encode, wrap
from northstar.errors import Ignored, MessageError
from support import guide

ZONE = ZoneInfo("UTC")


NEW_YORK = ZoneInfo("America/New_York")


AT = '"timestamp":"2026-02-25T22:24:00Z"'


def read(raw: bytes | str) -> PnLUpdate:
    """Decode in the default zone."""
    return decode(raw, ZONE)


def wire(raw: bytes | str) -> Any:
    """Read JSON without the code under test, amounts exact."""
    return json.loads(raw, parse_int=Decimal, parse_float=Decimal)


def test_decode_of_the_example() -> None:
    """Every field of the guide's example is decoded."""
    update = read(guide.EXAMPLE)

    assert update.timestamp == datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
    assert [update.revenue, update.expenses, update.net] == [125450, 48320, 77130]
    assert update.net_stated == 77130
    assert update.previous_revenue == 125200
    assert update.previous_expenses == 48100
    assert update.previous_net_stated == 77100
    day = (update.trends_data or [])[-1]
    assert day.date == date(2026, 2, 25)
    assert [day.revenue, day.expenses, day.net, day.net_stated] == [125450, 48320, 77130, 77130]
    costs = update.cost_breakdown or ()
    assert [cost.name for cost in costs] == ["Trading Fees", "Infrastructure", "Personnel", "Other"]
    assert [cost.value for cost in costs] == [18500, 12800, 11200, 5820]
    assert [str(cost.percentage) for cost in costs] == ["38.3", "26.5", "23.2", "12.0"]
    agents = update.agent_attribution or ()
    assert [agent.agent for agent in agents] == ["Scalper", "John", "Cliff"]
    assert [agent.revenue for agent in agents] == [75000, 32000, 18450]
    assert [agent.expenses for agent in agents] == [28500, 12800, 7020]
    assert [agent.net_stated for agent in agents] == [46500, 19200, 11430]


def test_decode_of_totals_alone() -> None:
    """A missing section or field is None, not zero and not an empty list."""
    update = read(f'{{{AT},"revenue":1,"expenses":2}}')

    assert update.net == -1
    assert update.net_stated is update.previous_revenue is update.previous_expenses is None
    assert update.trends_data is None
    assert update.cost_breakdown is None
    assert update.agent_attribution is None


@pytest.mark.parametrize("event", ["pnl-update", "pnl_update", "pnl:update"])
@pytest.mark.parametrize(("kind", "body"), [("event", "data"), ("type", "payload")])
def test_decode_of_an_envelope(kind: str, body: str, event: str) -> None:
    """A message in an envelope decodes like the bare one."""
    assert read(json.dumps({kind: event, body: guide.message()})) == read(guide.EXAMPLE)


def test_decode_of_bytes() -> None:
    """Bytes are decoded as UTF-8 in any script."""
    costs = [{"name": "手数料 – Gebühr", "value": 1}]
    raw = json.dumps(guide.message(costBreakdown=costs), ensure_ascii=False)

    assert read(raw.encode()) == read(raw)
    assert [cost.name for cost in read(raw.encode()).cost_breakdown or ()] == ["手数料 – Gebühr"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"event": "order-filled", "data": {}},
        {"event": "PNL-UPDATE", "data": guide.message()},
        {"type": "welcome"},
        {"event": 5},
        {"event": ""},
    ],
    ids=["event", "other-case", "type", "number", "empty"],
)
def test_decode_of_another_event(envelope: dict[str, Any]) -> None:
    """Another event is ignored, which differs from rejected."""
    with pytest.raises(Ignored):
        read(json.dumps(envelope))


@pytest.mark.parametrize("name", [["pnl-update"], {"name": "pnl-update"}], ids=["list", "object"])
def test_decode_of_an_event_that_is_no_text(name: object) -> None:
    """An event whose name is a list or an object raises a message error."""
    with pytest.raises(MessageError):
        read(json.dumps({"event": name, "data": guide.message()}))


@pytest.mark.parametrize(
    "digits",
    [
        "0.1",
        "1e2",
        "-0.01",
        "125450.10",
        "3E-5",
        "0",
        "999999999999999.99",
        "-999999999999999.99",
        "123456789012345.123456789012345",
        "0.123456789012345678901234567891",
    ],
)
def test_amounts_digit_for_digit(digits: str) -> None:
    """An amount keeps its digits when decoded and encoded."""
    raw = f'{{{AT},"revenue":{digits},"expenses":0}}'

    assert str(read(raw).revenue) == str(Decimal(digits))
    assert str(wire(encode(read(raw)))["revenue"]) == str(Decimal(digits))


def test_net_of_thirty_digits() -> None:
    """Net is exact for revenue with more digits than Python's default precision."""
    update = read(f'{{{AT},"revenue":123456789012345.123456789012345,"expenses":0.1}}')

    assert update.net == Decimal("123456789012345.023456789012345")


def test_encode_of_the_example() -> None:
    """The encoded example has the guide's names, amounts and times."""
    sent = wire(guide.EXAMPLE)

    passed_on = wire(encode(read(guide.EXAMPLE)))

    assert passed_on == sent
    assert str(passed_on["costBreakdown"][3]["percentage"]) == "12.0"


def test_encode_of_wrong_nets() -> None:
    """Every encoded net is revenue − expenses, whatever the source stated."""
    update = read(
        guide.text(
            netPnL=0,
            trendsData=[{"date": "2026-02-25", "revenue": 5, "expenses": 7, "net": 12}],
            agentAttribution=[{"agent": "John", "revenue": 0.3, "expenses": 0.1}],
        )
    )

    passed_on = wire(encode(update))

    assert passed_on["netPnL"] == 77130
    assert passed_on["trendsData"][0]["net"] == -2
    assert passed_on["agentAttribution"][0]["net"] == Decimal("0.2")


def test_encode_of_totals_alone() -> None:
    """Unknown values are omitted, not encoded as null or zero."""
    passed_on = wire(encode(read(f'{{{AT},"revenue":1,"expenses":2}}')))

    assert passed_on.keys() == {"timestamp", "revenue", "expenses", "netPnL"}


def test_encode_of_the_largest_loss() -> None:
    """An accepted message can be encoded for another dashboard, which accepts it, too."""
    update = read(f'{{{AT},"revenue":-999999999999999,"expenses":999999999999999}}')

    assert read(encode(update)).net == Decimal(-1999999999999998)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-02-25T22:24:00Z", ZONE, datetime(2026, 2, 25, 22, 24, tzinfo=UTC)),
        ("2026-02-25T22:24:00.123456Z", ZONE, datetime(2026, 2, 25, 22, 24, 0, 123456, UTC)),
        (
            "2026-02-25T22:24:00+05:30",
            ZONE,
            datetime(2026, 2, 25, 22, 24, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        ),
        ("2026-02-25T22:24:00", ZONE, datetime(2026, 2, 25, 22, 24, tzinfo=UTC)),
        ("2026-02-25T22:24:00", NEW_YORK, datetime(2026, 2, 26, 3, 24, tzinfo=UTC)),
        ("2026-07-25T22:24:00", NEW_YORK, datetime(2026, 7, 26, 2, 24, tzinfo=UTC)),
        ("2026-02-26T03:24:00Z", NEW_YORK, datetime(2026, 2, 26, 3, 24, tzinfo=UTC)),
    ],
    ids=["zulu", "fraction", "offset", "naive", "naive-winter", "naive-summer", "zulu-elsewhere"],
)
def test_timestamp_in_a_zone(text: str, zone: ZoneInfo, expected: datetime) -> None:
    """The instant is exact and in the requested zone."""
    timestamp = decode(guide.text(timestamp=text), zone).timestamp

    assert timestamp.astimezone(UTC) == expected
    assert timestamp.tzinfo is zone


AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)


@settings(max_examples=100, deadline=None, database=None)
@given(AMOUNTS, AMOUNTS, st.lists(st.tuples(st.text(max_size=20), AMOUNTS), max_size=3))
def test_round_trip_of_any_amounts(
    revenue: Decimal, expenses: Decimal, costs: list[tuple[str, Decimal]]
) -> None:
    """Decoding, encoding and decoding again changes nothing."""
    rows = ",".join(f'{{"name":{json.dumps(name)},"value":{value}}}' for name, value in costs)
    sent = f'{{{AT},"revenue":{revenue},"expenses":{expenses},"costBreakdown":[{rows}]}}'

    passed_on = wire(encode(read(sent)))

    assert str(passed_on["revenue"]) == str(revenue)
    assert str(passed_on["expenses"]) == str(expenses)
    assert passed_on["netPnL"] == revenue - expenses
    assert [(row["name"], str(row["value"])) for row in passed_on["costBreakdown"]] == [
        (name, str(value)) for name, value in costs
    ]
    assert wire(encode(read(encode(read(sent))))) == passed_on


def test_decode_of_another_event_without_envelope() -> None:
    """A message with another event's name is ignored, even with valid figures."""
    with pytest.raises(Ignored):
        read(guide.text(type="forecast"))
    assert read(guide.text(event="pnl-update")).revenue == 125450


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ("2026-10-25T00:30:05Z", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:05Z", "2026-10-25T02:30:00+01:00"),
        (None, "2026-10-25T02:30:00+02:00"),
    ],
)
def test_timestamp_in_the_hour_that_comes_twice(arrived: str | None, expected: str) -> None:
    """A repeated local time without zone is resolved by the time of arrival."""
    raw = guide.text(timestamp="2026-10-25T02:30:00")
    came = datetime.fromisoformat(arrived) if arrived else None

    timestamp = decode(raw, ZoneInfo("Europe/Berlin"), arrived=came).timestamp

    assert timestamp.isoformat() == expected


@pytest.mark.parametrize("event", ["trade", "my-trade", "my_trade", "my:trade"])
def test_event_of_another_name(event: str) -> None:
    """A configured event name matches in any spelling, and no other name does."""
    name = "trade" if event == "trade" else "my-trade"

    assert decode(wrap(event, guide.EXAMPLE), UTC, name).revenue == 125450
    with pytest.raises(Ignored):
        decode(wrap("pnl-update", guide.EXAMPLE), UTC, name)


def test_names_of_our_own() -> None:
    """Only the guide's names are decoded, not the internal field names."""
    update = decode(guide.text(previousRevenue=..., previous_revenue="x", net_stated="x"), UTC)

    assert update.previous_revenue is None


@pytest.mark.parametrize(
    ("claimed", "source"),
    [("demo", "demo"), ("replay", "replay"), ("exchange 7", None), (5, None), (None, None)],
)
def test_source_that_is_not_real(claimed: object, source: str | None) -> None:
    """Another dashboard's mark of data that is not real is preserved; other values are ignored."""
    assert decode(guide.text(source=claimed), UTC).source == source
