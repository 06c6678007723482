"""The charts of the history page in its first response."""

import pytest

from northstar.reports.report import Report
from northstar.view.history.page import history_page
from northstar.view.shared.html import to_html
from northstar.view.shared.money import Notation
from support.reports import day_report, report

WRITE = Notation()


@pytest.mark.parametrize(
    ("shown", "charts"), [(report(), 3), (day_report(), 1)], ids=["days", "day"]
)
def test_drawn_charts(shown: Report, charts: int) -> None:
    """The page contains its charts as drawings and no notices."""
    page = to_html(history_page(shown, "live", WRITE))

    assert page.count('class="drawn" aria-hidden="true"><div class="area"') == charts
    assert page.count('class="notice"></p>') == charts


def test_drawn_notice() -> None:
    """A chart without data is shown as a notice."""
    page = to_html(history_page(report(days=[], earlier=[]), "live", WRITE))

    assert page.count('<i class="centre" style="left:50%;top:50%">no data for these days</i>') == 3
