"""Make the daily report when it is due, and store it before anything is sent."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import date

from northstar.alerts.receivers import DailyReport
from northstar.alerts.records import encode_notification
from northstar.alerts.schedule import due_day
from northstar.errors import StoreError
from northstar.history.outbox import Delivery, Outbox, StoredReport
from northstar.live.delivery import Ready
from northstar.live.intake import Intake
from northstar.live.report_message import ReportWriter
from northstar.observers import Observers
from northstar.reports.daily import make_daily
from northstar.reports.report import Feed

log = logging.getLogger(__name__)

CHECK_S = 10.0


class Reporting:
    """Makes the report of each day once, as `report` says, for `receivers`.

    Its content is stored when it is made, so that another attempt to send it has the same figures.
    `stored` notifies observers of it, with what is to be sent.
    """

    def __init__(
        self,
        intake: Intake,
        report: DailyReport,
        receivers: Sequence[str],
        outbox: Outbox,
        writer: ReportWriter,
    ) -> None:
        self.stored: Observers[Ready, Sequence[Delivery]] = Observers()
        self._intake = intake
        self._report = report
        self._to = receivers if report.to is None else report.to
        self._outbox = outbox
        self._writer = writer
        self._last: StoredReport | None = None

    async def run(self) -> None:
        """Make each report when it is due, until cancelled; retries while that fails."""
        while True:
            try:
                await self._make_due()
            except StoreError as error:
                log.warning("the daily report cannot be made: %s", error)
            await asyncio.sleep(CHECK_S)

    async def _make_due(self) -> None:
        if self._due() is None:
            return
        self._last = await asyncio.to_thread(self._outbox.last_report)
        day = self._due()
        if day is None:
            return
        is_first = self._last is None
        if not is_first or await asyncio.to_thread(self._is_known, day):
            await self._make(day)

    def _due(self) -> date | None:
        last = self._last.day if self._last else None
        return due_day(self._intake.now(), last, self._report, self._intake.history.store.calendar)

    def _is_known(self, day: date) -> bool:
        """Return whether the history has a day: the first report is of one that it has."""
        return bool(self._intake.history.store.days(day, day, sums_only=True))

    async def _make(self, day: date) -> None:
        intake, number = self._intake, f"report-{day}"
        now, snapshot = intake.now(), intake.snapshot
        feed = Feed(intake.status().state, snapshot.as_of if snapshot else None)
        daily = await asyncio.to_thread(
            make_daily,
            intake.history.store,
            day,
            now,
            feed,
            self._writer.write.tolerance,
            self._last.at if self._last else None,
        )
        notification = await self._writer.message(number, daily, intake.source, intake.feed.name)
        report = StoredReport(number, day, now, encode_notification(notification))
        deliveries = [Delivery(number, receiver, now, now) for receiver in self._to]
        await asyncio.to_thread(self._outbox.write_report, report, deliveries)
        self._last = report._replace(content="")
        log.info("the report of %s is to be sent to %s", day, ", ".join(self._to) or "nobody")
        self.stored.notify(Ready(number, notification), deliveries)
