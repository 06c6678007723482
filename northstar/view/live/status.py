"""Feed status as text, for the header and its details."""

from collections.abc import Mapping
from datetime import datetime

from northstar.domain.clocks import IN_STEP_S
from northstar.domain.cluster import ClusterStatus
from northstar.domain.freshness import FeedStatus, StreamStatus
from northstar.domain.outcomes import Tally
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN, Notation, isolated

# A follower reads once a second, whether it was notified or not.
UP_TO_DATE_S = 3.0
PROTOCOLS = {"websocket": "WebSocket", "socketio": "Socket.IO"}


def status_text(feed: FeedStatus) -> tuple[str, str]:
    """Return the status and its detail for the first response.

    Afterwards the browser computes them (`assets/22-status.js`), with the state of its connection.
    """
    unusable = isolated(feed.problem) if feed.problem and feed.link == "open" else ""
    if feed.state == "live" and feed.replaying:
        return "Replaying", ""
    return feed.state.capitalize(), _detail(feed, unusable)


def _detail(feed: FeedStatus, unusable: str) -> str:
    """Return what is beside the state; `unusable` is why nothing usable comes."""
    if feed.state == "live":
        paused = "history paused" if feed.history_problem else ""
        clock = f"source clock {_off(feed.clock_off_s)} ours" if feed.clock_off_s else ""
        return unusable or paused or clock
    why = f": {unusable}" if unusable else ""
    if feed.age_s is None:
        return f"no data yet{why}" if why else ""
    return f"last data {span(feed.age_s)} ago{why}" if feed.state in {"stale", "offline"} else ""


def details(feed: StreamStatus, write: Notation) -> Mapping[str, str]:
    """Return the texts of the details panel except ages, which the page computes."""
    tally = feed.tally
    texts = {
        "source": feed.name,
        "protocol": _protocol(feed),
        "problem": isolated(feed.problem or "none"),
        "reconnects": write.count(feed.reconnects),
        "accepted": write.count(tally.accepted),
        "rejected": _rejected(tally, write),
        "out-of-order": _with_reason(tally.out_of_order, tally.last_out_of_order, write),
        "ignored": write.count(tally.ignored),
        "clock": _clock(feed),
        "api": feed.api or UNKNOWN,
        "recording": feed.recording or "off",
        "history": isolated(feed.history),
        "replaying": _replaying(feed.replaying, write),
        "epoch": feed.epoch,
        "skipped": f"{write.count(feed.skipped)} of {write.count(feed.frames)}",
        "viewers": write.count(feed.viewers),
    }
    if feed.cluster:
        texts |= _cluster(feed.cluster, write)
    return {part(Id.DETAILS, name): text for name, text in texts.items()}


def clock_warning(feed: FeedStatus) -> str | None:
    """Return a warning if the source's clock is off by more than a minute."""
    if feed.clock_off_s is None:
        return None
    return (
        f"the source's timestamps are {_off(feed.clock_off_s)} this server's clock:"
        " check both clocks and NORTHSTAR_TIMEZONE"
    )


def span(seconds: float) -> str:
    """Format a duration in its two largest units: 9 s, 3 m 10 s, 2 h 5 m, 4 d 1 h."""
    minutes, s = divmod(int(seconds), 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if days:
        return f"{days} d {h} h"
    if hours:
        return f"{hours} h {m} m"
    return f"{m} m {s} s" if m else f"{s} s"


def _cluster(cluster: ClusterStatus, write: Notation) -> Mapping[str, str]:
    versions = sorted({each.version for each in cluster.instances})
    mixed = f", versions {' and '.join(versions)}" if len(versions) > 1 else ""
    behind_s = cluster.behind_s
    leader = (
        "this instance" if cluster.leads else isolated(cluster.leader) if cluster.leader else "none"
    )
    since = f", since {write.time_of_day(cluster.since)}" if cluster.since else ""
    return {
        "instance": isolated(cluster.name),
        "leader": f"{leader}{since}",
        "instances": write.count(len(cluster.instances)) + mixed if cluster.instances else UNKNOWN,
        "viewers-of-all": write.count(sum(each.viewers for each in cluster.instances)),
        "behind": "up to date" if behind_s < UP_TO_DATE_S else f"{span(behind_s)} behind",
    }


def _protocol(feed: FeedStatus) -> str:
    protocol = PROTOCOLS.get(feed.protocol or "", UNKNOWN)
    return f"{protocol}, namespace {feed.namespace}" if feed.namespace else protocol


def _rejected(tally: Tally, write: Notation) -> str:
    at = tally.last_rejected_at
    when = f" at {write.time_of_day(at)}" if at else ""
    last = tally.last_rejection and f"{tally.last_rejection}{when}"
    return _with_reason(tally.rejected, last, write)


def _with_reason(number: int, last: str | None, write: Notation) -> str:
    return f"{write.count(number)}, last: {last}" if last else write.count(number)


def _replaying(time: datetime | None, write: Notation) -> str:
    return f"{write.time_of_day(time)}, {write.day(time)}" if time else UNKNOWN


def _clock(feed: StreamStatus) -> str:
    if feed.clock_ahead_s is None:
        return UNKNOWN
    if abs(feed.clock_ahead_s) < IN_STEP_S:
        return "in sync with the server"
    warning = f"; {feed.warning}" if feed.warning else ""
    return f"{_off(feed.clock_ahead_s)} the server{warning}"


def _off(ahead_s: float) -> str:
    return f"{span(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'}"
