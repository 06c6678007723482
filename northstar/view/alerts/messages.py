"""Render events for receivers: title, text, page for mail, JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from northstar.alerts.notifications import Attachment, Notification
from northstar.alerts.rules import BaseRule, Severity
from northstar.alerts.states import Event, Kind
from northstar.domain.calendar import Calendar
from northstar.view.alerts.names import plain
from northstar.view.alerts.phrases import now, topic
from northstar.view.alerts.sentences import condition, duration, quantity
from northstar.view.shared.money import Notation
from northstar.view.shared.templates import read_template

MOST = 12  # events that are described in one message; of the others there is a count
PAGE = read_template(Path(__file__).with_name("mail.html"))
PICTURE = "chart.png"
ENDS = {Kind.OVER, Kind.ENDED}
WORDS = {
    Kind.OVER: "Over",
    Kind.ENDED: "Ended",
    Kind.ACKNOWLEDGED: "Acknowledged",
    Kind.SILENCED: "Silenced",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What all messages of a desk share.

    `public_url` is the dashboard's address, "" if it has none; `source` is the label of the source.
    `unreal` is DEMO or REPLAY if the data is no real stream's, and `is_test` whether nothing
    happened at all.
    """

    desk: str
    calendar: Calendar
    public_url: str = ""
    source: str = ""
    unreal: str = ""
    is_test: bool = False

    @property
    def zone(self) -> tzinfo:
        return self.calendar.zone

    @property
    def mark(self) -> str:
        """What precedes a title of data that is not real."""
        return " ".join(filter(None, ["TEST" if self.is_test else "", self.unreal]))


@dataclass(frozen=True, slots=True)
class EventText:
    """One event in words: a headline, and facts about it by name."""

    severity: Severity
    headline: str
    facts: Sequence[tuple[str, str]]
    link: str
    is_end: bool


def notification(
    events: Sequence[Event],
    rules: Mapping[str, BaseRule],
    notation: Notation,
    context: Context,
    picture: bytes | None = None,
) -> Notification:
    """Return one message about one or more events.

    More than `MOST` become a digest: the most severe, and a count of the others.
    """
    ranked = sorted(events, key=_rank)
    writer = _Writer(rules, notation, context)
    texts = [writer.describe(event) for event in ranked[:MOST]]
    title = writer.title(ranked)
    rest = len(events) - len(texts)
    more = f"and {notation.count(rest)} more, which are on the page" if rest else ""
    link = f"{context.public_url.rstrip('/')}/" if context.public_url else ""
    origin = " · ".join(filter(None, [context.source, context.mark]))
    page = PAGE.render(
        title=title,
        desk=context.desk,
        origin=origin,
        texts=texts,
        more=more,
        link=link,
        picture=PICTURE if picture else "",
    )
    files = [Attachment(PICTURE, "image/png", picture)] if picture else []
    return Notification(
        [event.number for event in events],
        title,
        _text(texts, more, " · ".join(filter(None, [context.desk, origin])), link),
        page,
        [writer.values(event) for event in events],
        files,
    )


def _rank(event: Event) -> tuple[bool, int, datetime]:
    """Return the order of an event: what lasts before what is over, and the most severe first."""
    return event.kind in ENDS, -event.alert.severity.rank, event.at


def _text(texts: Sequence[EventText], more: str, foot: str, link: str) -> str:
    parts = []
    for each in texts:
        headline = [each.headline] if len(texts) > 1 else []  # of one, it is the title
        facts = (f"{name}: {fact}" for name, fact in each.facts)
        parts.append("\n".join(filter(None, [*headline, *facts, each.link])))
    if more:
        parts.append(f"… {more}{f': {link}' if link else ''}")
    return "\n\n".join([*parts, foot])


