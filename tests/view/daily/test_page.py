"""The daily report as text and as HTML."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from northstar.domain.trading import TradingDays
from northstar.domain.weekdays import Weekdays
from northstar.history.store import Store
from northstar.reports.daily import Daily
from northstar.view.alerts.names import plain
from northstar.view.daily.page import charts, page, text
from northstar.view.daily.wording import Wording, wording
from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.money import Notation
from support.dailies import STATES, daily, db, fill, state, store  # noqa: F401

WRITE = Notation()
COLOURS = theme.colours((ASSETS / "10-tokens.css").read_text("utf-8"), light=True)


def words(found: Daily, source: str = "live") -> Wording:
    """Return the text of a report."""
    return wording(found, "Desk", source, WRITE)


def facts(found: Daily) -> dict[str, str]:
    """Return the facts of a report by label."""
    return dict(words(found).facts)


def test_closed_day(store: Store) -> None:
    """The text has title, figures, comparisons and facts in the page's notation."""
    found = words(daily(store, 25))
    assert found.title == "Desk, 25 Feb: net -$60.00, behind the day before by $210.00"
    assert text(found).splitlines() == [
        "25 Feb 2026 · closed · last message 23:59:59 · UTC",
        "",
        "Net P&L: -$60.00",
        "  24 Feb: ▼ -$210.00 (n/a), was $150.00",
        "  average of 2 whole days: ▼ -$162.50 (n/a), average $102.50",
        "Revenue: $120.00",
        "  24 Feb: ▼ -$80.00 (-40.0%), was $200.00",
        "  average of 2 whole days: ▼ -$30.00 (-20.0%), average $150.00",
        "Expenses: $180.00",
        "  24 Feb: ▲ +$130.00 (+260.0%), was $50.00",
        "  average of 2 whole days: ▲ +$132.50 (+278.9%), average $47.50",
        "Net margin: -50.0%",
        "  24 Feb: ▼ -125.0 pp, was 75.0%",
        "  average of 2 whole days: ▼ -118.3 pp, average 68.3%",
        "Best agent: Ann, $50.00",
        f"Worst agent: {plain('<b>Bob</b>')}, -$110.00",
        "Drawdown: cumulative net was $60.00 below its peak of 24 Feb 2026 at the end of 25 Feb",
        (
            "Books: $5.00 of expenses are of no category; $10.00 of revenue are of no agent;"
            " $10.00 of expenses are of no agent"
        ),
        (
            "Feed: no message in 896 of 900 minutes between 09:00 and 23:59,"
            " longest from 09:06 to 23:59"
        ),
        "Restated: 23 Feb net $55.00, was $60.00",
    ]


def test_change_is_good_or_bad(store: Store) -> None:
    """A rise of the expenses has the tone of a loss."""
    tones = {row.label: row.changes[0].tone for row in words(daily(store, 24)).rows}
    assert tones == {
        "Net P&L": "gain",
        "Revenue": "gain",
        "Expenses": "loss",
        "Net margin": "gain",
    }


def test_running_day(store: Store) -> None:
    """The report of the current day says so, and is compared with the same time only."""
    store.write([state("26T09:02:00", 30, 10)])
    found = words(daily(store, 26, "26T09:04:10"))
    assert (
        found.title
        == "Desk, 26 Feb: net +$20.00 so far, ahead of this time the day before by $5.00"
    )
    assert "26 Feb 2026 · still running · last message 09:02:00 · UTC" in text(found)
    assert found.bases == ["25 Feb at 09:01", "average of 3 whole days"]
    assert "average of 3 whole days: not compared, average $48.33" in text(found)


def test_no_data_today(store: Store) -> None:
    """A day without data is reported so in title and text."""
    found = words(daily(store, 26, "26T17:05:00"))
    assert found.title == "Desk, 26 Feb: no data today"
    assert text(found).splitlines()[2:] == [
        (
            "No data today: no message with figures of 26 Feb 2026 was received."
            " The last day with data is 25 Feb 2026."
        ),
        "Drawdown: cumulative net was $60.00 below its peak of 24 Feb 2026 at the end of 25 Feb",
        "Restated: no other day",
    ]


def test_earlier_day_without_data(store: Store) -> None:
    """A past day without data is not called today."""
    found = words(daily(store, 22))
    assert found.title == "Desk, 22 Feb: no data on this day"
    assert found.problem == "No message with figures of 22 Feb 2026 was received."


def test_day_without_trading(tmp_path: Path) -> None:
    """A day without trading differs from a day without data."""
    store = fill(tmp_path / "week.db", STATES, TradingDays(Weekdays(range(5))))
    found = words(daily(store, 28, "28T17:05:00"))
    store.close()
    assert found.title == "Desk, 28 Feb: no trading"


def test_restated_day(store: Store) -> None:
    """A restated day has the figures at its close, too."""
    assert words(daily(store, 23)).status == (
        "23 Feb 2026 · restated by the source · net was $60.00 at the close"
        " · last message 23:59:59 · UTC"
    )


def test_first_day(store: Store) -> None:
    """The first day is compared with nothing."""
    found = words(daily(store, 23))
    assert found.title == "Desk, 23 Feb: net +$55.00"
    assert "  the day before" not in text(found)
    assert "  22 Feb: not known" in text(found)


def test_data_that_is_not_real(store: Store) -> None:
    """The title names the kind of data that is not real."""
    assert words(daily(store, 25), "demo").title.startswith("DEMO Desk, 25 Feb")


def test_page_has_what_the_text_has(store: Store) -> None:
    """The page has every figure and fact of the text, and its charts."""
    found = daily(store, 25)
    drawn = charts(found, WRITE, COLOURS)
    html = page(words(found), "Desk", [chart.inline for chart in drawn])
    assert [chart.name for chart in drawn] == ["day", "days"]
    assert html.count("<svg ") == 2
    for row in words(found).rows:
        assert row.value in html
        for change in row.changes:
            assert change.moved in html
            assert change.was in html
    for label, fact in words(found).facts:
        assert label in html
        assert "Bob" in fact or fact in html


def test_names_are_text(store: Store) -> None:
    """A name with markup is text on the page."""
    html = page(words(daily(store, 25)), "<i>Desk</i>", [])
    assert plain("<b>Bob</b>") in html
    assert "<b>" not in html
    assert "&lt;i&gt;Desk&lt;/i&gt;" in html


def test_page_loads_nothing(store: Store) -> None:
    """The page has no script, and the history's link as its only address."""
    found = daily(store, 25)
    drawn = [chart.inline for chart in charts(found, WRITE, COLOURS)]
    html = page(words(found), "Desk", drawn, "https://pnl.example.org/history")
    without_links = html.replace("https://pnl.example.org/history", "").replace(
        "http://www.w3.org/2000/svg", ""
    )
    assert "<script" not in html
    assert "http" not in without_links


def test_charts_of_a_mail(store: Store) -> None:
    """The charts of a mail are attachments with the names that its page refers to."""
    for chart in charts(daily(store, 25), WRITE, COLOURS):
        assert f'src="cid:{chart.file}"' in chart.attached
        assert ET.fromstring(chart.svg).tag.endswith("svg")  # noqa: S314 (ours)


@pytest.mark.parametrize("day", [22, 26])
def test_no_charts_without_data(store: Store, day: int) -> None:
    """A day without data has no charts, because they would look like zero."""
    assert charts(daily(store, day), WRITE, COLOURS) == []
