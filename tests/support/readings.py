"""Rules and readings for tests of alerts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from northstar.alerts.readings import Reading
from northstar.alerts.rules import Rule
from northstar.domain.calendar import Calendar
from northstar.domain.freshness import LinkState
from northstar.domain.intraday import IntradayData
from northstar.domain.messages import PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.settings.alert_file import parse_alert_file

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def rule(kind: str, **fields: Any) -> Rule:
    """Return a rule named "rule" from fields as in a file."""
    lines = [f"{name} = {_toml(value)}" for name, value in {"kind": kind, **fields}.items()]
    text = "\n".join(["[rules.rule]", *lines, "[receivers.desk]", 'url = "json://127.0.0.1"'])
    (only,) = parse_alert_file(text).rules
    return only


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def snapshot(net: object, at: datetime = NOON, expenses: object = 0, **sections: Any) -> Snapshot:
    """Return a state with this net and these expenses."""
    spent = Decimal(str(expenses))
    revenue = Decimal(str(net)) + spent
    return Snapshot(PnLUpdate(timestamp=at, revenue=revenue, expenses=spent, **sections))


class Readings:
    """Makes successive readings of a day that starts at 00:00 UTC."""

    def __init__(self) -> None:
        self.day = IntradayData(Calendar(UTC))
        self.at = NOON
        self.steady_s = 0.0

    def read(self, net: object = 0, passed_s: float = 1.0, **changes: Any) -> Reading:
        """Return a reading with this net, some time after the previous one."""
        self.at += timedelta(seconds=passed_s)
        self.steady_s += passed_s
        known = changes.pop("snapshot", None) or snapshot(net, self.at)
        self.day.add(known.state)
        defaults: dict[str, Any] = {
            "feed": "live",
            "link": LinkState.OPEN,
            "since_message_s": 0.0,
            "day": self.day.view,
        }
        return Reading(self.at, self.steady_s, known, **(defaults | changes))
