"""Every table of a report against one that was written by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord
from northstar.history.store import Moment
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Column, Kind, Sheet
from northstar.reports.tables import (
    about,
    agents_sheet,
    comparison_sheet,
    costs_sheet,
    days_sheet,
    falls_sheet,
    highlights_sheet,
    minutes_sheet,
    sheets,
)

BERLIN = ZoneInfo("Europe/Berlin")


def february(day: int) -> date:
    """Return that day of February 2026."""
    return date(2026, 2, day)


def amounts(revenue: int, expenses: int = 0) -> Amounts:
    """Return these amounts."""
    return Amounts(Decimal(revenue), Decimal(expenses))


def money(*values: int | None) -> tuple[Decimal | None, ...]:
    """Return amounts, None for what is unknown."""
    return tuple(None if value is None else Decimal(value) for value in values)


def closed(day: int) -> datetime:
    """Return the last second of a day in Berlin, in UTC."""
    return datetime(2026, 2, day, 22, 59, 59, tzinfo=UTC)


def shown(day: int) -> datetime:
    """Return the same as the zone's clocks show it."""
    return datetime(2026, 2, day, 23, 59, 59, tzinfo=BERLIN)


# Net +60, −80, +30, +70: cumulative 60, −20, 10, 80. The 23rd is unknown.
FIRST = DayRecord(
    february(21),
    amounts(100, 40),
    closed(21),
    costs={"Fees": Decimal(30), "Rent": Decimal(10)},
    agents={"John": amounts(60, 40), "Cliff": amounts(40)},
)
LOSS = DayRecord(
    february(22),
    amounts(20, 100),
    closed(22),
    costs={"Rent": Decimal(70), "Fees": Decimal(-30)},
    agents={"John": amounts(20, 10), "Sleeper": amounts(0, 5)},
)
OF_THE_TREND = DayRecord(february(24), amounts(50, 20))
RESTATED = DayRecord(
    february(25),
    amounts(110, 40),
    closed(25),
    closed=amounts(100, 45),
    restated_at=datetime(2026, 2, 26, 9, 30, tzinfo=UTC),
)
BEFORE = [DayRecord(february(16), amounts(200, 50)), DayRecord(february(17), amounts(80, 30))]
REPORT = Report(
    period=Period(february(21), february(25)),
    comparison=Comparison.PREVIOUS,
    compared=Period(february(16), february(20)),
    days=[FIRST, LOSS, OF_THE_TREND, RESTATED],
    before=BEFORE,
    moments=[],
    known=(february(16), february(25)),
    as_of=datetime(2026, 2, 26, 13, 0, 0, 5, tzinfo=BERLIN),
    today=february(26),
    calendar=Calendar(BERLIN),
)
EMPTY = replace(REPORT, days=[], before=[], known=None)
ONE_DAY = replace(
    REPORT,
    period=Period(february(22), february(22)),
    days=[LOSS],
    moments=[
        Moment(datetime(2026, 2, 21, 23, 0, 59, tzinfo=UTC), amounts(5, 1)),
        Moment(closed(22), amounts(20, 100)),
    ],
)


def heads(sheet: Sheet) -> list[str]:
    """Return the heads of a table."""
    return [column.name for column in sheet.columns]


def of(report: Report, **changes: Any) -> Report:
    """Return a report with some of it changed."""
    return replace(report, **changes)


def test_comparison() -> None:
    """Sums stand beside those before: 280 of revenue are as many, expenses are 150 % more."""
    whole = replace(
        REPORT,
        period=Period(february(21), february(20 + len(REPORT.days))),
        days=[replace(day, day=february(21 + n)) for n, day in enumerate(REPORT.days)],
        compared=Period(february(16), february(15 + len(BEFORE))),
        before=[replace(day, day=february(16 + n)) for n, day in enumerate(BEFORE)],
    )

    assert comparison_sheet(whole) == Sheet(
        "Comparison",
        [
            Column("Figure", Kind.TEXT),
            Column("This period", Kind.MONEY),
            Column("Compared with", Kind.MONEY),
            Column("Change", Kind.MONEY),
            Column("Change %", Kind.PERCENT),
        ],
        [
            ("Revenue", *money(280, 280, 0, 0)),
            ("Expenses", *money(200, 80, 120, 150)),
            ("Net", *money(80, 200, -120, -60)),
        ],
    )


