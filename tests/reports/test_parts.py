"""The report of one agent or category, compared with tables by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from northstar.domain.day import DayRecord, DayStatus
from northstar.reports.contrast import Basis
from northstar.reports.day_table import dates
from northstar.reports.drawdowns import Drawdown
from northstar.reports.part_tables import part_days_sheet
from northstar.reports.parts import (
    Part,
    PartKind,
    PartReport,
    UnknownPart,
    days_of_part,
    part_report,
)
from northstar.reports.periods import Comparison, Period
from support.february import amounts
from support.reports import AS_OF, record, report

ANN, FEES = Part(PartKind.AGENT, "Ann"), Part(PartKind.CATEGORY, "Fees")


def agents(**books: tuple[str, str]) -> dict[str, Any]:
    """Return agents' revenue and expenses by name."""
    return {name: amounts(*book) for name, book in books.items()}


def costs(**values: str) -> dict[str, Any]:
    """Return costs by category."""
    return {name: Decimal(value) for name, value in values.items()}


#        17    18    19   20       21   22   23   24    25, running
# Ann    –     10    –    20-50    30   –    0    40-5  7
HISTORY = [
    record(17, "5", "1", agents=agents(Bob=("5", "1")), costs=costs(Rent="1")),
    record(18, "15", "1", agents=agents(Ann=("10", "0"), Bob=("5", "1")), costs=costs(Fees="1")),
    record(19, "9", "9"),  # known by its totals alone
    record(20, "20", "50", agents=agents(Ann=("20", "50")), costs=costs(Fees="30", Rent="20")),
    record(21, "50", "4", agents=agents(Ann=("30", "0"), Bob=("20", "4")), costs=costs(Fees="4")),
    record(22, "8", "8", agents={}, costs={}),
    record(23, "10", "2", agents=agents(Bob=("10", "2")), costs=costs(Rent="2")),
    record(
        24,
        "60",
        "10",
        agents=agents(Ann=("40", "5"), Bob=("20", "5")),
        costs=costs(Fees="10"),
        closed=amounts("55", "10"),
        restated_at=AS_OF,
    ),
    record(25, "7", "3", at=AS_OF, agents=agents(Ann=("7", "0")), costs=costs(Fees="3")),
]


def shown(part: Part, **changes: Any) -> PartReport:
    """Return a part's report of the 21st to the 25th, compared with the 16th to the 20th."""
    return part_report(part, report(days=HISTORY[4:], earlier=HISTORY[:4], **changes), HISTORY)


def books(days: Any) -> list[tuple[int, str, str]]:
    """Return the day of the month, revenue and expenses of each day."""
    return [(day.day.day, str(day.revenue), str(day.expenses)) for day in days]


def test_days_of_an_agent() -> None:
    """A day with other agents only is zero; one before the first or without agents is unknown."""
    assert books(days_of_part(ANN, HISTORY)) == [
        (18, "10", "0"),
        (20, "20", "50"),
        (21, "30", "0"),
        (23, "0", "0"),
        (24, "40", "5"),
        (25, "7", "0"),
    ]


def test_days_of_a_category() -> None:
    """The amounts of a category are expenses."""
    assert books(days_of_part(FEES, HISTORY)) == [
        (18, "0", "1"),
        (20, "0", "30"),
        (21, "0", "4"),
        (23, "0", "0"),
        (24, "0", "10"),
        (25, "0", "3"),
    ]


def test_figures_of_an_agent() -> None:
    """Sums, drawdown and missing days are those of the agent."""
    ann = shown(ANN)

    assert ann.report.amounts == amounts("77", "5")
    assert ann.report.missing == 1  # the 22nd
    assert ann.unnamed == [date(2026, 2, 23)]
    assert dates(ann.report.table) == [date(2026, 2, day) for day in (21, 23, 24)]
    assert [str(net) for net in ann.report.table["cumulative"]] == ["30", "30", "65"]
    # 10 on the 18th, 30 lost on the 20th, back at 10 on the 21st.
    (fall,) = shown(ANN, period=Period(date(2026, 2, 18), date(2026, 2, 25))).report.drawdowns
    assert fall == Drawdown(
        date(2026, 2, 18), date(2026, 2, 20), Decimal(-30), None, date(2026, 2, 21), 3
    )


def test_drawdown_from_before_the_period() -> None:
    """An agent's drawdown that began before the period has its earlier peak."""
    late = shown(ANN, period=Period(date(2026, 2, 21), date(2026, 2, 21)))

    assert late.report.opening.depth == -30
    assert late.report.opening.peak == 10


