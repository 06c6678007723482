"""Notifications of events: title, text, HTML and JSON."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from northstar.alerts.rules import KINDS, BaseRule
from northstar.alerts.states import Alert, Event, Kind, Phase, Remark
from northstar.domain.calendar import Calendar
from northstar.view.alerts.messages import MOST, Context, notification
from northstar.view.alerts.names import plain
from northstar.view.alerts.phrases import PHRASES, now, topic
from northstar.view.shared.money import Notation
from support.readings import NOON, rule

DESK = Context(
    "NorthStar Synergy", Calendar(ZoneInfo("America/New_York")), "https://pnl.example.org/", "LIVE"
)
FLOOR = rule("net_below", limit=-5000, severity="critical")
HOSTILE = "<b>@everyone</b> [x](http://evil.example) *_`|~\\ <!channel>\n\u202eabc"


def event(given: BaseRule = FLOOR, kind: Kind = Kind.BEGAN, **changes: Any) -> Event:
    """Return an event of a rule, twelve minutes after it began."""
    values: dict[str, Any] = {
        "value": Decimal(-5120),
        "limit": Decimal(-5000),
        "worst": Decimal("-5400.5"),
    }
    subject = changes.pop("subject", "")
    alert = Alert(
        "7", given.name, subject, Phase.FIRING, NOON, given.severity, given.condition, **values
    )
    alert = structs.replace(
        alert, **{name: changes.pop(name) for name in [*changes] if hasattr(alert, name)}
    )
    at = NOON + timedelta(minutes=12)
    return Event(f"7-{kind}", kind, at, alert, as_of=at, age_s=2.4, **changes)


def sent(*events: Event, context: Context = DESK, given: BaseRule = FLOOR) -> Any:
    """Return the notification of events of one rule."""
    return notification(events, {"rule": given}, Notation(), context)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.BEGAN, "CRITICAL: net -$5,120.00 is below -$5,000.00"),
        (Kind.STILL, "Still CRITICAL: net -$5,120.00 is below -$5,000.00, for 12 min"),
        (Kind.REMINDER, "Still CRITICAL: net -$5,120.00 is below -$5,000.00, for 12 min"),
        (Kind.OVER, "Over: net below -$5,000.00, lasted 12 min"),
        (Kind.ENDED, "Ended: net below -$5,000.00"),
        (Kind.ACKNOWLEDGED, "Acknowledged: net below -$5,000.00"),
        (Kind.SILENCED, "Silenced: net below -$5,000.00"),
    ],
)
def test_title(kind: Kind, expected: str) -> None:
    """A title has the severity, the condition and the value, or the end of the alert."""
    assert sent(event(kind=kind)).title == f"{expected} · NorthStar Synergy"


def test_body() -> None:
    """The text has the rule, times with their zone, the worst value, the data's age and a link."""
    seen = Remark("ann", NOON + timedelta(minutes=5), "on it")
    text = sent(event(acknowledged=seen)).body

    assert text == (
        "Rule: rule – net is below -$5,000.00\n"
        "Since: 07:00:00, 2 Nov 2026 · EST\n"
        "Value: -$5,120.00\n"
        "Worst: -$5,400.50\n"
        "Data: as of 07:12:00, 2 Nov 2026 · EST, 2 s old\n"
        "Acknowledged: ann, 07:05:00, 2 Nov 2026 · EST: on it\n"
        "https://pnl.example.org/history?from=2026-11-02&to=2026-11-02\n"
        "\n"
        "NorthStar Synergy · LIVE"
    )


def test_values() -> None:
    """JSON has exact amounts, times in UTC, the basis in words, and unchanged names."""
    given = rule("agent_below", agent="*", limit=0)
    (values,) = sent(event(given, subject=HOSTILE, value=Decimal("-0.10")), given=given).events

    assert values["subject"] == HOSTILE
    assert (values["value"], values["limit"], values["worst"]) == ("-0.10", "-5000", "-5400.5")
    assert values["basis"] == "the net of any agent is below $0.00"
    assert values["since"] == "2026-11-02T12:00:00.000+00:00"
    assert (values["id"], values["age_s"], values["currency"]) == ("7-began", 2.4, "USD")
    assert values["link"].startswith("https://pnl.example.org/history?")


