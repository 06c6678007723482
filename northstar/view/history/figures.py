"""Charts of the history page: report → plotly figure."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from northstar.domain.day import DayRecord
from northstar.domain.notes import one_line
from northstar.reports.day_table import DaySeries, dates
from northstar.reports.report import Report
from northstar.reports.weeks import Week, weeks
from northstar.view.history.alert_events import mark_text, marked
from northstar.view.shared import theme
from northstar.view.shared.charts import (
    DIAMOND,
    MEASURES,
    PADDING,
    TIMES,
    Figure,
    blank,
    lean_layout,
    notice_of,
    padded,
    scale,
)
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.marks import alert_marks, note_marks
from northstar.view.shared.money import Notation

MOST_DAYS_AS_BARS = 120  # longer periods have a bar for each week
DAYS_OF_A_WEEK = 7
MOST_DAYS_LABELLED = 100  # longer periods have month labels
NO_DAYS = "no data for these days"
NO_FALL = "never below its peak"
NO_MINUTES = "no data by the minute for this day"
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
HALF_A_DAY, HALF_A_WEEK = timedelta(hours=12), timedelta(days=3, hours=12)


def intraday(report: Report, write: Notation) -> Figure:
    """The day's amounts by the minute, as steps: each holds until the next one."""
    if not report.moments:
        return blank(NO_MINUTES)
    start = report.calendar.start(report.period.first)
    at = [_since(start, moment.at, report) for moment in report.moments]
    traces = [
        _line(name, at, [getattr(moment.amounts, name) for moment in report.moments], write)
        for name in MEASURES
    ]
    for trace in traces:
        trace["line"] |= {"shape": "hv"}
    layout = _time_layout([y for trace in traces for y in trace["y"]], write)
    end = report.calendar.end(report.period.first)
    hours = [start + timedelta(hours=hour) for hour in range(int((end - start) / HOUR) + 1)]
    layout["xaxis"] |= {
        "range": [_since(start, start, report), _since(start, end, report)],
        "tickvals": [_since(start, hour, report) for hour in hours],
        "ticktext": [f"{hour.astimezone(report.calendar.zone):%H:%M}" for hour in hours],
    }
    if _has_clock_change(start, end, report):
        traces.insert(0, _times(traces[-1], report))
        layout["xaxis"]["unifiedhovertitle"] = {"text": write.full_day(report.period.first)}
    marks = [*_note_marks(start, report), *_alert_marks(start, report, write)]
    return {"data": [*traces, *marks], "layout": layout}


def days(report: Report, write: Notation) -> Figure:
    """Revenue and expenses as lines, net as bars; days not whole and restated ones are marked.

    A long period is shown by week.
    """
    if not report.counted:
        return blank(NO_DAYS)
    if is_weekly(report):
        return _by_week(report, ("net", "revenue", "expenses"), write)
    net = _bars(report, write)
    lines = [
        _line(name, *_with_gaps(report.table[name]), write) for name in ("revenue", "expenses")
    ]
    marked = [(day, day.closed) for day in report.days if day.closed]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "name": "Restated",
        "meta": "restated",
        "x": [day.day.isoformat() for day, _ in marked],
        "y": [float(day.net) for day, _ in marked],
        "customdata": [f"closed at {write.money(closed.net)}" for _, closed in marked],
        "marker": dict(DIAMOND),
    }
    layout = _time_layout([0.0, *net["y"], *(y for line in lines for y in line["y"])], write)
    layout["xaxis"] |= _day_axis(report, write)
    return {"data": [net, *lines, marks, *_day_marks(report)], "layout": layout}


def category_days(report: Report, write: Notation) -> Figure:
    """The amounts of a category by day, as bars; days that are not whole are hatched."""
    if not report.counted:
        return blank(NO_DAYS)
    if is_weekly(report):
        return _by_week(report, ["expenses"], write)
    bars = _bars(report, write)
    amounts = [day.expenses for day in report.counted]
    texts = [day_text(day, write.money(day.expenses), report) for day in report.counted]
    bars |= {"name": "Amount", "meta": "expenses", "y": list(map(float, amounts))}
    bars |= {"customdata": texts, "marker": bars["marker"] | {"color": theme.EXPENSES}}
    layout = _time_layout([0.0, *bars["y"]], write)
    layout["xaxis"] |= _day_axis(report, write)
    return {"data": [bars, *_day_marks(report)], "layout": layout}


def is_weekly(report: Report) -> bool:
    """Return whether the days of a period are shown as weeks."""
    return report.period.days > MOST_DAYS_AS_BARS