def test_comparison_of_an_agent() -> None:
    """With an unknown day in either period, days are compared on average."""
    contrast = shown(ANN).report.contrast

    assert contrast.basis is Basis.PARTIAL
    assert contrast.figures("net") == (Decimal(65) / 3, Decimal(-10))
    pair = part_report(
        ANN,
        report(
            period=Period(date(2026, 2, 23), date(2026, 2, 24)),
            compared=Period(date(2026, 2, 20), date(2026, 2, 21)),
        ),
        HISTORY,
    )
    assert pair.report.contrast.basis is Basis.TOTALS
    assert pair.report.contrast.figures("net") == (Decimal(35), Decimal(0))


def test_nothing_to_compare_with() -> None:
    """Without a comparison a part has none either."""
    alone = shown(ANN, comparison=Comparison.NONE, compared=None)

    assert alone.report.before == []


def test_status_of_a_restated_day() -> None:
    """A restatement changes a day's totals only; the part keeps the last state's figures."""
    ann = shown(ANN)
    statuses = {day.day.day: ann.report.status(day) for day in ann.report.days}

    assert statuses[24] is DayStatus.STATED  # without a state
    assert statuses[25] is DayStatus.RUNNING


def test_shares() -> None:
    """A share is relative to all agents' net or all costs, if that is meaningful."""
    ann, fees = shown(ANN), shown(FEES)
    of_ann = {day.day.day: ann.share([day]) for day in ann.report.days}
    of_fees = {day.day.day: fees.share([day]) for day in fees.report.days}

    assert of_ann == {21: Decimal(3000) / 46, 23: 0, 24: 70, 25: 100}
    assert of_fees == {21: 100, 23: 0, 24: 100, 25: 100}
    assert ann.share([]) is None
    assert fees.share(fees.report.before) == Decimal(3100) / 51


def test_unknown_part() -> None:
    """An unknown name is refused with the known ones."""
    with pytest.raises(UnknownPart) as error:
        shown(Part(PartKind.AGENT, "ann"))
    assert error.value.known == ["Ann", "Bob"]
    with pytest.raises(UnknownPart) as error:
        shown(Part(PartKind.CATEGORY, "Ann"))
    assert error.value.known == ["Fees", "Rent"]


def test_part_that_came_later() -> None:
    """A part that first appears after the period is known but has no days in it."""
    first = HISTORY[-1].day + timedelta(days=1)
    later = DayRecord(first, amounts("1", "0"), agents=agents(Zoe=("1", "0")))
    zoe = part_report(Part(PartKind.AGENT, "Zoe"), report(), [*HISTORY, later])

    assert zoe.report.days == []
    assert zoe.report.amounts is None


def test_table_of_an_agent() -> None:
    """An agent's days have margin, share and cumulative net, without the current day."""
    sheet = part_days_sheet(shown(ANN))

    assert [column.name for column in sheet.columns] == [
        "Day",
        "Status",
        "Last state",
        "Revenue",
        "Expenses",
        "Net",
        "Margin %",
        "Share of net %",
        "Cumulative net",
        "Below its peak",
    ]
    assert [(row[0], *row[3:6], *row[8:]) for row in sheet.rows] == [
        (date(2026, 2, 25), 7, 0, 7, None, None),
        (date(2026, 2, 24), 40, 5, 35, 65, 0),
        (date(2026, 2, 23), 0, 0, 0, 30, 0),
        (date(2026, 2, 21), 30, 0, 30, 30, 0),
    ]
    assert [row[6] for row in sheet.rows] == [100, Decimal("87.5"), None, 100]
    assert sheet.total is not None
    assert sheet.total[3:7] == (77, 5, 72, Decimal(7200) / 77)
    assert isinstance(sheet.rows[0][2], datetime)


def test_table_of_a_category() -> None:
    """A category's days have its amount and its share of the expenses."""
    sheet = part_days_sheet(shown(FEES))

    assert [column.name for column in sheet.columns] == [
        "Day",
        "Status",
        "Last state",
        "Amount",
        "Share of costs %",
    ]
    assert [(row[0], *row[3:]) for row in sheet.rows] == [
        (date(2026, 2, 25), 3, 100),
        (date(2026, 2, 24), 10, 100),
        (date(2026, 2, 23), 0, 0),
        (date(2026, 2, 21), 4, 100),
    ]
    assert sheet.total == ("Total", None, None, 17, Decimal(1700) / 19)
