"""The wire: what is read, digit for digit, and what is refused, with field and reason."""

import contextlib
import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guide
from northstar.errors import Ignored, MessageError, Rejected
from northstar.messages import PnLUpdate, decode, encode

ZONE = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")
AT = '"timestamp":"2026-02-25T22:24:00Z"'
ROW = {"revenue": 1, "expenses": 1}


def read(raw: bytes | str) -> PnLUpdate:
    """Decode in the default zone."""
    return decode(raw, ZONE)


def wire(raw: bytes | str) -> Any:
    """Read JSON without the code under test, amounts exact."""
    return json.loads(raw, parse_int=Decimal, parse_float=Decimal)


def with_value(field: str, value: object) -> dict[str, Any]:
    """Return the example with thirty days and `value` at a path such as `trendsData[3].net`."""
    message: Any = guide.message(trendsData=guide.month())
    *steps, last = re.findall(r"\w+", field)
    part = message
    for step in steps:
        part = part[int(step) if step.isdigit() else step]
    part[last] = value
    return dict(message)


def refusal(raw: bytes | str) -> Rejected:
    """Return why `raw` is rejected, which it must be."""
    with pytest.raises(Rejected) as caught:
        read(raw)
    return caught.value


def test_decode_of_the_example() -> None:
    """Every field of the guide's example arrives."""
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
    """A section or field that was not sent is None, not zero and not an empty list."""
    update = read(f'{{{AT},"revenue":1,"expenses":2}}')

    assert update.net == -1
    assert update.net_stated is update.previous_revenue is update.previous_expenses is None
    assert update.trends_data is None
    assert update.cost_breakdown is None
    assert update.agent_attribution is None


@pytest.mark.parametrize("event", ["pnl-update", "pnl_update", "pnl:update"])
@pytest.mark.parametrize(("kind", "body"), [("event", "data"), ("type", "payload")])
def test_decode_of_an_envelope(kind: str, body: str, event: str) -> None:
    """A wrapped message is the same as the bare one."""
    assert read(json.dumps({kind: event, body: guide.message()})) == read(guide.EXAMPLE)


def test_decode_of_bytes() -> None:
    """Bytes are UTF-8 text in any script."""
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
    """Another event is ignored, which is not the same as rejected."""
    with pytest.raises(Ignored):
        read(json.dumps(envelope))


@pytest.mark.parametrize("name", [["pnl-update"], {"name": "pnl-update"}], ids=["list", "object"])
def test_decode_of_an_event_that_is_no_text(name: object) -> None:
    """An event whose name is a list or an object raises nothing but a message error."""
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
    """An amount is what its digits say, on the way in and on the way out."""
    raw = f'{{{AT},"revenue":{digits},"expenses":0}}'

    assert str(read(raw).revenue) == str(Decimal(digits))
    assert str(wire(encode(read(raw)))["revenue"]) == str(Decimal(digits))


def test_net_of_thirty_digits() -> None:
    """Net is exact where revenue has more digits than Python's default precision."""
    update = read(f'{{{AT},"revenue":123456789012345.123456789012345,"expenses":0.1}}')

    assert update.net == Decimal("123456789012345.023456789012345")


def test_encode_of_the_example() -> None:
    """What goes out is the guide's message: its names, its amounts, its times."""
    sent = wire(guide.EXAMPLE)

    passed_on = wire(encode(read(guide.EXAMPLE)))

    assert passed_on == sent
    assert str(passed_on["costBreakdown"][3]["percentage"]) == "12.0"


def test_encode_of_wrong_nets() -> None:
    """Every net that goes out is revenue − expenses, whatever the source stated or left out."""
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
    """What is unknown is left out, not sent as null or zero."""
    passed_on = wire(encode(read(f'{{{AT},"revenue":1,"expenses":2}}')))

    assert passed_on.keys() == {"timestamp", "revenue", "expenses", "netPnL"}


def test_encode_of_the_largest_loss() -> None:
    """What is accepted can be passed on to another dashboard, which accepts it too."""
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
    """The moment is exact, and told in the zone asked for."""
    timestamp = decode(guide.text(timestamp=text), zone).timestamp

    assert timestamp.astimezone(UTC) == expected
    assert timestamp.tzinfo is zone


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "now",
        "2026-02-30T00:00:00Z",
        "25.02.2026",
        "0001-01-01T00:00:00+14:00",
        1772058240,
        None,
        True,
        [],
        {},
        ...,
    ],
    ids=str,
)
def test_timestamp_unreadable(bad: object) -> None:
    """Without a readable timestamp there is no update."""
    refused = refusal(guide.text(timestamp=bad))

    assert refused.field == "timestamp"
    assert refused.reason in {"expected an ISO 8601 timestamp", "missing"}


@pytest.mark.parametrize(
    "bad",
    ["20260225", "2026-2-25", "2026-02-30", "2026-W09-3", "2026-02-25T00:00:00Z", 20260225, None],
    ids=str,
)
def test_date_unreadable(bad: object) -> None:
    """A date is YYYY-MM-DD and nothing else."""
    rows = [*guide.month()[:3], {**ROW, "date": bad}]

    assert refusal(guide.text(trendsData=rows)).field == "trendsData[3].date"


