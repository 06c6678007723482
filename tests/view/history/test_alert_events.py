"""Alert events on the history page: the table, and marks in the chart of a day."""

from zoneinfo import ZoneInfo

from northstar.domain.calendar import Calendar
from northstar.view.history.alert_events import alerts_sheet
from northstar.view.history.figures import intraday
from northstar.view.history.page import history_page
from northstar.view.shared.drawn.drawing import draw
from northstar.view.shared.drawn.shapes import Marks
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation
from support.alert_events import EVENTS
from support.reports import day_report, report

WRITE = Notation("en_US", "USD")


def test_marks() -> None:
    """The chart of a day has a square on the line of net at each change of an alert."""
    figure = intraday(day_report(events=EVENTS), WRITE)
    *_, marks = figure["data"]

    assert (marks["name"], marks["marker"]["symbol"]) == ("Alert", "square")
    assert marks["x"] == ["2026-02-25 09:00:00", "2026-02-25 09:02:00", "2026-02-25 14:00:00"]
    assert marks["y"] == [8.0, 10.0, 10.0]
    assert marks["customdata"] == [
        "09:00:00 floor began, -$60.50, limit -$50.00",
        "09:02:00 floor acknowledged (Ann: on it)",
        "14:00:00 floor over",
    ]


def test_marks_are_drawn() -> None:
    """The drawing of the first response has the same marks as the figure."""
    drawing = draw(intraday(day_report(events=EVENTS), WRITE))
    (squares,) = [s for s in drawing.shapes if isinstance(s, Marks) and s.symbol == "square"]

    assert [x for x, _ in squares.points] == [3750, 3764, 5833]


def test_marks_after_a_clock_change() -> None:
    """Times are in the dashboard's zone."""
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    *_, marks = intraday(day_report(events=EVENTS, calendar=berlin), WRITE)["data"]

    assert marks["x"][0] == "2026-02-25 10:00:00"
    assert marks["customdata"][0].startswith("10:00:00 floor began")


def test_no_marks() -> None:
    """Without events or without minutes there is no trace of marks."""
    names = [trace["name"] for trace in intraday(day_report(), WRITE)["data"]]
    assert "Alert" not in names
    assert intraday(day_report(events=EVENTS, moments=[]), WRITE)["data"] == []


def test_table() -> None:
    """The table has every event, newest first, with values in the page's notation."""
    sheet = alerts_sheet(day_report(events=EVENTS), WRITE)

    assert [row[1] for row in sheet.rows] == ["over", "acknowledged", "reminder", "began"]
    assert sheet.rows[2][3:6] == ("silent (=<Ann>)", "1 min 40 s", "1 min 30 s")
    sent = "desk 09:00:12; mail: 550 no such user"
    assert sheet.rows[3][3:] == ("floor", "-$60.50", "-$50.00", None, sent)


def test_page() -> None:
    """The page of one day or several has the table, as text, if there are events."""
    for made in (day_report, report):
        page = to_html(history_page(made(events=EVENTS), "live", WRITE))
        assert 'id="table-alerts"' in page
        assert "silent (=&lt;Ann&gt;)" in page
        assert 'id="table-alerts"' not in to_html(history_page(made(), "live", WRITE))
