"""The dashboard under load for a minute; `make soak` runs an hour."""

import pytest

from soak import Plan, soak

pytestmark = pytest.mark.long

# A process still grows in its first minute: caches fill, and files are compressed further.
GROWTH = 0.2


def test_minute_at_work() -> None:
    """Restarts of the source and viewers that come and go leave nothing behind."""
    plan = Plan(length_s=60, warm_up_s=20, restart_every_s=15, sample_every_s=1, tolerance=GROWTH)

    assert soak(plan) == []
