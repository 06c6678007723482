"""The history page's charts: exact figures of a report, gaps and clock changes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord, Moment
from northstar.reports.parts import Part, PartKind, part_report
from northstar.reports.periods import Period
from northstar.view.history.figures import (
    CHARTS,
    category_days,
    days,
    fall,
    intraday,
    running_net,
)
from northstar.view.history.page import history_page
from northstar.view.history.tables import CATEGORY_COLUMNS, chart_table
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation
from support.february import amounts
from support.reports import day_report, record, report

WRITE = Notation()


def test_days() -> None:
    """Net is bars; revenue and expenses are lines with a gap at an unknown day."""
    net, revenue, expenses, restated = days(report(), WRITE)["data"]

    assert net["x"] == ["2026-02-21", "2026-02-22", "2026-02-24", "2026-02-25"]
    assert net["y"] == [60, -60.5, 60, 30]
    assert net["customdata"] == ["$60.00", "-$60.50", "$60.00", "$30.00, running"]
    assert net["marker"]["pattern"]["shape"] == ["", "", "", "/"]
    assert revenue["x"] == ["2026-02-21", "2026-02-22", "2026-02-23", "2026-02-24"]
    assert revenue["y"] == [100, 30, None, 80]
    assert expenses["y"] == [40, 90.5, None, 20]
    assert (restated["x"], restated["customdata"]) == (["2026-02-24"], ["closed at $55.00"])


def test_weeks() -> None:
    """A long period has a bar per week at its Monday; a week with a missing day is hatched."""
    first = date(2025, 10, 20)  # a Monday
    long = [DayRecord(first + timedelta(days=n), amounts("10", "4")) for n in range(128)]
    shown = report(period=Period(first, date(2026, 2, 25)), days=long, earlier=[])
    figure = days(shown, WRITE)
    net, revenue, expenses = figure["data"]

    assert net["x"][:2] == ["2025-10-20", "2025-10-27"]
    assert net["x"][-1] == "2026-02-23"
    assert net["y"] == [42] * 18 + [12]
    assert revenue["y"] == [70] * 18 + [20]
    assert expenses["customdata"] == ["$28.00"] * 18 + ["$8.00, 2 of 7 days"]
    assert net["marker"]["pattern"]["shape"] == [""] * 18 + ["/"]
    assert figure["layout"]["xaxis"]["range"] == ["2025-10-16 12:00:00", "2026-02-26 12:00:00"]
    assert chart_table(HistoryId.CHART_DAYS, shown, WRITE)["rows"][:2] == [
        ["23 Feb 2026, 2 of 7 days", "$20.00", "$8.00", "$12.00"],
        ["16 Feb 2026", "$70.00", "$28.00", "$42.00"],
    ]
    assert "Week by week" in to_html(history_page(shown, "live", WRITE))


def test_weeks_of_a_category() -> None:
    """The weeks of a category are its amounts in the colour of expenses."""
    first = date(2025, 10, 20)
    costs = {"Fees": Decimal(4)}
    long = [DayRecord(first + timedelta(n), amounts("1", "4"), costs=costs) for n in range(128)]
    whole = report(period=Period(first, date(2026, 2, 25)), days=long, earlier=[])
    fees = part_report(Part(PartKind.CATEGORY, "Fees"), whole, long).report
    [bars] = category_days(fees, WRITE)["data"]

    assert bars["y"] == [28] * 18 + [8]
    assert bars["marker"]["color"] == "--fill-expenses"
    table = chart_table(HistoryId.CHART_DAYS, fees, WRITE, CATEGORY_COLUMNS)
    assert table["columns"] == ("Week from", "Amount")


def test_cumulative_net_over_the_other_period() -> None:
    """The other period is drawn over this one, day for day, shifted by five days."""
    now, then = running_net(report(), WRITE)["data"]

    assert now["y"] == [60, -0.5, None, 59.5]
    assert then["x"] == ["2026-02-21", "2026-02-22", "2026-02-23", "2026-02-24", "2026-02-25"]
    assert then["y"] == [5, None, -5, None, 45]


def test_cumulative_net_compared_with_nothing() -> None:
    """Without another period there is one line."""
    assert len(running_net(report(compared=None, earlier=[]), WRITE)["data"]) == 1


def test_drawdown() -> None:
    """The curve shows how far cumulative net is below its peak."""
    [curve] = fall(report(), WRITE)["data"]

    assert curve["y"] == [0, -60.5, None, -0.5]


def test_period_without_drawdown() -> None:
    """The line is at zero, which is the only amount on the axis."""
    rising = [record(day, "100", "40") for day in (21, 22, 23)]
    figure = fall(report(days=rising), WRITE)
    axis = figure["layout"]["yaxis"]

    assert figure["data"][0]["y"] == [0, 0, 0]
    assert (axis["range"], axis["tickvals"]) == ([-1, 0], [0])
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["never below its peak"]


def test_days_of_nothing_but_zero() -> None:
    """The axis of days that are all zero has no other tick."""
    layout = days(report(days=[record(24, "0", "0")]), WRITE)["layout"]

    assert (layout["yaxis"]["tickvals"], layout["yaxis"]["ticktext"]) == ([0], ["0"])
    assert len(days(report(), WRITE)["layout"]["yaxis"]["tickvals"]) > 1


def test_day_by_the_minute() -> None:
    """Each amount holds until the next; the axis covers the day in hours."""
    figure = intraday(day_report(), WRITE)
    revenue, expenses, net = figure["data"]

    assert net["x"] == ["2026-02-25 09:00:00", "2026-02-25 09:01:00", "2026-02-25 14:02:00"]
    assert (revenue["y"], expenses["y"], net["y"]) == ([10, 12, 50], [2, 2, 20], [8, 10, 30])
    assert net["line"]["shape"] == "hv"
    assert figure["layout"]["xaxis"]["range"] == ["2026-02-25 00:00:00", "2026-02-26 00:00:00"]
    assert figure["layout"]["xaxis"]["ticktext"][:3] == ["00:00", "01:00", "02:00"]


def test_day_of_25_hours() -> None:
    """The repeated hour is on the axis twice, and the line never runs back."""
    day = Period(date(2026, 10, 25), date(2026, 10, 25))
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    moments = [Moment(start + timedelta(hours=hour), amounts("1", "0")) for hour in range(25)]
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    figure = intraday(day_report(period=day, moments=moments, calendar=berlin), WRITE)
    axis, xs = figure["layout"]["xaxis"], figure["data"][0]["x"]

    assert xs == sorted(set(xs))
    assert axis["ticktext"][:5] == ["00:00", "01:00", "02:00", "02:00", "03:00"]
    assert len(axis["ticktext"]) == 26
    assert axis["range"][1] == "2026-10-26 01:00:00"


@pytest.mark.parametrize(
    ("zone", "day", "hours", "told"),
    [
        ("America/New_York", date(2026, 11, 1), 20, "19:00:00 EST"),
        ("America/New_York", date(2026, 11, 1), 1, "01:00:00 EDT"),
        ("America/New_York", date(2026, 11, 1), 2, "01:00:00 EST"),
        ("America/New_York", date(2026, 3, 8), 20, "21:00:00 EDT"),
        ("Europe/Berlin", date(2026, 10, 25), 20, "19:00:00 CET"),
        ("Australia/Lord_Howe", date(2026, 4, 5), 20, "19:30:00 +1030"),
    ],
)
def test_tooltip_after_a_clock_change(zone: str, day: date, hours: int, told: str) -> None:
    """On a day with a clock change the tooltip has the local time."""
    calendar = Calendar(ZoneInfo(zone))
    moments = [Moment(calendar.start(day) + timedelta(hours=hours), amounts("1", "0"))]
    shown = day_report(period=Period(day, day), moments=moments, calendar=calendar)

    figure = intraday(shown, WRITE)

    times, revenue, *_ = figure["data"]
    assert (times["x"], times["customdata"]) == (revenue["x"], [told])
    title = figure["layout"]["xaxis"]["unifiedhovertitle"]
    assert title == {"text": WRITE.full_day(day)}  # instead of the time on the even axis


def test_tooltip_of_a_usual_day() -> None:
    """On other days the tooltip's title is the time on the axis."""
    figure = intraday(day_report(), WRITE)

    assert "unifiedhovertitle" not in figure["layout"]["xaxis"]
    assert len(figure["data"]) == 3


