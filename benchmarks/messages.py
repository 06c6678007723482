"""Measure how many messages a second the ledger merges; for `benchmarks/load.py`."""

import statistics
import time
from datetime import UTC, datetime, timedelta

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.domain.messages import encode
from northstar.feeds.demo.calm import emit

MESSAGES = 20_000


def measure_messages() -> None:
    """Print the messages a second that the ledger merges, small and with thirty days."""
    start = datetime(2026, 2, 25, tzinfo=UTC)
    moments = [start + timedelta(seconds=n) for n in range(MESSAGES)]
    first, *updates = emit(1, moments)
    small = [encode(update) for update in updates]
    month = {"trends_data": first.trends_data}
    full = [encode(update.model_copy(update=month)) for update in updates[: MESSAGES // 4]]
    for name, messages in (("one day", small), ("thirty days", full)):
        ledger = Ledger(Calendar(UTC), "pnl-update")
        began = time.process_time()
        accepted = sum(ledger.receive(raw, moments[-1]).accepted for raw in messages)
        rate = accepted / (time.process_time() - began)
        size = statistics.mean(map(len, messages))
        print(f"Messages of {name} ({size:,.0f} bytes): {rate:,.0f} a second decoded and merged")
