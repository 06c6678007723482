"""Shares of costs and contributions of agents, and where they are left out."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.shares import contributions, shares

AMOUNTS = st.lists(st.decimals(-(10**9), 10**9, places=2), max_size=12)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([75, 25], [75, 25]),
        ([150, 50, 0], [75, 25, 0]),
        ([105, 100, -5], ["52.5", 50, "-2.5"]),  # a small refund
        ([100], [100]),
        ([150, -50], [None, None]),  # 150 %
        ([100, -50], [None, None]),
        ([3, -3], [None, None]),
        ([-5], [None]),
        ([0, 0], [None, None]),
        ([], []),
    ],
)
def test_shares_of(costs: list[int], expected: list[int | str | None]) -> None:
    """No share exceeds 100 %; if one would, there are none."""
    found = shares([Decimal(cost) for cost in costs])

    assert found == [None if part is None else Decimal(part) for part in expected]


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ([60, 40], [60, 40]),
        ([300, 0, -100], [150, 0, -50]),
        ([200, -100], [200, -100]),
        ([201, -101], [None, None]),
        ([80100, -80000], [None, None]),  # 80,100 %
        ([10, -10], [None, None]),
        ([-10, -20], [None, None]),
        ([0], [None]),
        ([], []),
    ],
)
def test_contributions_of(nets: list[int], expected: list[int | None]) -> None:
    """If losses exceed the total net, no agent has a contribution."""
    found = contributions([Decimal(net) for net in nets])

    assert found == [None if part is None else Decimal(part) for part in expected]


@given(parts=AMOUNTS)
@settings(database=None, deadline=None)
def test_any_parts(parts: list[Decimal]) -> None:
    """Shares are at most 100 %, contributions at most 200 %, and both sum to 100 %."""
    for found, most in ((shares(parts), 100), (contributions(parts), 200)):
        known = [Fraction(part) for part in found if part is not None]
        assert len(known) in {0, len(parts)}
        if known:
            assert float(sum(known)) == pytest.approx(100)
            assert max(map(abs, known)) <= most
