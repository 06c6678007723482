"""Each chart of the live page as a table of texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from northstar.domain.ledger import Snapshot
from northstar.view.live.costs import costs
from northstar.view.live.earners import earners
from northstar.view.live.sections import made_of
from northstar.view.live.steps import steps
from northstar.view.live.today import hourly
from northstar.view.live.trend import AVERAGE_DAYS, averages, with_changes, with_status
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation


class Table(NamedTuple):
    """Column headers, and rows of as many texts; the first is the row's name."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def waterfall(snapshot: Snapshot, write: Notation) -> Table:
    """Return the steps from revenue to net."""
    rows = [(step.name, write.money(step.amount)) for step in steps(snapshot, write.tolerance)]
    return Table(("Step", "Amount"), rows)


@made_of("trends_data")
def trend(snapshot: Snapshot, write: Notation) -> Table:
    """Return the days, newest first, each with its change against the day before."""
    days = snapshot.trend
    columns = (
        [with_status(day, day.date.isoformat()) for day in days],
        *(with_changes(snapshot, name, write) for name in ("revenue", "expenses", "net")),
        [write.money(mean) for mean in averages(snapshot, write.unit)],
    )
    heads = ("Day", "Revenue", "Expenses", "Net", f"Net, {AVERAGE_DAYS}-day average")
    return Table(heads, list(zip(*columns, strict=True))[::-1])


def running_day(snapshot: Snapshot, write: Notation) -> Table:
    """Return the net at the end of each hour of the running day and of the day before."""
    return Table(("Until", "Net", "Day before"), hourly(snapshot, write))


@made_of("cost_breakdown")
def costs_table(snapshot: Snapshot, write: Notation) -> Table:
    """Return every category, including those that the chart groups."""
    rows = [
        (cost.name, write.money(cost.amount), write.percent(cost.share)) for cost in costs(snapshot)
    ]
    return Table(("Category", "Amount", "Share"), rows)


@made_of("agent_attribution")
def agents(snapshot: Snapshot, write: Notation) -> Table:
    """Return every agent, highest net first."""
    rows = [
        (row.name, write.money(row.revenue), write.money(row.expenses), write.money(row.net))
        for row in earners(snapshot)
    ]
    return Table(("Agent", "Revenue", "Expenses", "Net"), rows)


TABLES: Mapping[Id, Callable[[Snapshot, Notation], Table]] = {
    Id.CHART_WATERFALL: waterfall,
    Id.CHART_TREND: trend,
    Id.CHART_TODAY: running_day,
    Id.CHART_COSTS: costs_table,
    Id.CHART_AGENTS: agents,
}
