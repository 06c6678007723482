"""The pipeline as configured by the settings."""

from pathlib import Path
from typing import Any

import pytest

from northstar.settings.table import Settings
from northstar.wiring import create_pipeline
from support import guide
from support.histories import NOON, running, state
from support.recordings import record
from support.storage import locked
from support.waiting import eventually


@pytest.mark.parametrize("source", ["demo", "replay"])
async def test_end_of_a_temporary_history(
    source: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A demo or replay ends without waiting for its history, and reports no loss."""
    monkeypatch.setattr("northstar.history.writer.ANSWER_S", 0.05)
    history = create_pipeline(_settings(source, tmp_path)).history
    with locked(Path(str(history.store.engine.url.database))):
        async with running(history):
            history.add(state(1), NOON)
            await eventually(lambda: history.problem, what="a batch waits for the lock")
    history.store.close()

    assert history.waiting
    assert not history.lacks
    assert caplog.messages == ["history paused: the database does not answer"]


def _settings(source: str, folder: Path) -> Settings:
    chosen: dict[str, Any] = {"demo": True}
    if source == "replay":
        recording = folder / "recording.jsonl"
        record(recording, guide.text())
        chosen = {"replay": recording}
    return Settings(**chosen)
