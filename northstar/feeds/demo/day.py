"""A day's books at any moment, cumulative from its opening. Pure: a moment and a seed are enough.

All amounts begin at zero and reach those of the plan in the day's last second.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import pi, sin
from random import Random
from typing import NamedTuple

from northstar.feeds.demo.books import Book, Books, split

# How far revenue is behind an even pace, as a share of the day, at most: at noon. Until the evening
# that is behind the same time of an even day before.
BEHIND = 0.1
EVEN = 0.0
# By how much less is earned than on average at midnight, and more at noon.
QUIET = 0.2
# Swings of an agent's result, in share of what it has earned: periods of about 90 s, 7 min, 50 min
# and 5 h.
SWINGS = ((800, 1100, 0.0009), (180, 240, 0.002), (24, 36, 0.004), (3, 7, 0.012))
# Expenses come in waves of 40 s and 5 min, and never fall: the sum of these shares is below 1.
WAVES = ((2160, 0.45), (288, 0.35))
# How far the share of an agent or a category in the expenses moves during the day.
DRIFT = 0.02


class Swing(NamedTuple):
    """A sine with a whole number of periods in a day, so that it is zero at both ends."""

    periods: int
    size: float

    def at(self, passed: float) -> float:
        return self.size * sin(2 * pi * self.periods * passed)


def books_at(plan: Books, seed: int, moment: datetime, behind: float = BEHIND) -> Books:
    """Return the books of the moment's day up to then; `plan` is what the day comes to."""
    passed = passed_share(moment)
    earned = passed - QUIET * sin(2 * pi * passed) / (2 * pi) - behind * sin(pi * passed)
    day = moment.date()
    revenue = {
        agent: round(cents * (earned + passed * _sum(_swings(seed, day, agent), passed)))
        for agent, cents in plan.revenue.items()
    }
    spent = passed + _sum(_WAVES, passed)
    whole = round(plan.spent * spent)
    return Books(
        revenue,
        split(_drifted(plan.expenses, seed, passed), whole),
        split(_drifted(plan.costs, seed, passed), whole),
    )


def passed_share(moment: datetime) -> float:
    """Return the share of the day that has passed, in whole seconds; 1 in its last second."""
    opening = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    # In UTC: two times of one zone are subtracted by local time, also when clocks change.
    passed_s = (moment.astimezone(UTC) - opening.astimezone(UTC)).total_seconds()
    length = (opening + timedelta(days=1)).astimezone(UTC) - opening.astimezone(UTC)
    return min(1.0, int(passed_s) / (length.total_seconds() - 1))


def _sum(swings: Iterable[Swing], passed: float) -> float:
    return sum(swing.at(passed) for swing in swings)


_WAVES = [Swing(periods, share / (2 * pi * periods)) for periods, share in WAVES]


@lru_cache(maxsize=128)
def _swings(seed: int, day: date, agent: str) -> tuple[Swing, ...]:
    random = Random(f"{seed} {day} {agent}")  # noqa: S311 (a demo, not a secret)
    return tuple(
        Swing(random.randint(fewest, most), random.choice((-size, size)))
        for fewest, most, size in SWINGS
    )


def _drifted(book: Book, seed: int, passed: float) -> Book:
    """Return the book with its parts moved against each other."""
    turned = sin(2 * pi * passed) * DRIFT
    return {
        name: round(cents * (1 + turned * (1 if (place + seed) % 2 else -1)))
        for place, (name, cents) in enumerate(book.items())
    }
