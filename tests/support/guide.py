"""The guide's example from section 4 and variations of it, as sent by a real source."""

import json
from datetime import date, timedelta
from typing import Any

# "Streaming Market Data (Every Second)", unchanged.
EXAMPLE = """
{
  "timestamp": "2026-02-25T22:24:00Z",
  "revenue": 125450,
  "expenses": 48320,
  "netPnL": 77130,
  "previousRevenue": 125200,
  "previousExpenses": 48100,
  "previousNetPnL": 77100,
  "trendsData": [
    {"date": "2026-02-25", "revenue": 125450, "expenses": 48320, "net": 77130}
  ],
  "costBreakdown": [
    {"name": "Trading Fees", "value": 18500, "percentage": 38.3},
    {"name": "Infrastructure", "value": 12800, "percentage": 26.5},
    {"name": "Personnel", "value": 11200, "percentage": 23.2},
    {"name": "Other", "value": 5820, "percentage": 12.0}
  ],
  "agentAttribution": [
    {"agent": "Scalper", "revenue": 75000, "expenses": 28500, "net": 46500},
    {"agent": "John", "revenue": 32000, "expenses": 12800, "net": 19200},
    {"agent": "Cliff", "revenue": 18450, "expenses": 7020, "net": 11430}
  ]
}
"""


def message(**changes: Any) -> dict[str, Any]:
    """Return the example with some fields changed; a field set to `...` is left out."""
    fields = json.loads(EXAMPLE) | changes
    return {name: value for name, value in fields.items() if value is not ...}


def text(**changes: Any) -> str:
    """Return the example as JSON, with some fields changed or left out."""
    return json.dumps(message(**changes))


def month(last: str = "2026-02-25") -> list[dict[str, Any]]:
    """Return a trend of thirty days up to `last`, which is the example's day."""
    end = date.fromisoformat(last)
    rows = [
        {
            "date": (end - timedelta(days=back)).isoformat(),
            "revenue": 120000 - back * 100,
            "expenses": 48000 - back * 50,
            "net": 72000 - back * 50,
        }
        for back in range(29, 0, -1)
    ]
    return [*rows, {"date": last, "revenue": 125450, "expenses": 48320, "net": 77130}]
