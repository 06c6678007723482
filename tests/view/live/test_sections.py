"""Results computed from a section are reused while its inputs stay the same."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from northstar.view.live.frames import render
from northstar.view.live.sections import made_of
from northstar.view.shared.money import Notation
from support import guide

COSTS = [{"name": "Fees", "value": 5}]


def state(before: Snapshot | None = None, **changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(before, decode(guide.text(**changes), ZoneInfo("UTC")))


@pytest.mark.parametrize(
    ("changes", "write", "calls"),
    [
        ({"revenue": 1}, Notation(), 1),
        ({"costBreakdown": ...}, Notation(), 1),
        ({"agentAttribution": []}, Notation(), 1),
        ({"costBreakdown": COSTS}, Notation(), 2),
        ({}, Notation(currency="JPY"), 2),
        ({"timestamp": "2026-02-26T00:00:00Z"}, Notation(), 2),
    ],
    ids=["totals", "not sent", "another section", "section", "notation", "day"],
)
def test_section(changes: dict[str, Any], write: Notation, calls: int) -> None:
    """A result is computed again when its section, the day or the notation changes."""
    made = []

    @made_of("cost_breakdown")
    def names(snapshot: Snapshot, _: Notation) -> list[str]:
        made.append(snapshot)
        return [cost.name for cost in snapshot.costs]

    first = state()
    second = state(first, **changes)

    assert names(first, Notation()) == [cost.name for cost in first.costs]
    assert names(second, write) == [cost.name for cost in second.costs]
    assert len(made) == calls


def test_frames_one_after_the_other() -> None:
    """A frame does not depend on the frames rendered before it."""
    write = Notation()
    changes: list[dict[str, Any]] = [
        {},
        {"revenue": 1},
        {"costBreakdown": COSTS},
        {"agentAttribution": []},
        {"trendsData": guide.month()},
        {"timestamp": "2026-02-26T00:00:00Z", "trendsData": ...},
        {"timestamp": "2026-02-26T00:00:01Z", "costBreakdown": []},
    ]
    states: list[Snapshot] = []
    for each in changes:
        states.append(state(states[-1] if states else None, **each))

    in_order = [render(each, write) for each in states]
    backwards = [render(each, write) for each in reversed(states)]

    assert in_order == backwards[::-1]
