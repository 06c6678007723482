"""The stored form of a truth: reading returns what was written."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from northstar.alerts.rules import Severity
from northstar.alerts.states import Alert, Phase, Remark, Silence
from northstar.coordination.truths import DAY, STATE, Part, Version
from northstar.errors import ConfigurationError, StoreUnusable
from northstar.live.alert_status import AlertStatus, Silenced
from northstar.live.cluster.truth import Truth, TruthDecoder, TruthEncoder, require_common_settings
from support.messages_corpus import CORPUS, Message
from support.pipelines import ManualPipeline

ACCEPTED = [message for message in CORPUS if message.outcome == "accepted"]


def truth_of(pipeline: ManualPipeline, seq: int = 1) -> Truth:
    """Return the truth of a pipeline."""
    intake = pipeline.intake
    status = intake.status()
    status = replace(status, tally=replace(status.tally))
    return Truth(Version(7, seq), intake.current, intake.receipt, status, 3, 4)


def decoder_of(pipeline: ManualPipeline) -> TruthDecoder:
    """Return a decoder with a pipeline's calendar."""
    return TruthDecoder(pipeline.history.store.calendar)


@pytest.mark.parametrize("message", ACCEPTED, ids=lambda message: message.name)
def test_any_message(message: Message) -> None:
    """A state is read unchanged, including the stated nets."""
    pipeline = ManualPipeline()
    assert pipeline.intake.accept(message.as_sent)
    truth = truth_of(pipeline)

    decoded = decoder_of(pipeline).decode(TruthEncoder().encode(truth))

    assert decoded == (truth, 0.0)
    read = decoded[0].snapshot
    assert read is not None
    assert truth.snapshot is not None
    assert read.state == truth.snapshot.state
    assert read.as_of.tzinfo == truth.snapshot.as_of.tzinfo


def test_before_any_message() -> None:
    """A leader has a truth before it has data."""
    pipeline = ManualPipeline()
    truth = truth_of(pipeline)
    assert decoder_of(pipeline).decode(TruthEncoder().encode(truth)) == (truth, 0.0)


def test_alerts() -> None:
    """Alerts and silences are read unchanged, with exact amounts."""
    pipeline = ManualPipeline()
    at = datetime(2026, 2, 25, 12, tzinfo=UTC)
    ann = Remark("Ann", at, "on it")
    condition = {"kind": "net_below", "limit": "-50.10"}
    alert = Alert(
        *("a1", "floor", "", Phase.FIRING, at, Severity.CRITICAL, condition),
        value=Decimal("-50.20"),
        notified=("desk",),
        acknowledged=ann,
    )
    silenced = Silenced("floor", "", Silence(at, ann))
    truth = replace(truth_of(pipeline), alert_status=AlertStatus((alert,), (silenced,), at, "full"))
    assert decoder_of(pipeline).decode(TruthEncoder().encode(truth)) == (truth, 0.0)


def test_lines_of_the_day() -> None:
    """The line of a day is written when it changes, and is the same object until then."""
    pipeline, encoder = ManualPipeline(), TruthEncoder()
    decoder, lines = decoder_of(pipeline), []
    for seq, minute in enumerate((0, 1, 5, 6), start=1):
        pipeline.take(timestamp=f"2026-02-25T22:{24 + minute}:00Z", revenue=100_000 + minute)
        truth = truth_of(pipeline, seq)
        parts = encoder.encode(truth)
        decoded = decoder.decode(parts)
        assert decoded is not None
        assert decoded[0].snapshot is not None
        assert truth.snapshot is not None
        assert truth.snapshot.day is not None
        day = decoded[0].snapshot.day
        assert day is not None
        assert (day.first, day.newest) == (truth.snapshot.day.first, truth.snapshot.day.newest)
        assert (day.low, day.high) == (truth.snapshot.day.low, truth.snapshot.day.high)
        assert tuple(day.line.slots) == tuple(truth.snapshot.day.line.slots)
        lines.append((DAY in [part.name for part in parts], day.line))

    assert [is_written for is_written, _ in lines] == [True, False, True, False]
    assert lines[0][1] is lines[1][1]
    assert lines[1][1] is not lines[2][1]


def test_size() -> None:
    """The state of the guide's example takes about one kilobyte."""
    pipeline = ManualPipeline()
    pipeline.take()
    [state] = [part for part in TruthEncoder().encode(truth_of(pipeline)) if part.name == STATE]
    assert len(state.body) < 1500


@pytest.mark.parametrize("body", [b"", b"nothing compressed", zlib.compress(b'{"of": "later"}')])
def test_unknown_form(body: bytes) -> None:
    """A truth of another form raises an error with the reason."""
    with pytest.raises(StoreUnusable, match="another version of the program leads"):
        decoder_of(ManualPipeline()).decode([Part(STATE, Version(7, 1), body)])


def test_other_settings() -> None:
    """A truth of a leader with another currency is refused; the reason names both."""
    pipeline = ManualPipeline()
    parts = TruthEncoder({"NORTHSTAR_CURRENCY": "USD"}).encode(truth_of(pipeline))
    ours = {"NORTHSTAR_CURRENCY": "JPY", "NORTHSTAR_NEW": "1"}
    reason = "NORTHSTAR_CURRENCY is 'JPY' here, and 'USD' at the instance that leads"

    with pytest.raises(StoreUnusable, match=reason):
        TruthDecoder(pipeline.history.store.calendar, ours).decode(parts)
    with pytest.raises(ConfigurationError, match=reason):
        require_common_settings(parts[0], ours)
    require_common_settings(TruthEncoder().encode(truth_of(pipeline))[0], ours)  # an older one
