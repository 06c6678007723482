"""What goes to the browser: one JSON text that says everything the page shows.

A frame is never a difference to the one before: whoever missed ten and gets the eleventh is
right. A heartbeat is a frame without `props`; it keeps the status and the age of the data true.
"""

from dataclasses import asdict
from typing import Any

import msgspec
from dash.development.base_component import Component

from northstar.ledger import Snapshot
from northstar.view.figures import CHARTS, patch
from northstar.view.panels import texts
from northstar.view.status import FeedStatus, details


def render(snapshot: Snapshot) -> bytes:
    """Return the `props` of a frame, as JSON: component id → properties to set.

    A chart's property is `figure`, a `Patch` that assigns arrays; every other is plain.
    """
    props: dict[str, Any] = dict(texts(snapshot))
    for chart_id, chart in CHARTS.items():
        props[chart_id] = {"figure": patch(chart.values(snapshot))}
    return _ENCODER.encode(props)


def frame(
    feed: FeedStatus, snapshot: Snapshot | None, props: bytes | None, *, sent_ms: float
) -> str:
    """Return one frame; with `props` None, a heartbeat. `sent_ms` is on a clock that is steady."""
    content = {
        "epoch": feed.epoch,
        "seq": feed.frames,
        "sent_ms": sent_ms,
        "as_of": snapshot and snapshot.as_of,
        "feed": asdict(feed),
        "details": details(feed),
    }
    if props is not None:
        content["props"] = msgspec.Raw(props)
    return _ENCODER.encode(content).decode()


def _encode_rest(value: object) -> object:
    """Turn what Dash makes (components, patches) into plain JSON values."""
    if isinstance(value, Component) or hasattr(value, "to_plotly_json"):
        return value.to_plotly_json()
    raise TypeError(f"{type(value).__name__} has no place in a frame")


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_rest)
