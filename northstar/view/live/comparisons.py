"""The key figures compared: with the same time of the day before, and with other amounts.

The viewer chooses one comparison for all cards; each frame has all of them.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from northstar.domain.arithmetic import average, change, percentage, total
from northstar.domain.day import Amounts
from northstar.domain.snapshot import Snapshot
from northstar.view.live.trend import whole_days
from northstar.view.shared.compact import brief, is_large
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import Texts, change_text, points_text, tone


class Basis(StrEnum):
    """What the running day is compared with."""

    SAME_TIME = "same-time"
    PREVIOUS = "previous"
    AVERAGE = "average"
    TARGET = "target"


FIGURES = {Id.KPI_NET: "net", Id.KPI_REVENUE: "revenue", Id.KPI_EXPENSES: "expenses"}


class Before(NamedTuple):
    """Amounts to compare with, None where unknown, and of what time they are.

    `is_like` is whether a percentage and a verdict have a meaning.
    """

    net: Decimal | None
    revenue: Decimal | None
    expenses: Decimal | None
    margin: Decimal | None
    of: str
    is_like: bool = True


def default_basis(snapshot: Snapshot) -> Basis:
    """Return the same time of the day before if that is known, else the previous period."""
    return Basis.SAME_TIME if snapshot.day and snapshot.day.same_time else Basis.PREVIOUS


def comparisons(snapshot: Snapshot, write: Notation) -> Texts:
    """Return the change and the former amount of each key figure, for each comparison."""
    texts: Texts = {}
    for basis, before in _sides(snapshot, write).items():
        for kpi, name in FIGURES.items():
            now, then = getattr(snapshot, name), getattr(before, name)
            texts |= _money(kpi, basis, now, then, before, write)
        texts |= _margin(basis, snapshot.margin, before, write)
    return texts | _target(snapshot, write)


def _sides(snapshot: Snapshot, write: Notation) -> Mapping[Basis, Before]:
    return {
        Basis.SAME_TIME: _same_time(snapshot, write),
        Basis.PREVIOUS: _previous(snapshot, write),
        Basis.AVERAGE: _average(snapshot),
    }


def _same_time(snapshot: Snapshot, write: Notation) -> Before:
    day = snapshot.day
    if not (day and day.before and day.same_time):
        return Before(None, None, None, None, "unknown at this time of the day before")
    at, amounts = day.same_time
    clock = f"{at.astimezone(day.line.zone):%H:%M}"
    return _before(amounts, f"on {write.short_day(day.before.day)} at {clock}")


def _previous(snapshot: Snapshot, write: Notation) -> Before:
    state = snapshot.state
    return Before(
        snapshot.previous_net,
        state.previous_revenue,
        state.previous_expenses,
        snapshot.previous_margin,
        _period(snapshot, write),
    )


def _period(snapshot: Snapshot, write: Notation) -> str:
    """Return the day of the source's previous period if it is one of the last in the trend."""
    state = snapshot.state
    if snapshot.previous_net is None:
        return "unknown in the previous period"
    known = (state.previous_revenue, state.previous_expenses)
    for row in reversed(whole_days(snapshot)[-2:]):
        if (row.revenue, row.expenses) == known:
            return f"on {write.short_day(row.date)}, whole day"
    return "in the previous period"


def _average(snapshot: Snapshot) -> Before:
    days = whole_days(snapshot)
    revenue, expenses = (
        average(getattr(day, name) for day in days) for name in ("revenue", "expenses")
    )
    if revenue is None or expenses is None:
        return Before(None, None, None, None, "no days yet")
    whole = "1 whole day" if len(days) == 1 else f"{len(days)} whole days"
    return _before(Amounts(revenue, expenses), f"average of {whole}", is_like=False)


def _before(amounts: Amounts, of: str, *, is_like: bool = True) -> Before:
    return Before(
        amounts.net, amounts.revenue, amounts.expenses, amounts.margin, of, is_like=is_like
    )


def _money(  # noqa: PLR0913, PLR0917 (an amount and what it is compared with)
    kpi: Id, basis: Basis, now: Decimal, then: Decimal | None, before: Before, write: Notation
) -> Texts:
    if then is None:
        return _texts(kpi, basis, "", before.of if kpi is Id.KPI_NET else "")
    moved = write.difference(now, then)
    shown, verdict = brief(moved, write, plus=True), "flat"
    if before.is_like:
        shown = change_text(moved, change(now, then).percent, write)
        verdict = tone(moved, more_is_good=kpi is not Id.KPI_EXPENSES)
    texts = _texts(kpi, basis, shown, _was(brief(then, write), before), verdict)
    exact = {"change": moved, "before": then}
    titles = {
        part(kpi, basis, name): {"title": write.money(amount)}
        for name, amount in exact.items()
        if is_large(amount)
    }
    return {name: {**props, **titles.get(name, {})} for name, props in texts.items()}


def _margin(basis: Basis, now: Decimal | None, before: Before, write: Notation) -> Texts:
    then = before.margin
    if before.revenue is None:
        return _texts(Id.KPI_MARGIN, basis, "", "")
    shown = points_text(now, then, write)
    verdict = tone(write.points(now, then)) if before.is_like else "flat"
    return _texts(Id.KPI_MARGIN, basis, shown, _was(write.percent(then), before), verdict)


def _was(amount: str, before: Before) -> str:
    return f"was {amount} {before.of}" if before.is_like else f"{amount}, {before.of}"


def _target(snapshot: Snapshot, write: Notation) -> Texts:
    """Return how much of the target is reached; only net has one."""
    texts: Texts = {}
    for kpi in (*FIGURES, Id.KPI_MARGIN):
        texts |= _texts(kpi, Basis.TARGET, "", "")
    target = snapshot.day.target if snapshot.day else None
    if target is None:
        return texts | _texts(Id.KPI_NET, Basis.TARGET, "", "no target is set")
    return texts | _texts(
        Id.KPI_NET, Basis.TARGET, of_target(snapshot, write), f"target {brief(target, write)}"
    )


def of_target(snapshot: Snapshot, write: Notation) -> str:
    """Return the share of the target that is reached, empty without one."""
    target = snapshot.day.target if snapshot.day else None
    return f"{write.percent(percentage(snapshot.net, target))} of target" if target else ""


def month_to_date(snapshot: Snapshot) -> Decimal:
    """Return the net of the month up to now, of the days that are known."""
    today = snapshot.day.line.day if snapshot.day else snapshot.as_of.date()
    nets = [
        day.net
        for day in snapshot.recorded.values()
        if day.day.replace(day=1) == today.replace(day=1) and not day.repeats and day.day < today
    ]
    return total([*nets, snapshot.net])


def of_month(snapshot: Snapshot, write: Notation) -> str:
    """Return the month to date and its share of the month's target, empty without one."""
    target = snapshot.day.month_target if snapshot.day else None
    if not target:
        return ""
    net = month_to_date(snapshot)
    share = write.percent(percentage(net, target))
    return f"{write.money(net)} this month, {share} of its target"


def _texts(kpi: Id, basis: Basis, moved: str, was: str, verdict: str = "flat") -> Texts:
    return {
        part(kpi, basis, "change"): {"children": moved, "className": f"kpi-change {verdict}"},
        part(kpi, basis, "before"): {"children": was},
    }
