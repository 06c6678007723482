"""An export's summary, comparison and highlights, compared with hand-written tables."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.reports.periods import Period
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Column, Kind, Sheet
from northstar.reports.tables import (
    about,
    comparison_sheet,
    highlights_sheet,
    marked,
    sheets,
)
from support.berlin import BERLIN, EMPTY, FIRST, LOSS, ONE_DAY, REPORT
from support.february import amounts, february, money


def test_comparison() -> None:
    """Sums are beside the earlier ones: revenue of 280 is unchanged, expenses rise by 150 %."""
    whole = replace(
        REPORT,
        period=Period(february(21), february(22)),
        days=[
            replace(FIRST, amounts=amounts(180, 90)),
            replace(LOSS, amounts=amounts(100, 110)),
        ],
        compared=Period(february(16), february(17)),
    )

    assert comparison_sheet(whole) == Sheet(
        "Comparison",
        [
            Column("Figure", Kind.TEXT),
            Column("This period", Kind.MONEY),
            Column("Days compared", Kind.MONEY),
            Column("Compared with", Kind.MONEY),
            Column("Change", Kind.MONEY),
            Column("Change %", Kind.PERCENT),
            Column("Basis", Kind.TEXT),
        ],
        [
            ("Revenue", *money(280, 280, 280, 0, 0), "2 days each"),
            ("Expenses", *money(200, 200, 80, 120, 150), "2 days each"),
            ("Net", *money(80, 80, 200, -120, -60), "2 days each"),
        ],
    )


def test_comparison_with_the_running_day() -> None:
    """The current day is in the period's sum, but not in the compared one."""
    running = replace(REPORT, today=february(25), compared=Period(february(16), february(17)))
    running = replace(running, period=Period(february(24), february(25)), days=running.days[2:])

    assert comparison_sheet(running).rows[2] == (
        *("Net", Decimal(100), Decimal(30), Decimal(100), Decimal(-70), Decimal(-70)),
        "average day, of 1 day and 2 days",
    )


def test_comparison_of_halves() -> None:
    """Periods with missing days have no percentage."""
    assert [row[-2:] for row in comparison_sheet(REPORT).rows] == [
        (None, "average day, no percentage: days are unknown or incomplete")
    ] * 3


@pytest.mark.parametrize(
    ("now", "before", "rows"),
    [
        ((100, 40), None, [(100, None), (40, None), (60, None)]),
        (None, (100, 40), [(None, None)] * 3),
        (None, None, [(None, None)] * 3),
        ((100, 40), (0, 40), [(100, None), (40, 0), (60, None)]),
        ((50, 100), (75, 100), [(50, Decimal(-100) / 3), (100, 0), (-50, -100)]),
    ],
    ids=["nothing-before", "nothing-now", "nothing", "of-zero-and-across-zero", "losses"],
)
def test_comparison_without_percentage(now: Any, before: Any, rows: list[Any]) -> None:
    """Unknown values and meaningless percentages are None."""
    report = replace(
        REPORT,
        period=Period(february(21), february(21)),
        compared=Period(february(16), february(16)),
        days=[DayRecord(february(21), amounts(*now))] if now else [],
        before=[DayRecord(february(16), amounts(*before))] if before else [],
    )

    assert [(row[1], row[5]) for row in comparison_sheet(report).rows] == rows


def test_highlights() -> None:
    """The highlights of the page are there: margins, best and worst day, drawdowns."""
    margin, before = Decimal(80) / Decimal(280) * 100, Decimal(200) / Decimal(280) * 100
    assert highlights_sheet(REPORT).rows == [
        ("Net margin", None, None, None, margin),
        ("Net margin of the days compared", None, None, None, margin),
        ("Net margin compared with", None, None, None, before),
        ("Average day", None, 20, 4, None),
        ("Best day", february(25), 70, None, None),
        ("Worst day", february(22), -80, None, None),
        ("Deepest drawdown", february(22), -80, 4, Decimal(-80) / 260 * 100),
        ("Longest drawdown", february(22), -80, 4, Decimal(-80) / 260 * 100),
    ]
    assert [row[1:] for row in highlights_sheet(EMPTY).rows] == [
        (None, None, None, None),
        (None, None, None, None),
        (None, None, None, None),
        (None, None, 0, None),
        *[(None, None, None, None)] * 4,
    ]


