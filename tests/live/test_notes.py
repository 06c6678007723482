"""Notes of the newest days in the frames of the live page."""

from datetime import UTC, datetime
from typing import Any

from northstar.settings.table import Settings
from support.inprocess import Dashboard, dashboard, next_frame
from support.waiting import until


def write(at: Dashboard, text: str) -> None:
    """Write a note about today as the page does."""
    headers = {
        "Origin": f"http://{at.address}",
        "X-CSRF-Token": at.get("/api/me").json()["token"],
    }
    note = {"date": datetime.now(UTC).date().isoformat(), "text": text}
    assert at.post("/api/notes", json=note, headers=headers).status_code == 201


def marks(frame: dict[str, Any]) -> list[str]:
    """Return the texts of the notes in the trend."""
    traces = frame["props"]["chart-trend"]["figure"]["data"]
    return [text for trace in traces if trace["meta"] == "notes" for text in trace["customdata"]]


def test_note_in_frames() -> None:
    """A new note is in the frames of all viewers: in the trend's chart and table."""
    with (
        dashboard(Settings(demo=True, demo_scene="calm")) as at,
        at.open("/view-stream") as viewer,
    ):
        until(lambda: at.get("/api/pnl").status_code == 200, what="there is data")
        until(lambda: (frame := next_frame(viewer))["props"] and not marks(frame), what="a frame")
        write(at, "Fees rose " + "x" * 200)
        until(lambda: marks(next_frame(viewer)), what="the trend is marked")
        frame = next_frame(viewer)

    [text] = marks(frame)
    assert text.startswith("Fees rose xxx")
    assert len(text) == 120
    table = frame["props"]["chart-trend-table"]
    assert table["columns"][-1] == "Notes"
    assert [row[-1] for row in table["rows"]] == [text, *[""] * 29]


def test_note_without_a_new_state() -> None:
    """A note is shown while the source is silent, because it is rendered separately."""
    with (
        dashboard(Settings(demo=True, demo_scene="offline")) as at,
        at.open("/view-stream") as viewer,
    ):
        until(lambda: at.get("/api/feed").json()["state"] == "reconnecting", 30, "the link is lost")
        before = at.get("/api/feed").json()["as_of"]
        write(at, "Cut")
        until(lambda: marks(next_frame(viewer)) == ["Cut (anonymous)"], what="the trend is marked")
        assert at.get("/api/feed").json()["as_of"] == before
