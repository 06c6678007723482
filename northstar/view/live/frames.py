"""Encode a frame: one JSON text with everything the live page shows.

Each frame is complete, so a viewer can skip any number of frames. A heartbeat is a frame without
`props`; it updates the status and the age of the data.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import msgspec

from northstar import __version__
from northstar.domain.freshness import StreamStatus
from northstar.domain.ledger import Snapshot
from northstar.domain.sparkline import Point
from northstar.view.live.as_table import TABLES
from northstar.view.live.figures import CHARTS
from northstar.view.live.panels import texts
from northstar.view.live.status import details
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Props, Rows


def render(snapshot: Snapshot, points: Sequence[Point], write: Notation) -> bytes:
    """Return the `props` of a frame, as JSON: component id → properties to set.

    A text has `children` and attributes, a list its rows as `html`, a chart its `figure` with
    the theme's colours by name, and a chart's table `columns` and `rows` of text.
    """
    props: dict[str, Any] = {
        component_id: _with_html(props)
        for component_id, props in texts(snapshot, points, write).items()
    }
    for chart, figure in CHARTS.items():
        props[chart] = {"figure": figure(snapshot, write)}
    for chart, table in TABLES.items():
        props[part(chart, "table")] = table(snapshot, write)._asdict()
    return _ENCODER.encode(props)


def encode_frame(
    feed: StreamStatus,
    snapshot: Snapshot | None,
    props: bytes | None,
    write: Notation,
    *,
    sent_ms: float,
) -> str:
    """Return a frame, or a heartbeat if `props` is None. `sent_ms` is monotonic time."""
    content = {
        "version": __version__,
        "epoch": feed.epoch,
        "seq": feed.frames,
        "sent_ms": sent_ms,
        "as_of": snapshot and snapshot.as_of,
        "feed": asdict(feed),
        "details": details(feed, write),
    }
    if props is not None:
        content["props"] = msgspec.Raw(props)
    return _ENCODER.encode(content).decode()


def _with_html(props: Props) -> Props:
    """Replace rows of components by the HTML that the browser inserts."""
    rows = props.get("children")
    if not isinstance(rows, tuple):
        return props
    others = {name: value for name, value in props.items() if name != "children"}
    return {"html": _html(rows), **others}


@lru_cache(maxsize=8)  # rows are the same objects until a name changes
def _html(rows: Rows) -> str:
    return to_html(rows)


_ENCODER = msgspec.json.Encoder()
