"""Alerts as JSON in the database."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from northstar.alerts.records import (
    decode_alert,
    decode_event,
    decode_silence,
    encode_alert,
    encode_event,
)
from northstar.alerts.rules import Severity
from northstar.alerts.states import Alert, Event, Kind, Phase, Remark, Silence

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ALERT = Alert(
    "a1",
    "floor",
    "",
    Phase.FIRING,
    NOON,
    Severity.CRITICAL,
    {"kind": "net_below", "limit": "-5000"},
    value=Decimal("-5120.10"),
    limit=Decimal(-5000),
    notified=("desk", "mail"),
    acknowledged=Remark("Ann", NOON, "on it"),
)


def test_alert_and_event_return() -> None:
    """An alert and an event are read unchanged, with exact amounts."""
    event = Event("e1", Kind.BEGAN, NOON, ALERT, ("desk",))
    assert decode_alert(encode_alert(ALERT)) == ALERT
    assert decode_event(encode_event(event)) == event


# As stored by version 0.5.
STORED_ALERT = (
    '{"number":"a1","rule":"floor","subject":"","phase":"firing","since":"2026-11-02T12:00:00Z",'
    '"severity":"critical","condition":{"kind":"net_below","limit":"-5000"},"held_s":0.0,'
    '"value":"-5120.10","limit":"-5000","worst":null,"notified":["desk","mail"],"quiet_s":0.0,'
    '"acknowledged":{"who":"Ann","at":"2026-11-02T12:00:00Z","note":"on it"},"first":null}'
)
STORED_EVENT = (
    '{"number":"e1","kind":"began","at":"2026-11-02T12:00:00Z","alert":' + STORED_ALERT + ","
    '"to":["desk"],"reason":"","as_of":"2026-11-02T13:00:00+01:00","age_s":0.25,"who":""}'
)
STORED_SILENCE = (
    '{"until":"2026-11-02T12:00:00Z",'
    '"remark":{"who":"Ann","at":"2026-11-02T12:00:00.001200Z","note":""}}'
)


def test_what_an_earlier_version_stored() -> None:
    """Alerts stored by an earlier version are read with the same meaning."""
    event = Event("e1", Kind.BEGAN, NOON, ALERT, ("desk",), as_of=NOON, age_s=0.25)
    remark = Remark("Ann", NOON + timedelta(microseconds=1200))
    assert decode_alert(STORED_ALERT) == ALERT
    assert decode_event(STORED_EVENT) == event
    assert decode_silence(STORED_SILENCE) == Silence(NOON, remark)


def test_fields_of_another_version() -> None:
    """A field unknown to this version is ignored, and a missing one has its default.

    So a database written by another version does not refuse the start.
    """
    stored = json.loads(encode_alert(ALERT))
    del stored["notified"]
    stored["told"] = ["desk"]
    assert decode_alert(json.dumps(stored)).notified == ()
