"""An invalid update is refused with field and reason, and nothing else is raised."""

import contextlib
import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain import messages
from northstar.domain.messages import PnLUpdate, decode
from northstar.errors import MessageError, Rejected
from support import guide

ZONE = ZoneInfo("UTC")


AT = '"timestamp":"2026-02-25T22:24:00Z"'


def read(raw: bytes | str) -> PnLUpdate:
    """Decode in the default zone."""
    return decode(raw, ZONE)


ROW = {"revenue": 1, "expenses": 1}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


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
    """Return the reason for the rejection of `raw`, which must be rejected."""
    with pytest.raises(Rejected) as caught:
        read(raw)
    return caught.value


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
    """Without a readable timestamp a message is rejected."""
    refused = refusal(guide.text(timestamp=bad))

    assert refused.field == "timestamp"
    assert refused.reason in {"expected an ISO 8601 timestamp", "missing"}


@pytest.mark.parametrize(
    "bad",
    ["20260225", "2026-2-25", "2026-02-30", "2026-W09-3", "2026-02-25T00:00:00Z", 20260225, None],
    ids=str,
)
def test_date_unreadable(bad: object) -> None:
    """Only YYYY-MM-DD is accepted as a date."""
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
    """A value that is not a number is refused with its field and its type."""
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
    """One wrong row refuses the whole message, with a reason in plain words."""
    refused = refusal(guide.text(**changes))

    assert (refused.field, refused.reason) == (field, reason)


def test_reason_of_an_unknown_kind() -> None:
    """An error of a kind unknown to this version of pydantic is worded plainly, too."""
    error: Any = {"type": "of_another_version", "msg": "Input should be odd", "input": 2}

    assert messages.reason(error) == "not a valid value"


@pytest.mark.parametrize("field", ["revenue", "timestamp", "costBreakdown", "trendsData[3].date"])
@given(JSON)
@settings(max_examples=50, deadline=None, database=None)
def test_words_of_a_refusal(field: str, value: Any) -> None:
    """No refusal contains texts of pydantic or json."""
    why = ""
    try:
        read(json.dumps(with_value(field, value)))
    except Rejected as refused:
        why = refused.reason

    assert not re.search(r"(?i)\binput\b|should|expecting|decimal|unterminated", why)


def test_name_with_a_lone_surrogate() -> None:
    """A name with a lone surrogate is refused, because it cannot be encoded."""
    refused = refusal(guide.text(costBreakdown=[{"name": "\ud800", "value": 1}]))

    assert refused.field == "costBreakdown[0].name"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (guide.EXAMPLE[:200], "not JSON"),
        ("", "an empty message"),
        (b"", "an empty message"),
        ("\ufeff" + guide.EXAMPLE, "byte order mark"),
        (b"\xef\xbb\xbf" + guide.EXAMPLE.encode(), "byte order mark"),
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
    """Anything but a JSON object is refused."""
    refused = refusal(raw)

    assert refused.field == ""
    assert reason in refused.reason


@pytest.mark.parametrize("body", ["null", "[]", "1", '"x"'])
def test_decode_of_an_envelope_without_a_message(body: str) -> None:
    """An envelope of our event without a message is refused."""
    assert refusal(f'{{"event":"pnl-update","data":{body}}}').field == "data"


@pytest.mark.parametrize(
    "digits",
    ["9" * 2_000_000, "0." + "1" * 2_000_000, "1e400", "1e-400"],
    ids=["huge", "long-fraction", "overflow", "underflow"],
)
def test_amount_out_of_all_proportion(digits: str) -> None:
    """A number of excessive length or size is refused with a short reason."""
    refused = refusal(f'{{{AT},"expenses":1,"revenue":{digits}}}')

    assert refused.field == "revenue"
    assert len(str(refused)) < 200


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
