"""The dashboard that sends alert events at once instead of collecting them for seconds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from northstar.cli import main
from northstar.live import alerting, delivery

alerting.GROUP_S = delivery.GROUP_S = 0.05  # type: ignore[attr-defined]
delivery.LEAST_GAP_S = 0.05
delivery.MOST_A_MINUTE = 10_000
delivery.FIRST_RETRY_S = 0.5

if __name__ == "__main__":
    main()
