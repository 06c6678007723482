"""Evaluate alert rules on a recording, to tune them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from northstar.alerts.evaluation import Evaluator
from northstar.alerts.readings import Reading
from northstar.alerts.states import Event
from northstar.domain.age import DataAge
from northstar.domain.clocks import Mark
from northstar.domain.freshness import LinkState, feed_state
from northstar.domain.intraday import IntradayData
from northstar.domain.ledger import Ledger
from northstar.feeds.recording import Recorded

BEAT = timedelta(seconds=1)
# A longer silence is a pause between two runs recorded in one file, when nothing was evaluated.
LONGEST_SILENCE = timedelta(hours=1)


class Trial:
    """Evaluates rules as if they had run while a recording was made.

    The time is that of the recording, so that two runs give the same events. The source counts as
    connected.
    """

    def __init__(self, evaluator: Evaluator, ledger: Ledger, stale_after_s: float) -> None:
        self._evaluator = evaluator
        self._ledger = ledger
        self._stale_after_s = stale_after_s
        self._day = IntradayData(ledger.calendar)

    def run(self, recording: Iterable[Recorded]) -> Iterator[Event]:
        """Yield the events of a recording, each when it happens."""
        now: datetime | None = None
        for recorded in recording:
            if now is None:
                self._age = DataAge(_mark(recorded.at), self._stale_after_s)
            elif recorded.at - now <= LONGEST_SILENCE:
                yield from self._wait(now, recorded.at)
            now = recorded.at
            self._accept(recorded)
            yield from self._evaluate(now, since_message_s=0.0)

    def _wait(self, start: datetime, end: datetime) -> Iterator[Event]:
        """Evaluate every second up to the next message."""
        now = start + BEAT
        while now < end:
            yield from self._evaluate(now, (now - start).total_seconds())
            now += BEAT

    def _accept(self, recorded: Recorded) -> None:
        before, ledger = self._ledger.snapshot, self._ledger
        receive = ledger.receive_state if recorded.fetched else ledger.receive
        received = receive(recorded.message, recorded.at)
        if received.accepted and ledger.snapshot:
            self._day.add(ledger.snapshot.state)
            self._age.note(before, ledger.snapshot, recorded.at, _mark(recorded.at))

    def _evaluate(self, now: datetime, since_message_s: float) -> Iterator[Event]:
        age_s = self._age.at(_mark(now))
        overdue = age_s is not None and age_s >= self._stale_after_s
        reading = Reading(
            now,
            now.timestamp(),
            self._ledger.snapshot,
            self._day.view,
            feed_state(LinkState.OPEN, None, overdue=overdue, empty=age_s is None),
            LinkState.OPEN,
            since_message_s,
            age_s,
        )
        yield from self._evaluator.evaluate(reading).events


def _mark(at: datetime) -> Mark:
    return Mark(at.timestamp(), at.timestamp())
