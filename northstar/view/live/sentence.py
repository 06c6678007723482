"""The sentence above the cards: what was earned, compared with what, and what needs attention."""

from collections.abc import Sequence
from datetime import timedelta

from northstar.domain.books import Check
from northstar.domain.freshness import FeedStatus
from northstar.domain.snapshot import Snapshot
from northstar.view.live.comparisons import of_month, of_target
from northstar.view.live.status import span
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Texts, tone

FIGURE_SPACE = "\u2007"  # as wide as a digit


def sentence(snapshot: Snapshot, findings: Sequence[Check], write: Notation) -> Texts:
    """Return the parts of the sentence that depend on the data; an empty one is not shown."""
    count = len(findings)
    net = write.shown(snapshot.net)
    return {
        part(Id.SENTENCE, "net"): {
            "children": write.signed_money(snapshot.net),
            "className": tone(net),
        },
        part(Id.SENTENCE, "ahead"): {"children": _ahead(snapshot, write)},
        part(Id.SENTENCE, "target"): {"children": of_target(snapshot, write)},
        part(Id.SENTENCE, "month"): {"children": of_month(snapshot, write)},
        part(Id.SENTENCE, "findings"): {
            "children": f"{count} finding{'s' * (count > 1)}" if count else ""
        },
    }


def sentence_day(feed: FeedStatus, snapshot: Snapshot, write: Notation) -> Texts:
    """Return the day that net is of: a state from before a restart may be of an earlier one."""
    day = "today" if feed.of_today else f"on {write.short_day(snapshot.as_of.date())}"
    return {part(Id.SENTENCE, "day"): {"children": day}}


def status_sentence(feed: FeedStatus) -> dict[str, str]:
    """Return the parts that depend on the feed, for the first response.

    Afterwards the browser computes them (`assets/22-status.js`).
    """
    is_live = feed.state == "live" and not feed.replaying
    age = "" if feed.age_s is None else span(feed.age_s)
    return {
        # One digit takes the room of two, so that the next second moves nothing.
        part(Id.SENTENCE, "feed"): f"live, {age:{FIGURE_SPACE}<4}" if is_live else "",
        part(Id.SENTENCE, "frozen"): f"frozen {age}" if age and feed.state != "live" else "",
        part(Id.SENTENCE, "history"): "history paused" if feed.history_problem else "",
    }


def _ahead(snapshot: Snapshot, write: Notation) -> str:
    """Return by how much net is ahead of the same time of the day before, empty if unknown."""
    day = snapshot.day
    if not (day and day.before and day.same_time):
        return ""
    moved = write.difference(snapshot.net, day.same_time.amounts.net)
    is_yesterday = day.line.day - day.before.day == timedelta(days=1)
    then = "yesterday" if is_yesterday else f"on {write.short_day(day.before.day)}"
    if not moved:
        return f"level with this time {then}"
    return f"{write.money(abs(moved))} {'ahead of' if moved > 0 else 'behind'} this time {then}"