@dataclass(frozen=True, slots=True)
class _Writer:
    """Puts events into words."""

    rules: Mapping[str, BaseRule]
    notation: Notation
    context: Context

    def title(self, events: Sequence[Event]) -> str:
        """Return the headline of one event, or how many there are."""
        text = self.headline(events[0]) if len(events) == 1 else _counts(events)
        marked = f"{self.context.mark} · {text}" if self.context.mark else text
        return f"{marked} · {self.context.desk}"

    def describe(self, event: Event) -> EventText:
        is_end = event.kind in ENDS
        return EventText(
            event.alert.severity, self.headline(event), self.facts(event), self.link(event), is_end
        )

    def headline(self, event: Event) -> str:
        """Return the severity, the condition and the value."""
        alert, rule = event.alert, self.rules.get(event.alert.rule)
        lasted = duration((event.at - alert.since).total_seconds())
        severity = alert.severity.upper()
        match event.kind:
            case Kind.BEGAN:
                return f"{severity}: {now(alert, rule, self.notation)}"
            case Kind.STILL | Kind.REMINDER:
                return f"Still {severity}: {now(alert, rule, self.notation)}, for {lasted}"
            case Kind.OVER:
                return f"Over: {topic(alert, rule, self.notation)}, lasted {lasted}"
            case _:
                return f"{WORDS[event.kind]}: {topic(alert, rule, self.notation)}"

    def facts(self, event: Event) -> list[tuple[str, str]]:
        """Return the facts about an event, by name."""
        alert, rule = event.alert, self.rules.get(event.alert.rule)
        found = [("Rule", f"{alert.rule}{self._basis(rule)}"), ("Since", self.time(alert.since))]
        if event.kind in ENDS:
            found.append(("Until", self.time(event.at)))
        if rule is not None and alert.value is not None:
            found.append(("Value", self._amount(rule, alert.value)))
            if alert.worst not in {None, alert.value}:
                found.append(("Worst", self._amount(rule, alert.worst)))
        if event.as_of is not None:
            age = f", {duration(event.age_s)} old" if event.age_s is not None else ""
            found.append(("Data", f"as of {self.time(event.as_of)}{age}"))
        if seen := alert.acknowledged:
            note = f": {plain(seen.note)}" if seen.note else ""
            found.append(("Acknowledged", f"{plain(seen.who)}, {self.time(seen.at)}{note}"))
        if event.reason:
            found.append(("Reason", plain(event.reason)))
        return found

    def _basis(self, rule: BaseRule | None) -> str:
        return f" – {condition(rule, self.notation)}" if rule else ""

    def _amount(self, rule: BaseRule, value: Decimal | None) -> str:
        if value is None:
            return ""
        if rule.unit == "state":  # a day's restatement, by an amount
            return self.notation.signed_money(value)
        return quantity(rule, value, self.notation)

    def time(self, at: datetime) -> str:
        """Return a local time with its date and zone."""
        local = at.astimezone(self.context.zone)
        return f"{self.notation.time_of_day(local)}, {self.notation.day(local)}"

    def link(self, event: Event) -> str:
        """Return the address of the day's page; "" without a public address."""
        if not self.context.public_url:
            return ""
        day = _restated(event) or self.context.calendar.day_of(event.as_of or event.at)
        return f"{self.context.public_url.rstrip('/')}/history?from={day}&to={day}"

    def values(self, event: Event) -> dict[str, Any]:
        """Return an event as JSON values; amounts are exact decimals, times in UTC."""
        alert, rule = event.alert, self.rules.get(event.alert.rule)
        seen = alert.acknowledged
        return {
            "id": event.number,
            "alert": alert.number,
            "kind": event.kind.value,
            "rule": alert.rule,
            "rule_kind": getattr(rule, "kind", None),
            "subject": alert.subject,
            "severity": alert.severity.value,
            "unit": rule.unit if rule else None,
            "value": _decimal(alert.value),
            "limit": _decimal(alert.limit),
            "worst": _decimal(alert.worst),
            "currency": self.notation.currency,
            "basis": condition(rule, self.notation) if rule else None,
            "text": self.headline(event),
            "since": _utc(alert.since),
            "at": _utc(event.at),
            "as_of": _utc(event.as_of),
            "age_s": None if event.age_s is None else round(event.age_s, 3),
            "reason": event.reason or None,
            "acknowledged_by": seen.who if seen else None,
            "link": self.link(event) or None,
            "source": self.context.source,
            "unreal": self.context.unreal or None,
            "is_test": self.context.is_test,
        }


def _counts(events: Sequence[Event]) -> str:
    """Return how many events there are: `4 alerts: 1 critical, 2 warning, 1 over`."""
    kinds = Counter(
        "over" if each.kind in ENDS else each.alert.severity.value
        for each in sorted(events, key=_rank)
    )
    counted = ", ".join(f"{count} {name}" for name, count in kinds.items())
    return f"{len(events)} alerts: {counted}"


def _restated(event: Event) -> date | None:
    """Return the day that an event is about, if it is about one."""
    if event.alert.condition.get("kind") != "restated":
        return None
    return date.fromisoformat(event.alert.subject)


def _decimal(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None
