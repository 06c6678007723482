"""Alerts that need attention: the pill and its part of the headline."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from northstar.alerts.rules import Severity
from northstar.alerts.states import Alert, Phase, Remark
from northstar.view.live.needs import needs
from northstar.view.shared.money import Notation
from support.readings import NOON, rule

ALERT = Alert("a1", "floor", "", Phase.FIRING, NOON, Severity.WARNING, {"kind": "net_below"})
WORSE = replace(ALERT, severity=Severity.CRITICAL)
SEEN = replace(WORSE, acknowledged=Remark("ann", NOON))


@pytest.mark.parametrize(
    ("alerts", "problem", "pill", "sentence", "level"),
    [
        ([], None, "Alerts", "", ""),
        ([ALERT], None, "1 needs you", "1 alert needs you", "warning"),
        ([ALERT, WORSE], None, "2 need you", "2 alerts need you", "critical"),
        ([ALERT, SEEN], None, "1 needs you", "1 alert needs you", "warning"),
        ([SEEN], None, "Alerts: 1 open", "", ""),
        ([SEEN], "disk full", "Alerts not stored", "alerts are not stored", "warning"),
        ([WORSE], "disk full", "1 needs you", "1 alert needs you", "critical"),
    ],
)
def test_needs(
    alerts: list[Alert], problem: str | None, pill: str, sentence: str, level: str
) -> None:
    """Unacknowledged open alerts need attention, and so do alerts that cannot be stored."""
    found = needs(alerts, {}, problem, 7, Notation())

    assert (found.pill, found.sentence, found.level, found.version) == (pill, sentence, level, 7)


@pytest.mark.parametrize(
    ("alerts", "problem", "brief"),
    [
        ([], None, ""),
        ([ALERT, WORSE], None, "2"),
        ([SEEN], None, "1 open"),
        ([], "disk full", "not stored"),
    ],
)
def test_brief(alerts: list[Alert], problem: str | None, brief: str) -> None:
    """A phone has a shorter text, unless there is nothing to report."""
    assert needs(alerts, {}, problem, 7, Notation()).brief == brief


def test_worst() -> None:
    """A wall screen has the condition of the most severe alert and the number of others."""
    rules = {"floor": rule("net_below", limit=-5000)}
    below = [replace(each, limit=Decimal(-5000)) for each in (ALERT, WORSE)]

    for alerts, words in (
        (below, "net below -$5,000.00, 1 more"),
        (below[:1], "net below -$5,000.00"),
        ([SEEN], ""),
    ):
        assert needs(alerts, rules, None, 7, Notation()).worst == words
    assert needs([ALERT], {}, None, 7, Notation()).worst == "floor"
