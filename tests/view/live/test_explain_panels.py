"""The explanation of every number in a chart's panel: both sides, with every digit."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component

from northstar.domain.calendar import Calendar
from northstar.domain.intraday import IntradayData
from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from northstar.domain.outcomes import Receipt
from northstar.view.live.explain import explain
from northstar.view.live.explain_panels import PANELS, explain_panel
from northstar.view.live.frames import render
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.drawn import FORTY
from support.snapshots import snapshot

WRITE = Notation()
ARRIVED = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)


def text(shown: Component | list[Component]) -> str:
    """Return the text of components, with single spaces."""
    spaced = re.sub(r"<br>|</?(h|p|d[dt])[^>]*>", " ", to_html(shown))
    return " ".join(unescape(re.sub(r"<.*?>", "", spaced)).split())


def told(chart: Id, **changes: Any) -> dict[str, str]:
    """Return the formula of each number of a chart, by name."""
    shown = explain_panel(chart, snapshot(**changes), WRITE)
    return {text(each.children[0]): text(each.children[2]) for each in shown}


def test_numbers_of_agents() -> None:
    """Net, contribution and margin of each agent and of all agents are computed."""
    found = told(Id.CHART_AGENTS)

    assert found["Scalper"].startswith("$75,000.00 − $28,500.00 = $46,500.00")
    assert found["Scalper"].endswith("$46,500.00 ÷ $75,000.00 = 62.0%")
    assert found["All agents"].startswith("$125,450.00 − $48,320.00 = $77,130.00")


def test_numbers_of_costs() -> None:
    """A category's share is its amount divided by the total."""
    assert told(Id.CHART_COSTS)["Trading Fees"] == "$18,500.00 ÷ $48,320.00 = 38.3%"


def test_every_digit() -> None:
    """An amount that the page rounds has every digit, next to the rounded one."""
    costs = [{"name": "Rent", "value": 48_320.12345}]
    panel = to_html(explain_panel(Id.CHART_COSTS, snapshot(costBreakdown=costs), WRITE))

    assert 'data-shown="$48,320.12"' in panel
    assert ">$48,320.12345</span>" in panel


def test_averages_of_the_trend() -> None:
    """An average is the sum of complete days divided by their number; the days are named."""
    days = [
        {"date": f"2026-02-{day}", "revenue": day, "expenses": 1, "net": day - 1}
        for day in range(18, 26)
    ]
    found = explain_panel(Id.CHART_TREND, snapshot(trendsData=days), WRITE)

    assert text(found[0]) == (
        "Average revenue Mean of the 7 whole days from 18 Feb to 24 Feb; the running day is not one"
        " $147.00 ÷ 7 = $21.00"
    )
    assert text(found[3]).endswith("$140.00 ÷ 7 = $20.00")


def test_extremes_of_the_day() -> None:
    """The highest and the lowest state have their time and both sides."""
    intraday = IntradayData(Calendar(ZoneInfo("UTC")))
    start = datetime(2026, 2, 25, 9, tzinfo=UTC)
    state = None
    for minute, revenue in enumerate((100, 300, 200)):
        at = (start + timedelta(minutes=minute)).isoformat()
        message = guide.text(timestamp=at, revenue=revenue, expenses=50, netPnL=0)
        state = merge(state, decode(message, ZoneInfo("UTC")))
        intraday.add(state.state)
    assert state is not None
    high, low = explain_panel(Id.CHART_TODAY, replace(state, day=intraday.view), WRITE)

    assert text(high).endswith("since 00:00 (UTC) $300.00 − $50.00 = $250.00 · 09:01:00")
    assert text(low).endswith("$100.00 − $50.00 = $50.00 · 09:00:00")


@pytest.mark.parametrize("changes", [{}, FORTY], ids=["guide", "forty"])
@pytest.mark.parametrize("chart", PANELS)
def test_slots_are_on_the_page(chart: Id, changes: dict[str, Any]) -> None:
    """Each number refers to an element of the page and has its text."""
    state = snapshot(**changes)
    panel = to_html(explain_panel(chart, state, WRITE))
    shown = render(state, WRITE)

    for attributes in re.findall(r'<span class="number"(.*?)>', panel):
        found = dict(re.findall(r'data-(\w+)="(.*?)"', attributes))
        of = found["of"]
        texts = [
            props.get("children")
            for component, props in shown.items()
            if component == of or (of.startswith("-") and component.endswith(of))
        ]
        assert found["shown"] in texts


def test_comparisons_of_a_key_figure() -> None:
    """Each comparison has the earlier amount with its time, and the difference."""
    panel = text(explain(Id.KPI_NET, snapshot(), Receipt(1, "{}", ARRIVED, "wss://source"), WRITE))

    assert "Previous period was $77,100.00 in the previous period ▲ +$30.00 (0.0%)" in panel
    assert "Target no target is set" in panel


@pytest.mark.parametrize("chart", PANELS)
def test_panel_without_data(chart: Id) -> None:
    """Without a section the explanation is empty and raises no error."""
    explain_panel(chart, snapshot(trendsData=..., costBreakdown=..., agentAttribution=...), WRITE)
