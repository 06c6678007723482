"""The calendar of net: a cell for each day, shaded by amount."""

import re
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from html import unescape
from typing import Any

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.domain.trading import TradingDays
from northstar.reports.periods import Period
from northstar.view.history.heat_map import heat_map
from northstar.view.history.links import Links
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation
from support.february import amounts
from support.reports import report

WRITE = Notation()
MONDAY = date(2025, 12, 29)
LAST = date(2026, 2, 25)  # a Wednesday, and today


def days(*nets: int | None, since: date = MONDAY) -> Sequence[DayRecord]:
    """Return days with these nets; None is unknown."""
    return [
        DayRecord(since + timedelta(days=n), amounts(str(net), "0"))
        for n, net in enumerate(nets)
        if net is not None
    ]


def shown(known: Sequence[DayRecord], first: date = MONDAY, **changes: Any) -> str:
    """Return the calendar of a period that ends on 25 February."""
    whole = report(period=Period(first, LAST), days=known, earlier=[], **changes)
    return unescape(to_html(heat_map(whole, Links(whole), WRITE)))


def cells(html: str) -> list[str]:
    """Return the classes of the weeks' cells; empty outside the period."""
    weeks = html.partition('class="weeks"')[2]
    found = re.findall(r'<(?:a|i)(?: class="([^"]*)")?', weeks)
    return [str(kind) for kind in found]


def test_shades() -> None:
    """A shade is a quarter of the largest absolute net; zero is neither gain nor loss."""
    kinds = cells(shown(days(100, 75, 74, 1, 0, -1, -25, -26, -100)))

    assert kinds[:9] == [
        "gain-4",
        "gain-4",
        "gain-3",
        "gain-1",
        "zero",
        "loss-1",
        "loss-2",
        "loss-2",
        "loss-4",
    ]


def test_unknown_is_not_zero() -> None:
    """An unknown day, a day without trading and a day outside the period look different."""
    calendar = Calendar(UTC, trading=TradingDays(weekdays=frozenset(range(5))))
    kinds = cells(shown(days(1, None, 1, 1, 1), calendar=calendar))

    assert kinds[:7] == ["gain-4", "unknown", "gain-4", "gain-4", "gain-4", "idle", "idle"]
    assert len(kinds) == 9 * 7
    assert kinds[-4:] == ["", "", "", ""]


def test_cells_lead_to_their_day() -> None:
    """A cell is a titled link to its day, and not a tab stop."""
    html = shown(days(5))
    query = "from=2025-12-29&to=2025-12-29&compare=previous"

    link = f'<a class="gain-4" href="history?{query}" title="29 Dec 2025: $5.00" tabindex="-1"></a>'
    assert link in html
    assert 'aria-hidden="true"' in html


def test_running_day() -> None:
    """The current day is marked as incomplete, also in its title."""
    html = shown([*days(5), *days(2, since=LAST)])

    assert 'class="gain-2 part"' in html
    assert "25 Feb 2026: $2.00, running" in html


def test_months() -> None:
    """The label of a month is above its first week."""
    weeks = shown(days(5)).partition('class="weeks"')[2]

    assert [name for name in re.findall("<span>([^<]*)</span>", weeks) if name] == [
        "Jan 2026",
        "Feb 2026",
    ]


def test_long_period() -> None:
    """The newest 53 weeks are shown."""
    first = LAST - timedelta(days=800)
    html = shown(days(*[1] * 801, since=first), first)

    assert len(cells(html)) == 53 * 7


def test_short_or_unknown_period() -> None:
    """A period of less than eight weeks or without known days has no calendar."""
    assert not shown(days(1, since=LAST), LAST - timedelta(days=54))
    assert not shown([])


def test_first_week_of_the_calendar() -> None:
    """The first day of the calendar is in the first week, although that week has no Monday."""
    first = date.min
    known = [DayRecord(first, amounts("1", "0"))]
    whole = report(
        period=Period(first, first + timedelta(days=60)),
        days=known,
        earlier=[],
        today=first + timedelta(days=90),
    )

    assert cells(to_html(heat_map(whole, Links(whole), WRITE)))[0] == "gain-4"
