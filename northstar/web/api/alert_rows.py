"""The rows of the answers about alerts, and their OpenAPI schemas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from northstar.alerts.rules import KINDS, Rule, Severity, Unit
from northstar.alerts.states import Alert, Event, Kind, Phase, Remark, Silence
from northstar.history.outbox import Delivery
from northstar.live.alert_status import AlertStatus, Silenced
from northstar.view.alerts.sentences import sentence
from northstar.view.shared.money import Notation
from northstar.web.api.rows import Amount

OK = "ok"  # the state of a rule without an alert
PHASES = (Phase.FIRING, Phase.CLEARING, Phase.PENDING)


class _Row(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class RemarkRow(_Row):
    """Who did something, when, and what they wrote."""

    who: str
    at: datetime
    note: str


class SilenceRow(RemarkRow):
    """No messages of a rule about a subject are sent `until` a time."""

    rule: str
    subject: str
    until: datetime


class DeliveryRow(_Row):
    """The delivery of an event to a receiver.

    `result` is the outcome of the last attempt, null before it. `sentAt` is null if it was not
    delivered; `next` is the next attempt, null if there is none any more.
    """

    receiver: str
    result: str | None
    attempts: int
    sent_at: datetime | None
    next: datetime | None


class RuleRow(_Row):
    """A rule. `state` is `ok`, or that of its alerts; `to` is null for all receivers."""

    name: str
    kind: str
    severity: Severity
    sentence: str
    state: str
    to: list[str] | None


class _Measured(_Row):
    """A value of a rule: an amount, a percentage, seconds, or null for a state (`unit`)."""

    rule: str
    subject: str
    severity: Severity
    unit: Unit
    value: Amount | None
    limit: Amount | None


class AlertRow(_Measured):
    """An alert that has begun and is not over.

    `since` is when its rule began to hold, `firstValue` the value when it began, `worst` the one
    farthest beyond the limit. `deliveries` has the newest one of each receiver, null if the history
    cannot be read.
    """

    id: str
    phase: Phase
    since: datetime
    first_value: Amount | None
    worst: Amount | None
    acknowledged: RemarkRow | None
    silenced: SilenceRow | None
    deliveries: list[DeliveryRow] | None


class EventRow(_Measured):
    """Something that happened to an alert; `asOf` is the time of the data then, `ageS` its age.

    `who` is set if somebody has acknowledged or silenced it.
    """

    id: str
    alert: str
    at: datetime
    kind: Kind
    reason: str
    who: str | None
    as_of: datetime | None
    age_s: float | None
    deliveries: list[DeliveryRow]


class AlertsRow(_Row):
    """The rules, and the alerts that are not over.

    `configured` is false if the dashboard has no rules. `isReal` is false for a demo or a replay,
    of which nothing is sent. `evaluatedAt` is when the rules were checked last. `problem` says why
    alerts cannot be stored, and so not sent.
    """

    configured: bool
    is_real: bool
    evaluated_at: datetime | None
    problem: str | None
    rules: list[RuleRow]
    alerts: list[AlertRow]
    silences: list[SilenceRow]


@dataclass(frozen=True, slots=True)
class AlertRows:
    """Makes rows of rules, alerts and events, with times in `zone`."""

    zone: tzinfo
    notation: Notation

    def rule(self, rule: Rule, alert_status: AlertStatus) -> dict[str, Any]:
        """Return the row of a rule."""
        phases = {alert.phase for alert in alert_status.alerts if alert.rule == rule.name}
        return {
            "name": rule.name,
            "kind": rule.kind,
            "severity": rule.severity,
            "sentence": sentence(rule, self.notation),
            "state": next((phase for phase in PHASES if phase in phases), OK),
            "to": rule.to,
        }

    def alert(
        self, alert: Alert, silence: Silence | None, deliveries: Sequence[Delivery] | None
    ) -> dict[str, Any]:
        """Return the row of an alert."""
        return {
            "id": alert.number,
            "phase": alert.phase,
            "since": self.local(alert.since),
            **_measured(alert),
            "firstValue": alert.first,
            "worst": alert.worst,
            "acknowledged": alert.acknowledged and self._remark(alert.acknowledged),
            "silenced": silence and self._silence(alert.rule, alert.subject, silence),
            "deliveries": None if deliveries is None else [*map(self._delivery, deliveries)],
        }

    def event(self, event: Event, deliveries: Sequence[Delivery]) -> dict[str, Any]:
        """Return the row of an event."""
        return {
            "id": event.number,
            "alert": event.alert.number,
            "at": self.local(event.at),
            "kind": event.kind,
            **_measured(event.alert),
            "reason": event.reason,
            "who": event.who or None,
            "asOf": self.local(event.as_of),
            "ageS": event.age_s,
            "deliveries": [*map(self._delivery, deliveries)],
        }

    def silence(self, silenced: Silenced) -> dict[str, Any]:
        """Return the row of a silence."""
        return self._silence(silenced.rule, silenced.subject, silenced.silence)

    def local(self, instant: datetime | None) -> datetime | None:
        """Return a time in the zone of the dashboard."""
        return instant and instant.astimezone(self.zone)

    def _silence(self, rule: str, subject: str, silence: Silence) -> dict[str, Any]:
        about = {"rule": rule, "subject": subject, "until": self.local(silence.until)}
        return {**about, **self._remark(silence.remark)}

    def _remark(self, remark: Remark) -> dict[str, Any]:
        return {"who": remark.who, "at": self.local(remark.at), "note": remark.note}

    def _delivery(self, delivery: Delivery) -> dict[str, Any]:
        return {
            "receiver": delivery.receiver,
            "result": delivery.result,
            "attempts": delivery.attempts,
            "sentAt": self.local(delivery.sent_at),
            "next": self.local(delivery.due),
        }


def _measured(alert: Alert) -> Mapping[str, Any]:
    return {
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": alert.severity,
        "unit": KINDS[alert.condition["kind"]].unit,
        "value": alert.value,
        "limit": alert.limit,
    }
