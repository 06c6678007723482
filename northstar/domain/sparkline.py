"""Key figures since the program started, downsampled for the sparklines.

Pure: uses the timestamps of the data. Time is divided into slots of equal length; each slot holds
its last state.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.ledger import Snapshot

POINTS = 60  # a line of some 200 pixels shows no more


class Point(NamedTuple):
    """The key figures at the end of one slot; `slot` counts slots since 1970."""

    slot: int
    net: Decimal
    revenue: Decimal
    expenses: Decimal
    margin: Decimal | None


class SparklineData:
    """At most `POINTS` points; the slots double in length when there would be more."""

    def __init__(self) -> None:
        self.slot_s = 1
        self._points: dict[int, Point] = {}
        self._source: str | None = None

    @property
    def points(self) -> Sequence[Point]:
        """The points, oldest first."""
        return tuple(self._points.values())

    def add(self, snapshot: Snapshot) -> None:
        """Add the state after an update; start over if the source changed or time went back."""
        second = int(snapshot.instant.timestamp())
        went_back = second // self.slot_s < next(reversed(self._points), second // self.slot_s)
        if went_back or snapshot.state.source != self._source:
            self._points.clear()
            self.slot_s = 1
        self._source = snapshot.state.source
        slot = second // self.slot_s
        self._points[slot] = Point(
            slot, snapshot.net, snapshot.revenue, snapshot.expenses, snapshot.margin
        )
        while len(self._points) > POINTS:
            self._halve()

    def _halve(self) -> None:
        self.slot_s *= 2
        halved = (point._replace(slot=point.slot // 2) for point in self._points.values())
        self._points = {point.slot: point for point in halved}
