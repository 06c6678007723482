"""The alerts on an instance of a cluster, which its leader evaluates.

The actions of viewers are written to the database as requests, which the leader answers.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import TypeAdapter, ValidationError

from northstar.alerts.rules import Rule
from northstar.alerts.states import Alert
from northstar.errors import Refused, StoreError
from northstar.history.audit import Change
from northstar.history.fence import Fence
from northstar.history.outbox import Outbox
from northstar.history.requests import Requests
from northstar.live.alert_status import AlertStatus
from northstar.live.alerting import Alerting
from northstar.live.cluster.replica import Replica
from northstar.settings.alert_file import AlertFile

log = logging.getLogger(__name__)

ANSWER_S = 5.0
CHECK_S = 1.0


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """A viewer's request about an alert: to acknowledge it, or to silence it `until` a time."""

    alert: str
    note: str
    change: Change
    until: datetime | None = None


_ALERT_REQUEST = TypeAdapter(AlertRequest)


class FollowedAlerts:
    """The alerts of the newest truth; requests of viewers go to the leader."""

    def __init__(self, file: AlertFile, replica: Replica, requests: Requests) -> None:
        history = replica.history
        self.file = file
        self.outbox = Outbox(history.store.engine, history.turn)
        self._replica = replica
        self._requests = requests
        self._news = asyncio.Event()
        replica.rules = file.rules
        replica.changed.subscribe(self._news.set)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by name."""
        return {rule.name: rule for rule in self.file.rules}

    @property
    def alert_status(self) -> AlertStatus:
        """The alerts of the newest truth; none before the first."""
        truth = self._replica.truth
        return truth.alert_status if truth and truth.alert_status else AlertStatus()

    async def acknowledge(self, alert: Alert, note: str, change: Change) -> None:
        """Ask the leader to acknowledge an alert. Raises `Refused` if it does not answer."""

        def is_done() -> bool:
            found = self._find(alert.number)
            return found is None or found.acknowledged is not None

        await self._ask(AlertRequest(alert.number, note, change), is_done)

    async def silence(self, alert: Alert, until: datetime, note: str, change: Change) -> None:
        """Ask the leader to silence an alert. Raises `Refused` if it does not answer."""

        def is_done() -> bool:
            silence = self.alert_status.silence_of(alert, change.at)
            return (silence.until if silence else change.at) == max(until, change.at)

        await self._ask(AlertRequest(alert.number, note, change, until), is_done)

    async def _ask(self, request: AlertRequest, is_done: Callable[[], bool]) -> None:
        content = _ALERT_REQUEST.dump_json(request).decode()
        try:
            await asyncio.to_thread(self._requests.add, content)
            async with asyncio.timeout(ANSWER_S):
                while not is_done():
                    self._news.clear()
                    await self._news.wait()
        except StoreError as error:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"not stored: {error}") from error
        except TimeoutError as error:
            reason = "the leading instance has not answered yet: look again in a moment"
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, reason) from error

    def _find(self, number: str) -> Alert | None:
        return next((each for each in self.alert_status.open if each.number == number), None)


class Answering:
    """Executes the requests of viewers, once: the answer and the end of a request are one batch."""

    def __init__(self, requests: Requests, alerting: Alerting, fence: Fence) -> None:
        self.requested = asyncio.Event()
        self._fence = fence
        self._requests = requests
        self._alerting = alerting
        self._taken: set[int] = set()

    async def run(self) -> None:
        """Answer requests when one is notified, and every second, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(CHECK_S):
                    await self.requested.wait()
            except TimeoutError:
                pass
            self.requested.clear()
            try:
                await self._answer()
            except StoreError:  # reported by what evaluates the rules
                continue

    async def _answer(self) -> None:
        for number, content in await asyncio.to_thread(self._requests.waiting):
            if number in self._taken:
                continue
            try:
                request = _ALERT_REQUEST.validate_json(content)
            except ValidationError:
                log.error("a request of another version cannot be read: %s", content)  # noqa: TRY400
                await asyncio.to_thread(self._requests.drop, number, self._fence)
                continue
            alerts = self._alerting.evaluator.alerts.values()
            alert = next((each for each in alerts if each.number == request.alert), None)
            if alert is None or (request.until is None and alert.acknowledged):
                await asyncio.to_thread(self._requests.drop, number, self._fence)
                continue
            self._taken.add(number)
            if request.until is None:
                self._alerting.acknowledge(alert, request.note, request.change, request=number)
            else:
                self._alerting.silence(
                    alert, request.until, request.note, request.change, request=number
                )
