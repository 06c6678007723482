"""The history page for a refused period."""

import re
from datetime import date

from northstar.reports.periods import Period
from northstar.view.history.controls import Typed
from northstar.view.history.page import problem_page
from northstar.view.shared.html import to_html


def test_form_as_it_was_typed() -> None:
    """A refused form keeps the submitted text, even if it is no date, with the reason beside it."""
    day = date(2026, 2, 25)
    typed = Typed("2026-02-31", "2026-03-01", {"compare": "none"}, "from", "expected <a date>")
    page = to_html(problem_page("from: …", Period(day, day), "live", typed=typed))

    fields = r'<input value="(.*?)" type="(\w+)"[^>]* name="(\w+)">'
    assert re.findall(fields, page) == [
        ("2026-02-31", "text", "from"),
        ("2026-03-01", "date", "to"),
        ("none", "hidden", "compare"),
    ]
    reason = '<span class="problem" role="alert">expected &lt;a date&gt;</span>'
    assert f'name="from"></input>{reason}</label>' in page
    assert "from: …" not in page
    assert '<details class="opener" open>' in page
