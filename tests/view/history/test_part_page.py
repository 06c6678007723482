"""The pages of one agent and of one category as HTML."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from northstar.domain.day import DayRecord
from northstar.reports.parts import Part, PartKind, UnknownPart, part_report
from northstar.reports.periods import Period
from northstar.view.history.page import history_page
from northstar.view.history.part_page import part_figures, part_page, unknown_part_page
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import HistoryId
from northstar.view.shared.money import Notation
from support.february import amounts
from support.plain_text import texts
from support.reports import record, report

WRITE = Notation()
HOSTILE = "<img src=x onerror=alert(1)>&agent=x"


def named(day: int, ann: str | None, fees: str | None, **more: Any) -> DayRecord:
    """Return a day with Ann's revenue and the fees; None leaves them out."""
    agents = {"Bob": amounts("10", "0")} | ({"Ann": amounts(ann, "5")} if ann else {})
    costs = {"Rent": Decimal(5)} | ({"Fees": Decimal(fees)} if fees else {})
    return record(day, "100", "20", agents=agents, costs=costs, **more)


DAYS = [
    named(19, "20", "4"),
    named(20, "10", "4"),
    named(21, "30", "5"),
    named(22, "2", "15"),
    named(23, None, None),
    named(24, "25", "5"),
]
PERIOD = Period(date(2026, 2, 21), date(2026, 2, 24))


def page(part: Part, **changes: Any) -> str:
    """Return the page of a part from the 21st to the 24th, compared with the 19th and 20th."""
    before = Period(date(2026, 2, 17), date(2026, 2, 20))
    whole = report(**({"period": PERIOD, "compared": before, "days": DAYS[2:]} | changes))
    shown = part_report(part, whole, DAYS)
    return to_html(part_page(shown, "live", WRITE, "Desk", part_figures(shown, WRITE)))


ANN = texts(page(Part(PartKind.AGENT, "Ann")))
FEES = texts(page(Part(PartKind.CATEGORY, "Fees")))


@pytest.mark.parametrize(
    "expected",
    [
        "|Agent |Ann|All agents and categories|",
        "not named on 1 day, counted as zero",
        "2 days of the comparison unknown or incomplete",
        "|Net P&L|$42|.00|▲ +$0.50 (n/a)|average day: $10.50, was $10.00|",
        "|Net margin|73.7%|",
        "|Share of net|51.2%|of the net of all agents|",
        "|Best day|$25.00|21 Feb 2026|",
        "|Worst day|-$3.00|22 Feb 2026|",
        (
            "|Deepest drawdown|-$3.00|lowest on |22 Feb 2026|, "
            "-6.7% of the peak, recovered |24 Feb 2026|"
        ),
        "|23 Feb 2026|stated|–|$0.00|$0.00|$0.00|–|0.0%|$22.00|-$3.00|",
        "|Total|–|–|$57.00|$15.00|$42.00|73.7%|51.2%|–|–|",
    ],
)
def test_page_of_an_agent(expected: str) -> None:
    """Each figure is the agent's; expected values are computed by hand."""
    assert expected in ANN


@pytest.mark.parametrize(
    "expected",
    [
        "|Category |Fees|All agents and categories|",
        "|Amount|$25.00|▲ +$2.25 (n/a)|average day: $6.25, was $4.00|",
        "|Share of costs|55.6%|–|",
        "|Average day|$6.25|Highest day|$15.00|22 Feb 2026|Lowest day|$0.00|23 Feb 2026|",
        "|Avg expenses|$6.25|",
        "|22 Feb 2026|stated|–|$15.00|75.0%|",
        "|Total|–|–|$25.00|55.6%|",
    ],
)
def test_page_of_a_category(expected: str) -> None:
    """Each figure is the category's; expected values are computed by hand."""
    assert expected in FEES


@pytest.mark.parametrize("absent", ["Net", "Drawdown", "peak", "Revenue", "Export"])
def test_what_a_category_has_not(absent: str) -> None:
    """The page of a category has no net and no drawdown."""
    assert absent not in FEES


def test_share_of_a_category_compared() -> None:
    """The change of the share is shown if the periods are comparable."""
    two = Period(date(2026, 2, 21), date(2026, 2, 22))
    before = Period(date(2026, 2, 19), date(2026, 2, 20))
    shown = texts(page(Part(PartKind.CATEGORY, "Fees"), period=two, compared=before))

    assert "|Share of costs|66.7%|▲ +22.3 pp|was 44.4%|" in shown


