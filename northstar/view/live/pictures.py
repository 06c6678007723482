"""A chart of the live page as a picture of its own, labelled with its time, source and state."""

from collections.abc import Mapping
from typing import NamedTuple

from northstar.domain.arithmetic import total
from northstar.domain.freshness import FeedStatus
from northstar.domain.snapshot import Snapshot
from northstar.view.live.costs import costs
from northstar.view.live.figures import CHARTS
from northstar.view.live.status import status_text
from northstar.view.shared.compact import brief
from northstar.view.shared.drawn.picture import Picture, to_svg
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import REAL

HEADINGS: Mapping[Id, str] = {
    Id.CHART_TREND: "30-day trend",
    Id.CHART_WATERFALL: "Revenue to net P&L",
    Id.CHART_COSTS: "Where the money went",
    Id.CHART_AGENTS: "Who earned it",
}


class Look(NamedTuple):
    """Size in pixels, and the colours of a theme by name."""

    width: int
    height: int
    colours: Mapping[str, str]


def chart_svg(chart: Id, snapshot: Snapshot, labels: str, write: Notation, look: Look) -> str:
    """Return a chart as SVG; `labels` are those of `state_labels`."""
    as_of = f"as of {write.time_of_day(snapshot.as_of)}, {write.day(snapshot.as_of)}"
    title = " · ".join([HEADINGS[chart], as_of, labels])
    is_ring = chart is Id.CHART_COSTS and snapshot.costs
    spent = brief(total(cost.amount for cost in costs(snapshot)), write) if is_ring else ""
    picture = Picture(title, look.colours, look.width, look.height, spent)
    return to_svg(CHARTS[chart](snapshot, write), picture)


def state_labels(feed: FeedStatus) -> str:
    """Return source and state: LIVE, DEMO, STALE, DEMO · STALE and so on."""
    unreal = "" if feed.source == REAL else feed.source.upper()
    word, _ = status_text(feed)
    state = "" if unreal and feed.state == "live" else word.upper()
    return " · ".join(filter(None, [unreal, state]))
