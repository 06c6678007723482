"""The alerts of a pipeline."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Self

from northstar.alerts.evaluation import Evaluator
from northstar.alerts.rules import Rule
from northstar.alerts.states import Alert
from northstar.feeds import Source
from northstar.history.audit import Change
from northstar.history.outbox import Outbox
from northstar.live.alert_status import AlertStatus
from northstar.live.alerting import Alerting
from northstar.live.delivery import Compose, Deliveries, Sender
from northstar.live.intake import Intake
from northstar.live.report_message import ReportWriter
from northstar.live.reporting import Reporting
from northstar.settings.alert_file import AlertFile


@dataclass(frozen=True, slots=True)
class Alerts:
    """The rules and receivers of a file, and the parts that evaluate, report, store and send."""

    file: AlertFile
    alerting: Alerting
    deliveries: Deliveries
    reporting: Reporting | None
    outbox: Outbox

    @classmethod
    def of(  # noqa: PLR0913 (its parts)
        cls,
        intake: Intake,
        file: AlertFile,
        senders: Mapping[str, Sender],
        compose: Compose,
        zone: tzinfo,
        *,
        writer: ReportWriter | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Return the alerts on the states of an intake, continuing where an earlier run ended.

        `writer` writes the daily report, if the file has one; `now` is the clock of deliveries, the
        one by which `intake` dates events. Raises `StoreError` if the history cannot be read.
        """
        store = intake.history.store
        outbox = Outbox(store.engine, intake.history.turn, store.fence)
        intake.rules = file.rules
        alerting = Alerting(intake, Evaluator(file.rules, [*file.receivers], zone), outbox)
        deliveries = Deliveries(
            outbox, senders, compose, is_real=lambda: intake.source is Source.LIVE, now=now
        )
        alerting.stored.subscribe(deliveries.add)
        reporting = None
        if file.report and writer:
            reporting = Reporting(intake, file.report, [*file.receivers], outbox, writer)
            reporting.stored.subscribe(deliveries.add_report)
        at = intake.now()
        stored = outbox.load(at)
        deliveries.restore(stored)
        alerting.restore(stored, at)
        alerting.evaluator.seed(intake.day.minutes, at)
        return cls(file, alerting, deliveries, reporting, outbox)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by name."""
        return {rule.name: rule for rule in self.file.rules}

    @property
    def alert_status(self) -> AlertStatus:
        """The alerts as they are now."""
        return self.alerting.alert_status

    async def acknowledge(self, alert: Alert, note: str, change: Change) -> None:
        """Acknowledge an alert for a viewer. Raises `KeyError` if it is over."""
        self.alerting.acknowledge(alert, note, change)

    async def silence(self, alert: Alert, until: datetime, note: str, change: Change) -> None:
        """Silence an alert until a time. Raises `KeyError` if it is over."""
        self.alerting.silence(alert, until, note, change)

    @property
    def tasks(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """The tasks that run until the pipeline ends."""
        reporting = [self.reporting.run] if self.reporting else []
        return [self.alerting.evaluate, self.alerting.store, self.deliveries.run, *reporting]
