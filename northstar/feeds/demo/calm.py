"""The calm scene: an even stream that starts with the guide's example, at any time of the day.

Books one event at a time in whole cents, so agents and categories always sum to the totals. Values
depend only on the seed and the number of events.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from northstar.domain.messages import PnLUpdate, TrendDay
from northstar.feeds.demo.books import Books, closing, message, trend_day

# Section 4 of the guide, in cents: the demo day's figures at the start …
REVENUE = {"Scalper": 75_000_00, "John": 32_000_00, "Cliff": 18_450_00}
EXPENSES = {"Scalper": 28_500_00, "John": 12_800_00, "Cliff": 7_020_00}
COSTS = {
    "Trading Fees": 18_500_00,
    "Infrastructure": 12_800_00,
    "Personnel": 11_200_00,
    "Other": 5_820_00,
}
# … the day before it (sections 1, 2 and 7), and the first day of its 30 (section 4).
YESTERDAY = (118_200_00, 45_600_00)
FIRST_DAY = (108_000_00, 42_000_00)
EARLIER_DAYS = 29
# Before those, for the history: more than a year, with a few bad weeks.
OLDER_DAYS = 400
BAD_SPELL = range(58, 75)  # days ago
BAD_SPELL_SHARE = 0.24

# At one event a second, these rates give about 125 000 of revenue and 48 000 of expenses a day, as
# in the guide's example.
TRADE_CHANCE = 0.6
TRADE_MEAN_CENTS, TRADE_SPREAD_CENTS = 240, 800
FEE_SHARE = 0.04
RUNNING_COSTS = {"Infrastructure": 15, "Personnel": 13, "Other": 7}  # mean cents per event
WEEKDAY_SWING = (0.02, 0.03, 0.01, 0.0, -0.01, -0.04, -0.03)  # Monday first


def emit(
    seed: int, moments: Iterable[datetime], earlier: Sequence[TrendDay] | None = None
) -> Iterator[PnLUpdate]:
    """Yield one update per moment; each day's first one has 30 trend rows, the others one.

    `earlier` are the 29 days before the first moment's, if they are not those of the seed.
    """
    random = Random(seed)  # noqa: S311 (a demo, not a secret)
    business: _Business | None = None
    for moment in moments:
        if business is None:
            business = _Business(moment.date(), random)
            business.earlier_days = list(earlier or business.earlier_days)
            yield business.message(moment, business.month())
        elif moment.date() != business.day.date:
            business.close_day(moment.date())
            yield business.message(moment, business.month())
        else:
            business.book_event(random)
            yield business.message(moment, [business.day])


def earlier_updates(
    seed: int, moment: datetime, end_of: Callable[[date], datetime]
) -> Iterator[PnLUpdate]:
    """Yield the updates before the first one of `emit` at `moment`; `end_of` gives a day's end.

    The last update of each day, oldest first, then one for each minute of the current day.
    """
    business = _Business(moment.date(), Random(seed))  # noqa: S311 (a demo, not a secret)
    older = older_days(moment.date(), Random(seed))  # noqa: S311
    for day in (*older, *business.earlier_days):
        yield business.scaled(day, end_of(day.date) - timedelta(seconds=1))
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((moment - midnight).total_seconds() // 60)
    for minute, share in enumerate(_shares(minutes, Random(seed))):  # noqa: S311
        yield business.part_of_day(share, midnight + timedelta(minutes=minute))


class _Business:
    """The books of one day, in cents, and the days before it."""

    def __init__(self, day: date, random: Random) -> None:
        self.date = day
        self.revenue, self.expenses, self.costs = dict(REVENUE), dict(EXPENSES), dict(COSTS)
        self.earlier_days = list(last_month(day, random))

    @property
    def day(self) -> TrendDay:
        return trend_day(self.date, sum(self.revenue.values()), sum(self.expenses.values()))

    def month(self) -> list[TrendDay]:
        return [*self.earlier_days, self.day]

    def part_of_day(self, share: float, at: datetime) -> PnLUpdate:
        """Return an update of today with that share of its revenue and expenses."""
        revenue, expenses = (
            int(sum(book.values()) * share) for book in (self.revenue, self.expenses)
        )
        return self.scaled(trend_day(self.date, revenue, expenses), at)

    def scaled(self, day: TrendDay, at: datetime) -> PnLUpdate:
        """Return the last update of a day, with the current agents and costs scaled to it."""
        return closing(day, at, Books(self.revenue, self.expenses, self.costs))

    def close_day(self, tomorrow: date) -> None:
        """Append the day to the trend and start the next one at zero."""
        self.earlier_days = [*self.earlier_days[1:], self.day]
        self.date = tomorrow
        for book in (self.revenue, self.expenses, self.costs):
            book.update(dict.fromkeys(book, 0))

    def book_event(self, random: Random) -> None:
        """Book one event: a trade with its fee, at random, and running costs."""
        agent = random.choices(list(REVENUE), list(REVENUE.values()))[0]
        if random.random() < TRADE_CHANCE:
            result = round(random.gauss(TRADE_MEAN_CENTS, TRADE_SPREAD_CENTS))
            self.revenue[agent] += result
            self._spend(agent, "Trading Fees", round(abs(result) * FEE_SHARE))
        category = random.choice(list(RUNNING_COSTS))
        rate = RUNNING_COSTS[category] * len(RUNNING_COSTS)
        self._spend(agent, category, round(random.uniform(0, 2 * rate)))

    def _spend(self, agent: str, category: str, cents: int) -> None:
        self.expenses[agent] += cents
        self.costs[category] += cents

    def message(self, moment: datetime, trend: list[TrendDay]) -> PnLUpdate:
        books = Books(self.revenue, self.expenses, self.costs)
        return message(moment, books, self.earlier_days[-1], trend)


def last_month(today: date, random: Random) -> Iterator[TrendDay]:
    """Yield the 29 days before `today`: growth, weekly swing and noise; the last one is fixed."""
    for back in range(EARLIER_DAYS, 1, -1):
        day = today - timedelta(days=back)
        grown = (EARLIER_DAYS - back) / (EARLIER_DAYS - 1)
        swing = 1 + WEEKDAY_SWING[day.weekday()] + random.gauss(0, 0.015)
        revenue, expenses = (
            first + (last - first) * grown for first, last in zip(FIRST_DAY, YESTERDAY, strict=True)
        )
        # Half of the costs follow revenue, as fees do; the other half is fixed.
        yield trend_day(day, round(revenue * swing), round(expenses * (1 + swing) / 2))
    yield trend_day(today - timedelta(days=1), *YESTERDAY)


def older_days(today: date, random: Random) -> Iterator[TrendDay]:
    """Yield the days before `last_month`: slower growth, more noise, and a few bad weeks."""
    for back in range(OLDER_DAYS + EARLIER_DAYS, EARLIER_DAYS, -1):
        day = today - timedelta(days=back)
        grown = 1 - (back - EARLIER_DAYS) / (3 * OLDER_DAYS)
        luck = random.gauss(1, 0.12) * (BAD_SPELL_SHARE if back in BAD_SPELL else 1)
        revenue, expenses = (cents * grown for cents in FIRST_DAY)
        swing = luck + WEEKDAY_SWING[day.weekday()]
        yield trend_day(day, round(revenue * swing), round(expenses * (1 + swing) / 2))


def _shares(minutes: int, random: Random) -> Iterator[float]:
    """Yield the cumulative share of the day for each minute so far, in random steps."""
    steps = [random.expovariate(1) for _ in range(minutes)]
    whole = sum(steps)
    return (done / whole for done in accumulate(steps))