def test_links_of_a_part() -> None:
    """Ranges keep the part, days link to the whole day, and one link opens all agents."""
    html = unescape(page(Part(PartKind.AGENT, "Ann")))

    assert 'href="history?range=90d&compare=previous&agent=Ann"' in html
    assert re.search(r'<input [^>]*value="Ann"[^>]*name="agent"', html)
    assert 'href="history?from=2026-02-22&to=2026-02-22&compare=previous">22 Feb 2026</a>' in html
    back = re.search(r'href="([^"]*)"[^>]*>All agents', html)
    assert back is not None
    assert back[1] == "history?from=2026-02-21&to=2026-02-24&compare=previous"


def test_single_day_of_an_agent() -> None:
    """An agent's day has no chart and links to the day of all agents."""
    day = Period(date(2026, 2, 22), date(2026, 2, 22))
    html = page(Part(PartKind.AGENT, "Ann"), period=day, days=DAYS[3:4])

    assert "chart-" not in html
    assert ">22 Feb 2026</a>" in html


def test_links_to_parts() -> None:
    """Names link to their pages; our own rows and totals do not."""
    rest = record(
        24,
        "9",
        "9",
        agents={"Not attributed": amounts("1", "1")},
        costs={"Fees & more": Decimal(9)},
    )
    html = unescape(to_html(history_page(report(days=[rest]), "live", WRITE)))

    same = "from=2026-02-21&to=2026-02-25&compare=previous"
    assert html.count(f'<a href="history?{same}&agent=Not+attributed">Not attributed</a>') == 1
    assert '<th scope="row" data-label="Agent">Not attributed</th>' in html
    assert f'<a href="history?{same}&category=Fees+%26+more">Fees & more</a>' in html


def test_hostile_name() -> None:
    """A name is text on the page and a single value in addresses."""
    days = [record(24, "1", "1", agents={HOSTILE: amounts("1", "1")})]
    part = Part(PartKind.AGENT, HOSTILE)
    shown = part_report(part, report(days=days), days)
    html = to_html(part_page(shown, "live", WRITE, "Desk", part_figures(shown, WRITE)))

    assert "<img" not in html
    assert "agent=%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E%26agent%3Dx" in html


def test_unknown_name() -> None:
    """An unknown name is answered with the reason and with links to the known names."""
    with pytest.raises(UnknownPart) as unknown:
        part_report(Part(PartKind.AGENT, "\N{RIGHT-TO-LEFT OVERRIDE}<b>"), report(), DAYS)
    html = unescape(to_html(unknown_part_page(unknown.value, "live")))

    assert (
        "The history has no agent “\N{FIRST STRONG ISOLATE}<b>\N{POP DIRECTIONAL ISOLATE}”." in html
    )
    same = "from=2026-02-21&to=2026-02-25&compare=previous"
    assert f'<a href="history?{same}&agent=Ann">Ann</a>' in html
    assert f'<a href="history?{same}&agent=Bob">Bob</a>' in html


def test_unknown_name_among_many() -> None:
    """At most two hundred names are linked; without names there is no list."""
    many = [record(24, "1", "1", agents={f"A{n:03}": amounts("1", "1") for n in range(203)})]
    with pytest.raises(UnknownPart) as unknown:
        part_report(Part(PartKind.AGENT, "x"), report(), many)
    with pytest.raises(UnknownPart) as empty:
        part_report(Part(PartKind.AGENT, "x"), report(), [])

    html = to_html(unknown_part_page(unknown.value, "live"))
    assert html.count("agent=A") == 200
    assert "and 3 more" in html
    assert "Agents in the history" not in to_html(unknown_part_page(empty.value, "live"))


def test_charts_of_parts() -> None:
    """An agent has the charts of several days; a category has its amounts as bars."""
    whole = report(period=PERIOD, days=DAYS[2:])
    ann = part_report(Part(PartKind.AGENT, "Ann"), whole, DAYS)
    fees = part_report(Part(PartKind.CATEGORY, "Fees"), whole, DAYS)

    assert list(part_figures(ann, WRITE)) == [
        HistoryId.CHART_DAYS,
        HistoryId.CHART_NET,
        HistoryId.CHART_FALL,
    ]
    (bars,) = part_figures(fees, WRITE)[HistoryId.CHART_DAYS]["data"]
    assert bars["y"] == [5, 15, 0, 5]
    assert bars["customdata"] == ["$5.00", "$15.00", "$0.00", "$5.00"]