def _by_week(report: Report, names: Sequence[str], write: Notation) -> Figure:
    """The first of the amounts `names` by week as bars, the others as lines.

    A week is at its Monday; one that lacks a trading day is hatched.
    """
    known = weeks(report)
    mondays = [week.monday.isoformat() for week in known]
    traces = []
    for name in names:
        amounts = [getattr(week.amounts, name) for week in known]
        trace = _line(name, mondays, amounts, write)
        trace["customdata"] = [
            week_text(week, text) for week, text in zip(known, trace["customdata"], strict=True)
        ]
        traces.append(trace)
    first, *_ = traces
    nets = [week.amounts.net for week in known]
    colours = [theme.result(write.shown(net)) for net in nets]
    first |= {"type": "bar", "name": f"{first['name']}, week"}
    first["marker"] = {
        "color": colours if names[0] == "net" else MEASURES[names[0]],
        "pattern": {"shape": ["" if week.is_whole else "/" for week in known]},
    }
    for name in ("mode", "line"):
        del first[name]
    layout = _time_layout([0.0, *(y for trace in traces for y in trace["y"])], write)
    ends = [known[0].monday.isoformat(), known[-1].monday.isoformat()]
    layout["xaxis"] |= _day_axis(report, write) | {"range": _around(ends, HALF_A_WEEK)}
    layout["meta"] = {"days": DAYS_OF_A_WEEK}
    return {"data": [*traces, *_day_marks(report)], "layout": layout}


def week_text(week: Week, text: str) -> str:
    """Return a text about a week, with its number of whole days unless it has all."""
    return text if week.is_whole else f"{text}, {week.whole} of {week.trading} days"


def running_net(report: Report, write: Notation) -> Figure:
    """Cumulative net of the period, overlaid with that of the other period."""
    if report.table.empty:
        return blank(NO_DAYS)
    now = _line("net", *_with_gaps(report.table["cumulative"]), write)
    now |= {"name": "This period", "line": {"color": theme.NET, "width": 2}}
    traces = [now]
    if report.compared and not report.table_before.empty:
        shift = report.period.first - report.compared.first
        then = _line("net", *_with_gaps(report.table_before["cumulative"], shift), write)
        then |= {"name": "Compared with", "meta": "average"}
        then["line"] = {"color": theme.TEXT, "width": 1.5, "dash": "dot"}
        traces.append(then)
    layout = _time_layout([0.0, *(y for trace in traces for y in trace["y"])], write)
    layout["xaxis"] |= _day_axis(report, write)
    return {"data": [*traces, *_day_marks(report)], "layout": layout}


def fall(report: Report, write: Notation) -> Figure:
    """Drawdown: cumulative net minus its peak so far."""
    if report.table.empty:
        return blank(NO_DAYS)
    curve = _line("net", *_with_gaps(report.table["below"]), write)
    curve |= {
        "name": "Below the peak",
        "meta": "fall",
        "line": {"color": theme.LOSS, "width": 1.5},
        "fill": "tozeroy",
        "fillcolor": theme.FALL,
    }
    layout = _time_layout([0.0, *curve["y"]], write)
    layout["xaxis"] |= _day_axis(report, write)
    if not report.drawdowns:
        layout["yaxis"] |= {"range": [-1.0, 0.0]}  # the line is at the top, as of any drawdown
        layout["annotations"] = [notice_of(NO_FALL)]
    return {"data": [curve, *_day_marks(report)], "layout": layout}


CHARTS: Mapping[HistoryId, Callable[[Report, Notation], Figure]] = {
    HistoryId.CHART_INTRADAY: intraday,
    HistoryId.CHART_DAYS: days,
    HistoryId.CHART_NET: running_net,
    HistoryId.CHART_FALL: fall,
}


def _bars(report: Report, write: Notation) -> Figure:
    """Net of each day; days that are not whole are hatched, and their hover text has the status."""
    nets = [day.net for day in report.counted]
    return {
        "type": "bar",
        "name": "Net",
        "meta": "net",
        "x": [day.day.isoformat() for day in report.counted],
        "y": [float(net) for net in nets],
        "customdata": [day_text(day, write.money(day.net), report) for day in report.counted],
        "marker": {
            "color": [theme.result(write.shown(net)) for net in nets],
            "pattern": {"shape": ["" if report.is_whole(day) else "/" for day in report.counted]},
        },
    }


def day_text(day: DayRecord, text: str, report: Report) -> str:
    """Return a text about a day, with its status unless it is a whole day."""
    return text if report.is_whole(day) else f"{text}, {report.status(day)}"


def _line(name: str, x: Sequence[str], amounts: Sequence[Any], write: Notation) -> Figure:
    known = sum(amount is not None for amount in amounts)
    return {
        "type": "scatter",
        "name": name.capitalize(),
        "meta": name,
        "x": x,
        "y": [None if amount is None else float(amount) for amount in amounts],
        "customdata": [write.money(amount) for amount in amounts],
        "mode": "lines" if known > 1 else "markers",
        "line": {"color": MEASURES[name], "width": 2},
        "marker": {"color": MEASURES[name], "size": 7},
    }


