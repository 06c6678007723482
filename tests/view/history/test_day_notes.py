"""Notes on the history page: in the list, the charts and the tables."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.notes import Author, Note
from northstar.reports.periods import Period
from northstar.reports.tables import Table, sheet
from northstar.view.history import figures
from northstar.view.history.day_notes import days_sheet, notes_panel
from northstar.view.history.tables import chart_table
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation
from support.reports import day_report, record, report

WRITE = Notation("en_US", "USD")
MINUTE = datetime(2026, 2, 25, 9, 1, 30, tzinfo=UTC)
BERLIN = Calendar(ZoneInfo("Europe/Berlin"))


def note(number: int, day: int, text: str, at: datetime | None = None) -> Note:
    """Return a note of Alice for a day of February 2026."""
    return Note(number, date(2026, 2, day), at, Author("<alice>", "user"), MINUTE, text)


NOTES = [note(1, 23, "unknown <day>"), note(2, 25, "Fees"), note(3, 25, "Outage", MINUTE)]


def test_panel() -> None:
    """Notes are listed as text, each with its day, time, author and time of writing."""
    shown = to_html(notes_panel(report(notes=NOTES, calendar=BERLIN), WRITE, temporary=False))

    assert "unknown &lt;day&gt;" in shown
    assert 'data-who="&lt;alice&gt;"' in shown
    assert "</a>, 10:01 · &lt;alice&gt;, written 25 Feb 2026, 10:01:30</p>" in shown
    assert 'href="history?from=2026-02-23&amp;to=2026-02-23&amp;compare=previous"' in shown
    assert "end with the program" not in shown


def test_panel_without_notes() -> None:
    """Without notes there is only the form, for the days of the period up to today."""
    period = Period(date(2026, 2, 21), date(2026, 3, 3))
    shown = to_html(notes_panel(report(period=period), WRITE, temporary=True))

    assert "No notes in these days." in shown
    for limit in ('min="2026-02-21"', 'max="2026-02-25"', 'value="2026-02-25"'):
        assert limit in shown
    assert "end with the program" in shown


def test_panel_of_a_day() -> None:
    """The form of a single day is for that day."""
    shown = to_html(notes_panel(day_report(), WRITE, temporary=False))

    assert 'type="hidden"' in shown
    assert 'type="date"' not in shown


@pytest.mark.parametrize("chart", [HistoryId.CHART_DAYS, HistoryId.CHART_NET, HistoryId.CHART_FALL])
def test_marks(chart: HistoryId) -> None:
    """Each chart of days has a mark at a day with notes, even if the day is unknown."""
    *_, marks = figures.CHARTS[chart](report(notes=NOTES), WRITE)["data"]

    assert marks["meta"] == "notes"
    assert (marks["x"], marks["y"]) == (["2026-02-23", "2026-02-25"], [0.0, 0.0])
    assert marks["customdata"] == [
        "unknown <day> (<alice>)",
        "Fees (<alice>) · 09:01 Outage (<alice>)",
    ]


def test_marks_of_weeks() -> None:
    """A chart of weeks has the marks at their days."""
    period = Period(date(2025, 9, 1), date(2026, 2, 25))
    *_, marks = figures.days(report(notes=NOTES, period=period), WRITE)["data"]

    assert marks["x"] == ["2026-02-23", "2026-02-25"]


def test_mark_of_a_moment() -> None:
    """In the chart of a day, a note with a time is at that time on the line of net."""
    *_, marks = figures.intraday(day_report(notes=NOTES[1:]), WRITE)["data"]

    assert (marks["x"], marks["y"]) == (["2026-02-25 09:01:30"], [10.0])
    assert marks["customdata"] == ["09:01 Outage (<alice>)"]


def test_no_marks() -> None:
    """Without notes the charts have no additional trace."""
    shown = [*figures.CHARTS.values()]
    traces = [trace for chart in shown for trace in chart(report(), WRITE)["data"]]

    assert "notes" not in [trace.get("meta") for trace in traces]


def test_tables() -> None:
    """The table of days and the charts' tables have a column of notes if there are any.

    The table of days has the columns of restatements only if a day was restated.
    """
    with_notes = report(notes=[*NOTES, note(4, 22, "long " * 100)])

    texts = {row[0]: row[-1] for row in days_sheet(with_notes).rows}
    assert texts[date(2026, 2, 25)] == "Fees (<alice>) · 09:01 Outage (<alice>)"
    assert texts[date(2026, 2, 24)] is None
    assert len(str(texts[date(2026, 2, 22)])) == 120
    assert len(str(sheet(Table.DAYS, with_notes).rows[2][-1])) > 500
    assert chart_table(HistoryId.CHART_DAYS, with_notes, WRITE)["columns"][-1] == "Notes"
    assert chart_table(HistoryId.CHART_DAYS, report(), WRITE)["columns"][-1] == "Net"
    assert days_sheet(report()).columns[-1].name == "Restated"
    assert days_sheet(report(days=[record(24, "5", "1")])).columns[-1].name == "Below its peak"
