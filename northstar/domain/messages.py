"""Decode and encode messages in the guide's format.

The WebSocket integration guide defines the format. Amounts are `Decimal`, read from the digits of
the JSON text and written back as digits, never converted to binary floating point.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from decimal import Context, Decimal
from typing import Annotated, Any

import msgspec
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from northstar.errors import Ignored, Rejected

DEFAULT_EVENT = "pnl-update"
UNREAL = frozenset({"demo", "replay"})

# A quadrillion: above it, a float, which the plot uses, cannot represent cents.
LIMIT = Decimal(10) ** 15
# Enough for any float above 10**-48 printed in full; rejects megabyte-long numbers.
MAX_DIGITS = 64
MAX_NAME = 200
# The lists in a message, and the fields that hold them.
SECTIONS = {
    "trendsData": "trends_data",
    "costBreakdown": "cost_breakdown",
    "agentAttribution": "agent_attribution",
}
BOM = "\ufeff"
# Computes sums and differences of amounts exactly.
EXACT = Context(prec=2 * MAX_DIGITS)


def _read_date(value: object) -> date:
    match value:
        case date():
            return value
        case str():
            with suppress(ValueError):
                day = date.fromisoformat(value)
                if day.isoformat() == value:  # `fromisoformat` accepts other forms, too
                    return day
    raise ValueError("expected a date, YYYY-MM-DD")


def _read_timestamp(value: object, info: ValidationInfo) -> datetime:
    match value, info.context:
        case datetime(), _:
            return value
        case str(), {"zone": tzinfo() as zone, "arrived": arrived}:
            return _in_zone(value, zone, arrived)
        case _:
            raise ValueError("expected an ISO 8601 timestamp")


def _in_zone(text: str, zone: tzinfo, arrived: datetime | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        # Converting through UTC normalises a time that the clocks skipped and raises
        # `OverflowError` for one outside the calendar.
        utc = moment.astimezone(UTC) if moment.tzinfo else _in_utc(moment, zone, arrived)
        return utc.astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise ValueError("expected an ISO 8601 timestamp") from error


def _in_utc(moment: datetime, zone: tzinfo, arrived: datetime | None) -> datetime:
    """Convert a local time to UTC; if the clocks show it twice, the one nearer to `arrived`."""
    first, second = (
        moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (False, True)
    )
    return min(first, second, key=lambda time: abs(time - arrived)) if arrived else first


def _read_source(value: object) -> object:
    """Return "demo" or "replay", as another dashboard sends it; ignore any other value."""
    return value if isinstance(value, str) and value in UNREAL else None


def _refuse_null(value: object) -> object:
    if value is None:
        raise ValueError("null is not a value; leave the field out")
    return value


Amount = Annotated[Decimal, Field(gt=-LIMIT, lt=LIMIT, max_digits=MAX_DIGITS)]
Net = Annotated[Decimal, Field(gt=-2 * LIMIT, lt=2 * LIMIT, max_digits=2 * MAX_DIGITS)]
Name = Annotated[str, Field(max_length=MAX_NAME)]
IsoDate = Annotated[date, BeforeValidator(_read_date)]
Timestamp = Annotated[AwareDatetime, BeforeValidator(_read_timestamp)]
IfPresent = BeforeValidator(_refuse_null)


class _Wire(BaseModel):
    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
    )


class _Book(_Wire):
    """Revenue and expenses; the net is computed, never taken from the message."""

    revenue: Amount
    expenses: Amount

    @property
    def net(self) -> Decimal:
        return EXACT.subtract(self.revenue, self.expenses)


class TrendDay(_Book):
    """One day of the trend. `net_stated` is the source's figure and may be wrong."""

    date: IsoDate
    net_stated: Annotated[Net | None, IfPresent] = Field(None, alias="net")


class AgentMetrics(_Book):
    """One agent's revenue and expenses. `net_stated` is the source's figure and may be wrong."""

    agent: Name
    net_stated: Annotated[Net | None, IfPresent] = Field(None, alias="net")


class CostCategory(_Wire):
    """One category of expenses. `percentage` of the total is the source's figure, 0 to 100."""

    name: Name
    value: Amount
    percentage: Annotated[Amount | None, IfPresent] = None


class PnLUpdate(_Book):
    """One decoded message; fields and sections that were not sent are None.

    `timestamp` is aware, in the zone given to `decode`. The guide's servers send 0 as a placeholder
    for `net_stated`. `source` is "demo" or "replay" if the figures are not real; this field is our
    addition to the guide's format.
    """

    timestamp: Timestamp
    net_stated: Annotated[Net | None, IfPresent] = Field(None, alias="netPnL")
    previous_revenue: Annotated[Amount | None, IfPresent] = None
    previous_expenses: Annotated[Amount | None, IfPresent] = None
    previous_net_stated: Annotated[Net | None, IfPresent] = Field(None, alias="previousNetPnL")
    trends_data: Annotated[list[TrendDay] | None, IfPresent] = None
    cost_breakdown: Annotated[list[CostCategory] | None, IfPresent] = None
    agent_attribution: Annotated[list[AgentMetrics] | None, IfPresent] = None
    source: Annotated[str | None, BeforeValidator(_read_source)] = None


