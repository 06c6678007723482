"""Marks of notes and alerts in charts."""

import pytest

from northstar.view.shared.marks import note_marks, shortened


def test_marks() -> None:
    """A mark has the text of its notes for the tooltip; without notes there is no trace."""
    [trace] = note_marks(["2026-02-25"], [0.0], ["Fees rose (alice)"])

    assert (trace["x"], trace["y"]) == (["2026-02-25"], [0.0])
    assert trace["customdata"] == ["Fees rose (alice)"]
    assert note_marks([], [], []) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 120, "x" * 120), ("x" * 121, "x" * 119 + "…"), ("a\u202eb", "ab")],
)
def test_shortened(text: str, shown: str) -> None:
    """A long text ends with an ellipsis, and none changes the direction of the text around it."""
    assert shortened(text) == shown
