"""Cells of the history page's tables."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.reports.spreadsheet import Column, Difference, Kind, Sheet
from northstar.view.history.sheet_table import sheet_table, sheet_texts
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        ("2026-11-01T05:30:00", "1 Nov 2026, 01:30:00 EDT"),
        ("2026-11-01T06:30:00", "1 Nov 2026, 01:30:00 EST"),
        ("2026-11-01T07:30:00", "1 Nov 2026, 02:30:00"),
        ("2026-03-08T07:30:00", "8 Mar 2026, 03:30:00"),
    ],
)
def test_time_that_comes_twice(instant: str, shown: str) -> None:
    """A local time that occurs twice has the name of its zone."""
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    sheet = Sheet("Minutes", [Column("Time", Kind.TIME)], [(at,)])

    assert sheet_texts(sheet, ZoneInfo("America/New_York"), Notation()) == [[shown]]


def test_difference_of_amounts_as_shown() -> None:
    """A difference equals the difference of the rounded amounts beside it."""
    now, before = Decimal("99.996"), Decimal("100.004")
    columns = [Column(name, Kind.MONEY) for name in ("Now", "Before", "Change")]
    sheet = Sheet("T", columns, [(now, before, Difference(now, before))])

    assert sheet_texts(sheet, UTC, Notation()) == [["$100.00", "$100.00", "$0.00"]]


def test_table_as_html() -> None:
    """Names are text; losses and first cells are marked, in rows and in the total."""
    columns = [Column("Agent", Kind.TEXT), Column("Net", Kind.MONEY)]
    sheet = Sheet("Agents", columns, [("<b>J&J</b>", Decimal(-5))], ("Total", Decimal(5)))

    assert to_html(sheet_table(sheet, 10, UTC, Notation())) == (
        "<table><caption>Agents</caption>"
        '<thead><tr><th scope="col">Agent</th><th scope="col">Net</th></tr></thead>'
        '<tbody><tr><th scope="row" data-label="Agent">&lt;b&gt;J&amp;J&lt;/b&gt;</th>'
        '<td data-label="Net" data-value="-5" class="loss">-$5.00</td></tr></tbody>'
        '<tfoot><tr><th scope="row" data-label="Agent">Total</th>'
        '<td data-label="Net" data-value="5">$5.00</td></tr></tfoot></table>'
    )


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3000\n"])
def test_link_without_a_visible_name(name: str) -> None:
    """A link has clickable text for any name."""
    sheet = Sheet("T", [Column("Agent", Kind.TEXT)], [(name,)])
    html = to_html(sheet_table(sheet, 1, UTC, Notation(), lambda _: "history"))

    assert '<a href="history">(no visible name)</a>' in html


def test_values_to_sort_by() -> None:
    """Days, times and amounts have sort values, unknown is empty, and texts have none."""
    kinds = (Kind.DAY, Kind.TIME, Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.TEXT, Kind.MONEY)
    at = datetime(1970, 1, 2, tzinfo=UTC)
    amount = Decimal("1e3")
    cells = (at.date(), at, amount, Decimal("0.5"), 7, "x", None)
    sheet = Sheet("T", [Column(kind, kind) for kind in kinds], [cells])
    values = re.findall(r'data-value="([^"]*)"', to_html(sheet_table(sheet, 1, UTC, Notation())))

    assert values == [str(at.toordinal()), "86400", "1E+3", "0.5", "7", ""]