@pytest.mark.parametrize(
    ("bad", "got"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ("12", "a string"),
        (True, "true"),
        (None, None),
        ([1], "a list"),
        ({}, "an object"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "field",
    [
        "revenue",
        "expenses",
        "netPnL",
        "previousRevenue",
        "previousExpenses",
        "previousNetPnL",
        "trendsData[3].revenue",
        "trendsData[29].expenses",
        "trendsData[0].net",
        "costBreakdown[1].value",
        "costBreakdown[0].percentage",
        "agentAttribution[2].revenue",
        "agentAttribution[0].expenses",
        "agentAttribution[1].net",
    ],
)
def test_amount_of_a_wrong_type(field: str, bad: object, got: str | None) -> None:
    """What is not a number is refused, naming the field and what stood there."""
    refused = refusal(json.dumps(with_value(field, bad)))

    assert refused.field == field
    if got is None:
        assert "null" in refused.reason
    else:
        assert refused.reason == f"expected a number, got {got}"
    assert str(refused) == f"{field}: {refused.reason}"


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"revenue": ...}, "revenue", "missing"),
        ({"expenses": ...}, "expenses", "missing"),
        ({"trendsData": {}}, "trendsData", "expected a list, got an object"),
        ({"trendsData": "x"}, "trendsData", "expected a list, got a string"),
        ({"costBreakdown": None}, "costBreakdown", "null is not a value; leave the field out"),
        ({"agentAttribution": [1]}, "agentAttribution[0]", "expected an object, got a number"),
        ({"costBreakdown": [{"value": 1}]}, "costBreakdown[0].name", "missing"),
        (
            {"costBreakdown": [{"name": 5, "value": 1}]},
            "costBreakdown[0].name",
            "expected text, got a number",
        ),
        (
            {"agentAttribution": [{"agent": None, **ROW}]},
            "agentAttribution[0].agent",
            "expected text, got null",
        ),
        ({"revenue": 10**15}, "revenue", "a number out of range"),
        ({"expenses": -(10**15)}, "expenses", "a number out of range"),
    ],
)
def test_section_of_a_wrong_shape(changes: dict[str, Any], field: str, reason: str) -> None:
    """One wrong row refuses the whole message, in words a person understands."""
    refused = refusal(guide.text(**changes))

    assert (refused.field, refused.reason) == (field, reason)


def test_name_with_a_lone_surrogate() -> None:
    """A name that no text can hold is refused, for it could not be passed on."""
    refused = refusal(guide.text(costBreakdown=[{"name": "\ud800", "value": 1}]))

    assert refused.field == "costBreakdown[0].name"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (guide.EXAMPLE[:200], "not JSON"),
        ("", "not JSON"),
        (b"", "not JSON"),
        ("\ufeff" + guide.EXAMPLE, "BOM"),
        (b"\xef\xbb\xbf" + guide.EXAMPLE.encode(), "BOM"),
        (b'{"revenue": "\xff"}', "not UTF-8 text"),
        (guide.EXAMPLE.encode("utf-16"), "not UTF-8 text"),
        ("[]", "expected an object, got a list"),
        ("null", "expected an object, got null"),
        ("true", "expected an object, got true"),
        ("NaN", "expected an object, got NaN"),
        ('"text"', "expected an object, got a string"),
        ("1.5", "expected an object, got a number"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (f'{{{AT},"expenses":1,"revenue":1e999999999999999999999}}', "exponent out of range"),
    ],
    ids=range(16),
)
def test_decode_of_what_is_no_message(raw: bytes | str, reason: str) -> None:
    """What is not an object in JSON is refused as a whole."""
    refused = refusal(raw)

    assert refused.field == ""
    assert reason in refused.reason


@pytest.mark.parametrize("body", ["null", "[]", "1", '"x"'])
def test_decode_of_an_envelope_without_a_message(body: str) -> None:
    """An envelope of our event around something else is refused."""
    assert refusal(f'{{"event":"pnl-update","data":{body}}}').field == "data"


@pytest.mark.parametrize(
    "digits",
    ["9" * 2_000_000, "0." + "1" * 2_000_000, "1e400", "1e-400"],
    ids=["huge", "long-fraction", "overflow", "underflow"],
)
def test_amount_out_of_all_proportion(digits: str) -> None:
    """A number of absurd length or size is refused, and briefly."""
    refused = refusal(f'{{{AT},"expenses":1,"revenue":{digits}}}')

    assert refused.field == "revenue"
    assert len(str(refused)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from([*guide.message(), "event", "type", "data", "payload"])


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.binary()
    | st.text()
    | JSON.map(json.dumps)
    | st.dictionaries(FIELDS, JSON, max_size=4).map(lambda changes: guide.text(**changes))
)
def test_decode_of_anything(raw: bytes | str) -> None:
    """No input raises anything but a message error."""
    with contextlib.suppress(MessageError):
        read(raw)


AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4)


@settings(max_examples=100, deadline=None, database=None)
@given(AMOUNTS, AMOUNTS, st.lists(st.tuples(st.text(max_size=20), AMOUNTS), max_size=3))
def test_round_trip_of_any_amounts(
    revenue: Decimal, expenses: Decimal, costs: list[tuple[str, Decimal]]
) -> None:
    """What was read, written and read again is the same, to the last digit and letter."""
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
    """A message that names another event is not ours, whatever figures it carries."""
    with pytest.raises(Ignored):
        read(guide.text(type="forecast"))
    assert read(guide.text(event="pnl-update")).revenue == 125450
