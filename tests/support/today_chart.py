"""States of the current day for tests of its chart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, Moment
from northstar.domain.intraday import IntradayData
from northstar.domain.snapshot import Snapshot
from support.snapshots import snapshot

START = datetime(2026, 11, 2, tzinfo=UTC)


def state(
    *nets: tuple[float, int],
    target: int | None = None,
    calendar: Calendar = Calendar(UTC),  # noqa: B008 (immutable)
) -> Snapshot:
    """Return a state after nets by hours since the start of 2 November."""
    known = IntradayData(calendar, None if target is None else Decimal(target))
    zero = Decimal(0)
    known.restore(
        Moment(START + timedelta(hours=hour), Amounts(Decimal(net), zero)) for hour, net in nets
    )
    return replace(snapshot(), day=known.view)
