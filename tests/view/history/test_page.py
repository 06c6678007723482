"""The history page as HTML: each figure of a report in its place."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest

from northstar.domain.day import DayRecord, Moment, Origin, Version
from northstar.reports.periods import Comparison, Period, Range
from northstar.reports.report import Feed
from northstar.view.history.notes import notes
from northstar.view.history.page import history_page, problem_page
from northstar.view.history.shell import title
from northstar.view.history.tables import chart_table
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation
from support.february import amounts
from support.plain_text import texts
from support.reports import day_report, record, report

WRITE = Notation()


PAGE = texts(to_html(history_page(report(), "live", WRITE)))


@pytest.mark.parametrize(
    "expected",
    [
        "|Net P&L|$89|.50|▲ +$4.83 (n/a)|average day: $19.83, was $15.00|",
        "|Revenue|$260.00|▲ +$30.00 (n/a)|average day: $70.00, was $40.00|",
        "|Expenses|$170.50|▲ +$25.17 (n/a)|average day: $50.17, was $25.00|",
        "|Net margin|34.4%|",
        "|Best day|$60.00|21 Feb 2026|",
        "|Worst day|-$60.50|22 Feb 2026|",
        "|Deepest drawdown|-$60.50|lowest on |22 Feb 2026|, -57.6% of the peak, still open|",
        "|Longest drawdown|3 days|since |21 Feb 2026|, still open|",
        "21 Feb 2026 – 25 Feb 2026 · UTC",
        "21 Feb 2026 – 24 Feb 2026 compared with 16 Feb 2026 – 20 Feb 2026",
        "today is still running",
        "no data for 1 day",
        "2 days of the comparison unknown or incomplete",
        "1 day restated",
        "|known for 1 of 4 days|",
        "|of cumulative net since 16 Feb 2026|",
        "|24 Feb 2026|restated|–|$80.00|$20.00|$60.00|$59.50|-$0.50|$55.00|25 Feb 2026, 14:02:07|",
        "|25 Feb 2026|running|25 Feb 2026, 14:02:07|$50.00|$20.00|$30.00|–|–|–|–|",
        "|Total|–|–|$260.00|$170.50|$89.50|",
        "|data as of |14:02:07|25 Feb 2026 · UTC|Live|",
        "|Ann|$100.00|$40.00|$60.00|60.0%|",
        "|Fees|$40.00|100.0%|",
    ],
)
def test_what_the_page_says(expected: str) -> None:
    """Each figure has its label; expected values are computed by hand."""
    assert expected in PAGE


def test_percentages_of_whole_periods() -> None:
    """If all days of both periods are known, a change has a percentage."""
    whole = report(
        period=Period(date(2026, 2, 23), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 21), date(2026, 2, 22)),
        days=[record(23, "80", "20"), record(24, "50", "20")],
        earlier=[record(21, "30", "10"), record(22, "70", "50")],
    )
    page = texts(to_html(history_page(whole, "live", WRITE)))

    assert "|Net P&L|$90|.00|▲ +$50.00 (+125.0%)|was $40.00|" in page
    assert "|Expenses|$40.00|▼ -$20.00 (-33.3%)|was $60.00|" in page


def test_periods_of_unequal_length() -> None:
    """Periods of 1 and 2 days are compared per day, and the page says so."""
    uneven = report(
        period=Period(date(2026, 2, 24), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 22), date(2026, 2, 23)),
        days=[record(24, "80", "20")],
        earlier=[record(22, "50", "10"), record(23, "50", "10")],
    )
    page = texts(to_html(history_page(uneven, "live", WRITE)))

    assert "|Net P&L|$60|.00|▲ +$20.00 (+50.0%)|average day: $60.00, was $40.00|" in page


def test_a_day_that_still_runs() -> None:
    """An incomplete current day is not compared with a whole one."""
    page = texts(to_html(history_page(day_report(), "live", WRITE)))

    assert "|Net P&L|$30|.00|–|was $60.00 on the whole day|" in page


def test_a_day_that_still_runs_at_the_same_time() -> None:
    """The current day is compared with the day before at the same time."""
    then = Moment(datetime(2026, 2, 24, 14, 2, tzinfo=UTC), amounts("40", "20"))
    page = texts(to_html(history_page(day_report(same_time=then), "live", WRITE)))

    assert "|Net P&L|$30|.00|▲ +$10.00 (+50.0%)|was $20.00 at 14:02|" in page
    assert "compared with 24 Feb 2026, 14:02:00" in page


def test_data_that_is_old() -> None:
    """The header has the time of the data and the state of the feed, not the time of the page."""
    old = Feed("offline", datetime(2026, 2, 20, 9, 30, tzinfo=UTC))

    page = texts(to_html(history_page(report(feed=old), "live", WRITE)))
    empty = texts(to_html(history_page(report(feed=Feed("connecting", None)), "live", WRITE)))

    assert "|data as of |09:30:00|20 Feb 2026 · UTC|Offline|" in page
    assert "|data as of |no data yet|Connecting|" in empty


def test_origin_on_paper() -> None:
    """For printing, the page has its time and its source; the source's name is text."""
    feed = Feed("stale", datetime(2026, 2, 20, 9, 30, tzinfo=UTC), "wss://a/<b>")
    html = to_html(history_page(report(feed=feed), "live", WRITE))

    assert "as of 09:30:00, 20 Feb 2026" in html
    assert "Source: wss://a/&lt;b&gt; · State: Stale</p>" in html


