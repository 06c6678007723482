"""Net by day as a calendar: a week is a column, a day a cell with a link to its page.

It duplicates the table of days, which keyboards and screen readers use instead.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from html import escape

from dash import html
from dash.development.base_component import Component

from northstar.domain.day import DayRecord, DayStatus
from northstar.reports.report import Report
from northstar.view.history.figures import day_text
from northstar.view.history.links import Links
from northstar.view.shared.html import Markup
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation

LEAST_DAYS = 56  # shorter periods have as many bars as days
MOST_WEEKS = 53
SHADES = 4  # of gains and of losses
WEEK = 7  # days
END = date.max.toordinal() + 1


def heat_map(report: Report, links: Links, write: Notation) -> Sequence[Component]:
    """Return the calendar of the newest 53 weeks of a period, if it is long enough for one."""
    if report.period.days < LEAST_DAYS or not report.counted:
        return []
    most = max(abs(write.shown(day.net)) for day in report.counted)
    heading = html.Div(
        [html.H2("Net by day, as a calendar"), _legend(most, write)], className="head"
    )
    names = html.Div(Markup(_weekdays()), className="weekdays")
    days = html.Div(Markup("".join(_columns(report, most, links, write))), className="weeks")
    # A picture for pointers: the table has the same days and links.
    picture = html.Div([names, days], className="heat", **{"aria-hidden": "true"})
    return [
        html.Section(
            [html.Div(heading, className="head"), picture],
            id=HistoryId.CALENDAR,
            className="panel calendar",
        )
    ]


def _legend(most: Decimal, write: Notation) -> Component:
    shades = [
        html.I(className=f"{name}-{shade}")
        for name, order in (("loss", range(SHADES, 0, -1)), ("gain", range(1, SHADES + 1)))
        for shade in order
    ]
    scale = html.Span(shades, className="shades", **{"aria-hidden": "true"})
    step = write.money(write.shown(most / SHADES))
    return html.P(
        [
            "Loss ",
            scale,
            f" Gain, a shade for each {step}; ",
            html.I(className="unknown"),
            " unknown",
        ],
        className="label legend-of-shades",
    )


def _weekdays() -> str:
    """Return the names of every second weekday, below the room for the months."""
    names = ("", "Mon", "", "Wed", "", "Fri", "", "")
    return "".join(f"<span>{name}</span>" for name in names)


def _columns(report: Report, most: Decimal, links: Links, write: Notation) -> Iterator[str]:
    """Yield a month or nothing, and the seven days, of each week."""
    days = {day.day: day for day in report.days}
    first, last = report.period.first, min(report.period.last, report.today)
    newest = _monday(last)
    shown_month = ""
    for monday in range(max(_monday(first), newest - (MOST_WEEKS - 1) * WEEK), newest + 1, WEEK):
        week = [date.fromordinal(day) for day in range(monday, min(monday + WEEK, END))]
        newest_day = min(week[-1], last)
        month = write.month(newest_day)
        is_named = month != shown_month and (newest_day.day <= WEEK or not shown_month)
        yield f"<span>{escape(month) if is_named else ''}</span>"
        shown_month = month if is_named else shown_month
        for day in week:
            is_shown = first <= day <= last
            yield _cell(day, days.get(day), report, most, links, write) if is_shown else "<i></i>"


def _cell(  # noqa: PLR0913, PLR0917 (a cell is its parts)
    day: date,
    record: DayRecord | None,
    report: Report,
    most: Decimal,
    links: Links,
    write: Notation,
) -> str:
    """Return a day as a cell: a link in the shade of its net, or a mark if there is none."""
    if record is None:
        kind = "unknown" if day in report.calendar.trading else "idle"
        return f'<i class="{kind}" title="{escape(write.full_day(day))}"></i>'
    text = f"{write.full_day(day)}: {day_text(record, write.money(record.net), report)}"
    kind = "idle" if report.status(record) is DayStatus.NO_TRADING else _shade(record, most, write)
    whole = "" if report.is_whole(record) else " part"
    address = escape(links.day(day) or "")
    return f'<a class="{kind}{whole}" href="{address}" title="{escape(text)}" tabindex="-1"></a>'


def _shade(record: DayRecord, most: Decimal, write: Notation) -> str:
    """Return the class of a net: loss or gain, with its quarter of the largest one."""
    net = write.shown(record.net)
    if not net:
        return "zero"
    shade = min(SHADES, int(abs(net) * SHADES / most) + 1)
    return f"{'loss' if net < 0 else 'gain'}-{shade}"


def _monday(day: date) -> int:
    """Return the ordinal of the Monday of a day's week; the first day of all is a Monday."""
    return day.toordinal() - day.weekday()
