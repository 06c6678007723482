"""Revenue and expenses of a day in each scene, by agent and category, in cents."""

from collections.abc import Sequence
from itertools import product

from northstar.feeds.demo.books import Book, Books, split
from northstar.feeds.demo.calm import COSTS, EXPENSES, REVENUE

GUIDE = Books(REVENUE, EXPENSES, COSTS)
# One agent earns little, two cost more than they earn: the day ends at −11,620.
LOSING = Books({"Scalper": 29_000_00, "John": 6_100_00, "Cliff": 1_600_00}, EXPENSES, COSTS)

AREAS = ("London", "Zurich", "New York", "Chicago", "Tokyo", "Singapore", "Sydney", "Dubai")
KINDS = ("fees", "data", "cloud", "staff", "travel")
NAMES = """
Ada Amir Anna Ben Bo Cara Carl Chloe Dan Dev Ella Emil Eva Finn Gil Hana Hugo Ian Ines Iris
Ivo Jana Jon Kai Kim Lea Leo Lin Luc Mia Nils Noa Olga Otto Pia Raj Rosa Sam Tara Yuki
"""

# Names that markup, spreadsheets, templates or a line of text could take for something else.
HOSTILE_AGENTS = (
    '<script>alert("x")</script>',
    '=HYPERLINK("https://example.com","click")',
    "\u202egnilaert\u202c trader",  # written from right to left
    "\u0645\u062a\u062f\u0627\u0648\u0644 \u0633\u0631\u064a\u0639",  # Arabic
    "Trader with a very long name " + "and a longer one " * 9,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f680",  # a family, a rocket
    "__proto__",
    "two\nlines",
)
HOSTILE_COSTS = (
    "<b>Fees</b> & <i>charges</i>",
    "+SUM(A1:A9)",
    "@import",
    "{{7*7}} ${7*7} %(name)s",
    "\u05e2\u05de\u05dc\u05d5\u05ea",  # Hebrew
    "Z\u0351\u036b\u0343a\u0342\u0350l\u0306\u0303g\u0310\u0306o\u0311\u0302",  # stacked accents
    "NoSpaces" * 20,
    "   ",
)
LOSING_SHARE = 7  # every seventh agent of a crowd costs more than it earns


def shared_out(agents: Sequence[str], costs: Sequence[str]) -> Books:
    """Return the guide's day with other names; the first of each has the largest share."""
    earning = split(_falling(agents), sum(REVENUE.values()))
    spending = split(_falling(agents), sum(EXPENSES.values()))
    # A loser's revenue goes to the first.
    losers = [*earning][LOSING_SHARE - 1 :: LOSING_SHARE]
    given = {name: earning[name] - spending[name] * 3 // 4 for name in losers}
    revenue = {name: cents - given.get(name, 0) for name, cents in earning.items()}
    revenue[agents[0]] += sum(given.values())
    return Books(revenue, spending, split(_falling(costs), sum(EXPENSES.values())))


def _falling(names: Sequence[str]) -> Book:
    return {name: 1000 // (place + 3) for place, name in enumerate(names)}


CROWD = shared_out(
    NAMES.split(),
    [f"{area} {kind}" for area, kind in product(AREAS, KINDS)],
)
HOSTILE = shared_out(HOSTILE_AGENTS, HOSTILE_COSTS)
