"""Each chart of the live page as a table of texts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from northstar.domain.arithmetic import percentage
from northstar.domain.day import DayStatus
from northstar.domain.messages import TrendDay
from northstar.domain.shares import contributions
from northstar.domain.snapshot import Snapshot
from northstar.view.live.costs import costs
from northstar.view.live.earners import earners
from northstar.view.live.sections import made_of
from northstar.view.live.steps import steps
from northstar.view.live.today import hourly
from northstar.view.live.trend import (
    AVERAGE_DAYS,
    amounts,
    averages,
    changes,
    notes_by_day,
    restatements,
    with_status,
)
from northstar.view.shared.ids import Id
from northstar.view.shared.marks import shortened
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
    """Return the days, newest first, each with its changes against the day before."""
    days, restated = snapshot.trend, restatements(snapshot, write)
    notes = notes_by_day(snapshot)
    columns = (
        [_named(day, restated, write) for day in days],
        *(
            texts(snapshot, name, write)
            for name in ("revenue", "expenses", "net")
            for texts in (amounts, changes)
        ),
        [write.money(mean) for mean in averages(snapshot, write.unit)],
        *([[shortened(notes.get(day.date, "")) for day in days]] if notes else []),
    )
    heads = ("Revenue", "Change", "Expenses", "Change", "Net", "Change")
    others = (f"{AVERAGE_DAYS}-day average", *(["Notes"] if notes else []))
    return Table(("Day", *heads, *others), list(zip(*columns, strict=True))[::-1])


def _named(day: TrendDay, restated: Mapping[date, str], write: Notation) -> str:
    """Return a day, with its status if that is not closed."""
    name = with_status(day, write.full_day(day.date))
    return f"{name}, {DayStatus.RESTATED}" if day.date in restated else name


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
    """Return every agent, highest net first, with its share of the net of all, and its margin."""
    shown = earners(snapshot)
    parts = contributions([row.net for row in shown])
    rows = [
        (
            row.name,
            *map(write.money, (row.revenue, row.expenses, row.net)),
            write.percent(contribution),
            write.percent(percentage(row.net, row.revenue)),
        )
        for row, contribution in zip(shown, parts, strict=True)
    ]
    return Table(("Agent", "Revenue", "Expenses", "Net", "Contribution", "Margin"), rows)


TABLES: Mapping[Id, Callable[[Snapshot, Notation], Table]] = {
    Id.CHART_WATERFALL: waterfall,
    Id.CHART_TREND: trend,
    Id.CHART_TODAY: running_day,
    Id.CHART_COSTS: costs_table,
    Id.CHART_AGENTS: agents,
}