def _with_gaps(
    amounts: DaySeries, shift: timedelta = timedelta(0)
) -> tuple[list[str], list[Decimal | None]]:
    """Return days and amounts, with an unknown amount after each day before a gap."""
    known = dates(amounts)
    points: list[tuple[date, Decimal | None]] = []
    for day, amount, following in zip_longest(known, amounts, known[1:]):
        points.append((day, amount))
        if following and following - day > ONE_DAY:
            points.append((day + ONE_DAY, None))
    return [(day + shift).isoformat() for day, _ in points], [amount for _, amount in points]


def _day_axis(report: Report, write: Notation) -> Figure:
    """Return an axis labelled by day, or by month for long periods."""
    first, last = report.period.first, report.period.last
    shown = [first + timedelta(days=n) for n in range(report.period.days)]
    if len(shown) > MOST_DAYS_LABELLED:
        shown = [day for day in shown if day.day == 1]
    return {
        "range": _around([first.isoformat(), last.isoformat()], HALF_A_DAY),
        "tickvals": [day.isoformat() for day in shown],
        "ticktext": [_label(day, report, write) for day in shown],
    }


def _around(days: Sequence[str], room: timedelta) -> list[str]:
    """Return the range of an axis from the first to the last of these days, with room beside."""
    first, last = (datetime.fromisoformat(day) for day in days)
    least, most = (datetime.combine(end, time(0)) for end in (date.min, date.max))
    ends = max(first, least + HALF_A_DAY + room) - room, min(last, most - room) + room
    return [end.isoformat(" ") for end in ends]


def _label(day: date, report: Report, write: Notation) -> str:
    many = report.period.days > MOST_DAYS_LABELLED
    return write.month(day) if many else write.short_day(day)


def _since(start: datetime, at: datetime, report: Report) -> str:
    """Return a time on an axis that stays even across skipped and repeated hours."""
    wall = start.astimezone(report.calendar.zone).replace(tzinfo=None)
    return (wall + (at - start)).isoformat(" ", "seconds")


def _has_clock_change(start: datetime, end: datetime, report: Report) -> bool:
    first, last = (time.astimezone(report.calendar.zone).utcoffset() for time in (start, end))
    return first != last


def _times(line: Figure, report: Report) -> Figure:
    """Return an invisible trace along `line` whose hover texts are the local times.

    After a clock change the axis, which stays even, differs from the clocks, and so would the
    tooltip's title.
    """
    local = (moment.at.astimezone(report.calendar.zone) for moment in report.moments)
    return {
        "type": "scatter",
        "name": "",
        "x": line["x"],
        "y": line["y"],
        "customdata": [f"{time:%H:%M:%S %Z}" for time in local],
        "mode": "markers",
        "marker": {"color": "rgba(0,0,0,0)"},
    }


def _day_marks(report: Report) -> list[Figure]:
    """Return a mark on the zero line for each day with notes."""
    zone = report.calendar.zone
    texts = [one_line(notes, zone) for notes in report.notes_of.values()]
    return note_marks([day.isoformat() for day in report.notes_of], [0.0] * len(texts), texts)


def _note_marks(start: datetime, report: Report) -> list[Figure]:
    """Return a mark at the moment of each note of a day."""
    found = [(note, note.at) for note in report.notes if note.at]
    texts = [one_line([note], report.calendar.zone) for note, _ in found]
    return note_marks(*_on_net([at for _, at in found], start, report), texts)


def _alert_marks(start: datetime, report: Report, write: Notation) -> list[Figure]:
    """Return a mark where the state of an alert changed."""
    found = marked(report)
    texts = [mark_text(each, report, write) for each in found]
    return alert_marks(*_on_net([each.event.at for each in found], start, report), texts)


def _on_net(
    instants: Sequence[datetime], start: datetime, report: Report
) -> tuple[Sequence[str], Sequence[float]]:
    """Return the points of the line of net at these times of a day."""
    times = [moment.at for moment in report.moments]
    states = [report.moments[max(0, bisect_right(times, at) - 1)] for at in instants]
    x = [_since(start, at, report) for at in instants]
    return x, [float(state.amounts.net) for state in states]


def _time_layout(amounts: Sequence[float | None], write: Notation) -> Figure:
    layout = lean_layout()
    known = [y for y in amounts if y is not None]
    scale(layout, padded(known, PADDING), write)
    if not any(known):
        layout["yaxis"] |= {"tickvals": [0], "ticktext": ["0"]}
    layout["xaxis"] |= {
        **TIMES,
        "spikecolor": theme.AXIS,
        "spikedash": "solid",
        "spikethickness": -1,
    }
    layout |= {"hovermode": "x unified", "bargap": 0.25}
    return layout