def test_axis_of_many_days() -> None:
    """The axis of a year has months instead of days."""
    year = Period(date(2025, 2, 26), date(2026, 2, 25))
    axis = days(report(period=year), WRITE)["layout"]["xaxis"]

    assert axis["ticktext"][0] == "Mar 2025"
    assert len(axis["ticktext"]) == 12


def test_first_day_of_the_calendar() -> None:
    """The first day of the calendar can be drawn."""
    first = date(1, 1, 1)
    axis = days(report(period=Period(first, first + timedelta(days=1))), WRITE)["layout"]["xaxis"]

    assert axis["range"] == ["0001-01-01 12:00:00", "0001-01-02 12:00:00"]


def test_a_single_day_among_several_is_a_point() -> None:
    """A line with a single day is drawn as a marker."""
    assert days(report(days=[record(24, "1", "1")]), WRITE)["data"][1]["mode"] == "markers"


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_only_the_running_day(chart: object) -> None:
    """A history that began today has one bar; charts of complete days show a notice."""
    assert callable(chart)
    figure = chart(report(days=[record(25, "50", "20")], earlier=[]), WRITE)

    shown = [trace["name"] for trace in figure["data"] if trace["y"]]
    assert shown == (["Net"] if chart is days else [])


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_nothing_known(chart: object) -> None:
    """A chart without data has a notice and no points."""
    assert callable(chart)
    figure = chart(report(days=[], moments=[]), WRITE)

    assert figure["data"] == []
    assert "no data" in figure["layout"]["annotations"][0]["text"]