def test_breakdowns_that_do_not_add_up() -> None:
    """The remainder of costs and agents has its own row and is a finding."""
    day = record(24, "100", "40", costs={"Fees": Decimal(30)}, agents={"Ann": amounts("90", "40")})
    page = texts(to_html(history_page(report(days=[day]), "live", WRITE)))

    assert "|Not itemised|$10.00|n/a|" in page or "|Not itemised|$10.00|–|" in page
    assert "|Not attributed|$10.00|$0.00|$10.00|–|" in page
    assert "|costs of 1 day, agents of 1 day|" in page


def test_incomplete_day() -> None:
    """The page has the last time of an incomplete day, and compares nothing with it."""
    at = datetime(2026, 2, 24, 15, tzinfo=UTC)
    part = report(
        period=Period(date(2026, 2, 24), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 23), date(2026, 2, 23)),
        days=[record(24, "80", "20", at=at, is_complete=False)],
        earlier=[record(23, "70", "30")],
    )
    page = texts(to_html(history_page(part, "live", WRITE)))

    assert "24 Feb 2026 incomplete, last state 15:00:00" in page
    assert "|Net P&L|$60|.00|–|was $40.00 on the whole day|" in page
    assert "|24 Feb 2026|incomplete|24 Feb 2026, 15:00:00|$80.00|" in page


def test_day_without_trading() -> None:
    """A day that repeats the previous one is excluded from the sums, and the page says so."""
    days = [record(23, "80", "20"), record(24, "80", "20", repeats=date(2026, 2, 23))]
    page = texts(to_html(history_page(report(days=days), "live", WRITE)))

    assert "1 day without trading" in page
    assert "|24 Feb 2026|no trading|" in page
    assert "|Total|–|–|$80.00|$20.00|$60.00|" in page


def test_several_incomplete_days() -> None:
    """With several incomplete days the page has their number."""
    at = datetime(2026, 2, 24, 15, tzinfo=UTC)
    days = [record(number, "80", "20", at=at, is_complete=False) for number in (23, 24)]

    assert "2 days incomplete" in texts(to_html(history_page(report(days=days), "live", WRITE)))


def test_versions() -> None:
    """The page lists every version of a restated day."""
    at = datetime(2026, 2, 24, 23, 59, 59, tzinfo=UTC)
    versions = [
        Version(at, amounts("70", "10"), Origin.STATE),
        Version(at + timedelta(hours=1), amounts("80", "20"), Origin.TREND),
    ]
    page = texts(
        to_html(
            history_page(report(days=[record(24, "80", "20", versions=versions)]), "live", WRITE)
        )
    )

    assert "|24 Feb 2026|24 Feb 2026, 23:59:59|state|$70.00|$10.00|$60.00|–|" in page
    assert "|24 Feb 2026|25 Feb 2026, 00:59:59|trend|$80.00|$20.00|$60.00|$0.00|" in page


