"""Content of a frame: everything the live page shows, and the status of the source.

Each frame is complete, so a viewer can skip any number of frames.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from northstar.domain.freshness import StreamStatus
from northstar.domain.snapshot import Snapshot
from northstar.view.live.as_table import TABLES
from northstar.view.live.explain import explanations
from northstar.view.live.figures import CHARTS
from northstar.view.live.needs import Needs
from northstar.view.live.panels import texts
from northstar.view.live.sentence import sentence_day
from northstar.view.live.status import details
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Props, Rows

Content: TypeAlias = Mapping[str, Any]
PageProps: TypeAlias = Mapping[str, Props]

CONTENT = ("as_of", "feed", "details", "alerts", "props")
AGE_DIGITS = 3  # of a second


def render(snapshot: Snapshot, write: Notation) -> PageProps:
    """Return the `props` of a frame: component id → properties to set.

    A text has `children` and attributes, a list its rows as `html`, a chart its `figure` with
    the theme's colours by name, and a chart's table `columns` and `rows` of text. The explanation
    of a key figure has the texts in its panel.
    """
    props: dict[str, Props] = {
        component_id: _with_html(props) for component_id, props in texts(snapshot, write).items()
    }
    props |= explanations(snapshot, write)
    for chart, figure in CHARTS.items():
        props[chart] = {"figure": figure(snapshot, write)}
    for chart, table in TABLES.items():
        props[part(chart, "table")] = table(snapshot, write)._asdict()
    return props


def status_content(
    feed: StreamStatus, snapshot: Snapshot | None, write: Notation, alerts: Needs | None = None
) -> Content:
    """Return the content of a frame without `props`, of values that JSON has.

    It has the time of the data as `as_of`, the status of the source as `feed`, the texts about it
    as `details`, and those about open `alerts`, null without rules.
    """
    status = asdict(feed)
    del status["cluster"]  # the page has its texts
    for age in ("age_s", "silence_s"):
        status[age] = status[age] and round(status[age], AGE_DIGITS)
    as_of = snapshot and snapshot.as_of
    words = dict(details(feed, write))
    if snapshot:
        days = sentence_day(feed, snapshot, write)
        words |= {name: str(props["children"]) for name, props in days.items()}
    known = alerts and asdict(alerts)
    content = {"as_of": as_of, "feed": status, "details": words, "alerts": known}
    return dict(msgspec.to_builtins(content))


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
