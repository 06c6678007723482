"""Arrows and colours of the history page's key figures and tables."""

import re
from datetime import date

import pytest

from northstar.reports.periods import Period
from northstar.view.history.cards import kpis
from northstar.view.history.page import history_page
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation
from support.reports import record, report

WRITE = Notation()
TWO = Period(date(2026, 2, 23), date(2026, 2, 24))
TWO_BEFORE = Period(date(2026, 2, 21), date(2026, 2, 22))


def margin(now: str, *, missing: bool = False) -> tuple[str, str]:
    """Return class and text of the margin's change for this revenue and costs of 50.

    The margin of the days before is 50 %.
    """
    days = [record(23, now, "50"), record(24, "0", "0")][: 1 if missing else 2]
    before = [record(21, "100", "50"), record(22, "0", "0")]
    page = to_html(kpis(report(period=TWO, compared=TWO_BEFORE, days=days, earlier=before), WRITE))
    card = page[page.index('id="kpi-margin"') :]
    found = re.search('class="kpi-change ([^"]*)">([^<]*)<', card)
    assert found
    return found[1], found[2]


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [
        ("100", ("flat", "0.0 pp")),
        ("99.95", ("flat", "0.0 pp")),
        ("100.05", ("flat", "0.0 pp")),
        ("90", ("loss", "▼ -5.6 pp")),
        ("200", ("gain", "▲ +25.0 pp")),
        ("99.91", ("flat", "0.0 pp")),
        ("99.89", ("loss", "▼ -0.1 pp")),
        ("0.0001", ("flat", "n/a")),
        ("0", ("flat", "–")),
    ],
)
def test_change_of_margin(revenue: str, expected: tuple[str, str]) -> None:
    """A change in points that is shown as zero or n/a has no arrow and no colour."""
    assert margin(revenue) == expected


def test_change_of_margin_between_unlike_periods() -> None:
    """If a day is missing, neither amounts nor the margin have a tone."""
    assert margin("90", missing=True) == ("flat", "▼ -5.6 pp")


def test_losses_that_are_shown_as_zero() -> None:
    """A cell that shows $0.00 or n/a is not red; one that shows -$0.01 is."""
    days = [record(24, "0.0001", "0.003"), record(25, "0", "0.005")]

    page = to_html(history_page(report(days=days), "live", WRITE))

    cells = set(re.findall('<td [^>]*class="loss">([^<]*)<', page))
    assert cells == {"-$0.01"}
