"""Sentences of the daily report, shared by its text and its page."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.day import DayStatus
from northstar.reports.contrast import Basis, Contrast
from northstar.reports.daily import Daily, DailyFigures, Fall, Restated
from northstar.reports.returns import AgentShare, Remainder
from northstar.view.alerts.names import plain
from northstar.view.history.cards import count_of_days, figure
from northstar.view.shared.money import Notation
from northstar.view.shared.panels import REAL, change_text, points_text, tone

FIGURES = {"Net P&L": "net", "Revenue": "revenue", "Expenses": "expenses"}
MARGIN = "Net margin"
MOST_RESTATED = 5  # days that are named
ONE_DAY = timedelta(days=1)
STATUSES = {
    DayStatus.RUNNING: "still running",
    DayStatus.CLOSED: "closed",
    DayStatus.INCOMPLETE: "incomplete",
    DayStatus.STATED: "as the source stated it later",
    DayStatus.RESTATED: "restated by the source",
    DayStatus.NO_TRADING: "no trading",
    DayStatus.UNKNOWN: "no data",
}


class Change(NamedTuple):
    """How a figure differs from another one, that one, and whether the change is good or bad."""

    moved: str
    was: str
    tone: str


class Row(NamedTuple):
    """A figure of the day, and its changes against the day before and the average."""

    label: str
    value: str
    is_loss: bool
    changes: Sequence[Change]


class Wording(NamedTuple):
    """The report in words. `bases` are what the changes of the rows are against.

    `status` says what kind of day it was, `problem` why there are no figures; then there are no
    rows and facts.
    """

    title: str
    headline: str
    status: str
    problem: str
    bases: Sequence[str]
    rows: Sequence[Row]
    facts: Sequence[tuple[str, str]]


def wording(daily: Daily, desk: str, source: str, write: Notation) -> Wording:
    """Return the report of a desk in words; `source` is "live" or the kind of unreal data."""
    figures = daily.figures
    headline = _headline(daily, write)
    unreal = "" if source == REAL else f"{source.upper()} "
    problem = "" if figures.amounts else _problem(daily, write)
    return Wording(
        title=f"{unreal}{desk}, {write.short_day(figures.day)}: {headline}",
        headline=headline,
        status=_status(daily, write),
        problem=problem,
        bases=[] if problem else [_before(daily, write), _average(figures, write)],
        rows=[] if problem else list(_rows(figures, write)),
        facts=list(_facts(daily, write)),
    )


# ---- Headline and status -------------------------------------------------------------------


def _headline(daily: Daily, write: Notation) -> str:
    figures = daily.figures
    if figures.amounts is None:
        return _nothing(daily)
    net = f"net {write.signed_money(figures.amounts.net)}"
    if figures.status is DayStatus.RUNNING:
        net += " so far"
    elif figures.status is DayStatus.INCOMPLETE:
        net += " of a part of the day"
    return ", ".join(filter(None, [net, _ahead(daily, write)]))


def _nothing(daily: Daily) -> str:
    if daily.figures.status is DayStatus.NO_TRADING:
        return "no trading"
    return "no data today" if daily.figures.day == daily.day.today else "no data on this day"


def _ahead(daily: Daily, write: Notation) -> str:
    """Return by how much net is ahead of the day before; empty if they cannot be compared."""
    contrast = daily.figures.before
    pair = contrast.pair("net")
    if not (pair and contrast.is_like):
        return ""
    moved, then = write.difference(*pair), _then(daily, write)
    if not moved:
        return f"level with {then}"
    return f"{'ahead of' if moved > 0 else 'behind'} {then} by {write.money(abs(moved))}"


def _then(daily: Daily, write: Notation) -> str:
    before = daily.figures.before.before
    if before is None:
        return ""
    day = before.period.first
    is_next = daily.figures.day - day == ONE_DAY
    if before.at:
        return f"this time {'the day before' if is_next else f'on {write.short_day(day)}'}"
    return "the day before" if is_next else write.short_day(day)


def _status(daily: Daily, write: Notation) -> str:
    figures, zone = daily.figures, daily.day.calendar.zone
    parts = [write.full_day(figures.day), STATUSES[figures.status]]
    if figures.closed:
        parts.append(f"net was {write.money(figures.closed.net)} at the close")
    if figures.at:
        parts.append(f"last message {write.time_of_day(figures.at.astimezone(zone))}")
    return " · ".join([*parts, str(zone)])


def _problem(daily: Daily, write: Notation) -> str:
    """Return why there are no figures, and which day has some."""
    figures = daily.figures
    day = write.full_day(figures.day)
    if figures.status is DayStatus.NO_TRADING:
        return f"There was no trading on {day}."
    what = "No data today: no message" if _nothing(daily) == "no data today" else "No message"
    known = [each.day for each in daily.month.days if each.day < figures.day]
    last = f" The last day with data is {write.full_day(known[-1])}." if known else ""
    return f"{what} with figures of {day} was received.{last}"


# ---- Figures -------------------------------------------------------------------------------


def _before(daily: Daily, write: Notation) -> str:
    before = daily.figures.before.before
    if before is None:
        return "the day before"
    day = write.short_day(before.period.first)
    if before.at is None:
        return day
    return f"{day} at {_clock(before.at, daily.day.calendar.zone)}"


def _average(figures: DailyFigures, write: Notation) -> str:
    days = figures.average.before
    whole = count_of_days(days.days, write).replace("day", "whole day") if days else "30 days"
    return f"average of {whole}"


def _rows(figures: DailyFigures, write: Notation) -> Iterator[Row]:
    contrasts = {"was": figures.before, "average": figures.average}
    for label, name in FIGURES.items():
        amount = figure(figures.amounts, name)
        changes = [_change(each, name, verb, write) for verb, each in contrasts.items()]
        is_loss = amount is not None and write.shown(amount) < 0
        yield Row(label, write.money(amount), is_loss, changes)
    margin = figure(figures.amounts, "margin")
    shown = write.shown_percent(margin)
    changes = [_margin_change(each, verb, write) for verb, each in contrasts.items()]
    yield Row(MARGIN, write.percent(margin), bool(shown and shown < 0), changes)


def _change(contrast: Contrast, name: str, verb: str, write: Notation) -> Change:
    """Return the change of an amount; `verb` precedes what it is compared with."""
    pair = contrast.pair(name)
    if pair is None:
        other = _other(contrast, name)
        return _not_compared(verb, None if other is None else write.money(other))
    moved = write.difference(*pair)
    judged = moved if contrast.is_like else None
    text = change_text(moved, contrast.change(name).percent, write)
    return Change(
        text, f"{verb} {write.money(pair[1])}", tone(judged, more_is_good=name != "expenses")
    )


def _margin_change(contrast: Contrast, verb: str, write: Notation) -> Change:
    now, before = contrast.margins
    if contrast.basis is Basis.NONE:
        is_known = contrast.before and contrast.before.amounts
        return _not_compared(verb, write.percent(before) if is_known else None)
    judged = write.points(now, before) if contrast.is_like else None
    return Change(points_text(now, before, write), f"{verb} {write.percent(before)}", tone(judged))


def _other(contrast: Contrast, name: str) -> Decimal | None:
    """Return the figure of the day or days that the day is not compared with."""
    other = contrast.before
    if not (other and other.amounts):
        return None
    amount: Decimal = getattr(other.amounts, name)
    return amount / max(1, other.days)


def _not_compared(verb: str, other: str | None) -> Change:
    if other is None:
        return Change("not known", "", "flat")
    return Change("not compared", f"{verb} {other}", "flat")


# ---- Facts ---------------------------------------------------------------------------------


def _facts(daily: Daily, write: Notation) -> Iterator[tuple[str, str]]:
    figures, zone = daily.figures, daily.day.calendar.zone
    if figures.amounts:
        yield from _agents(figures.agents, write)
    yield "Drawdown", _fall(figures.fall, write)
    if figures.amounts:
        yield "Books", _books(daily, write)
        yield "Feed", _gaps(figures, zone, write)
    yield "Restated", _restated(figures.restated, write)


def _agents(agents: Sequence[AgentShare], write: Notation) -> Iterator[tuple[str, str]]:
    if not agents:
        yield "Agents", "not known"
    for label, found in {"Best agent": agents[:1], "Worst agent": agents[1:][-1:]}.items():
        for agent in found:
            yield label, f"{plain(agent.name)}, {write.money(agent.amounts.net)}"


def _fall(fall: Fall | None, write: Notation) -> str:
    if fall is None:
        return "not known before the first whole day"
    then = f"at the end of {write.short_day(fall.day)}"
    if not write.shown(fall.depth):
        return f"none, cumulative net was at its peak {then}"
    since = f"its peak of {write.full_day(fall.since)}" if fall.since else "the start"
    return f"cumulative net was {write.money(-fall.depth)} below {since} {then}"


def _books(daily: Daily, write: Notation) -> str:
    """Return what does not add up to the totals."""
    if not (daily.day.with_costs or daily.day.with_agents):
        return "costs and agents are not known"
    found = [_residual(what, rest, write) for what, rest in daily.figures.unexplained]
    return "; ".join(found) or "balance"


def _residual(what: str, rest: Remainder, write: Notation) -> str:
    """Return by how much a breakdown is less or more than the totals."""
    if what == "costs":
        return _rest("expenses", rest.amounts.expenses, "category", "categories", write)
    amounts = {name: getattr(rest.amounts, name) for name in ("revenue", "expenses")}
    found = [_rest(name, each, "agent", "agents", write) for name, each in amounts.items() if each]
    return "; ".join(found)


def _rest(name: str, amount: Decimal, one: str, several: str, write: Notation) -> str:
    if amount < 0:
        return f"{several} have {write.money(-amount)} more {name} than the day"
    return f"{write.money(amount)} of {name} are of no {one}"


def _gaps(figures: DailyFigures, zone: tzinfo, write: Notation) -> str:
    known = figures.coverage
    if known is None:
        return "not known, there are no minutes of this day"
    if known.minutes == 1:
        return f"messages in one minute only, {_clock(known.first, zone)}"
    between = f"between {_clock(known.first, zone)} and {_clock(known.last, zone)}"
    if known.longest is None:
        return f"a message in every minute {between}"
    start, end = known.longest
    longest = f"longest from {_clock(start, zone)} to {_clock(end, zone)}"
    minutes = f"{write.count(known.missing)} of {write.count(known.minutes)} minutes"
    return f"no message in {minutes} {between}, {longest}"


def _restated(restated: Sequence[Restated], write: Notation) -> str:
    named = [
        f"{write.short_day(each.day)} net {write.money(each.now.net)},"
        f" was {write.money(each.before.net)}"
        for each in restated[-MOST_RESTATED:]
    ]
    more = len(restated) - len(named)
    others = [f"and {count_of_days(more, write)} before"] if more > 0 else []
    return "; ".join([*named, *others]) or "no other day"


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
