"""The state that an instance shows of a truth, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from northstar.coordination.truths import Version
from northstar.domain.freshness import LinkState
from northstar.feeds import Source
from northstar.live.cluster.replica import Replica
from northstar.live.cluster.truth import Truth
from northstar.settings.table import Settings
from support.empty_history import history
from support.pipelines import AT, Clock, ManualPipeline


class Watched(Replica):
    """A replica on the test's clock that counts its notifications."""

    def __init__(self) -> None:
        self.clock = Clock()
        settings = Settings(ws_url="ws://127.0.0.1:1/pnl", stale_after=10)
        super().__init__(
            history(self.clock.now), settings, clock=self.clock.monotonic, now=self.clock.now
        )
        self.states = self.changes = 0
        self.accepted.subscribe(self._count_state)
        self.changed.subscribe(self._count_change)

    def _count_state(self) -> None:
        self.states += 1

    def _count_change(self) -> None:
        self.changes += 1


def truth(epoch: int, seq: int, revenue: int | None = 125_450, messages: int = 1) -> Truth:
    """Return the truth of a live source, with a state unless `revenue` is None."""
    pipeline = ManualPipeline()
    pipeline.feed.link.opened("websocket")
    if revenue is not None:
        pipeline.take(revenue=revenue)
    status = pipeline.intake.status()
    tally = replace(status.tally, accepted=messages)
    known = replace(status, tally=tally, stale_after_s=10)
    return Truth(Version(epoch, seq), pipeline.intake.current, pipeline.intake.receipt, known)


def revenue_of(replica: Replica) -> int:
    """Return the revenue that a replica shows."""
    assert replica.snapshot is not None
    return int(replica.snapshot.revenue)


def test_before_the_first_truth() -> None:
    """An instance without a truth is connecting and has no data."""
    replica = Watched()
    status = replica.status()
    assert (status.state, status.age_s, replica.snapshot) == ("connecting", None, None)
    assert status.name == "ws://127.0.0.1:1/pnl"
    assert replica.source is Source.LIVE


def test_never_backwards() -> None:
    """A truth that is not newer by epoch and number is refused."""
    replica = Watched()
    for epoch, seq, revenue in ((2, 5, 100), (2, 4, 101), (2, 5, 102), (1, 99, 103)):
        replica.take(truth(epoch, seq, revenue))
    assert revenue_of(replica) == 100
    replica.take(truth(3, 1, 104, messages=2))
    assert (revenue_of(replica), replica.version) == (104, (3, 1))
    assert replica.states == 2


def test_age() -> None:
    """Data ages from the time when its truth was written, and is stale at the limit."""
    replica = Watched()
    replica.take(truth(1, 1), age_s=0.5)
    assert replica.status().age_s == pytest.approx(0.5)
    replica.clock.passed_s = 2
    assert replica.status().state == "live"
    assert replica.status().age_s == pytest.approx(2.5)
    older = replace(replica.status(), age_s=9.0, silence_s=9.0)
    replica.take(replace(truth(1, 2), status=older))
    replica.clock.passed_s = 3.5
    assert replica.status().state == "stale"
    assert replica.status().age_s == pytest.approx(10.5)


def test_lost_leader() -> None:
    """Without a sign of the leader the page reconnects, then goes offline, and recovers."""
    replica = Watched()
    replica.take(truth(1, 1))
    replica.clock.passed_s = 4
    status = replica.status()
    assert (status.state, status.link) == ("reconnecting", LinkState.WAITING)
    assert status.problem == "the leading instance is lost"
    replica.clock.passed_s = 11
    assert replica.status().state == "offline"
    changes = replica.changes
    replica.take(truth(2, 1))
    assert (replica.status().state, replica.changes) == ("live", changes + 1)


def test_signs_of_life() -> None:
    """A truth without changes is no new state and is not sent."""
    replica = Watched()
    replica.take(truth(1, 1))
    before = replica.states, replica.changes
    for seq in (2, 3):
        replica.clock.passed_s += 1
        replica.take(replace(truth(1, 1), version=Version(1, seq)))
    assert (replica.states, replica.changes) == before
    assert replica.version == (1, 3)


def test_database_that_does_not_answer() -> None:
    """While the database cannot be read, the history is paused with its reason."""
    replica = Watched()
    replica.take(truth(1, 1))
    replica.note_problem("the database does not answer")
    replica.clock.passed_s = 5
    status = replica.status()
    assert status.problem == "the database does not answer"
    assert status.history == "paused: the database does not answer"
    assert status.history_problem == "the database does not answer"
    replica.note_problem(None)
    assert replica.status().history_problem is None


def test_clock_of_the_instance() -> None:
    """A wall clock that is an hour off does not change the age; time asleep does."""
    replica = Watched()
    replica.clock.set_s = -3600
    replica.take(truth(1, 1))
    assert replica.status().age_s == 0
    replica.clock.set_s = -3600 + 60
    assert replica.status().age_s == 60


def test_state_of_an_earlier_day() -> None:
    """After the close of the state's day, the data is no longer of today."""
    replica = Watched()
    replica.take(truth(1, 1))
    assert replica.status().of_today
    replica.clock.set_s = timedelta(days=1).total_seconds()
    assert replica.now() == AT + timedelta(days=1)
    assert not replica.status().of_today
