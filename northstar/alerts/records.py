"""Alerts, silences, events and messages as JSON, for the database."""

import msgspec

from northstar.alerts.notifications import Notification
from northstar.alerts.states import Alert, Event, Silence

_ENCODER = msgspec.json.Encoder()
_ALERT = msgspec.json.Decoder(Alert)
_SILENCE = msgspec.json.Decoder(Silence)
_EVENT = msgspec.json.Decoder(Event)
_NOTIFICATION = msgspec.json.Decoder(Notification)


def encode_alert(alert: Alert) -> str:
    """Return an alert as JSON; amounts are exact."""
    return _ENCODER.encode(alert).decode()


def decode_alert(text: str) -> Alert:
    """Return an alert from its JSON."""
    return _ALERT.decode(text)


def encode_silence(silence: Silence) -> str:
    """Return a silence as JSON."""
    return _ENCODER.encode(silence).decode()


def decode_silence(text: str) -> Silence:
    """Return a silence from its JSON."""
    return _SILENCE.decode(text)


def encode_event(event: Event) -> str:
    """Return an event as JSON; amounts are exact."""
    return _ENCODER.encode(event).decode()


def decode_event(text: str) -> Event:
    """Return an event from its JSON."""
    return _EVENT.decode(text)


def encode_notification(notification: Notification) -> str:
    """Return a message as JSON, with its attachments."""
    return _ENCODER.encode(notification).decode()


def decode_notification(text: str) -> Notification:
    """Return a message from its JSON."""
    return _NOTIFICATION.decode(text)
