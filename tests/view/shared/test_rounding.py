"""Rounded parts: they either add up to the displayed total, or the page says so."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.arithmetic import total
from northstar.view.history.notes import rounding
from northstar.view.history.page import history_page
from northstar.view.live.panels import texts
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation
from support.reports import record, report
from support.snapshots import snapshot

USD, JPY, KWD = (Notation(currency=code) for code in ("USD", "JPY", "KWD"))
BTC = Notation(currency="BTC", decimals=8)


@pytest.mark.parametrize(
    ("write", "amount", "rounded"),
    [
        (USD, "48320.01", False),
        (USD, "48320.015", True),
        (USD, "0.30000000000000004", False),  # 0.1 + 0.2 as a float
        (USD, "-5.999999999999", False),
        (JPY, "0.5", True),
        (JPY, "3", False),
        (KWD, "0.001", False),
        (KWD, "0.0015", True),
        (BTC, "0.00015", False),
        (BTC, "0.000000015", True),
        (BTC, "999999999999999.00000001", False),
        (Notation(decimals=12), "123456789012345678901234567890.123456789012", False),
    ],
)
def test_rounded(write: Notation, amount: str, rounded: bool) -> None:  # noqa: FBT001 (expected)
    """An amount is rounded if it has significant digits that are not shown."""
    assert write.is_rounded([Decimal(1), Decimal(amount)]) == rounded


@given(
    parts=st.lists(st.decimals(-(10**6), 10**6, places=6), max_size=20)
    | st.lists(st.floats(-1e6, 1e6).map(lambda part: Decimal(repr(round(part, 2))) * 3)),
    decimals=st.integers(0, 12),
)
@settings(database=None, deadline=None)
def test_sum_of_parts(parts: list[Decimal], decimals: int) -> None:
    """Parts that are not marked as rounded add up to the displayed total."""
    write = Notation(decimals=decimals)

    shown = sum((Fraction(write.shown(part)) for part in parts), Fraction(0))

    assert write.is_rounded(parts) or shown == Fraction(write.shown(total(parts)))


@pytest.mark.parametrize(
    ("write", "cost", "day"),
    [
        (USD, 3.25, "25 Feb 2026 · UTC"),
        (USD, 3.256, "25 Feb 2026 · UTC · rounded"),
        (JPY, 3.25, "25 Feb 2026 · UTC · rounded"),
        (JPY, 3, "25 Feb 2026 · UTC"),
    ],
)
def test_live_page_says_rounded(write: Notation, cost: float, day: str) -> None:
    """The header says that amounts are rounded if the legend may not add up to its total."""
    state = snapshot(costBreakdown=[{"name": f"c{n}", "value": cost} for n in range(3)])

    assert texts(state, write)["as-of-day"]["children"] == day


@pytest.mark.parametrize(
    ("write", "note"),
    [
        (JPY, "amounts are rounded to ¥1"),  # a day has 90.5
        (USD, ""),
    ],
)
def test_history_page_says_rounded(write: Notation, note: str) -> None:
    """The notes have the unit to which amounts are rounded."""
    page = to_html(history_page(report(), "live", write))

    assert ("amounts are rounded" in page) == bool(note)
    assert note in page


def test_history_page_with_rounded_costs() -> None:
    """Rounded costs and agents are noted, too."""
    days = [record(25, "9", "9", costs={name: Decimal("3.003") for name in ("a", "b", "c")})]

    assert "amounts are rounded to $0.01" in to_html(
        history_page(report(days=days, earlier=[]), "live", USD)
    )


def test_amounts_of_many_digits() -> None:
    """Sums of the largest amounts are written with all their decimals."""
    write = Notation(currency="ETH", decimals=12)

    shown = write.money(Decimal("123456789012345678.123456789012"))

    assert shown == "ETH\u00a0123,456,789,012,345,678.123456789012"


@pytest.mark.parametrize(
    ("last", "note"), [("50", True), ("49", False)], ids=["a cent off", "as shown"]
)
def test_averages_that_do_not_add_up(last: str, note: bool) -> None:  # noqa: FBT001 (expected)
    """Both pages have a note if an average net differs from the difference of its averages."""
    books = [("50", "0"), ("25", "25"), ("25", "25" if last == "50" else "26")]
    days = [record(22 + number, *book) for number, book in enumerate(books)]
    rows = [
        {"date": str(day.day), "revenue": int(day.revenue), "expenses": int(day.expenses)}
        for day in days
    ]
    shown = report(days=days, earlier=[])
    page = to_html(history_page(shown, "live", USD))
    header = texts(snapshot(trendsData=rows), USD)["as-of-day"]["children"]

    assert ("averages are rounded to $0.01" in page) == note
    assert rounding(shown, USD) == ("averages are rounded to $0.01" if note else "")
    assert ("rounded" in header) == note