@pytest.mark.parametrize(
    ("now", "before", "rows"),
    [
        (
            (100, 40),
            None,
            [(100, None, None, None), (40, None, None, None), (60, None, None, None)],
        ),
        (
            None,
            (100, 40),
            [(None, 100, None, None), (None, 40, None, None), (None, 60, None, None)],
        ),
        (None, None, [(None, None, None, None)] * 3),
        ((100, 40), (0, 40), [(100, 0, 100, None), (40, 40, 0, 0), (60, -40, 100, None)]),
        (
            (50, 100),
            (75, 100),
            [(50, 75, -25, Decimal(-100) / 3), (100, 100, 0, 0), (-50, -25, -25, -100)],
        ),
    ],
    ids=["nothing-before", "nothing-now", "nothing", "of-zero-and-across-zero", "losses"],
)
def test_comparison_without_percentage(now: Any, before: Any, rows: list[Any]) -> None:
    """What is unknown is None, and so is a percentage that has no meaning."""
    report = of(
        REPORT,
        today=february(21),
        compared=Period(february(16), february(16)),
        days=[DayRecord(february(21), amounts(*now))] if now else [],
        before=[DayRecord(february(16), amounts(*before))] if before else [],
    )

    figures = ("Revenue", "Expenses", "Net")
    assert comparison_sheet(report).rows == [
        (figure, *row) for figure, row in zip(figures, rows, strict=True)
    ]


def test_comparison_of_halves() -> None:
    """A percentage of periods that are not known as a whole would mislead, and is not there."""
    assert [row[-1] for row in comparison_sheet(REPORT).rows] == [None, None, None]


def test_highlights() -> None:
    """What the page says at a glance is there: margins, best and worst day, and the drawdowns."""
    assert highlights_sheet(REPORT).rows == [
        ("Net margin", None, None, None, Decimal(80) / Decimal(280) * 100),
        ("Net margin compared with", None, None, None, Decimal(200) / Decimal(280) * 100),
        ("Best day", february(25), 70, None, None),
        ("Worst day", february(22), -80, None, None),
        ("Deepest drawdown", february(22), -80, 4, None),
        ("Longest drawdown", february(22), -80, 4, None),
    ]
    assert [row[1:] for row in highlights_sheet(EMPTY).rows] == [(None, None, None, None)] * 6


def test_days() -> None:
    """The newest day comes first; running sums are from the oldest; times are the zone's."""
    sheet = days_sheet(REPORT)

    assert sheet.name == "Days"
    assert heads(sheet) == [
        "Day",
        "Status",
        "Revenue",
        "Expenses",
        "Net",
        "Cumulative net",
        "Below its peak",
        "Closed at net",
        "Restated",
        "Last state",
    ]
    restated_at = datetime(2026, 2, 26, 10, 30, tzinfo=BERLIN)
    assert sheet.rows == [
        (february(25), "restated", *money(110, 40, 70, 80, 0, 55), restated_at, shown(25)),
        (february(24), "stated", *money(50, 20, 30, 10, -50, None), None, None),
        (february(22), "closed", *money(20, 100, -80, -20, -80, None), None, shown(22)),
        (february(21), "closed", *money(100, 40, 60, 60, 0, None), None, shown(21)),
    ]


def test_times_of_days() -> None:
    """Times are told in the zone, not only the same moments."""
    newest, *_ = days_sheet(REPORT).rows

    assert [str(cell) for cell in newest[-2:]] == [
        "2026-02-26 10:30:00+01:00",
        "2026-02-25 23:59:59+01:00",
    ]


def test_minutes() -> None:
    """The oldest minute comes first, in the zone."""
    sheet = minutes_sheet(ONE_DAY)

    assert (sheet.name, heads(sheet)) == ("Minutes", ["Time", "Revenue", "Expenses", "Net"])
    assert [(str(at), *rest) for at, *rest in sheet.rows] == [
        ("2026-02-22 00:00:59+01:00", *money(5, 1, 4)),
        ("2026-02-22 23:59:59+01:00", *money(20, 100, -80)),
    ]


def test_falls() -> None:
    """Each fall has its peak, its bottom, and how long it took to recover."""
    sheet = falls_sheet(REPORT)

    assert sheet.name == "Drawdowns"
    assert heads(sheet) == ["Peak", "Lowest", "Depth", "Days", "Recovered"]
    assert sheet.rows == [(february(21), february(22), Decimal(-80), 4, february(25))]


def test_falls_by_depth() -> None:
    """The deepest fall comes first; one from the first day has no peak, an open one no end."""
    nets = [-5, 5, -20, 20, -10]
    days = [
        DayRecord(february(number), amounts(100, 100 - net)) for number, net in enumerate(nets, 1)
    ]

    assert falls_sheet(of(REPORT, days=days)).rows == [
        (february(2), february(3), Decimal(-20), 2, february(4)),
        (february(4), february(5), Decimal(-10), 1, None),
        (None, february(1), Decimal(-5), 2, february(2)),
    ]