def test_without_address() -> None:
    """Without a public address there is no link."""
    message = sent(event(), context=replace(DESK, public_url=""))
    assert "http" not in message.body
    assert "href" not in message.html
    assert message.events[0]["link"] is None


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({"is_test": True}, "TEST · CRITICAL"),
        ({"unreal": "DEMO"}, "DEMO · CRITICAL"),
        ({"is_test": True, "unreal": "REPLAY"}, "TEST REPLAY · CRITICAL"),
    ],
)
def test_marks(marks: dict[str, Any], expected: str) -> None:
    """Title and text mark tests and data that is not real."""
    message = sent(event(), context=replace(DESK, **marks))
    assert message.title.startswith(expected)
    assert message.body.endswith(expected.partition(" · ")[0])


def test_several() -> None:
    """Several events are one message with their counts, most severe first."""
    mild = rule("stale", severity="info")
    message = notification(
        [event(kind=Kind.OVER), event(mild), event()], {"rule": FLOOR}, Notation(), DESK
    )
    assert message.title == "3 alerts: 1 critical, 1 info, 1 over · NorthStar Synergy"
    assert message.body.startswith("CRITICAL: ")
    assert [each["kind"] for each in message.events] == ["over", "began", "began"]
    assert len(message.numbers) == 3


def test_digest() -> None:
    """With many events, the most severe are described and the others counted."""
    message = sent(*[event() for _ in range(MOST + 28)])
    assert message.title.startswith("40 alerts: 40 critical")
    assert message.body.count("Since: ") == MOST
    assert "and 28 more, which are on the page: https://pnl.example.org/" in message.body
    assert len(message.events) == MOST + 28
    assert len(message.html) < 60_000


FIELDS: dict[str, dict[str, Any]] = {
    "drawdown": {"basis": "day-peak", "limit": 1},
    "change": {"window": "5m", "limit": 1},
    "spike": {"minutes": 30, "limit": 1},
    "agent_below": {"agent": "*", "limit": 0},
    "agent_silent": {"agent": "*", "limit": "5m"},
    "category_above": {"category": "*", "limit": 0},
    "margin_below": {"limit": "15%"},
    "rejected": {"limit": "5%"},
    "gap": {"limit": "1m"},
    **{kind: {} for kind in ("restated", "stale", "offline", "history_paused")},
}


@pytest.mark.parametrize("kind", KINDS)
def test_phrases(kind: str) -> None:
    """Each kind has a phrase without an unfilled placeholder."""
    given = rule(kind, **FIELDS.get(kind, {"limit": 1}))
    subject = {"restated": "2026-11-01", "agent_below": "Scalper"}.get(kind, "Hosting")
    alert = event(given, subject=subject, value=Decimal(20), limit=Decimal(15)).alert
    for phrase in (now(alert, given, Notation()), topic(alert, given, Notation())):
        assert phrase == " ".join(phrase.split())
        assert "{" not in phrase
    assert len(PHRASES) == len(KINDS)


def test_removed_rule() -> None:
    """An alert of a removed rule has the rule's name and the reason."""
    message = notification([event(kind=Kind.ENDED, reason="rule changed")], {}, Notation(), DESK)
    assert message.title == "Ended: rule · NorthStar Synergy"
    assert "Reason: rule changed" in message.body


class Tags(HTMLParser):
    """Collects the tags and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_name() -> None:
    """A name is text in title, text and page: no markup, mention, link or second line."""
    given = rule("agent_below", agent="*", limit=0)
    message = sent(event(given, subject=HOSTILE), given=given)
    for text in (message.title, message.body, Tags(message.html).text):
        for harmful in ("@everyone", "<b>", "](", "http://evil", "evil.example", "<!", "\u202e"):
            assert harmful not in text
        assert not set("*`|~\\") & set(text)
    assert len(message.title.splitlines()) == 1
    assert "b" not in Tags(message.html).tags


@pytest.mark.parametrize(
    "name", ["Scalper", "Müller & Söhne", "日本", "A-1 (old)", "mean_reversion_2"]
)
def test_ordinary_name(name: str) -> None:
    """An ordinary name is not changed."""
    assert plain(name).strip("\u2068\u2069") == name


def test_long_name() -> None:
    """A long name is cut."""
    assert len(plain("x" * 200).strip("\u2068\u2069")) == 81


def test_picture() -> None:
    """A picture is attached, and the page refers to it by name."""
    message = notification([event()], {"rule": FLOOR}, Notation(), DESK, b"png")
    (file,) = message.attachments
    assert (file.name, file.media_type, file.content) == ("chart.png", "image/png", b"png")
    assert 'src="cid:chart.png"' in message.html
    assert "<img" not in sent(event()).html
