"""Changes, percentages, totals and averages of amounts."""

from decimal import Decimal

import pytest

from northstar.domain.arithmetic import Change, average, change, percentage, total


@pytest.mark.parametrize(
    ("now", "before", "amount", "percent"),
    [
        (125450, 125200, "250", "0.1996805111821086261980830671"),
        (90, 100, "-10", "-10"),
        (0, 100, "-100", "-100"),
        (100, 100, "0", "0"),
        (-50, -100, "50", "50"),
        (-150, -100, "-50", "-50"),
        (0, -100, "100", "100"),
        (100, 0, "100", None),
        (0, 0, "0", None),
        (-10, 100, "-110", None),
        (10, -100, "110", None),
        (100, None, None, None),
    ],
)
def test_change_between(
    now: int, before: int | None, amount: str | None, percent: str | None
) -> None:
    """There is no percentage of zero or across a change of sign; a smaller loss is a rise."""
    expected = Change(amount and Decimal(amount), percent and Decimal(percent))  # type: ignore[arg-type]

    assert change(Decimal(now), None if before is None else Decimal(before)) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("1", "8", "12.5"),
        ("-1", "8", "-12.5"),
        ("0", "8", "0"),
        ("5", "0", None),
        ("5", "-8", None),
    ],
)
def test_percentage_of(part: str, whole: str, expected: str | None) -> None:
    """A share of zero or less is unknown, not zero and not infinite."""
    assert percentage(Decimal(part), Decimal(whole)) == (expected and Decimal(expected))


def test_average_and_total_of_amounts() -> None:
    """Decimals add up exactly; an empty sum is zero, and an empty average is unknown."""
    dimes = [Decimal("0.1")] * 3

    assert total(dimes) == Decimal("0.3")
    assert average(dimes) == Decimal("0.1")
    assert total([]) == 0
    assert average([]) is None
