"""The texts of the status and of the details panel."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.cluster import ClusterStatus, Member
from northstar.domain.outcomes import Tally
from northstar.view.live.status import details, span, status_text
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation, isolated
from support.feed_states import QUIET

AT = datetime(2026, 2, 25, 22, 24, 7, tzinfo=UTC)
PREFIX = f"{Id.DETAILS}-"


def text(name: str, **changes: Any) -> str:
    """Return the panel's text under `name` for a quiet stream with these changes."""
    return details(replace(QUIET, **changes), Notation())[f"{PREFIX}{name}"]


def test_details_of_a_quiet_stream() -> None:
    """On a quiet stream every line says so; unknown values are dashes, not zero."""
    texts = {name.removeprefix(PREFIX): said for name, said in details(QUIET, Notation()).items()}

    assert texts == {
        "source": "ws://host/pnl-stream",
        "protocol": "–",
        "problem": "none",
        "reconnects": "0",
        "accepted": "0",
        "rejected": "0",
        "out-of-order": "0",
        "ignored": "0",
        "clock": "–",
        "api": "–",
        "recording": "off",
        "history": "kept",
        "replaying": "–",
        "epoch": "abc",
        "skipped": "0 of 0",
        "viewers": "0",
    }


CLUSTER = ClusterStatus(
    "a:8050/7",
    "a:8050/7",
    AT,
    0.4,
    [Member("a:8050/7", "1.4.0", 1000), Member("b:8050/9", "1.4.0", 234)],
)
OTHERS = {
    "leader": "b:8050/9",
    "behind_s": 75.0,
    "instances": [Member("a:8050/7", "1.4.0", 1), Member("b:8050/9", "1.5.0", 1)],
}
NOBODY: dict[str, Any] = {"leader": None, "since": None, "instances": []}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            {
                "instance": isolated("a:8050/7"),
                "leader": "this instance, since 22:24:07",
                "instances": "2",
                "viewers-of-all": "1,234",
                "behind": "up to date",
            },
        ),
        (
            OTHERS,
            {
                "leader": f"{isolated('b:8050/9')}, since 22:24:07",
                "instances": "2, versions 1.4.0 and 1.5.0",
                "behind": "1 m 15 s behind",
            },
        ),
        (NOBODY, {"leader": "none", "instances": "–", "viewers-of-all": "0"}),
    ],
    ids=["leader", "follower", "without a database"],
)
def test_details_of_a_cluster(changes: dict[str, Any], said: dict[str, str]) -> None:
    """The panel has this instance, the leader, all instances and their viewers."""
    texts = details(replace(QUIET, cluster=replace(CLUSTER, **changes)), Notation())

    assert {name: texts[f"{PREFIX}{name}"] for name in said} == said


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("protocol", {"protocol": "websocket"}, "WebSocket"),
        ("protocol", {"protocol": "socketio"}, "Socket.IO"),
        (
            "protocol",
            {"protocol": "socketio", "namespace": "/desk-a"},
            "Socket.IO, namespace /desk-a",
        ),
        ("problem", {"problem": "timed out"}, "timed out"),
        ("reconnects", {"reconnects": 1234}, "1,234"),
        ("accepted", {"tally": Tally(accepted=1234567)}, "1,234,567"),
        ("ignored", {"tally": Tally(ignored=3)}, "3"),
        ("api", {"api": "HTTP 500"}, "HTTP 500"),
        ("recording", {"recording": "day.jsonl"}, "day.jsonl"),
        ("skipped", {"frames": 5000, "skipped": 1200}, "1,200 of 5,000"),
        ("viewers", {"viewers": 2}, "2"),
    ],
)
def test_line_of_the_details(name: str, changes: dict[str, Any], said: str) -> None:
    """Each line has its own value."""
    assert text(name, **changes) == said


def test_rejections() -> None:
    """The number of rejections has the last one's reason and time."""
    tally = Tally(rejected=2, last_rejection="revenue: missing", last_rejected_at=AT)

    assert text("rejected", tally=tally) == "2, last: revenue: missing at 22:24:07"


def test_rejection_without_a_time() -> None:
    """A rejection without a time shows none."""
    tally = Tally(rejected=1, last_rejection="not UTF-8 text")

    assert text("rejected", tally=tally) == "1, last: not UTF-8 text"


