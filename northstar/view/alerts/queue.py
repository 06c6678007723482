"""The exception queue of the live page: the open alerts, and the forms to acknowledge them.

Values are those of when an alert began and at the worst, never the current one, which the cards
show.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from northstar.alerts.evaluation import LONGEST_NOTE
from northstar.alerts.rules import BaseRule, Rule
from northstar.alerts.states import Alert, Remark, Silence
from northstar.domain.intraday import Intraday
from northstar.history.outbox import Delivery
from northstar.view.alerts.day_line import day_line
from northstar.view.alerts.sentences import condition, duration, quantity, sentence
from northstar.view.shared.money import Notation, isolated, legible

SILENCES = {"1 h": 60, "4 h": 240, "7 days": 10_080}  # in minutes


@dataclass(frozen=True, slots=True)
class Entry:
    """An open alert, its rule, its silence, and its newest deliveries; None if unreadable."""

    alert: Alert
    rule: BaseRule | None
    silence: Silence | None
    deliveries: Sequence[Delivery] | None


@dataclass(frozen=True, slots=True)
class Checked:
    """All rules, when they were evaluated, and how; `now` is in the zone of the dashboard.

    `day` is the running day, if it is known. `source` is empty if the data is real. `problem` says
    why alerts cannot be stored.
    """

    rules: Sequence[Rule]
    at: datetime | None
    now: datetime
    day: Intraday | None
    source: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class May:
    """Whether the viewer may change alerts: as whom, or the reason why not."""

    name: str = ""
    reason: str = ""


def queue(
    entries: Sequence[Entry], checked: Checked, may: May, write: Notation
) -> Sequence[Component]:
    """Return the content of the panel."""
    rows = [_entry(entry, checked, may, write) for entry in entries]
    return [
        html.P(_checked(checked), className="checked"),
        *_problems(checked),
        html.Ul(rows, className="alerts") if rows else html.P("No alert is open."),
        *_author(may, rows),
        _rules(checked.rules, write),
    ]


def _checked(checked: Checked) -> str:
    count = f"{len(checked.rules)} rule{'s' * (len(checked.rules) != 1)}"
    if checked.at is None:
        return f"{count}, not checked yet"
    return f"{count}, checked {duration((checked.now - checked.at).total_seconds())} ago"


def _problems(checked: Checked) -> Iterator[Component]:
    if checked.source:
        text = f"These numbers are those of a {checked.source}: nothing is sent."
        yield html.P(text, className="unreal")
    if checked.problem:
        text = f"Alerts are not stored, and nothing is sent: {checked.problem}."
        yield html.P(text, className="problem")


def _author(may: May, rows: Sequence[Component]) -> Iterator[Component]:
    if rows and may.reason:
        yield html.P(f"You cannot acknowledge alerts: {may.reason}.", className="label")


def _entry(entry: Entry, checked: Checked, may: May, write: Notation) -> Component:
    alert, now = entry.alert, checked.now
    about = f" ({legible(alert.subject)})" if alert.subject else ""
    heading = html.H3(
        [html.Span(alert.severity, className="severity"), " ", f"{alert.rule}{about}"],
        tabIndex="-1",
    )
    when = f"when {condition(entry.rule, write)}" if entry.rule else "its rule is gone"
    facts = {
        "Since": f"{clock(alert.since, now, write)}, for {duration(_passed(alert, now))}",
        "Value": [*_value(alert, entry.rule, write), *day_line(alert, entry.rule, checked.day)],
        "Acknowledged": _remark(alert.acknowledged, now, write),
        "Silenced": _silence(entry.silence, now, write),
        "Sent": _sent(entry.deliveries, now, write),
    }
    terms = [html.Div([html.Dt(term), html.Dd(text)]) for term, text in facts.items() if text]
    forms = [] if may.reason else [_form(entry, may, now)]
    return html.Li(
        [heading, html.P(when, className="label"), html.Dl(terms), *forms],
        **{"data-alert": alert.number, "data-level": alert.severity},
    )


def _passed(alert: Alert, now: datetime) -> float:
    return (now - alert.since).total_seconds()


def _value(alert: Alert, rule: BaseRule | None, write: Notation) -> Sequence[str]:
    if rule is None or alert.first is None:
        return []
    texts = [f"{quantity(rule, alert.first, write)} when it began"]
    if alert.worst is not None and alert.worst != alert.first:
        texts.append(f"worst {quantity(rule, alert.worst, write)}")
    if alert.limit is not None:
        texts.append(f"limit {quantity(rule, alert.limit, write)}")
    return [", ".join(texts)]


def _remark(remark: Remark | None, now: datetime, write: Notation) -> str:
    if remark is None:
        return ""
    note = f": {isolated(remark.note)}" if remark.note else ""
    return f"{isolated(remark.who)}, {clock(remark.at, now, write)}{note}"


def _silence(silence: Silence | None, now: datetime, write: Notation) -> str:
    if silence is None:
        return ""
    by = _remark(silence.remark, now, write)
    return f"until {clock(silence.until, now, write)}, by {by}"


def _sent(deliveries: Sequence[Delivery] | None, now: datetime, write: Notation) -> Any:
    if deliveries is None:
        return "unknown: the history cannot be read"
    if not deliveries:
        return "to nobody"
    return [html.Div(delivery_text(each, now, write)) for each in deliveries]


def delivery_text(delivery: Delivery, now: datetime, write: Notation) -> str:
    """Return the outcome of a delivery, as `Telegram 14:03:10` or `mail: not delivered, …`."""
    name, result = legible(delivery.receiver), delivery.result
    if delivery.sent_at:
        return f"{name} {clock(delivery.sent_at, now, write)}"
    if result is None:
        return f"{name}: not sent yet"
    if delivery.due:
        again = clock(delivery.due, now, write)
        return f"{name}: not delivered yet, {isolated(result)}; next try {again}"
    if result.startswith("not sent"):
        return f"{name}: would have been sent"
    return f"{name}: not delivered, {isolated(result)}"


def clock(instant: datetime, now: datetime, write: Notation) -> str:
    """Return a time of day, with its date if it is none of today."""
    local = instant.astimezone(now.tzinfo)
    time = write.time_of_day(local)
    return time if local.date() == now.date() else f"{write.short_day(local.date())} {time}"


def _form(entry: Entry, may: May, now: datetime) -> Component:
    """Return the form of an alert, which opens to a note and buttons."""
    alert = entry.alert
    field = dcc.Input(name="note", maxLength=LONGEST_NOTE, autoComplete="off")
    note = html.Label([html.Span("Note"), field], className="note")
    seen = [] if alert.acknowledged else [_button("Acknowledge", "acknowledge", {})]
    silence = html.Div(
        [html.Span("Silence", className="label"), *_silences(entry, now)],
        role="group",
        className="silences",
        **{"aria-label": "Silence"},
    )
    problem = html.P(className="problem", role="alert", hidden=True)
    as_whom = html.P(f"As {may.name}", className="label")
    body = html.Form([note, *seen, silence, problem, as_whom])
    summary = html.Summary("Silence" if alert.acknowledged else "Acknowledge or silence")
    return html.Details([summary, body], **{"data-keep": alert.number})


def _silences(entry: Entry, now: datetime) -> Iterator[Component]:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
    ends: dict[str, Mapping[str, object]] = {
        text: {"minutes": minutes} for text, minutes in SILENCES.items()
    }
    ends["until tomorrow"] = {"until": tomorrow.isoformat()}
    if entry.silence:
        ends["end it"] = {"minutes": 0}
    for text in sorted(ends, key=["1 h", "4 h", "until tomorrow", "7 days", "end it"].index):
        yield _button(text, "silence", ends[text])


def _button(text: str, action: str, fields: Mapping[str, object]) -> Component:
    """Return a button that sends these fields, and the note, to an address of the API."""
    attributes = {"data-action": action, "data-fields": json.dumps(fields)}
    return html.Button(text, type="submit", className="control", **attributes)


def _rules(rules: Sequence[Rule], write: Notation) -> Component:
    rows = [html.Li([html.Strong(rule.name), f": {sentence(rule, write)}"]) for rule in rules]
    summary = html.Summary("All rules")
    return html.Details([summary, html.Ul(rows)], className="rules", **{"data-keep": "rules"})
