"""Time the evaluation of alert rules.

    python benchmarks/alerts.py [--rules 40] [--states 20000]

Prints the time of one evaluation of all rules on a state of the guide's size, and the share of a
core that they take at 100 and 1,000 messages a second.
"""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from northstar.alerts.evaluation import Evaluator
from northstar.alerts.readings import Reading
from northstar.domain.calendar import Calendar
from northstar.domain.freshness import LinkState
from northstar.domain.intraday import IntradayData
from northstar.domain.messages import AgentMetrics, CostCategory, PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.settings.alert_file import read_alert_file

EXAMPLE = Path(__file__).parents[1] / "deploy" / "alerts.example.toml"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def main() -> None:
    """Evaluate rules of every kind on many states."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rules", type=int, default=40)
    options.add_argument("--states", type=int, default=20_000)
    given = options.parse_args()

    example = read_alert_file(EXAMPLE).rules
    rules = [
        example[number % len(example)].model_copy(update={"name": f"rule {number}"})
        for number in range(given.rules)
    ]
    evaluator, day = Evaluator(rules), IntradayData(Calendar(UTC))
    spent_s = 0.0
    for number in range(given.states):
        at = START + timedelta(seconds=number * 0.1)
        snapshot = _state(number, at)
        day.add(snapshot.state)
        reading = Reading(
            at, number * 0.1, snapshot, day.view, "live", LinkState.OPEN, 0.0, accepted=number
        )
        began = time.thread_time()
        evaluator.evaluate(reading)
        spent_s += time.thread_time() - began
    each_s = spent_s / given.states
    print(f"{given.rules} rules: {each_s * 1000:.3f} ms a state")
    print(f"at 100 · 1,000 messages a second: {each_s * 100:.1%} · {each_s * 1000:.1%} of a core")


def _state(number: int, at: datetime) -> Snapshot:
    """Return a state that gains and loses, with three agents and four categories."""
    revenue = Decimal(50_000 + number % 700 * 13)
    agents = [
        AgentMetrics(agent=name, revenue=revenue / 4, expenses=Decimal(4_000 + number % 100))
        for name in ("Scalper", "John", "Cliff")
    ]
    costs = [
        CostCategory(name=name, value=Decimal(12_000))
        for name in ("Trading Fees", "Infrastructure", "Personnel", "Hosting")
    ]
    return Snapshot(
        PnLUpdate(
            timestamp=at,
            revenue=revenue,
            expenses=Decimal(48_000),
            previous_revenue=Decimal(60_000),
            previous_expenses=Decimal(40_000),
            agent_attribution=agents,
            cost_breakdown=costs,
        )
    )


if __name__ == "__main__":
    main()