def test_messages_out_of_order() -> None:
    """The number of out-of-order messages has the times of the last one."""
    tally = Tally(out_of_order=1, last_out_of_order="one after another")

    assert text("out-of-order", tally=tally) == "1, last: one after another"


def test_time_being_replayed() -> None:
    """The replayed time has its date and zone."""
    berlin = AT.astimezone(ZoneInfo("Europe/Berlin"))

    assert text("replaying", replaying=berlin) == "23:24:07, 25 Feb 2026 · CET"


@pytest.mark.parametrize(
    ("ahead_s", "said"),
    [
        (0.0, "in sync with the server"),
        (1.99, "in sync with the server"),
        (-1.99, "in sync with the server"),
        (2.0, "2 s ahead of the server"),
        (-2.0, "2 s behind the server"),
        (-65.9, "1 m 5 s behind the server"),
        (3600.0, "1 h 0 m ahead of the server"),
    ],
)
def test_clock(ahead_s: float, said: str) -> None:
    """A clock offset larger than the network delay is shown with its direction."""
    assert text("clock", clock_ahead_s=ahead_s) == said


def test_clock_with_a_warning() -> None:
    """A clock's warning is shown with its offset."""
    said = text("clock", clock_ahead_s=-3600.0, warning="check both")

    assert said == "1 h 0 m behind the server; check both"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (9.99, "9 s"),
        (59.99, "59 s"),
        (60, "1 m 0 s"),
        (190, "3 m 10 s"),
        (3599, "59 m 59 s"),
        (3600, "1 h 0 m"),
        (7500, "2 h 5 m"),
        (86_399, "23 h 59 m"),
        (86_400, "1 d 0 h"),
        (278_557_200, "3224 d 1 h"),  # 77,377 h
    ],
)
def test_span(seconds: float, said: str) -> None:
    """A duration has its two largest units."""
    assert span(seconds) == said


def test_details_of_another_notation() -> None:
    """Counts and dates are in the locale's notation."""
    feed = replace(QUIET, reconnects=1234, frames=5000, replaying=AT)

    told = details(feed, Notation("de_DE", "EUR"))

    assert told[f"{PREFIX}reconnects"] == "1.234"
    assert told[f"{PREFIX}skipped"] == "0 of 5.000"
    assert told[f"{PREFIX}replaying"] == "22:24:07, 25. Feb. 2026 · UTC"


def test_problem_that_turns_text_around() -> None:
    """A problem reported by another system cannot change the direction of the text next to it."""
    assert text("problem", problem="\u202eevil") == "\u2068evil\u2069"


@pytest.mark.parametrize(
    ("changes", "word", "detail"),
    [
        ({"state": "connecting"}, "Connecting", ""),
        ({"state": "live", "age_s": 2.0}, "Live", ""),
        (
            {"state": "live", "age_s": 2.0, "history_problem": "the disk is full"},
            "Live",
            "history paused",
        ),
        ({"state": "stale", "age_s": 75.2}, "Stale", "last data 1 m 15 s ago"),
        ({"state": "stale", "age_s": 0.0}, "Stale", "last data 0 s ago"),
        ({"state": "stale", "age_s": None}, "Stale", ""),
        (
            {"state": "stale", "link": "open", "problem": "1 ignored"},
            "Stale",
            "no data yet: 1 ignored",
        ),
        (
            {"state": "stale", "link": "open", "age_s": 75.2, "problem": "1 ignored"},
            "Stale",
            "last data 1 m 15 s ago: 1 ignored",
        ),
        (
            {"state": "live", "link": "open", "age_s": 20.0, "problem": "1 ignored"},
            "Live",
            "1 ignored",
        ),
        (
            {"state": "live", "age_s": 0.0, "clock_off_s": -3600.0},
            "Live",
            "source clock 1 h 0 m behind ours",
        ),
        ({"state": "offline", "age_s": 3600.0}, "Offline", "last data 1 h 0 m ago"),
        ({"state": "offline", "age_s": None}, "Offline", ""),
        ({"state": "reconnecting", "age_s": 3.0}, "Reconnecting", ""),
        ({"state": "live", "age_s": 1.0, "source": "replay", "replaying": AT}, "Replaying", ""),
        ({"state": "ended", "age_s": 99.0, "source": "replay", "replaying": AT}, "Ended", ""),
    ],
)
def test_standing(changes: dict[str, Any], word: str, detail: str) -> None:
    """A new page shows the state of its data, and the age unless it is live."""
    assert status_text(replace(QUIET, **changes)) == (word, detail)
