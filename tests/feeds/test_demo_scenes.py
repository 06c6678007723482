"""The demo's scenes without a clock or a feed: what they show and when."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate, pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from conftest import UTC
from northstar.domain.books import audit
from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.domain.ledger import Ledger
from northstar.domain.messages import PnLUpdate, TrendDay, encode
from northstar.domain.snapshot import Snapshot
from northstar.feeds.demo.scenes import (
    Playing,
    Scene,
    act_at,
    earlier_updates,
    message_at,
    month_before,
)
from northstar.history.store import Accepted
from northstar.settings.table import Settings
from support.empty_history import history

NOON = datetime(2026, 2, 25, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
SECOND = timedelta(seconds=1)
SCENES = [scene for scene in Scene if scene is not Scene.CALM]  # that one is in test_demo.py
PASTS = [Scene.STORY, Scene.LOSS, pytest.param(Scene.CROWD, marks=pytest.mark.long)]
SHORT = range(26, 36)  # seconds of the story
CUT = range(36, 48)


def at(scene: Scene, start: datetime, elapsed_s: float, seed: int = 1) -> PnLUpdate:
    """Return the message of a scene that began at `start`; the first has the whole trend."""
    moment = start + timedelta(seconds=elapsed_s)
    before = month(scene, seed, moment.date())
    return message_at(Playing(scene, seed, elapsed_s), moment, before, whole=not elapsed_s)


@cache
def month(scene: Scene, seed: int, today: date) -> list[TrendDay]:
    """Return the 29 days before `today`."""
    return month_before(scene, seed, today)


def story(start: datetime, count: int, seed: int = 1) -> Iterator[PnLUpdate]:
    """Yield the messages of the first seconds of a story."""
    return (at(Scene.STORY, start, second, seed) for second in range(count))


def ordinary(moment: datetime) -> PnLUpdate:
    """Return the message of the calm scene at that moment."""
    before = month(Scene.OFFLINE, 1, moment.date())
    return message_at(Playing(Scene.OFFLINE, 1, 0), moment, before, whole=True)


@cache
def past(scene: Scene, moment: datetime = NOON) -> list[PnLUpdate]:
    """Return the invented history before a scene."""
    return list(earlier_updates(scene, 1, moment, Calendar(UTC).end))


def test_names_of_the_settings() -> None:
    """The settings list the same scenes in the same order."""
    annotation = Settings.model_fields["demo_scene"].annotation

    assert get_args(annotation) == tuple(Scene)


@pytest.mark.parametrize("scene", PASTS)
def test_same_seed_and_clock(scene: Scene) -> None:
    """Equal seed, clock and elapsed time give equal messages; another seed does not."""
    one, same, other = (encode(at(scene, NOON, 20.25, seed)) for seed in (7, 7, 8))

    assert one == same != other
    again = earlier_updates(scene, 1, NOON, Calendar(UTC).end)
    assert list(map(encode, past(scene))) == list(map(encode, again))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("start", [MIDNIGHT, NOON, MIDNIGHT - 60 * SECOND], ids=str)
def test_books(scene: Scene, start: datetime) -> None:
    """The books balance in every second of two minutes, except the story's one category."""
    ledger = Ledger(Calendar(UTC))
    for second in range(120):
        assert ledger.receive(encode(at(scene, start, second))).accepted
        assert ledger.snapshot is not None
        findings = audit(ledger.snapshot)
        if scene is Scene.STORY and second in SHORT:
            assert [finding.subject for finding in findings] == ["categories sum to"]
        else:
            assert findings == []


def test_amount_that_is_short() -> None:
    """The story's finding is $2,400 at any time of the day."""
    for start in (NOON, MIDNIGHT):
        (finding,) = audit(Snapshot(at(Scene.STORY, start, 30)))
        assert finding.amount == -2400


