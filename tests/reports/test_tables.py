"""Every table of a report, compared with hand-written ones."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from northstar.domain.day import DayRecord, Origin, Version
from northstar.reports.drawdowns import Opening
from northstar.reports.periods import Period
from northstar.reports.tables import (
    agents_sheet,
    costs_sheet,
    days_sheet,
    drawdowns_sheet,
    minutes_sheet,
    versions_sheet,
)
from support.berlin import BERLIN, FIRST, OF_THE_TREND, ONE_DAY, REPORT, closed, heads, shown
from support.february import amounts, february, money


def test_days() -> None:
    """The newest day is first; cumulative figures start at the oldest; times are in the zone."""
    sheet = days_sheet(REPORT)

    assert sheet.name == "Days"
    assert heads(sheet) == [
        "Day",
        "Status",
        "Last state",
        "Revenue",
        "Expenses",
        "Net",
        "Cumulative net",
        "Below its peak",
        "Closed at net",
        "Restated",
        "Notes",
    ]
    restated_at = datetime(2026, 2, 26, 10, 30, tzinfo=BERLIN)
    assert sheet.rows == [
        (february(25), "restated", shown(25), *money(110, 40, 70, 80, 0, 55), restated_at, None),
        (february(24), "stated", None, *money(50, 20, 30, 10, -50, None), None, None),
        (february(22), "closed", shown(22), *money(20, 100, -80, -20, -80, None), None, None),
        (february(21), "closed", shown(21), *money(100, 40, 60, 60, 0, None), None, None),
    ]
    assert sheet.total == ("Total", None, None, *money(280, 200, 80), *[None] * 5)


def test_days_that_are_not_over() -> None:
    """The current day has neither cumulative net nor distance from the peak."""
    running, *over = days_sheet(replace(REPORT, today=february(25))).rows

    assert running == (
        *(february(25), "running", shown(25), *money(110, 40, 70)),
        *(None, None, 55, datetime(2026, 2, 26, 10, 30, tzinfo=BERLIN), None),
    )
    assert [row[6:8] for row in over] == [money(10, -50), money(-20, -80), money(60, 0)]


def test_versions() -> None:
    """Each version of a restated day has its time, origin, amounts and change of net."""
    first = Version(closed(24), amounts(50, 20), Origin.STATE)
    second = Version(closed(25), amounts(60, 30), Origin.TREND)  # net is unchanged
    third = Version(closed(26), amounts(60, 20), Origin.TREND)
    changed = replace(OF_THE_TREND, versions=[first, second, third])
    days = [replace(FIRST, versions=[first]), changed]

    sheet = versions_sheet(replace(REPORT, days=days))

    assert heads(sheet)[:3] == ["Day", "Known from", "Origin"]
    assert sheet.rows == [
        (february(24), shown(24), "state", *money(50, 20, 30), None),
        (february(24), shown(25), "trend", *money(60, 30, 30, 0)),
        (february(24), shown(26), "trend", *money(60, 20, 40, 10)),
    ]


def test_times_of_days() -> None:
    """Times have the zone's offset, and not only the same instants."""
    newest, *_ = days_sheet(REPORT).rows

    assert [str(cell) for cell in (newest[-2], newest[2])] == [
        "2026-02-26 10:30:00+01:00",
        "2026-02-25 23:59:59+01:00",
    ]


def test_minutes() -> None:
    """The oldest minute is first, in the zone."""
    sheet = minutes_sheet(ONE_DAY)

    assert (sheet.name, heads(sheet)) == ("Minutes", ["Time", "Revenue", "Expenses", "Net"])
    assert [(str(at), *rest) for at, *rest in sheet.rows] == [
        ("2026-02-22 00:00:59+01:00", *money(5, 1, 4)),
        ("2026-02-22 23:59:59+01:00", *money(20, 100, -80)),
    ]


def test_drawdowns() -> None:
    """Each drawdown has its peak, its bottom and its days to recovery."""
    sheet = drawdowns_sheet(REPORT)

    assert sheet.name == "Drawdowns"
    assert heads(sheet) == [
        *("Peak", "Lowest", "Depth", "% of peak", "Days", "Recovered", "Depth before the period")
    ]
    percent = Decimal(-80) / 260 * 100  # of the 200 before and the 60 of the first day
    assert sheet.rows == [
        (february(21), february(22), Decimal(-80), percent, 4, february(25), None)
    ]


def test_drawdowns_by_depth() -> None:
    """The deepest is first; one from the first day has no peak, an open one no end."""
    nets = [-5, 5, -20, 20, -10]
    days = [
        DayRecord(february(number), amounts(100, 100 - net)) for number, net in enumerate(nets, 1)
    ]

    period = Period(february(1), february(5))
    assert drawdowns_sheet(replace(REPORT, period=period, days=days, opening=Opening())).rows == [
        (february(2), february(3), Decimal(-20), None, 2, february(4), None),
        (february(4), february(5), Decimal(-10), None, 1, None, None),
        (None, february(1), Decimal(-5), None, 2, february(2), None),
    ]


def test_agents() -> None:
    """Agents are sums over days that have them, best first; without revenue there is no margin."""
    sheet = agents_sheet(REPORT)

    assert sheet.name == "Agents"
    assert heads(sheet) == ["Agent", "Revenue", "Expenses", "Net", "Margin %"]
    assert sheet.rows == [
        ("Cliff", *money(40, 0, 40, 100)),
        ("John", *money(80, 50, 30), Decimal("37.5")),
        ("Sleeper", *money(0, 5, -5, None)),
        ("Not attributed", *money(0, 85, -85, None)),
    ]
    assert sheet.total == ("Total", *money(120, 140, -20), Decimal(-20) / 120 * 100)


def test_agents_over_the_totals() -> None:
    """The agents' sum may exceed the totals."""
    claimed = replace(FIRST, agents={"John": amounts(150, 50)})
    sheet = agents_sheet(replace(REPORT, days=[claimed]))

    assert sheet.rows[1:] == [("Attributed over the totals", *money(-50, -10, -40, None))]
    assert sheet.total == ("Total", *money(100, 40, 60, 60))


def test_costs() -> None:
    """Costs are sums over days that have them, largest first, with their shares."""
    sheet = costs_sheet(REPORT)

    assert (sheet.name, heads(sheet)) == ("Costs", ["Category", "Amount", "Share %"])
    assert sheet.rows == [
        ("Rent", *money(80, 100)),
        ("Fees", *money(0, 0)),
        ("Not itemised", *money(60, None)),  # of the 100 of the 22nd
    ]
    assert sheet.total == ("Total", *money(140, None))


def test_costs_over_the_expenses() -> None:
    """The categories' sum may exceed restated expenses."""
    lower = replace(FIRST, costs={"Fees": Decimal(100)})

    assert costs_sheet(replace(REPORT, days=[lower])).rows[1:] == [
        ("Itemised over the expenses", *money(-60, None))
    ]


def test_costs_of_nothing_in_all() -> None:
    """If the sum is not positive there are no shares."""
    refund = replace(FIRST, costs={"Fees": Decimal(5), "Refund": Decimal(-5)})

    assert costs_sheet(replace(REPORT, days=[refund])).rows == [
        ("Fees", *money(5, None)),
        ("Refund", *money(-5, None)),
        ("Not itemised", *money(40, None)),
    ]