def decode(
    raw: bytes | str,
    zone: tzinfo,
    event: str = DEFAULT_EVENT,
    arrived: datetime | None = None,
    max_rows: int | None = None,
) -> PnLUpdate:
    """Decode one message, bare or in an event envelope.

    `zone` applies to a timestamp without a zone, and to the timestamp returned. `event` is the
    expected event name; `-`, `_` and `:` are equivalent in it. `arrived` resolves a local time that
    the clocks show twice. A section of more than `max_rows` rows is rejected; None is no limit.

    Raises `Ignored` for another event, and `Rejected` with field and reason for anything else that
    is not a valid update; no other exception, whatever the input.
    """
    body = _unwrap(_parse(raw), event)
    if max_rows is not None:
        _check_rows(body, max_rows)
    context = {"zone": zone, "arrived": arrived}
    try:
        return PnLUpdate.model_validate(body, context=context, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Rejected(_path(first["loc"]), reason(first)) from error


def without_long_sections(update: PnLUpdate, max_rows: int) -> PnLUpdate:
    """Return the update without the sections that `decode` would reject."""
    fields = SECTIONS.values()
    long = [field for field in fields if len(getattr(update, field) or ()) > max_rows]
    return update.model_copy(update=dict.fromkeys(long))


def encode(update: PnLUpdate) -> bytes:
    """Encode `update` as UTF-8 JSON in the guide's format, with exact amounts.

    Every `net` is revenue − expenses, whatever the source stated.
    """
    wire = _wire(update)
    wire["netPnL"] = update.net
    _state_nets(wire.get("trendsData", []), update.trends_data or [])
    _state_nets(wire.get("agentAttribution", []), update.agent_attribution or [])
    return _ENCODER.encode(wire)


def encode_as_received(update: PnLUpdate) -> bytes:
    """Encode `update` as `encode` does, but with the nets that the source stated."""
    return _ENCODER.encode(_wire(update))


def _wire(update: PnLUpdate) -> dict[str, Any]:
    wire = update.model_dump(by_alias=True, exclude_none=True)
    # The encoder would drop the seconds that UTC offsets had before 1972.
    wire["timestamp"] = update.timestamp.isoformat().replace("+00:00", "Z")
    return wire


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _state_nets(rows: list[dict[str, Any]], books: list[TrendDay] | list[AgentMetrics]) -> None:
    for row, book in zip(rows, books, strict=True):
        row["net"] = book.net


def _parse(raw: bytes | str) -> object:
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        return json.loads(text, parse_int=Decimal, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise Rejected("", "not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise Rejected("", _not_json(error)) from error
    except RecursionError as error:
        raise Rejected("", "nested too deeply") from error
    except ArithmeticError as error:
        raise Rejected("", "a number with an exponent out of range") from error


def _not_json(error: json.JSONDecodeError) -> str:
    """Return where a text stops being JSON; Python's reasons differ between its versions."""
    if not error.doc.strip():
        return "an empty message"
    if error.doc.startswith(BOM):
        return "not JSON: it begins with a byte order mark"
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        return f"not JSON: it is cut off after character {len(error.doc):,}"
    return f"not JSON from character {error.pos + 1:,} on"


def wrap(event: str, body: str) -> str:
    """Return the envelope of an event; `body` is JSON text."""
    return f'{{"event":{json.dumps(event)},"data":{body}}}'


def _unwrap(message: object, expected: str) -> Mapping[str, object]:
    """Return the body of `message`; an envelope has `event` or `type`, and `data` or `payload`."""
    if not isinstance(message, dict):
        raise Rejected("", f"expected an object, got {_json_type(message)}")
    event = message.get("event", message.get("type"))
    if event is None:
        return message
    if not isinstance(event, str) or _spelling(event) != _spelling(expected):
        raise Ignored(str(event)[:MAX_NAME])
    if "revenue" in message:
        return message
    body = message.get("data", message.get("payload"))
    if not isinstance(body, dict):
        raise Rejected("data", f"expected an object, got {_json_type(body)}")
    return body


def _check_rows(body: Mapping[str, object], max_rows: int) -> None:
    """Raise `Rejected` for a section with too many rows, before validating each row."""
    for section in SECTIONS:
        rows = body.get(section)
        if isinstance(rows, list) and len(rows) > max_rows:
            raise Rejected(
                section, f"{len(rows):,} rows, more than NORTHSTAR_MAX_ROWS allows ({max_rows:,})"
            )


def _spelling(event: str) -> str:
    return event.replace("_", "-").replace(":", "-")


def _path(loc: tuple[int | str, ...]) -> str:
    """Format a pydantic location as a path: `trendsData[3].revenue`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


# What is wrong, by pydantic's type of error: the type expected, or what else the value is.
_WRONG_TYPE = {
    "is_instance_of": "a number",
    "string_type": "text",
    "list_type": "a list",
    "model_type": "an object",
}
_REASONS = {
    "missing": "missing",
    "greater_than": "a number out of range",
    "less_than": "a number out of range",
    "decimal_max_digits": "a number of more than {max_digits} digits",
    "string_too_long": "a text of more than {max_length} characters",
    "string_unicode": "a text with half a surrogate pair, which is no character",
    "value_error": "{error}",  # ours
}
_ANOTHER_REASON = "not a valid value"


def reason(error: ErrorDetails) -> str:
    """Return what is wrong with a value, in our words instead of those of pydantic."""
    kind = error["type"]
    if kind in _WRONG_TYPE:
        return f"expected {_WRONG_TYPE[kind]}, got {_json_type(error['input'])}"
    return _REASONS.get(kind, _ANOTHER_REASON).format_map(error.get("ctx", {}))


def _json_type(value: object) -> str:
    if value is None or isinstance(value, bool | float):  # the only floats: NaN and the infinities
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(
            str(value), json.dumps(value)
        )
    names = {Decimal: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")
