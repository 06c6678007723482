"""Events as lines of text, for the command line and the log."""

from northstar.alerts.rules import BaseRule
from northstar.alerts.states import Event
from northstar.view.alerts.sentences import quantity
from northstar.view.shared.money import Notation, legible


def line(event: Event, rule: BaseRule | None, notation: Notation) -> str:
    """Return what happened, of what, the value against the limit, and the receivers."""
    alert = event.alert
    subject = f" ({legible(alert.subject)})" if alert.subject else ""
    value = comparison(event, rule, notation)
    reason = f": {legible(event.reason)}" if event.reason else ""
    receivers = f", to {', '.join(event.to)}" if event.to else ", sent to nobody"
    return f"{alert.severity} {alert.rule}{subject} {event.kind}{reason}{value}{receivers}"


def comparison(event: Event, rule: BaseRule | None, notation: Notation) -> str:
    """Return the value and its limit: ` at $5,120, limit $5,000`; empty for a state."""
    alert = event.alert
    if rule is None or alert.value is None:
        return ""
    limit = f", limit {quantity(rule, alert.limit, notation)}" if alert.limit is not None else ""
    return f" at {quantity(rule, alert.value, notation)}{limit}"