@pytest.mark.parametrize("hour", [0, 1, 6, 12, 18, 23])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_minute_of_the_story(hour: int, seed: int) -> None:
    """At any time of day an agent slides into loss, net crosses zero, and both recover."""
    start = MIDNIGHT + timedelta(hours=hour, minutes=2)
    minute = list(story(start, 61, seed))
    losses = [min(agent.net for agent in update.agent_attribution or ()) < 0 for update in minute]
    nets = [update.net for update in minute]
    loss, below = losses.index(True), next(i for i, net in enumerate(nets) if net < 0)

    assert 6 < loss < 16 <= below < 26
    assert all(net < 0 for net in nets[below:48])
    assert losses[60] is False
    assert nets[60] == pytest.approx(nets[0], rel=Decimal("0.05"), abs=60)
    assert all(update.revenue >= 0 for update in minute)


def test_acts_of_the_story() -> None:
    """Each act has its caption; the source is cut for 12 seconds."""
    acts = [act_at(Playing(Scene.STORY, 1, second)) for second in range(60)]
    begins = [i for i, (one, other) in enumerate(pairwise(acts), 1) if one.text != other.text]

    assert begins == [6, 16, 26, 36, 48]
    assert [second for second, act in enumerate(acts) if act.is_cut] == list(CUT)
    assert acts[40].text == "The source has been cut for 12 s: watch the state."
    assert acts[40].left_s == 8


def test_story_is_repeated() -> None:
    """The story runs once every seven minutes at varying times, with calm between."""
    cut = [act_at(Playing(Scene.STORY, 1, second)).is_cut for second in range(20 * 420)]
    starts = [second for second, (was, now) in enumerate(pairwise(cut), 1) if now and not was]

    assert [start // 420 for start in starts] == list(range(20))
    assert {cut.count(True)} == {20 * 12}
    assert all(300 <= after - before <= 540 for before, after in pairwise(starts))
    assert len({after - before for before, after in pairwise(starts)}) > 10


def test_time_until_the_next_round() -> None:
    """Between two rounds the caption has the start of the next one."""
    calm = act_at(Playing(Scene.STORY, 1, 100))
    assert calm.left_s is not None
    next_act = act_at(Playing(Scene.STORY, 1, 100 + calm.left_s + 0.5))

    assert next_act.text == act_at(Playing(Scene.STORY, 1, 0)).text


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [date(2026, 2, 25), date(2026, 3, 29), date(2026, 10, 25)], ids=str)
def test_day_is_spread_over_the_clock(zone: str, day: date) -> None:
    """Totals start at zero, expenses never fall, and the day ends at the guide's figures."""
    opening = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = [(opening + timedelta(minutes=15 * n)).astimezone(ZoneInfo(zone)) for n in range(101)]
    moments = [moment for moment in local if moment.date() == day]
    last = moments[-1].replace(hour=23, minute=59, second=59)
    updates = [*map(ordinary, moments), ordinary(last)]

    assert updates[0].revenue == updates[0].expenses == 0
    assert all(before.expenses < after.expenses for before, after in pairwise(updates))
    assert all(update.revenue > 0 for update in updates[1:])
    assert [updates[-1].revenue, updates[-1].expenses] == [125450, 48320]


def test_no_kink_at_the_start() -> None:
    """The scene continues from the last invented minute of the day."""
    *_, before, last = past(Scene.STORY)
    step = last.revenue - before.revenue
    first = at(Scene.STORY, NOON, 0)

    assert last.timestamp == NOON - 60 * SECOND
    assert 0 < first.revenue - last.revenue < 3 * step
    assert 0 < first.expenses - last.expenses < 100


def test_pace() -> None:
    """Revenue changes often, both ways and by little; expenses only rise."""
    updates = [ordinary(NOON + n * SECOND) for n in range(600)]
    steps = [after.revenue - before.revenue for before, after in pairwise(updates)]
    spent = [after.expenses - before.expenses for before, after in pairwise(updates)]

    assert min(steps) < 0 < max(steps) < updates[0].revenue / 1000
    assert sum(step != 0 for step in steps) > 500
    assert min(spent) > 0


