"""Write the truth of the leader to the database, and show it once it is there."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from northstar.coordination.truths import Truths, Version
from northstar.domain.freshness import LinkState
from northstar.errors import Deposed, StoreError
from northstar.live.alerts import Alerts
from northstar.live.cluster.leadership import Term
from northstar.live.cluster.replica import Replica
from northstar.live.cluster.truth import Truth, TruthEncoder
from northstar.live.hub import beats
from northstar.live.intake import Intake

SIGN_EVERY_S = 1.0  # a truth without a change: a sign of life
FIRST_ATTEMPT_S = 1.0  # to connect to the source


class Publishing:
    """Writes what the intake of a term has accepted, at most once in `gap_s`.

    Our own viewers see committed states only, as do those of all other instances.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        term: Term,
        intake: Intake,
        alerts: Alerts | None,
        truths: Truths,
        replica: Replica,
        *,
        gap_s: float,
    ) -> None:
        known = replica.truth
        self._term = term
        self._intake = intake
        self._alerting = alerts.alerting if alerts else None
        self._truths = truths
        self._replica = replica
        self._gap_s = gap_s
        self._seq = 0
        # The others read the history again for a new leader.
        self._history = known.history + 1 if known else 1
        self._alerts = known.alerts + 1 if known else 1
        self._encoder = TruthEncoder(replica.common)
        self._due = asyncio.Event()
        self._due.set()
        intake.changed.subscribe(self._due.set)
        intake.history.changed.subscribe(self.note_history)
        if alerts:
            alerts.alerting.changed.subscribe(self._note_alerts)
            alerts.deliveries.changed.subscribe(self._note_alerts)

    async def run(self) -> None:
        """Write until cancelled, or until another instance leads."""
        if self._replica.truth:
            await self._connected()
        async for _ in beats(self._due, gap_s=self._gap_s, heartbeat_s=SIGN_EVERY_S):
            try:
                await self._write()
            except Deposed:
                self._term.end()
            except StoreError:  # reported by the task that reads the truth
                self._encoder = TruthEncoder(
                    self._replica.common
                )  # it is not known what was written
                self._due.set()

    async def _connected(self) -> None:
        """Wait until the source is connected or an attempt has failed.

        Until then the last leader's truth stays, so viewers do not notice a change of leader.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ATTEMPT_S):
                while self._intake.feed.link.state is LinkState.CONNECTING:
                    self._due.clear()
                    await self._due.wait()
        self._due.set()

    def _note_alerts(self) -> None:
        self._alerts += 1
        self._due.set()

    def note_history(self) -> None:
        """Let the other instances read days and notes again."""
        self._history += 1
        self._due.set()

    async def _write(self) -> None:
        self._seq += 1
        began_s = asyncio.get_running_loop().time()
        intake, status = self._intake, self._intake.status()
        truth = Truth(
            Version(self._term.epoch, self._seq),
            intake.current,
            intake.receipt,
            replace(status, tally=replace(status.tally)),
            self._history,
            self._alerts,
            self._alerting.alert_status if self._alerting else None,
        )
        await self._truths.write(self._encoder.encode(truth))
        self._replica.take(truth, asyncio.get_running_loop().time() - began_s)