def test_agents() -> None:
    """Agents are sums over the days that have them, the best first; no margin of no revenue."""
    sheet = agents_sheet(REPORT)

    assert sheet.name == "Agents"
    assert heads(sheet) == ["Agent", "Revenue", "Expenses", "Net", "Margin %"]
    assert sheet.rows == [
        ("Cliff", *money(40, 0, 40, 100)),
        ("John", *money(80, 50, 30), Decimal("37.5")),
        ("Sleeper", *money(0, 5, -5, None)),
    ]


def test_costs() -> None:
    """Costs are sums over the days that have them, the largest first, and parts of all."""
    sheet = costs_sheet(REPORT)

    assert (sheet.name, heads(sheet)) == ("Costs", ["Category", "Amount", "Share %"])
    assert sheet.rows == [("Rent", *money(80, 100)), ("Fees", *money(0, 0))]


def test_costs_of_nothing_in_all() -> None:
    """There are no parts of what is not above zero."""
    refund = replace(FIRST, costs={"Fees": Decimal(5), "Refund": Decimal(-5)})

    assert costs_sheet(of(REPORT, days=[refund])).rows == [
        ("Fees", *money(5, None)),
        ("Refund", *money(-5, None)),
    ]


def test_sheets() -> None:
    """A report of several days has all tables but that of minutes."""
    names = [sheet.name for sheet in sheets(REPORT)]

    assert names == ["Comparison", "Highlights", "Days", "Drawdowns", "Agents", "Costs"]


def test_sheets_of_one_day() -> None:
    """A report of a single day has its minutes, too."""
    names = [sheet.name for sheet in sheets(ONE_DAY)]

    assert names == ["Comparison", "Highlights", "Days", "Minutes", "Drawdowns", "Agents", "Costs"]


def test_sheets_of_nothing() -> None:
    """Where nothing is known, all tables are there, and without rows but for the figures."""
    assert {sheet.name: len(sheet.rows) for sheet in sheets(EMPTY)} == {
        "Comparison": 3,
        "Highlights": 6,
        "Days": 0,
        "Drawdowns": 0,
        "Agents": 0,
        "Costs": 0,
    }


@pytest.mark.parametrize("report", [REPORT, ONE_DAY, EMPTY], ids=["days", "one-day", "nothing"])
def test_cells_are_of_their_kind(report: Report) -> None:
    """A row has a cell for each column, of its kind or None."""
    types = {
        Kind.DAY: date,
        Kind.TIME: datetime,
        Kind.MONEY: Decimal,
        Kind.PERCENT: Decimal,
        Kind.COUNT: int,
        Kind.TEXT: str,
    }
    for sheet in sheets(report):
        for row in sheet.rows:
            for cell, column in zip(row, sheet.columns, strict=True):
                assert cell is None or isinstance(cell, types[column.kind])


def test_about() -> None:
    """A reader is told all that the numbers depend on."""
    assert about(REPORT, "EUR", "live", "ws://desk:8000/pnl") == [
        ("As of", "2026-02-26T13:00:00+01:00"),
        ("Zone", "Europe/Berlin"),
        ("A day closes at", "00:00"),
        ("Currency", "EUR"),
        ("Source", "ws://desk:8000/pnl"),
        ("Range", "2026-02-21 to 2026-02-25"),
        ("Compared with", "2026-02-16 to 2026-02-20"),
        ("Days not known", "1"),
        ("Days not known of those compared with", "3"),
        ("Costs known of", "2 of 4 days"),
        ("Agents known of", "2 of 4 days"),
    ]


def test_about_one_that_is_compared_with_nothing() -> None:
    """That there is no comparison, and when a day closes elsewhere, is told."""
    report = of(REPORT, compared=None, before=[], calendar=Calendar(BERLIN, time(17)))
    told = dict(about(report, "EUR", "live", "desk"))

    assert told["Compared with"] == "nothing"
    assert told["A day closes at"] == "17:00"


@pytest.mark.parametrize("source", ["demo", "replay"])
def test_about_what_is_not_real(source: str) -> None:
    """That numbers are not real comes before all else."""
    first, *rest = about(REPORT, "EUR", source, "bundled emitter")

    assert first == ("Not real", f"{source.upper()}: these numbers are not real")
    assert rest == about(REPORT, "EUR", "live", "bundled emitter")
