"""The diagnosis of a connected source without usable messages."""

from datetime import timedelta

import pytest

from northstar.domain.clocks import Mark
from northstar.domain.diagnosis import PATIENCE_S, Diagnosis
from northstar.errors import Ignored, MessageError, OutOfOrder, Rejected
from northstar.settings.table import Settings
from northstar.web.health import unready_reason
from support.pipelines import AT, ManualPipeline

START = Mark(0.0, 0.0)
LATER = Mark(PATIENCE_S, PATIENCE_S)
TEXT = Rejected("revenue", "expected a number, got a string")


def problem(*errors: MessageError, now: Mark = LATER) -> str | None:
    """Return the diagnosis for a connection with these messages."""
    diagnosis = Diagnosis()
    diagnosis.open(START)
    for error in errors:
        diagnosis.refuse(error)
    return diagnosis.problem(now)


@pytest.mark.parametrize(
    ("errors", "text"),
    [
        ([TEXT] * 17, "17 of 17 refused: revenue: expected a number, got a string"),
        ([Ignored("pnlUpdate")] * 30, "30 ignored, named 'pnlUpdate'; see NORTHSTAR_EVENT"),
        (
            [*map(Ignored, "abcd"), TEXT],
            "4 ignored, named 'a', 'b', 'c' …; see NORTHSTAR_EVENT",
        ),
        (
            [OutOfOrder("one after another")] * 2 + [Ignored("response")],
            "2 of 3 out of order: one after another",
        ),
        ([], "connected for 15 s, and no message came"),
    ],
)
def test_problem(errors: list[MessageError], text: str) -> None:
    """The diagnosis has the number of messages and the most frequent reason."""
    assert problem(*errors) == text


def test_patience() -> None:
    """There is no diagnosis before 15 s have passed on either clock."""
    assert problem(TEXT, now=Mark(14.9, 14.9)) is None
    assert problem(TEXT, now=Mark(0, PATIENCE_S))


def test_name_that_is_long() -> None:
    """A long name is cut, and control characters are not printed."""
    text = problem(Ignored("\x1b[31m" + "x" * 1000))

    assert text is not None
    assert "\x1b" not in text
    assert len(text) < 100


class Source:
    """A connected pipeline and the problem in its status."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.pipeline = ManualPipeline(settings) if settings else ManualPipeline()
        self.pipeline.feed.link.opened()

    def take(self, seconds: range, **changes: object) -> None:
        """Take a message each second."""
        for second in seconds:
            self.pipeline.clock.passed_s = second
            moment = (AT + timedelta(seconds=second)).isoformat()
            self.pipeline.take(**{"timestamp": moment, **changes})  # type: ignore[arg-type]

    @property
    def problem(self) -> str | None:
        return self.pipeline.broadcast.status().problem


def test_messages_that_are_refused_from_the_start() -> None:
    """Problem and probe have the reason; the first accepted message clears it."""
    source = Source()
    source.take(range(17), revenue="a lot")

    assert source.problem == "17 of 17 refused: revenue: expected a number, got a string"
    assert unready_reason(source.pipeline.status) == f"no data yet: {source.problem}"
    source.take(range(17, 18))
    assert source.problem is None


def test_messages_that_are_refused_later() -> None:
    """The count starts after the last accepted message."""
    source = Source()
    source.take(range(100))
    source.take(range(100, 120), revenue=None)

    assert str(source.problem).startswith("20 of 20 refused: revenue: ")
    assert unready_reason(source.pipeline.status) == (
        f"the data is 20 s old, more than 10 s: {source.problem}"
    )


def test_source_that_falls_silent() -> None:
    """Silence after accepted messages makes the data stale and is no problem."""
    source = Source()
    source.take(range(10))
    source.pipeline.clock.passed_s = 1000

    assert source.problem is None


def test_source_that_is_slow() -> None:
    """The configured limit delays the problem of silence, but not that of refusals."""
    source = Source(Settings(demo=True, stale_after=60))
    source.pipeline.clock.passed_s = 59
    assert source.problem is None
    source.pipeline.clock.passed_s = 60
    assert source.problem == "connected for 60 s, and no message came"

    source.pipeline.take(revenue="a lot")
    assert str(source.problem).startswith("1 of 1 refused: ")


def test_connection_that_is_lost() -> None:
    """The link's own problem has priority, and a new connection starts a new wait."""
    source = Source()
    source.take(range(20), revenue="a lot")
    source.pipeline.feed.link.lost("hung up", retry_at=30)
    assert source.problem == "hung up"

    source.pipeline.feed.link.connecting()
    source.pipeline.feed.link.opened()
    assert source.problem is None
    source.pipeline.clock.passed_s = 40
    assert source.problem == "connected for 21 s, and no message came"


@pytest.mark.parametrize("offset_s", [3600.0, -3600.0, 70.0, -70.0])
def test_clock_that_is_off(offset_s: float) -> None:
    """A clock offset is a warning after two seconds of messages."""
    source = Source()
    for second in range(5):
        source.pipeline.clock.passed_s = second
        moment = (AT + timedelta(seconds=second + offset_s)).isoformat()
        source.pipeline.take(timestamp=moment)

    way = "ahead of" if offset_s > 0 else "behind"
    by = "1 h 0 m" if abs(offset_s) > 100 else "1 m 10 s"
    assert source.pipeline.status.state == "live"
    assert source.pipeline.status.clock_off_s == offset_s
    assert source.pipeline.status.warning == (
        f"the source's timestamps are {by} {way} this server's clock:"
        " check both clocks and NORTHSTAR_TIMEZONE"
    )


@pytest.mark.parametrize("offset_s", [0.0, 59.0, -59.0])
def test_clock_that_is_about_right(offset_s: float) -> None:
    """A small offset is no warning, nor is a first message that is old."""
    source = Source()
    source.pipeline.take(timestamp=(AT - timedelta(hours=1)).isoformat())
    assert source.pipeline.status.warning is None

    for second in range(5):
        source.pipeline.clock.passed_s = second
        source.pipeline.take(timestamp=(AT + timedelta(seconds=second + offset_s)).isoformat())
    assert source.pipeline.status.warning is None
