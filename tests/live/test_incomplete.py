"""Incomplete days, by the state of the connection to the source."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from northstar.domain.trend import is_incomplete
from support.pipelines import AT, ManualPipeline

HOUR_S = 3600.0
MORNING_S = 10 * HOUR_S  # after the example of 22:24, in UTC


def lost(pipeline: ManualPipeline, passed_s: float) -> None:
    """Lose the connection after that time."""
    pipeline.clock.passed_s = passed_s
    pipeline.feed.link.lost("it hangs", 0.0)


def opened(pipeline: ManualPipeline, passed_s: float) -> None:
    """Connect after that time."""
    pipeline.clock.passed_s = passed_s
    pipeline.feed.link.opened()


def lost_before_the_close(pipeline: ManualPipeline) -> None:
    """Be disconnected during the close."""
    lost(pipeline, HOUR_S)
    opened(pipeline, 3 * HOUR_S)


def lost_after_the_close(pipeline: ManualPipeline) -> None:
    """Disconnect after the close."""
    lost(pipeline, 3 * HOUR_S)
    opened(pipeline, 4 * HOUR_S)


def lost_just_before_the_close(pipeline: ManualPipeline) -> None:
    """Be disconnected during the close, with the last state six minutes before it."""
    pipeline.clock.passed_s = 1.5 * HOUR_S
    assert pipeline.take(timestamp="2026-02-25T23:54:00Z")
    lost_before_the_close(pipeline)


def asleep(pipeline: ManualPipeline) -> None:
    """Let the machine sleep until the next message."""
    pipeline.clock.set_s = MORNING_S - 1


def quiet(_: ManualPipeline) -> None:
    """Let the source send nothing."""


@pytest.mark.parametrize(
    ("night", "incomplete"),
    [
        (lost_before_the_close, True),
        (lost_after_the_close, False),
        (lost_just_before_the_close, False),
        (asleep, True),
        (quiet, False),
    ],
)
def test_day_that_has_ended(night: Callable[[ManualPipeline], None], incomplete: bool) -> None:  # noqa: FBT001 (expected)
    """A day is complete if the source was connected at its close or sent a state just before."""
    pipeline = ManualPipeline()
    opened(pipeline, 0)
    assert pipeline.take()

    night(pipeline)
    pipeline.clock.passed_s = MORNING_S - pipeline.clock.set_s
    at = AT + timedelta(seconds=MORNING_S)
    row = {"date": at.date().isoformat(), "revenue": 125450, "expenses": 48320}
    assert pipeline.take(timestamp=at.isoformat(), trendsData=[row])

    snapshot = pipeline.intake.snapshot
    assert snapshot
    assert [is_incomplete(row) for row in snapshot.trend if row.date == AT.date()] == [incomplete]


def test_day_that_is_stated_later() -> None:
    """The trend's figures of an incomplete day replace it, and the day is complete."""
    pipeline = ManualPipeline()
    opened(pipeline, 0)
    pipeline.take()
    lost_before_the_close(pipeline)
    row = {"date": "2026-02-25", "revenue": 130_000, "expenses": 50_000}

    pipeline.take(timestamp="2026-02-26T08:00:00Z", trendsData=[row])

    snapshot = pipeline.intake.snapshot
    assert snapshot
    (day,) = snapshot.trend
    assert day.revenue == 130_000
    assert not is_incomplete(day)
