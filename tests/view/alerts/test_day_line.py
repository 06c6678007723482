"""The line of the day's net beside an alert."""

import re
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from northstar.alerts.rules import Severity
from northstar.alerts.states import Alert, Phase
from northstar.domain.intraday import Intraday
from northstar.view.alerts.day_line import day_line
from northstar.view.shared.html import to_html
from support.readings import NOON, rule
from support.today_chart import state

ALERT = Alert("a1", "rule", "", Phase.FIRING, NOON, Severity.WARNING, {}, limit=Decimal(20))


def day() -> Intraday:
    """Return a day whose net is 10 at first, 40 at most, and 15 now."""
    known = state((1, 10), (2, 40), (3, 15)).day
    assert known
    return known


@pytest.mark.parametrize(
    ("kind", "fields", "level"),
    [
        ("net_below", {"limit": 20}, 20),
        ("net_above", {"limit": 20}, 20),
        ("drawdown", {"limit": 20, "basis": "day-peak"}, 20),
        ("drawdown", {"limit": 20, "basis": "day-start"}, None),  # at -10: far below the line
        ("drawdown", {"limit": 20, "basis": "previous-close"}, None),
        ("loss_of_day", {"limit": 20}, None),
    ],
)
def test_line_of_net(kind: str, fields: dict[str, Any], level: int | None) -> None:
    """Alerts of rules about net have the day's line, with a known limit if it is near."""
    (line,) = day_line(ALERT, rule(kind, **fields), day())
    shown = to_html([line])

    assert 'points="0,0 15,-3 30,-0.5"' in shown
    paths = [] if level is None else [f"M0 {(10 - level) / 10:.3f}h30"]
    assert re.findall(r'<path d="([^"]+)"', shown) == paths
    label = "Net since 00:00, limit" if paths else "Net since 00:00"
    assert f'aria-label="{label}"' in shown


def test_no_line() -> None:
    """Other rules, removed rules and unknown days have no line."""
    assert [*day_line(ALERT, rule("books", limit=1), day())] == []
    assert [*day_line(ALERT, None, day())] == []
    assert [*day_line(ALERT, rule("net_below", limit=20), None)] == []
    stale = replace(ALERT, limit=None)
    assert [*day_line(stale, rule("stale"), day())] == []
