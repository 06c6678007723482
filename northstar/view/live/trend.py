"""The trend as a pandas table, with averages and changes.

The table has amounts as `float64`, in the stream's currency.
"""

from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING

from northstar.domain.ledger import Snapshot, average, change
from northstar.view.shared.money import Notation, round_half_up

if TYPE_CHECKING:
    import pandas as pd

BOOK = ["revenue", "expenses", "net"]
AVERAGE_DAYS = 7
CENT = Decimal("0.01")


def prepare() -> None:
    """Import pandas in a worker thread, so that the first page does not wait for it.

    The import takes a fifth of the start-up time. The event loop keeps running meanwhile; pages
    that it serves until then have no charts.
    """
    import_module("pandas")


def trend_table(snapshot: Snapshot) -> "pd.DataFrame":
    """Return columns revenue, expenses, net and average by date, oldest day first.

    `average` comes from `averages`; NaN is unknown.
    """
    import pandas as pd  # noqa: PLC0415 (see `prepare`)

    trend = snapshot.trend
    book = [(float(day.revenue), float(day.expenses), float(day.net)) for day in trend]
    days = pd.DatetimeIndex([day.date for day in trend], name="date")
    table = pd.DataFrame(book, index=days, columns=BOOK, dtype="float64")
    means = [float("nan") if mean is None else float(mean) for mean in averages(snapshot)]
    return table.assign(average=pd.Series(means, index=days, dtype="float64"))


def averages(snapshot: Snapshot) -> Sequence[Decimal | None]:
    """Return net's mean over the week up to each day, to the cent; None if a day is missing."""
    nets = {day.date.toordinal(): day.net for day in snapshot.trend}
    return [_average([nets.get(day - back) for back in range(AVERAGE_DAYS)]) for day in nets]


def with_changes(amounts: Sequence[Decimal], write: Notation) -> list[str]:
    """Return each amount with its change against the previous day; the first has none."""
    changes = [
        change(now, then).amount for now, then in zip(amounts, [None, *amounts], strict=False)
    ]
    return [
        write.money(now) if moved is None else f"{write.money(now)} ({write.signed_money(moved)})"
        for now, moved in zip(amounts, changes, strict=True)
    ]


def _average(nets: Sequence[Decimal | None]) -> Decimal | None:
    known = [net for net in nets if net is not None]
    mean = average(known) if len(known) == len(nets) else None
    return None if mean is None else round_half_up(mean, CENT)