def test_loss_against_a_gain() -> None:
    """A percentage across a change of sign is n/a, and a loss has a minus."""
    lost = report(
        period=Period(date(2026, 2, 24), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 23), date(2026, 2, 23)),
        days=[record(24, "10", "60")],
        earlier=[record(23, "50", "5")],
    )

    page = texts(to_html(history_page(lost, "live", WRITE)))

    assert "|Net P&L|-$50|.00|▼ -$95.00 (n/a)|was $45.00|" in page


def test_nothing_known() -> None:
    """Unknown amounts are dashes, never zero."""
    page = texts(to_html(history_page(report(days=[], earlier=[]), "live", WRITE)))

    assert "|Net P&L|–|–|" in page
    assert "|Net margin|–|–|" in page
    assert "|Best day|–|" in page
    assert "$0.00" not in page


@pytest.mark.parametrize("days", [[], [record(25, "50", "20")]], ids=["none", "running"])
def test_unknown_drawdown_is_not_none(days: list[DayRecord]) -> None:
    """Without a closed day the drawdown is unknown."""
    page = texts(to_html(history_page(report(days=days, earlier=[]), "live", WRITE)))

    assert "|Deepest drawdown|–|Longest drawdown|–|" in page
    assert "|Deepest|–|" in page


def test_no_drawdown_at_all() -> None:
    """If no closed day is below the peak, there is no drawdown."""
    page = texts(
        to_html(history_page(report(days=[record(24, "5", "1")], earlier=[]), "live", WRITE))
    )

    assert "|Deepest drawdown|none|never below its peak|Longest drawdown|none|" in page
    assert "|Deepest|none|" in page


def test_a_single_day() -> None:
    """The page of a day has its minutes, and nothing that needs several days."""
    page = to_html(history_page(day_report(), "live", WRITE))

    assert HistoryId.CHART_INTRADAY in page
    assert HistoryId.CHART_FALL not in page
    assert "Best day" not in page


def test_links() -> None:
    """The current choice is marked, and each link's address has its own choice."""
    shown = report(period=Period(date(2026, 1, 27), date(2026, 2, 25), Range.DAYS_30))
    page = unescape(to_html(history_page(shown, "live", WRITE)))

    chosen = re.findall('aria-current="true"[^>]*>([^<]*)<', page)
    assert chosen == ["30 days", "Previous period"]
    assert re.findall(r"<span>([^<]*)</span></a>", page) == ["← Live page"]
    assert 'href="history?range=year&compare=previous"' in page
    assert 'href="history?range=30d&compare=none"' in page
    assert 'href="api/export.xlsx?range=30d&compare=previous"' in page


def test_links_to_days() -> None:
    """Each day on the page links to that day with the same comparison."""
    fallen = report(
        comparison=Comparison.YEAR_BEFORE,
        days=[record(21, "100", "40"), record(22, "0", "30"), record(24, "80", "20")],
    )
    page = unescape(to_html(history_page(fallen, "live", WRITE)))
    facts = page.partition('class="facts"')[2].partition("</dl>")[0]

    query = "from={day}&to={day}&compare=year"
    link = f'<a href="history?{query}">{{text}}</a>'
    best, worst = (link.format(day=f"2026-02-{n}", text=f"{n} Feb 2026") for n in (21, 22))
    recovered = link.format(day="2026-02-24", text="24 Feb 2026")
    assert f'<dt>Best day</dt><dd>$60.00</dd><dd class="label">{best}<' in facts
    assert f"lowest on {worst}, " in facts
    assert f"since {best}, recovered {recovered}<" in facts
    days = page.partition('id="table-days"')[2]
    assert [day in days for day in (best, worst, recovered)] == [True, True, True]


def test_no_links_to_days_without_a_page() -> None:
    """A future day is no link, and a day's page does not link to itself."""
    ahead = report(days=[record(25, "1", "1"), record(26, "1", "1")])
    several = to_html(history_page(ahead, "live", WRITE))
    single = to_html(history_page(day_report(), "live", WRITE))

    assert ">25 Feb 2026</a>" in several
    assert ">26 Feb 2026</a>" not in several
    assert ">25 Feb 2026</a>" not in single


