"""The report of a part of the books: one agent, or one category of costs.

A day that names other parts of the same kind but not this one is a day of zero, from the first day
in the history that names it. Earlier days, and days that name no part, are unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import dropwhile
from typing import NamedTuple

from northstar.domain.books import HALF_A_CENT
from northstar.domain.day import Amounts, DayRecord
from northstar.history.days import DayNet
from northstar.history.store import Store
from northstar.reports.drawdowns import opening
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Feed, Report, make_report
from northstar.reports.returns import by_agent, by_category

ZERO = Decimal(0)


class PartKind(StrEnum):
    """A kind of part; its value is its name in a query."""

    AGENT = "agent"
    CATEGORY = "category"


class Part(NamedTuple):
    """An agent or a category, by the name that the source gives it."""

    kind: PartKind
    name: str


class UnknownPart(LookupError):
    """No day names the part; `whole` is the report of all parts.

    `known` are the names of that kind, in alphabetical order.
    """

    def __init__(self, part: Part, known: Sequence[str], whole: Report) -> None:
        super().__init__(f"no day has the {part.kind} {part.name!r}")
        self.part = part
        self.known = known
        self.whole = whole


@dataclass(frozen=True)
class PartReport:
    """A part's report, and that of all parts.

    The amounts of `report` are the part's; those of a category are expenses without revenue. It has
    no minutes, versions, costs or agents, which are not known for a part. `wholes` are the days
    with the amounts of all parts, `unnamed` the days of the period that name others only.
    """

    part: Part
    report: Report
    wholes: Mapping[date, DayRecord]
    unnamed: Sequence[date]

    def share(self, days: Iterable[DayRecord]) -> Decimal | None:
        """Return the part's percentage of all named parts on these days.

        That is of net for an agent, of expenses for a category, where it is meaningful: see
        `contributions` and `shares`. None for no days.
        """
        wholes = [self.wholes[day.day] for day in days]
        sums = by_agent if self.part.kind is PartKind.AGENT else by_category
        percents = {each.name: each.percent for each in sums(wholes)}
        return percents.get(self.part.name, ZERO) if percents else None


def make_part_report(  # noqa: PLR0913, PLR0917 (what it depends on)
    part: Part,
    store: Store,
    period: Period,
    comparison: Comparison,
    now: datetime,
    feed: Feed,
    tolerance: Decimal = HALF_A_CENT,
) -> PartReport:
    """Read a part's period from the store. Raises `UnknownPart` and `StoreError`."""
    whole = make_report(store, period, comparison, now, feed, tolerance)
    return part_report(part, whole, store.days(*whole.known) if whole.known else [])


def part_report(part: Part, whole: Report, days: Sequence[DayRecord]) -> PartReport:
    """Return the report of a part from that of all and `days`, the whole history, oldest first.

    Raises `UnknownPart`.
    """
    own = days_of_part(part, days)
    if not own:
        raise UnknownPart(part, names(part.kind, days), whole)
    period, other = whole.period, whole.compared
    earlier = [day for day in own if day.day < period.first]
    nets = (DayNet(day.day, day.net) for day in earlier if day.repeats is None)
    report = replace(
        whole,
        days=_between(own, period),
        before=_between(earlier, other) if other else [],
        opening=opening(nets),
        moments=[],
        same_time=None,
        month_target=None,
        events=(),
    )
    wholes = {day.day: day for day in days}
    unnamed = [
        day.day for day in report.days if part.name not in _named(part.kind, wholes[day.day])
    ]
    return PartReport(part, report, wholes, unnamed)


def days_of_part(part: Part, days: Iterable[DayRecord]) -> Sequence[DayRecord]:
    """Return the known days of a part with its amounts, from the first one that names it."""
    named = dropwhile(lambda day: part.name not in _named(part.kind, day), days)
    return [_of_part(part, day) for day in named if _named(part.kind, day)]


def names(kind: PartKind, days: Iterable[DayRecord]) -> Sequence[str]:
    """Return the names of all parts of a kind, in alphabetical order."""
    return sorted({name for day in days for name in _named(kind, day)}, key=str.casefold)


def _named(kind: PartKind, day: DayRecord) -> Mapping[str, Amounts]:
    """Return the amounts of a day's parts by name; none if the day names none."""
    if kind is PartKind.AGENT:
        return day.agents or {}
    return {name: Amounts(ZERO, cost) for name, cost in (day.costs or {}).items()}


def _of_part(part: Part, day: DayRecord) -> DayRecord:
    """Return a day with the amounts of a part.

    What the source restated are the totals of a day, so the part's figures are not restated.
    """
    amounts = _named(part.kind, day).get(part.name, Amounts(ZERO, ZERO))
    return replace(
        day, amounts=amounts, closed=None, restated_at=None, costs=None, agents=None, versions=()
    )


def _between(days: Iterable[DayRecord], period: Period) -> Sequence[DayRecord]:
    return [day for day in days if period.first <= day.day <= period.last]
