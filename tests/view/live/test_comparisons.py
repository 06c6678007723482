"""The key figures compared with the same time of the day before, an average and a target."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, Moment
from northstar.domain.intraday import IntradayData
from northstar.domain.snapshot import Snapshot
from northstar.view.live.comparisons import comparisons, default_basis
from northstar.view.live.sentence import sentence, sentence_day
from northstar.view.shared.money import Notation
from support import guide
from support.feed_states import FEED
from support.snapshots import snapshot

WRITE = Notation()


def moment(text: str, revenue: int, expenses: int) -> Moment:
    """Return a state of February 2026 at a time such as "24T22:20"."""
    at = datetime.fromisoformat(f"2026-02-{text}Z")
    return Moment(at, Amounts(Decimal(revenue), Decimal(expenses)))


def day(when: str, net: int, **known: Any) -> DayRecord:
    """Return a day of the history with this net."""
    return DayRecord(date.fromisoformat(when), Amounts(Decimal(net), Decimal(0)), **known)


def running(*before: Moment, target: int | None = None, **changes: Any) -> Snapshot:
    """Return the example at 22:24 on 25 February after earlier states."""
    known = IntradayData(Calendar(UTC), None if target is None else Decimal(target))
    known.restore(before)
    state = snapshot(**changes)
    known.add(state.state)
    return replace(state, day=known.view)


def shown(state: Snapshot, basis: str) -> dict[str, tuple[str, str, str]]:
    """Return change, earlier amount and tone of each figure."""
    texts = comparisons(state, WRITE)
    return {
        name: (
            texts[f"kpi-{name}-{basis}-change"]["children"],
            texts[f"kpi-{name}-{basis}-before"]["children"],
            texts[f"kpi-{name}-{basis}-change"]["className"].split()[-1],
        )
        for name in ("net", "revenue", "expenses", "margin")
    }


def test_same_time_of_the_day_before() -> None:
    """Each figure is compared with the state of the same time, which is named."""
    state = running(moment("24T22:20", 120_000, 48_000), moment("24T23:50", 1, 1))

    assert default_basis(state) == "same-time"
    assert shown(state, "same-time") == {
        "net": ("▲ +$5,130.00 (+7.1%)", "was $72,000.00 on 24 Feb at 22:20", "gain"),
        "revenue": ("▲ +$5,450.00 (+4.5%)", "was $120,000.00 on 24 Feb at 22:20", "gain"),
        "expenses": ("▲ +$320.00 (+0.7%)", "was $48,000.00 on 24 Feb at 22:20", "loss"),
        "margin": ("▲ +1.5 pp", "was 60.0% on 24 Feb at 22:20", "gain"),
    }


def test_unknown_time_of_the_day_before() -> None:
    """With an unknown state there is no comparison, and the previous period is the default."""
    state = running(moment("24T12:00", 1, 1))

    assert default_basis(state) == "previous"
    assert shown(state, "same-time")["net"][:2] == ("", "unknown at this time of the day before")
    assert shown(state, "same-time")["margin"] == ("", "", "flat")


def test_previous_period_of_a_known_day() -> None:
    """The previous day is named if its totals equal those of the day before in the trend."""
    rows = guide.month()
    previous = {"previousRevenue": rows[-2]["revenue"], "previousExpenses": rows[-2]["expenses"]}

    known = shown(snapshot(trendsData=rows, **previous), "previous")["revenue"][1]
    unknown = shown(snapshot(trendsData=rows), "previous")["revenue"][1]

    assert known == "was $119,900.00 on 24 Feb, whole day"
    assert unknown == "was $125,200.00 in the previous period"


def test_average_of_whole_days() -> None:
    """An incomplete day compared with an average has neither percentage nor colour."""
    rows = [{"date": f"2026-02-{day}", "revenue": 100_000, "expenses": 40_000} for day in (23, 24)]

    assert shown(snapshot(trendsData=rows), "average") == {
        "net": ("+$17,130.00", "$60,000.00, average of 2 whole days", "flat"),
        "revenue": ("+$25,450.00", "$100,000.00, average of 2 whole days", "flat"),
        "expenses": ("+$8,320.00", "$40,000.00, average of 2 whole days", "flat"),
        "margin": ("▲ +1.5 pp", "60.0%, average of 2 whole days", "flat"),
    }
    assert shown(snapshot(), "average")["net"][:2] == ("", "no days yet")


def test_target() -> None:
    """Net has a target; the other figures have none."""
    state = running(target=100_000)

    assert shown(state, "target")["net"] == ("77.1% of target", "target $100,000.00", "flat")
    assert shown(state, "target")["revenue"] == ("", "", "flat")
    assert shown(running(), "target")["net"][:2] == ("", "no target is set")
    assert shown(running(target=100_000, revenue=0), "target")["net"][0] == "-48.3% of target"


def said(state: Snapshot) -> dict[str, str]:
    """Return the texts of the headline."""
    return {name: props["children"] for name, props in sentence(state, [], WRITE).items()}


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (moment("24T22:20", 100_000, 30_000), "$7,130.00 ahead of this time yesterday"),
        (moment("24T22:20", 100_000, 20_000), "$2,870.00 behind this time yesterday"),
        (moment("24T22:20", 100_000, 22_870), "level with this time yesterday"),
        (moment("24T20:20", 100_000, 22_870), ""),
    ],
    ids=["ahead", "behind", "level", "unknown"],
)
def test_sentence(before: Moment, words: str) -> None:
    """The headline says how far net is ahead of the same time."""
    assert said(running(before))["sentence-ahead"] == words


def test_sentence_of_a_loss() -> None:
    """The headline has the sign and tone of the result."""
    net = sentence(running(revenue=0), [], WRITE)["sentence-net"]

    assert (net["children"], net["className"]) == ("-$48,320.00", "loss")
    assert said(running(target=100_000))["sentence-target"] == "77.1% of target"


def test_month_to_date() -> None:
    """The month to date sums the history's days and the current day, each once."""
    days = [
        day("2026-01-31", 1_000_000),
        day("2026-02-23", 700_000),
        day("2026-02-24", 700_000, repeats=date(2026, 2, 23)),
        day("2026-02-25", 5),  # as it was when it was read
    ]
    state = replace(running(), recorded={each.day: each for each in days})
    assert state.day
    aimed = replace(state, day=replace(state.day, month_target=Decimal(1_000_000)))

    assert said(aimed)["sentence-month"] == "$777,130.00 this month, 77.7% of its target"
    assert said(state)["sentence-month"] == ""


def test_day_of_the_sentence() -> None:
    """The headline of an earlier day's state does not say today."""
    old = sentence_day(replace(FEED, of_today=False), snapshot(), WRITE)

    assert old["sentence-day"]["children"] == "on 25 Feb"
    assert sentence_day(FEED, snapshot(), WRITE)["sentence-day"]["children"] == "today"