@pytest.mark.parametrize("scene", [Scene.STORY, Scene.HOSTILE])
def test_behind_yesterday(scene: Scene) -> None:
    """From morning to evening, net is below the same time of yesterday."""
    net = {update.timestamp: update.net for update in past(scene, NOON.replace(hour=23))}

    for hour in range(3, 19):
        now = NOON.replace(hour=hour)
        assert net[now] < net[now - timedelta(days=1)]
    assert net[MIDNIGHT - SECOND] == 72600


def test_losing_day() -> None:
    """In the loss scene the day has a loss from its first minutes to its end."""
    nets = [at(Scene.LOSS, MIDNIGHT + timedelta(minutes=5 + 15 * n), 0).net for n in range(95)]

    assert all(net < 0 for net in nets)
    assert nets[-1] < -10_000


def test_crowd() -> None:
    """There are 40 agents and 40 categories; some agents have a loss."""
    update = at(Scene.CROWD, NOON, 0)
    agents = update.agent_attribution or ()

    assert len({agent.agent for agent in agents}) == len(update.cost_breakdown or ()) == 40
    assert 3 < sum(agent.net < 0 for agent in agents) < 10


def test_hostile_names() -> None:
    """Names have markup, formulas, direction controls, emoji, line ends and great length."""
    update = at(Scene.HOSTILE, NOON, 0)
    agents = [agent.agent for agent in update.agent_attribution or ()]
    names = [*agents, *(cost.name for cost in update.cost_breakdown or ())]

    for sign in ("<script>", "=HYPERLINK", "\u202e", "\U0001f680", "\n", "{{", "__proto__"):
        assert any(sign in name for name in names)
    assert 150 < max(map(len, names)) <= 200


def test_offline() -> None:
    """The source is connected for a few seconds and then gone for good."""
    there, *gone = (act_at(Playing(Scene.OFFLINE, 1, elapsed_s)) for elapsed_s in (5, 12, 10**6))

    assert (there.is_cut, there.left_s) == (False, 7)
    assert all(act.is_cut and act.left_s is None for act in gone)


def written(updates: list[PnLUpdate]) -> dict[date, DayRecord]:
    """Return the days of a history with these updates."""
    store = history(lambda: NOON).store
    states = (Accepted(Snapshot(one), one.timestamp, one.trends_data or ()) for one in updates)
    store.write(list(states))
    days = {day.day: day for day in store.days(date.min, date.max)}
    store.close()
    return days


def test_month_before() -> None:
    """The newest 30 days have a drawdown, a single losing day and a restated day."""
    days = written([*past(Scene.STORY), at(Scene.STORY, NOON, 0)])
    newest = [day for day in days.values() if timedelta(0) < NOON.date() - day.day <= timedelta(29)]
    nets = [day.amounts.net for day in newest]
    losing = [29 - place for place, net in enumerate(nets) if net < 0]
    totals = list(accumulate(nets))
    peaks = accumulate(totals, max)

    assert losing == [16, 15, 14, 8]
    assert min(total - peak for total, peak in zip(totals, peaks, strict=True)) < -10_000
    (restated,) = (day for day in days.values() if day.closed)
    assert restated.day == NOON.date() - timedelta(days=5)
    assert restated.closed is not None
    assert restated.closed.revenue - restated.amounts.revenue == 4150
    assert restated.restated_at == MIDNIGHT - timedelta(days=2) - SECOND


@pytest.mark.parametrize("scene", PASTS)
def test_trend_agrees_with_the_history(scene: Scene) -> None:
    """The trend of the messages equals the history, so that it restates nothing."""
    days = written([*past(scene), at(scene, NOON, 0)])

    for row in at(scene, NOON, 0).trends_data or ():
        assert (days[row.date].amounts.revenue, days[row.date].amounts.expenses) == (
            row.revenue,
            row.expenses,
        )
    assert sum(day.closed is not None for day in days.values()) == 1
