"""The scenes of the demo: what each shows, and its message at a moment. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from random import Random
from typing import NamedTuple

from northstar.domain.messages import PnLUpdate, TrendDay
from northstar.feeds.demo import calm, earlier, story
from northstar.feeds.demo.books import Books, message, trend_day
from northstar.feeds.demo.day import books_at
from northstar.feeds.demo.plans import CROWD, GUIDE, HOSTILE, LOSING
from northstar.feeds.demo.story import Act

# How long the source of the offline scene can be reached, in seconds.
THERE_S = 12


class Scene(StrEnum):
    """A scene of the demo; the settings have the same names."""

    STORY = "story"
    CALM = "calm"
    LOSS = "loss"
    CROWD = "crowd"
    HOSTILE = "hostile"
    OFFLINE = "offline"


class Script(NamedTuple):
    """What a scene is about: in a few words, in a sentence, and what its days come to."""

    about: str
    text: str
    today: Books = GUIDE
    before: Books = GUIDE


class Playing(NamedTuple):
    """A scene at a time since its start."""

    scene: Scene
    seed: int
    elapsed_s: float


SCRIPTS: Mapping[Scene, Script] = {
    Scene.STORY: Script("A day that goes wrong within a minute, and recovers", ""),
    Scene.CALM: Script("An even stream of small amounts", "Nothing happens: amounts move evenly."),
    Scene.LOSS: Script(
        "A day that loses money", "All but one agent cost more than they earn.", LOSING
    ),
    Scene.CROWD: Script(
        "40 agents and 40 categories", "40 agents earn, 40 categories cost.", CROWD, CROWD
    ),
    Scene.HOSTILE: Script(
        "Names with markup, formulas and directions of writing",
        "Names look like markup, formulas and templates: all are shown as text.",
        HOSTILE,
        HOSTILE,
    ),
    Scene.OFFLINE: Script("A source that goes away and stays away", ""),
}


def act_at(playing: Playing) -> Act:
    """Return what is shown."""
    scene, seed, elapsed_s = playing
    if scene is Scene.STORY:
        return story.act_at(seed, elapsed_s, GUIDE)
    if scene is Scene.OFFLINE and elapsed_s < THERE_S:
        return Act("The source is there, but not for long.", THERE_S - elapsed_s)
    if scene is Scene.OFFLINE:
        return Act("The source is gone for good: another scene brings it back.", is_cut=True)
    return Act(SCRIPTS[scene].text)


def message_at(
    playing: Playing, moment: datetime, before: Sequence[TrendDay], *, whole: bool
) -> PnLUpdate:
    """Return the message of a scene other than the calm one.

    `before` are the 29 days before the moment's; they are in the trend of a `whole` message.
    """
    scene, seed, elapsed_s = playing
    plan = SCRIPTS[scene].today
    books = books_at(plan, seed, moment)
    if scene is Scene.STORY:
        books = story.with_acts(books, seed, elapsed_s, plan)
    day = trend_day(moment.date(), books.earned, books.spent)
    return message(moment, books, before[-1], [*before, day] if whole else [day])


def month_before(scene: Scene, seed: int, today: date) -> list[TrendDay]:
    """Return the 29 days before `today`."""
    if scene is Scene.CALM:
        return list(calm.last_month(today, Random(seed)))  # noqa: S311 (a demo, not a secret)
    return earlier.month_before(today, seed)


def earlier_updates(
    scene: Scene, seed: int, moment: datetime, end_of: Callable[[date], datetime]
) -> Iterator[PnLUpdate]:
    """Yield the updates before a scene that starts at `moment`, oldest first."""
    if scene is Scene.CALM:
        return calm.earlier_updates(seed, moment, end_of)
    script = SCRIPTS[scene]
    return earlier.earlier_updates(script.today, script.before, seed, moment, end_of)
