"""The story: a day that goes wrong within a minute and recovers, and again every few minutes.

Pure: the time since the start and a seed are enough.
"""

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from northstar.feeds.demo.books import Book, Books

PERIOD_S = 420
LATEST_S = 120  # after its period begins; the first begins at once
# When each act begins, in seconds.
SLIDE_S, CRASH_S, SHORT_S, CUT_S, RECOVERY_S, END_S = 6, 16, 26, 36, 48, 60
EASE_S = 8  # until a movement is complete
SHORT_CENTS = 2_400_00
# An agent's revenue after its slide, and that of all after the crash, in expenses.
SLID, CRASHED = 0.65, 0.92


class Act(NamedTuple):
    """What is shown for now; `left_s` until the next act, None if there is none."""

    text: str
    left_s: float | None = None
    is_cut: bool = False  # whether the source is away


class Round(NamedTuple):
    """One round of the story: its start, the agent that loses, and the category that is short."""

    begins_s: float
    agent: str
    category: str


def round_of(seed: int, number: int, plan: Books) -> Round:
    """Return the round in a period of `PERIOD_S`; they are numbered from 0."""
    random = Random(f"{seed} {number}")  # noqa: S311 (a demo, not a secret)
    late_s = random.uniform(0, LATEST_S) if number else 0
    agent, category = random.choice([*plan.revenue][1:]), random.choice([*plan.costs][:2])
    return Round(number * PERIOD_S + late_s, agent, category)


def act_at(seed: int, elapsed_s: float, plan: Books) -> Act:
    """Return the act at a time."""
    number = int(elapsed_s // PERIOD_S)
    now = round_of(seed, number, plan)
    at_s = elapsed_s - now.begins_s
    for ends_s, text in _acts(now):
        if 0 <= at_s < ends_s:
            return Act(text, ends_s - at_s, is_cut=CUT_S <= at_s < RECOVERY_S)
    following = now if at_s < 0 else round_of(seed, number + 1, plan)
    return Act("An ordinary day again, until it all repeats.", following.begins_s - elapsed_s)


def _acts(now: Round) -> Iterable[tuple[float, str]]:
    """Yield the end of each act, in seconds since the round began, and its text."""
    yield SLIDE_S, "An ordinary day, which is about to go wrong."
    yield CRASH_S, f"{now.agent} slides into loss: see who earned it."
    yield SHORT_S, "Prices fall for everybody: the net of the day crosses zero."
    short = f"{SHORT_CENTS / 100:,.0f}"
    yield CUT_S, f"{now.category} is {short} short: an invoice is booked, but in no category."
    cut_s = RECOVERY_S - CUT_S
    yield RECOVERY_S, f"The source has been cut for {cut_s} s: watch the state."
    yield END_S, "The source is back, the invoice is withdrawn, and prices recover."


def with_acts(books: Books, seed: int, elapsed_s: float, plan: Books) -> Books:
    """Return the books of an ordinary day as the story has them at that time."""
    now = round_of(seed, int(elapsed_s // PERIOD_S), plan)
    at_s = elapsed_s - now.begins_s
    recovered = _eased(at_s - RECOVERY_S)
    slide, crash = _eased(at_s - SLIDE_S) - recovered, _eased(at_s - CRASH_S) - recovered
    expenses = dict(books.expenses)
    if SHORT_S <= at_s < CUT_S:
        expenses[now.agent] += SHORT_CENTS  # and not the category
    return Books(_fallen(books, now.agent, slide, crash), expenses, books.costs)


def _fallen(books: Books, loser: str, slide: float, crash: float) -> Book:
    """Return the revenue with a share of the loser's slide, and of the crash of all others."""
    slid = SLID * books.expenses[loser]
    others = books.earned - books.revenue[loser]
    left = (CRASHED * books.spent - slid) / others if others > 0 else 1
    return {
        agent: _towards(cents, slid, slide)
        if agent == loser
        else _towards(cents, cents * left, crash)
        for agent, cents in books.revenue.items()
    }


def _towards(cents: int, bottom: float, share: float) -> int:
    """Return an amount on its way down to `bottom`; never up."""
    return round(cents + (min(cents, bottom) - cents) * share)


def _eased(since_s: float) -> float:
    """Return 0 before a movement, 1 after it, and a smooth course between them."""
    x = min(1.0, max(0.0, since_s / EASE_S))
    return x * x * (3 - 2 * x)
