"""An independent oracle: the sums of a stream of messages, in fractions and plain loops.

It computes from the plain structures that the messages were made of, and imports nothing of
NorthStar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

PREVIOUS = ("previousRevenue", "previousExpenses", "previousNetPnL")
BOOK = ("revenue", "expenses")
HALF_A_CENT = Fraction(1, 200)
HALF_A_TENTH = Fraction(1, 20)

Row = dict[str, Any]
# Place, subject, stated and expected value; and the difference that rounding explains.
Finding = tuple[str, str, Fraction, Fraction]
Check = tuple[str, str, Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Sent:
    """One message: its text, its expected outcome, and the data it was made from."""

    raw: str | bytes
    fate: str
    row: Row
    moment: datetime


def exact(amount: Decimal | None) -> Fraction | None:
    """Return the exact value of the digits."""
    return None if amount is None else Fraction(amount)


def ratio(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    """Return `part` as a percentage of `whole`, if that is positive."""
    return None if part is None or whole is None or whole <= 0 else part / whole * 100


def moved(now: Fraction, before: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    """Return the change and its percentage, which is None for zero and for a change of sign."""
    if before is None:
        return None, None
    comparable = before != 0 and now * before >= 0
    return now - before, (now - before) / abs(before) * 100 if comparable else None


def net_of(row: Row) -> Fraction:
    """Return revenue − expenses."""
    return Fraction(row["revenue"]) - Fraction(row["expenses"])


def rows_of(rows: list[Row], *keys: str) -> list[tuple[Any, ...]]:
    """Return the values of some keys, followed by a net if it can be computed."""
    return [
        (*(row.get(key) for key in keys), *([net_of(row)] if "revenue" in row else []))
        for row in rows
    ]


class Truth:
    """The state after a stream's messages, computed with loops over plain dicts."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.now: Row = {}
        self.trend: dict[str, Row] = {}
        self.ended: dict[str, bool] = {}  # days with received totals, and whether a trend has them
        self.moment = datetime.fromisoformat("0001-01-01T00:00:00Z")
        self.counts = {"accepted": 0, "rejected": 0, "out_of_order": 0, "ignored": 0}

    def take(self, sent: Sent) -> bool:
        """Process one message; tell whether it is accepted."""
        fate = {"other": "ignored", "good": "accepted"}.get(sent.fate, "rejected")
        if fate == "accepted" and sent.moment < self.moment:
            fate = "out_of_order"
        self.counts[fate] += 1
        if fate == "accepted":
            self._merge(sent)
        return fate == "accepted"

    def _merge(self, sent: Sent) -> None:
        today = sent.moment.astimezone(self.zone).date()
        same_day = self.moment.astimezone(self.zone).date() == today if self.now else False
        if self.now and not same_day:  # a closed day has its last totals
            ended = self.moment.astimezone(self.zone).date().isoformat()
            self._end(ended)
            # A row for a day that still ran is no figure of the whole day.
            self.trend = {
                d: row
                for d, row in self.trend.items()
                if d in self.ended or not ended <= d < today.isoformat()
            }
        kept = dict(self.now) if same_day else {}
        kept.pop("netPnL", None)
        if any(name in sent.row for name in PREVIOUS):
            for name in PREVIOUS:
                kept.pop(name, None)
        self.now = kept | sent.row
        self.moment = sent.moment
        rows = [
            row
            for row in sent.row.get("trendsData", [])
            if date.fromisoformat(row["date"]).toordinal() <= today.toordinal() + 1
        ]
        if rows:
            rows = [self._unless_same(row, today) for row in rows]
            first, last = min(row["date"] for row in rows), max(row["date"] for row in rows)
            self.trend = {
                d: row for d, row in self.trend.items() if d in self.ended or not first <= d <= last
            }
        for row in rows:
            self.trend[row["date"]] = row
            if row["date"] in self.ended:
                self.ended[row["date"]] = True
        for day in [*self.trend]:
            if date.fromisoformat(day).toordinal() > today.toordinal() + 1:
                del self.trend[day]
        for day in sorted(self.trend)[:-30]:
            del self.trend[day]

    def _end(self, day: str) -> None:
        """Give a closed day its last totals, unless they are those of the source's last day."""
        last = {"date": day, **{name: self.now[name] for name in BOOK[:2]}}
        before = max((each for each in self.trend if each < day), default=None)
        if (
            day not in self.trend
            and before is not None
            and self.ended.get(before, True)
            and all(Fraction(self.trend[before][name]) == Fraction(last[name]) for name in BOOK[:2])
        ):
            return
        self.ended[day] = day in self.trend
        self.trend[day] = last

    def _unless_same(self, row: Row, today: date) -> Row:
        """Return the row, or that of a closed day with the same amounts."""
        old = self.trend.get(row["date"])
        if old is None or date.fromisoformat(row["date"]) >= today:
            return row
        same = all(Fraction(old[name]) == Fraction(row[name]) for name in BOOK[:2])
        return old if same else row

    @property
    def days(self) -> list[Row]:
        return [self.trend[day] for day in sorted(self.trend)]

    @property
    def agents(self) -> list[Row]:
        return sorted(self.now.get("agentAttribution", []), key=lambda row: -net_of(row))

    @property
    def previous(self) -> list[Fraction | None]:
        revenue, expenses, net = (exact(self.now.get(name)) for name in PREVIOUS)
        if revenue is not None and expenses is not None:
            net = revenue - expenses
        return [revenue, expenses, net]

    def sums(self) -> dict[str, Any]:
        """Return all sums and differences."""
        revenue, expenses = Fraction(self.now["revenue"]), Fraction(self.now["expenses"])
        before = self.previous
        present = [revenue, expenses, revenue - expenses]
        return {
            "as of": (self.moment, self.moment.astimezone(self.zone).isoformat()),
            "now": present,
            "previous": before,
            "moved by": [moved(a, b)[0] for a, b in zip(present, before, strict=True)],
            "trend": rows_of(self.days, "date", "revenue", "expenses", "net"),
            "costs": rows_of(self.now.get("costBreakdown", []), "name", "value", "percentage"),
            "agents": rows_of(self.agents, "agent", "revenue", "expenses", "net"),
            "sums": [
                sum((Fraction(agent[name]) for agent in self.agents), Fraction(0)) for name in BOOK
            ],
        }

    def quotients(self) -> list[Fraction | None]:
        """Return margins, changes in percent, averages of the trend and shares of the costs."""
        revenue, expenses = Fraction(self.now["revenue"]), Fraction(self.now["expenses"])
        present = [revenue, expenses, revenue - expenses]
        before, costs = self.previous, self.now.get("costBreakdown", [])
        spent = sum((Fraction(cost["value"]) for cost in costs), Fraction(0))
        return [
            ratio(present[2], revenue),
            ratio(before[2], before[0]),
            *(moved(a, b)[1] for a, b in zip(present, before, strict=True)),
            *(sum(days, Fraction(0)) / len(days) if days else None for days in self._columns()),
            *(ratio(Fraction(cost["value"]), spent) for cost in costs),
        ]

    def _columns(self) -> list[list[Fraction]]:
        columns = [[Fraction(day[name]) for day in self.days] for name in BOOK]
        return [*columns, [net_of(day) for day in self.days]]

    def residuals(self) -> list[Finding]:
        """Return every finding in the order of the page."""
        found = [*self._nets(), *self._trend(), *self._costs(), *self._agents()]
        return [
            (where, what, said, due)
            for where, what, said, due, room in found
            if abs(said - due) > room
        ]

    def _nets(self) -> Iterator[Check]:
        said, before = exact(self.now.get("netPnL")), exact(self.now.get("previousNetPnL"))
        if said:
            yield "net", "stated net", said, net_of(self.now), HALF_A_CENT
        if before:
            due = self.previous[2]
            assert due is not None
            yield "net", "stated previous net", before, due, HALF_A_CENT

    def _trend(self) -> Iterator[Check]:
        yield from net_checks("trend", "date", self.days)
        here = self.moment.astimezone(self.zone).date()
        if self.days and 0 <= (date.fromisoformat(self.days[-1]["date"]) - here).days <= 1:
            for name in BOOK:
                said, due = Fraction(self.days[-1][name]), Fraction(self.now[name])
                yield "trend", f"today's row: {name}", said, due, HALF_A_CENT

    def _costs(self) -> Iterator[Check]:
        if "costBreakdown" not in self.now:
            return
        costs = self.now["costBreakdown"]
        spent = sum((Fraction(cost["value"]) for cost in costs), Fraction(0))
        yield "costs", "categories sum to", spent, Fraction(self.now["expenses"]), HALF_A_CENT
        for cost in costs:
            share = ratio(Fraction(cost["value"]), spent)
            if share is not None and "percentage" in cost:
                said = cost["percentage"]
                yield "costs", f"{cost['name']}: share", Fraction(said), share, rounding_of(said)

    def _agents(self) -> Iterator[Check]:
        if "agentAttribution" not in self.now:
            return
        for name in BOOK:
            said = sum((Fraction(agent[name]) for agent in self.agents), Fraction(0))
            yield "agents", f"{name}: agents sum to", said, Fraction(self.now[name]), HALF_A_CENT
        yield from net_checks("agents", "agent", self.agents)


def net_checks(where: str, key: str, rows: list[Row]) -> Iterator[Check]:
    """Yield the checks of the stated nets of rows."""
    for row in rows:
        if "net" in row:
            yield where, f"{row[key]}: net", Fraction(row["net"]), net_of(row), HALF_A_CENT


def rounding_of(percent: Decimal) -> Fraction:
    """Return half a unit of the last place, which is a tenth of a percent or coarser."""
    whole, _, places = str(percent).partition(".")
    assert whole.lstrip("-").isdigit(), "written without an exponent"
    return max(Fraction(1, 2 * 10 ** len(places)), HALF_A_TENTH)
