"""Run the tasks of an instance: intake, broadcast, history and alerts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TypeAlias

from northstar.feeds import Feed
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.recording import Recorder
from northstar.history.writer import History
from northstar.live.alert_status import ShownAlerts
from northstar.live.alerts import Alerts
from northstar.live.broadcast import Broadcast
from northstar.live.intake import Intake
from northstar.live.shown import Shown
from northstar.live.supervision import supervise
from northstar.observers import Observers
from northstar.settings.table import Settings
from northstar.view.live.needs import Needs, needs

Task: TypeAlias = Callable[[], Awaitable[None]]


class Pipeline:
    """Sends what is `shown` to the viewers of `broadcast`.

    `desk` is the name of the desk, `month_target` the net to be reached in a month, `demo` the feed
    if it is the demo; `faults` counts failures of tasks. `alerts` is set if there are rules,
    `evaluated` if it is this process that evaluates them.
    """

    demo: DemoFeed | None = None
    alerts: ShownAlerts | None = None
    evaluated: Alerts | None = None

    def __init__(
        self, shown: Shown, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.desk = settings.title
        self.month_target = settings.target_month
        self.shown = shown
        self.history = shown.history
        self.broadcast = Broadcast(shown, settings, clock, self._needs)
        self.session_ended: Observers[str] = Observers()  # on another instance
        self.faults = 0

    @property
    def tasks(self) -> Sequence[Task]:
        """What runs until the end."""
        return self.broadcast.send_frames, self.broadcast.send_messages

    async def prepare(self) -> None:
        """Return once the state for the first viewer is known."""

    async def run(self, *others: Task) -> None:
        """Run all tasks until cancelled, and `others`, which monitor them.

        A task that failed is restarted, and the current state sent again, as the fault may have
        interrupted it.
        """
        async with asyncio.TaskGroup() as group:
            for task in (*self.tasks, *others):
                watched = supervise(task, self._count_fault, self.broadcast.renew)
                group.create_task(watched, name=task.__name__)

    @property
    def is_isolated(self) -> bool:
        """Whether an instance of a cluster has not reached the database for too long."""
        return False

    @property
    def leads(self) -> bool:
        """Whether this instance does the work that only one may do."""
        return True

    def announce_end(self, session: str) -> None:
        """Let the other instances know that a session has ended, by the digest of its cookie."""

    async def hand_over(self) -> None:
        """Let another instance lead, as this one is about to end."""

    def _count_fault(self) -> None:
        self.faults += 1

    def _needs(self, version: int) -> Needs | None:
        """Return the texts about open alerts, None without rules."""
        if self.alerts is None:
            return None
        alert_status = self.alerts.alert_status
        write = self.broadcast.notation
        return needs(alert_status.open, self.alerts.rules, alert_status.problem, version, write)


class Standalone(Pipeline):
    """The pipeline of one process, which reads its source itself."""

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        feed: Feed,
        settings: Settings,
        history: History,
        *,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.intake = Intake(feed, settings, history, recorder=recorder, clock=clock, now=now)
        super().__init__(self.intake, settings, clock)
        self.demo = feed if isinstance(feed, DemoFeed) else None

    def evaluate(self, alerts: Alerts) -> None:
        """Evaluate alerts while the pipeline runs."""
        self.alerts = self.evaluated = alerts
        alerts.alerting.changed.subscribe(self.broadcast.note_alerts)
        alerts.deliveries.changed.subscribe(self.broadcast.note_alerts)

    @property
    def tasks(self) -> Sequence[Task]:
        """What runs until the end."""
        alerts = self.evaluated.tasks if self.evaluated else ()
        return self.intake.run, *super().tasks, self.history.run, *alerts

    async def run(self, *others: Task) -> None:
        """Run all tasks until cancelled, and `others`, which monitor them."""
        with closing(self.intake):
            await super().run(*others)
