"""The work of the leading instance of a cluster, for one term."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing

from northstar.domain.freshness import LinkState
from northstar.errors import Deposed
from northstar.live.alerts import Alerts
from northstar.live.cluster.alerts import Answering
from northstar.live.cluster.leadership import Term
from northstar.live.cluster.publishing import Publishing
from northstar.live.intake import Intake
from northstar.live.supervision import supervise

log = logging.getLogger(__name__)

CHECK_S = 1.0
PATIENCE_S = 10.0  # without the source, which another instance may reach
LONG_PATIENCE_S = 60.0  # if the leader before did not reach it either


class Leading:
    """Reads the source, keeps the history, evaluates the alerts and writes the truth.

    `was_reached` is whether the leader before, if there was one, reached the source.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        term: Term,
        intake: Intake,
        publishing: Publishing,
        alerts: Alerts | None,
        answering: Answering | None,
        *,
        was_reached: bool = True,
    ) -> None:
        self.intake = intake
        self.alerts = alerts
        self.answering = answering
        self._term = term
        self._publishing = publishing
        self._patience_s = PATIENCE_S if was_reached else LONG_PATIENCE_S

    async def run(self, others: Callable[[], int], count: Callable[[], None]) -> None:
        """Lead until cancelled.

        `others` returns the number of other instances, `count` is called for each fault of a task.
        """
        tasks = [
            self._read_source,
            self._keep_history,
            self._publishing.run,
            *(self.alerts.tasks if self.alerts else ()),
            *([self.answering.run] if self.answering else ()),
        ]
        with closing(self.intake):
            async with asyncio.TaskGroup() as group:
                for task in tasks:
                    group.create_task(supervise(task, count), name=task.__name__)
                group.create_task(self._watch_source(others), name="watch the source")

    def note_notes(self) -> None:
        """Let the other instances read the notes again."""
        self._publishing.note_history()

    async def _read_source(self) -> None:
        await self.intake.feed.run(self._accept)

    def _accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        """Process a message, unless another instance may lead by now."""
        if self._term.is_held:
            return self.intake.accept(raw, fetched=fetched)
        self._term.end()
        return False

    async def _keep_history(self) -> None:
        try:
            await self.intake.history.run()
        except Deposed:
            self._term.end()
            await asyncio.Event().wait()

    async def _watch_source(self, others: Callable[[], int]) -> None:
        """Give up the lease if this instance cannot reach the source for a while.

        If no instance reaches the source, the lease is not passed around.
        """
        loop = asyncio.get_running_loop()
        reached_s = loop.time()
        while True:
            await asyncio.sleep(CHECK_S)
            if self.intake.feed.link.state is LinkState.OPEN:
                reached_s, self._patience_s = loop.time(), PATIENCE_S
            elif not others():
                reached_s = loop.time()
            elif loop.time() - reached_s > self._patience_s:
                log.warning("the source cannot be reached from here; another instance may lead")
                self._term.end()
