"""Averages and changes of the trend's days, exact."""

from collections.abc import Sequence
from decimal import Decimal

from northstar.domain.ledger import Snapshot, average, change
from northstar.view.shared.money import Notation, round_half_up

AVERAGE_DAYS = 7


def averages(snapshot: Snapshot, unit: Decimal) -> Sequence[Decimal | None]:
    """Return net's mean over the week up to each day, None if a day is missing.

    `unit` is one of the currency's last decimal, to which the means are rounded.
    """
    nets = {day.date.toordinal(): day.net for day in snapshot.trend}
    weeks = ([nets.get(day - back) for back in range(AVERAGE_DAYS)] for day in nets)
    return [_average(week, unit) for week in weeks]


def with_changes(amounts: Sequence[Decimal], write: Notation) -> list[str]:
    """Return each amount with its change against the previous day; the first has none."""
    changes = [
        change(now, then).amount for now, then in zip(amounts, [None, *amounts], strict=False)
    ]
    return [
        write.money(now) if moved is None else f"{write.money(now)} ({write.signed_money(moved)})"
        for now, moved in zip(amounts, changes, strict=True)
    ]


def _average(nets: Sequence[Decimal | None], unit: Decimal) -> Decimal | None:
    known = [net for net in nets if net is not None]
    mean = average(known) if len(known) == len(nets) else None
    return None if mean is None else round_half_up(mean, unit)
