"""Rules as sentences."""

from typing import Any

import pytest

from northstar.alerts.rules import KINDS
from northstar.view.alerts.sentences import condition, duration, sentence
from northstar.view.shared.money import Notation
from support.readings import rule


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "drawdown",
            {
                "basis": "day-peak",
                "limit": 12000,
                "clear": 10000,
                "for": "30s",
                "keep": "1m",
                "severity": "critical",
                "to": ["desk"],
            },
            (
                "critical when net falls more than $12,000.00 below today's peak for 30 s; over"
                " when it is within $10,000.00 for 1 min; to desk"
            ),
        ),
        (
            "net_below",
            {"limit": "50%", "to": [], "keep": "2m"},
            (
                "warning when net is below 50.0% of the previous period's; over when that has"
                " ended for 2 min; on the page only"
            ),
        ),
        (
            "margin_below",
            {"limit": "15%", "clear": "18%", "repeat": "30m"},
            (
                "warning when margin is below 15.0%; over when it is at least 18.0%; to all"
                " receivers, again every 30 min"
            ),
        ),
        (
            "agent_silent",
            {"agent": "*", "limit": "15m", "hours": "22:00-06:00", "days": "mon-fri"},
            (
                "warning when the figures of any agent do not change for more than 15 min; to all"
                " receivers; calls 22:00–06:00 on mon,tue,wed,thu,fri"
            ),
        ),
        (
            "restated",
            {},
            (
                "warning when the source changes the figures of a closed day; on the page for"
                " 1 d; to all receivers"
            ),
        ),
    ],
)
def test_sentence_of_a_rule(kind: str, fields: dict[str, Any], expected: str) -> None:
    """A rule reads as one sentence: when it fires, when it ends, and whom it notifies."""
    assert sentence(rule(kind, **fields), Notation()) == expected


def test_every_kind_has_a_condition() -> None:
    """Every kind of rule has its own sentence."""
    assert condition.dispatch(object) not in {condition.dispatch(each) for each in KINDS.values()}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (90, "1 min 30 s"), (7200, "2 h"), (90061, "1 d 1 h")],
)
def test_duration(seconds: float, expected: str) -> None:
    """A duration has at most its two largest units."""
    assert duration(seconds) == expected


def test_hostile_names_are_text() -> None:
    """A name cannot reorder the sentence around it."""
    found = sentence(rule("agent_below", agent="A\N{RIGHT-TO-LEFT OVERRIDE}B", limit=0), Notation())
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in found