def test_line_for_new_data() -> None:
    """A period that includes today has a hidden line that links to itself; others have none."""
    page = unescape(to_html(history_page(report(), "live", WRITE)))
    over = report(period=Period(date(2026, 2, 21), date(2026, 2, 24)))

    same = "history?from=2026-02-21&to=2026-02-25&compare=previous"
    assert re.search(r'data-as-of="2026-02-25T14:02:07\+00:00"[^>]*><span hidden>New data ', page)
    assert re.search(rf'href="{re.escape(same)}"[^>]*>Refresh<', page)
    assert "New data" not in to_html(history_page(over, "live", WRITE))


def test_hostile_names() -> None:
    """A name from the stream is text, whatever it contains."""
    name = "<img src=x onerror=alert(1)>"
    days = [record(25, "1", "1", costs={name: Decimal(1)}, agents={name: amounts("1", "1")})]
    page = to_html(history_page(report(days=days), "live", WRITE))

    assert "<img" not in page
    assert page.count("&lt;img src=x") == 2


def test_what_is_not_real() -> None:
    """A demo is labelled in its badge and title."""
    assert "|DEMO|" in texts(to_html(history_page(report(), "demo", WRITE)))
    assert title("demo") == "NorthStar Synergy | History · DEMO"
    assert title("live") == "NorthStar Synergy | History"


def test_problem() -> None:
    """An invalid query is answered with the reason and with valid alternatives."""
    day = date(2026, 2, 25)
    page = texts(to_html(problem_page("from: expected <a date>", Period(day, day), "live")))

    assert "|from: expected <a date>|" in page
    assert "|90 days|" in page


def test_many_days() -> None:
    """A table stops at a hundred rows and says where the others are."""
    first = date(2025, 10, 19)
    many = [DayRecord(first + timedelta(days=n), amounts("1", "1")) for n in range(130)]
    page = texts(to_html(history_page(report(days=many, earlier=[]), "live", WRITE)))

    assert "|the export has 30 more|" in page


def test_tables_of_charts() -> None:
    """Each chart has its data as a table, newest first."""
    assert chart_table(HistoryId.CHART_FALL, report(), WRITE) == {
        "columns": ("Day", "Cumulative net", "Below its peak"),
        "rows": [
            ["24 Feb 2026", "$59.50", "-$0.50"],
            ["22 Feb 2026", "-$0.50", "-$60.50"],
            ["21 Feb 2026", "$60.00", "$0.00"],
        ],
    }
    assert chart_table(HistoryId.CHART_INTRADAY, day_report(), WRITE) == {
        "columns": ["Time", "Revenue", "Expenses", "Net"],
        "rows": [
            ["25 Feb 2026, 14:02:00", "$50.00", "$20.00", "$30.00"],
            ["25 Feb 2026, 09:01:00", "$12.00", "$2.00", "$10.00"],
            ["25 Feb 2026, 09:00:00", "$10.00", "$2.00", "$8.00"],
        ],
    }


def test_comparisons() -> None:
    """All three comparisons are offered, and the current one is marked."""
    page = to_html(history_page(report(comparison=Comparison.NONE, compared=None), "live", WRITE))

    assert re.search(r'aria-current="true">None<', page)


def test_notes_of_a_period_that_is_over() -> None:
    """A period that ended before today is not called running."""
    over = report(
        period=Period(date(2026, 2, 23), date(2026, 2, 24)),
        compared=Period(date(2026, 2, 21), date(2026, 2, 22)),
        days=[record(23, "80", "20"), record(24, "50", "20")],
        earlier=[record(21, "30", "10"), record(22, "70", "50")],
    )
    page = texts(to_html(history_page(over, "live", WRITE)))

    notes = "23 Feb 2026 – 24 Feb 2026 · UTC · compared with 21 Feb 2026 – 22 Feb 2026"
    assert f"|{notes}|" in page


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 2, 1), date(2026, 2, 25), True),
        (date(2026, 2, 1), date(2026, 2, 28), True),
        (date(2026, 2, 1), date(2026, 2, 24), False),
        (date(2026, 2, 2), date(2026, 2, 25), False),
        (date(2026, 1, 1), date(2026, 2, 28), False),
    ],
    ids=["to-date", "whole", "part", "later", "two"],
)
def test_target_of_a_month(first: date, last: date, said: bool) -> None:  # noqa: FBT001
    """A month to date has its share of the target; other periods do not."""
    shown = report(period=Period(first, last), month_target=Decimal(895))

    noted = "10.0% of the month's target of $895.00" in notes(shown, WRITE)

    assert noted is said