def test_sheets() -> None:
    """A report of several days has every table except minutes."""
    names = [sheet.name for sheet in sheets(REPORT)]

    assert names == [
        *("Comparison", "Highlights", "Days", "Versions", "Drawdowns", "Agents", "Costs")
    ]


def test_sheets_of_one_day() -> None:
    """A report of a single day has its minutes, too."""
    names = [sheet.name for sheet in sheets(ONE_DAY)]

    assert names == [
        *("Comparison", "Highlights", "Days", "Versions"),
        *("Minutes", "Drawdowns", "Agents", "Costs"),
    ]


def test_sheets_of_nothing() -> None:
    """Without data every table exists, without rows except for the figures."""
    assert {sheet.name: len(sheet.rows) for sheet in sheets(EMPTY)} == {
        "Comparison": 3,
        "Highlights": 8,
        "Days": 0,
        "Versions": 0,
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
        Kind.NUMBER: Decimal,
        Kind.TEXT: str,
    }
    for sheet in sheets(report):
        for row in sheet.rows:
            for cell, column in zip(row, sheet.columns, strict=True):
                assert cell is None or isinstance(cell, types[column.kind])


def test_about() -> None:
    """The summary lists all parameters of the report."""
    assert about(REPORT, "EUR", "live", "ws://desk:8000/pnl") == [
        ("As of", "2026-02-25T23:59:59+01:00"),
        ("Feed", "stale"),
        ("Exported", "2026-02-26T13:00:00+01:00"),
        ("Zone", "Europe/Berlin"),
        ("A day closes at", "00:00"),
        ("Currency", "EUR"),
        ("Source", "ws://desk:8000/pnl"),
        ("Range", "2026-02-21 to 2026-02-25"),
        ("Days compared", "2026-02-21 to 2026-02-25"),
        ("Compared with", "2026-02-16 to 2026-02-20"),
        ("Basis of the comparison", "average day, no percentage: days are unknown or incomplete"),
        ("Days not known", "1"),
        ("Days incomplete", "0"),
        ("Days of the comparison not known or incomplete", "3"),
        ("Costs known of", "2 of 4 days"),
        ("Agents known of", "2 of 4 days"),
        ("Drawdowns", "of cumulative net of the 6 days known since 2026-02-16"),
    ]


def test_about_nothing() -> None:
    """Before the first message the data has no time."""
    notes = dict(about(EMPTY, "EUR", "live", "desk"))

    assert (notes["As of"], notes["Feed"], notes["Drawdowns"]) == ("no data", "connecting", "")


@pytest.mark.parametrize(("source", "heads"), [("live", ["Day"]), ("demo", ["Day", "Source"])])
def test_table_that_stands_alone(source: str, heads: list[str]) -> None:
    """In a file of one table each row of invented data is marked."""
    day = Column("Day", Kind.DAY)
    found = marked(Sheet("Days", [day], [(february(1),)], ("Total",)), source)

    assert [column.name for column in found.columns] == heads
    mark = ["DEMO: these numbers are not real"] if source == "demo" else []
    assert [*map(list, found.rows), [*(found.total or ())]] == [
        [february(1), *mark],
        ["Total", *mark],
    ]


def test_about_one_that_is_compared_with_nothing() -> None:
    """The summary names a missing comparison and a close other than midnight."""
    report = replace(REPORT, compared=None, calendar=Calendar(BERLIN, time(17)))
    told = dict(about(report, "EUR", "live", "desk"))

    assert told["Compared with"] == "nothing"
    assert told["A day closes at"] == "17:00"


@pytest.mark.parametrize("source", ["demo", "replay"])
def test_about_what_is_not_real(source: str) -> None:
    """The mark of data that is not real comes first."""
    first, *rest = about(REPORT, "EUR", source, "bundled emitter")

    assert first == ("Not real", f"{source.upper()}: these numbers are not real")
    assert rest == about(REPORT, "EUR", "live", "bundled emitter")
