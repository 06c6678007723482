"""Alert events of a period: the table, and texts of the marks in a day's chart."""

from collections.abc import Sequence
from decimal import Decimal

from northstar.alerts.rules import KINDS
from northstar.alerts.states import Alert, Kind
from northstar.reports import spreadsheet
from northstar.reports.alert_events import AlertEvent
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Column, Sheet
from northstar.view.alerts.sentences import in_unit
from northstar.view.shared.money import Notation, isolated

# Reminders, silences and begins that are sent late change nothing about an alert.
MARKED = {Kind.BEGAN, Kind.OVER, Kind.ENDED, Kind.ACKNOWLEDGED}


def alerts_sheet(report: Report, write: Notation) -> Sheet:
    """Return the events as texts, newest first, with values in their units."""
    names = ("Event", "Severity", "Rule", "Value", "Limit", "Remark", "Sent")
    columns = [
        Column("Time", spreadsheet.Kind.TIME),
        *(Column(name, spreadsheet.Kind.TEXT) for name in names),
    ]
    rows = [_row(each, report, write) for each in reversed(report.events)]
    return Sheet("Alerts", columns, rows)


def _row(each: AlertEvent, report: Report, write: Notation) -> Sequence[object]:
    event, alert, zone = each.event, each.event.alert, report.calendar.zone
    return (
        event.at.astimezone(zone),
        event.kind.value,
        alert.severity.value,
        _rule(alert),
        _quantity(alert, alert.value, write),
        _quantity(alert, alert.limit, write),
        each.remark or None,
        each.sent(zone) or None,
    )


def marked(report: Report) -> Sequence[AlertEvent]:
    """Return the events that changed the state of an alert, oldest first."""
    return [each for each in report.events if each.event.kind in MARKED]


def mark_text(each: AlertEvent, report: Report, write: Notation) -> str:
    """Return what a mark says: `14:03:10 net-floor began, -$5,120, limit -$5,000`."""
    event, alert = each.event, each.event.alert
    at = write.time_of_day(event.at.astimezone(report.calendar.zone))
    value, limit = (_quantity(alert, each, write) for each in (alert.value, alert.limit))
    parts = [f"{at} {_rule(alert)} {event.kind}"]
    if event.kind is Kind.BEGAN and value:
        parts.append(value)
        parts += [f"limit {limit}"] if limit else []
    return ", ".join(parts) + (f" ({isolated(each.remark)})" if each.remark else "")


def _rule(alert: Alert) -> str:
    about = f" ({isolated(alert.subject)})" if alert.subject else ""
    return f"{alert.rule}{about}"


def _quantity(alert: Alert, value: Decimal | None, write: Notation) -> str | None:
    """Return a value in the unit of its rule; None of a state."""
    return None if value is None else in_unit(KINDS[alert.condition["kind"]].unit, value, write)
