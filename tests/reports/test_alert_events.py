"""Alert events as a table of exports."""

from datetime import UTC, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.reports.alert_events import MOST_EVENTS, AlertEvent, events_sheet
from northstar.reports.csv_files import to_csv
from northstar.reports.tables import Table, about, sheets
from support.alert_events import EVENTS, SENT, at
from support.reports import day_report


def test_rows() -> None:
    """Each event is a row, newest first, with exact values, their unit and the deliveries."""
    newest, *_, first = events_sheet(EVENTS, UTC).rows

    assert newest[:5] == (at(14), "over", "critical", "floor", None)
    sent = "desk 09:00:12; mail: 550 no such user"
    assert first[5:] == (Decimal("-60.5"), Decimal(-50), "money", None, sent)


def test_csv() -> None:
    """Values are plain digits, and no name from the stream is a formula."""
    lines = to_csv(events_sheet(EVENTS, UTC)).decode("utf-8-sig").splitlines()

    assert lines[1:4] == [
        "2026-02-25T14:00:00+00:00,over,critical,floor,,-60.5,-50,money,,",
        "2026-02-25T09:02:00+00:00,acknowledged,critical,floor,,-60.5,-50,money,Ann: on it,",
        "2026-02-25T09:01:00+00:00,reminder,info,silent,'=<Ann>,100,90,seconds,,",
    ]


def test_sent_later() -> None:
    """A delivery on another day than its event has its date; a pending one is marked."""
    event, _ = EVENTS[0]
    late = SENT._replace(sent_at=at(9) + timedelta(days=1))
    waiting = SENT._replace(receiver="chat", sent_at=None, result=None)
    sent = AlertEvent(event, [late, waiting]).sent(ZoneInfo("Europe/Berlin"))

    assert sent == "desk 2026-02-26 10:00:00; chat: not sent yet"


def test_tables_of_a_report() -> None:
    """Exports have the table if there are events."""
    assert Table.ALERTS not in [each.name.lower() for each in sheets(day_report())]
    *_, last = sheets(day_report(events=EVENTS))
    assert last.name == "Alerts"


@pytest.mark.parametrize(("count", "noted"), [(MOST_EVENTS, True), (MOST_EVENTS - 1, False)])
def test_too_many(count: int, noted: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """An export with only some of the events says so."""
    report = day_report(events=EVENTS[:1] * count)
    notes = dict(about(report, "USD", "live", ""))

    assert notes.get("Alerts") == ("the newest 2,000 events" if noted else None)
