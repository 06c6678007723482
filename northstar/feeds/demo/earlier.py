"""The days before a scene: a month with a drawdown, a losing day and a restated day.

Pure. The history before that month is the calm scene's.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from random import Random

from northstar.domain.messages import PnLUpdate, TrendDay
from northstar.feeds.demo.books import Books, closing, split, trend_day
from northstar.feeds.demo.calm import (
    EARLIER_DAYS,
    FIRST_DAY,
    WEEKDAY_SWING,
    YESTERDAY,
    older_days,
)
from northstar.feeds.demo.day import BEHIND, EVEN, books_at

# Revenue of bad days as a share of an ordinary one, by days ago: a drawdown of three days, and a
# losing day by itself. Costs are below 45 % of an ordinary day's revenue.
BAD_DAYS = {16: 0.36, 15: 0.28, 14: 0.37, 13: 0.6, 8: 0.33}
# A day that closed with more revenue than it has since the close of a later day, by days ago.
RESTATED, RESTATED_ON, TAKEN_BACK_CENTS = 5, 3, 4_150_00
DAY = timedelta(days=1)


def month_before(today: date, seed: int) -> list[TrendDay]:
    """Return the 29 days before `today`, as they are known now."""
    return [
        trend_day(day.date, round(day.revenue * 100) - TAKEN_BACK_CENTS, round(day.expenses * 100))
        if day.date == today - RESTATED * DAY
        else day
        for day in _closed_month(today, Random(seed))  # noqa: S311 (a demo, not a secret)
    ]


def earlier_updates(
    plan: Books, before: Books, seed: int, moment: datetime, end_of: Callable[[date], datetime]
) -> Iterator[PnLUpdate]:
    """Yield the updates before `moment`, oldest first; `end_of` gives a day's end.

    The last update of each day, and the totals of each minute of yesterday and today. One update
    restates an earlier day. `plan` is what today comes to, `before` the proportions of other days.
    """
    today = moment.date()
    month = list(_closed_month(today, Random(seed)))  # noqa: S311
    restated = next(day for day in month_before(today, seed) if day.date == today - RESTATED * DAY)
    for day in chain(older_days(today, Random(seed)), month):  # noqa: S311
        if day.date == today - DAY:
            opening = _opening(moment - DAY)
            yield from _minutes(_scaled(before, day), seed, opening, end_of(day.date), EVEN)
        update = closing(day, end_of(day.date) - timedelta(seconds=1), before)
        is_restating = day.date == today - RESTATED_ON * DAY
        yield update.model_copy(update={"trends_data": [restated, day]}) if is_restating else update
    yield from _minutes(plan, seed, _opening(moment), moment, BEHIND)


def _closed_month(today: date, random: Random) -> Iterator[TrendDay]:
    """Yield the 29 days before `today` as they closed; the last one is the guide's."""
    for back in range(EARLIER_DAYS, 1, -1):
        day = today - back * DAY
        grown = (EARLIER_DAYS - back) / (EARLIER_DAYS - 1)
        swing = 1 + WEEKDAY_SWING[day.weekday()] + random.gauss(0, 0.03)
        revenue, expenses = (
            first + (last - first) * grown for first, last in zip(FIRST_DAY, YESTERDAY, strict=True)
        )
        earned = round(revenue * swing * BAD_DAYS.get(back, 1))
        yield trend_day(day, earned, round(expenses * (1 + swing) / 2))
    yield trend_day(today - DAY, *YESTERDAY)


def _minutes(
    plan: Books, seed: int, opening: datetime, until: datetime, behind: float
) -> Iterator[PnLUpdate]:
    """Yield the totals of each minute of a day from its opening to before `until`."""
    minutes = int((until.astimezone(UTC) - opening.astimezone(UTC)).total_seconds() // 60)
    for minute in range(minutes):
        at = (opening.astimezone(UTC) + timedelta(minutes=minute)).astimezone(opening.tzinfo)
        books = books_at(plan, seed, at, behind)
        day = trend_day(at.date(), books.earned, books.spent)
        yield PnLUpdate(timestamp=at, revenue=day.revenue, expenses=day.expenses)


def _opening(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _scaled(books: Books, day: TrendDay) -> Books:
    """Return the books in the same proportions with the totals of a day."""
    earned, spent = round(day.revenue * 100), round(day.expenses * 100)
    revenue, expenses = split(books.revenue, earned), split(books.expenses, spent)
    return Books(revenue, expenses, split(books.costs, spent))
