"""The dashboard at work for a minute: what `make soak` does for an hour."""

import pytest

from soak import Plan, soak

pytestmark = pytest.mark.long

# In its first minute a process still grows: caches fill, files are made smaller at leisure.
GROWTH = 0.2


def test_minute_at_work() -> None:
    """A source that is ended time and again and viewers who come and go leave nothing behind."""
    plan = Plan(length_s=60, warm_up_s=20, restart_every_s=15, sample_every_s=1, tolerance=GROWTH)

    assert soak(plan) == []
