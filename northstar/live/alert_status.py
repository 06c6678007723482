"""The alerts and silences at one moment, for the pages and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from northstar.alerts.rules import Rule
from northstar.alerts.states import Alert, Silence
from northstar.history.audit import Change
from northstar.history.outbox import Outbox
from northstar.settings.alert_file import AlertFile


@dataclass(frozen=True, slots=True)
class Silenced:
    """A silence, and the rule and subject that it is about."""

    rule: str
    subject: str
    silence: Silence


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """The alerts that are not over, and those that are silenced.

    `evaluated_at` is when the rules were checked last; `problem` is why alerts cannot be stored.
    """

    alerts: tuple[Alert, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    evaluated_at: datetime | None = None
    problem: str | None = None

    @property
    def open(self) -> Sequence[Alert]:
        """The alerts that have begun, the most severe first, then the newest."""
        found = [alert for alert in self.alerts if alert.is_open]
        newest = sorted(found, key=lambda alert: alert.since, reverse=True)
        return sorted(newest, key=lambda alert: -alert.severity.rank)

    def lasting(self, now: datetime) -> Sequence[Silenced]:
        """Return the silences that last."""
        return [each for each in self.silenced if now < each.silence.until]

    def silence_of(self, alert: Alert, now: datetime) -> Silence | None:
        """Return the silence of an alert that lasts; None if there is none."""
        about = alert.rule, alert.subject
        found = (one.silence for one in self.lasting(now) if (one.rule, one.subject) == about)
        return next(found, None)


class ShownAlerts(Protocol):
    """The alerts as viewers see them, and the actions on them."""

    @property
    def file(self) -> AlertFile:
        """The rules and receivers."""

    @property
    def outbox(self) -> Outbox:
        """The events and their deliveries."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by name."""

    @property
    def alert_status(self) -> AlertStatus:
        """The alerts as they are now."""

    async def acknowledge(self, alert: Alert, note: str, change: Change) -> None:
        """Acknowledge an alert for a viewer. Raises `KeyError` if it is over, and `Refused`."""

    async def silence(self, alert: Alert, until: datetime, note: str, change: Change) -> None:
        """Silence an alert until a time. Raises the same as `acknowledge`."""
