"""Notes on the numbers of the history page: what they cover, and what they leave out."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from northstar.domain.arithmetic import percentage
from northstar.domain.day import DayRecord
from northstar.reports.contrast import Basis
from northstar.reports.day_table import dates
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.reports.returns import totals
from northstar.reports.tables import unexplained
from northstar.view.history.cards import count_of_days, figure
from northstar.view.shared.charts import MEASURES
from northstar.view.shared.money import Notation


def period_text(period: Period, write: Notation) -> str:
    """Return the first and last day, or the only day."""
    first, last = write.full_day(period.first), write.full_day(period.last)
    return first if period.first == period.last else f"{first} – {last}"


def share_of(amount: Decimal | None, parts: int) -> Decimal | None:
    """Return an amount for each of so many parts; None for an unknown one."""
    return None if amount is None else amount / parts


def notes(report: Report, write: Notation) -> Sequence[str]:
    """Return notes on the numbers: the days covered, left out, unknown and restated."""
    contrast = report.contrast
    found = [f"{period_text(report.period, write)} · {report.calendar.zone}"]
    if contrast.before:
        found.append(_compared(report, write))
    found += _of_target(report, write)
    if report.running:
        found.append("today is still running")
    if report.missing:
        found.append(f"no data for {count_of_days(report.missing, write)}")
    if report.incomplete:
        found.append(_incomplete(report.incomplete, report, write))
    if contrast.before and contrast.before.lacking:
        lacking = count_of_days(contrast.before.lacking, write)
        found.append(f"{lacking} of the comparison unknown or incomplete")
    if restated := sum(day.is_restated for day in report.days):
        found.append(f"{count_of_days(restated, write)} restated")
    if idle := len(report.days) - len(report.counted):
        found.append(f"{count_of_days(idle, write)} without trading")
    return [*found, *filter(None, [rounding(report, write)])]


def _of_target(report: Report, write: Notation) -> Iterator[str]:
    """Yield how much of the month's target is reached, if the period is a month up to now."""
    first, last, target = report.period.first, report.period.last, report.month_target
    end = first.replace(day=monthrange(first.year, first.month)[1])
    is_month = first.day == 1 and min(end, report.today) <= last <= end
    if target and report.amounts and is_month:
        share = write.percent(percentage(report.amounts.net, target))
        yield f"{share} of the month's target of {write.money(target)}"


def rounding(report: Report, write: Notation) -> str:
    """Return a note that parts as shown may not add up to their total, empty if they do."""
    if write.is_rounded(_amounts(report)):
        return f"amounts are rounded to {write.money(write.unit)}"
    if not all(write.foots(*means) for means in _means(report)):
        return f"averages are rounded to {write.money(write.unit)}"
    return ""


def _incomplete(days: Sequence[DayRecord], report: Report, write: Notation) -> str:
    """Return how many days are incomplete, or which one and its last state."""
    day, *others = days
    if others or day.at is None:
        return f"{count_of_days(len(days), write)} incomplete"
    last = write.time_of_day(day.at.astimezone(report.calendar.zone))
    return f"{write.full_day(day.day)} incomplete, last state {last}"


def findings(report: Report, write: Notation) -> str:
    """Return the breakdowns that do not add up to the totals of their days; empty if all do."""
    found = unexplained(report)
    return ", ".join(f"{what} of {count_of_days(rest.days, write)}" for what, rest in found)


def _compared(report: Report, write: Notation) -> str:
    """Return the days compared, and with which."""
    now, before = report.contrast.now, report.contrast.before
    if before is None:
        return ""
    shown = f"compared with {period_text(before.period, write)}"
    if report.contrast.basis is Basis.SAME_TIME and before.at:
        at = before.at.astimezone(report.calendar.zone)
        return f"{shown}, {write.time_of_day(at)}"
    is_part = now.period != replace(report.period, name=now.period.name)
    return f"{period_text(now.period, write)} {shown}" if is_part else shown


def drawdown_basis(report: Report, write: Notation) -> str:
    """Return the basis of the drawdowns."""
    first = report.opening.first or min(dates(report.table), default=None)
    return f"of cumulative net since {write.full_day(first)}" if first else ""


def _means(report: Report) -> Iterator[list[Decimal | None]]:
    """Yield average revenue, expenses and net of a day, of the charts and of the comparison."""
    whole = report.whole
    sums = totals(whole) if whole and not report.is_one_day else None
    yield [share_of(figure(sums, name), len(whole)) for name in MEASURES]
    figures = [report.contrast.figures(name) for name in MEASURES]
    yield [now for now, _ in figures]
    yield [before for _, before in figures]


def _amounts(report: Report) -> Iterator[Decimal]:
    """Yield every amount that the sums of the page are made of."""
    for day in (*report.days, *report.before):
        for book in (day.amounts, *(day.agents or {}).values()):
            yield from (book.revenue, book.expenses)
        yield from (day.costs or {}).values()
