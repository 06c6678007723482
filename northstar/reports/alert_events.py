"""Alert events of a period as a table of typed cells."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from northstar.alerts.records import decode_event
from northstar.alerts.rules import KINDS
from northstar.alerts.states import Event
from northstar.history.outbox import Delivery
from northstar.reports.spreadsheet import Column, Kind, Name, Sheet

MOST_EVENTS = 2000  # the newest of a period: 50 ms to read


class AlertEvent(NamedTuple):
    """An event of an alert, and its deliveries."""

    event: Event
    deliveries: Sequence[Delivery]

    @property
    def remark(self) -> str:
        """Who did something and what they wrote, or why the alert ended."""
        return ": ".join(filter(None, (self.event.who, self.event.reason)))

    def sent(self, zone: tzinfo) -> str:
        """Return when it was sent to each receiver, in a zone, or why it was not."""
        return "; ".join(_sent(each, zone) for each in self.deliveries)


def read(stored: Sequence[tuple[str, Sequence[Delivery]]]) -> Sequence[AlertEvent]:
    """Return the events of the outbox, which has them as JSON."""
    return [AlertEvent(decode_event(text), deliveries) for text, deliveries in stored]


def events_sheet(events: Sequence[AlertEvent], zone: tzinfo) -> Sheet:
    """Return the events, newest first; values are in their `Unit`."""
    columns = [
        Column("Time", Kind.TIME),
        Column("Event", Kind.TEXT),
        Column("Severity", Kind.TEXT),
        Column("Rule", Kind.TEXT),
        Column("About", Kind.TEXT),
        Column("Value", Kind.NUMBER),
        Column("Limit", Kind.NUMBER),
        Column("Unit", Kind.TEXT),
        Column("Remark", Kind.TEXT),
        Column("Sent", Kind.TEXT),
    ]
    rows = [
        (
            event.at.astimezone(zone),
            event.kind.value,
            event.alert.severity.value,
            Name(event.alert.rule),
            Name(event.alert.subject) if event.alert.subject else None,
            event.alert.value,
            event.alert.limit,
            KINDS[event.alert.condition["kind"]].unit,
            each.remark or None,
            each.sent(zone) or None,
        )
        for each in reversed(events)
        for event in (each.event,)
    ]
    return Sheet("Alerts", columns, rows)


def _sent(delivery: Delivery, zone: tzinfo) -> str:
    if delivery.sent_at:
        return f"{delivery.receiver} {_clock(delivery.sent_at.astimezone(zone), delivery, zone)}"
    reason = delivery.result or "not sent yet"
    return f"{delivery.receiver}: {reason}"


def _clock(local: datetime, delivery: Delivery, zone: tzinfo) -> str:
    """Return a time of day, with its date if it is another than that of the event."""
    same = local.date() == delivery.at.astimezone(zone).date()
    return f"{local:%H:%M:%S}" if same else f"{local:%Y-%m-%d %H:%M:%S}"
