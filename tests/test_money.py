"""Amounts, percentages and times as people read them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from northstar.view.money import (
    day,
    money,
    percent,
    round_half_up,
    signed_money,
    signed_percent,
    signed_points,
    time_of_day,
)

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "$0"),
        ("-0", "$0"),
        ("125450", "$125,450"),
        ("125450.00", "$125,450"),
        ("1e5", "$100,000"),
        ("118731.6667", "$118,731.67"),
        ("0.1", "$0.10"),
        ("0.005", "$0.01"),
        ("0.004999", "$0"),
        ("0.995", "$1"),
        ("-77130", "-$77,130"),
        ("-0.5", "-$0.50"),
        ("-0.005", "-$0.01"),
        ("-0.004", "$0"),
        ("1.005", "$1.01"),
        ("2.675", "$2.68"),
        ("999999999999999.99", "$999,999,999,999,999.99"),
    ],
)
def test_money_of(amount: str, expected: str) -> None:
    """Cents stand only where they are not zero; a loss has a minus, zero never."""
    assert money(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("250", "+$250"),
        ("-250.5", "-$250.50"),
        ("0", "$0"),
        ("0.004", "$0"),
        ("-0.004", "$0"),
        ("0.005", "+$0.01"),
    ],
)
def test_signed_money_of(amount: str, expected: str) -> None:
    """A sign stands only before what is not shown as zero."""
    assert signed_money(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("share", "plain", "signed"),
    [
        ("61.4827", "61.5%", "+61.5%"),
        ("-20.8", "-20.8%", "-20.8%"),
        ("0.05", "0.1%", "+0.1%"),
        ("0.04", "0.0%", "0.0%"),
        ("-0.04", "0.0%", "0.0%"),
        ("100", "100.0%", "+100.0%"),
        ("12345.67", "12,345.7%", "+12,345.7%"),
        ("999999.9", "999,999.9%", "+999,999.9%"),
        ("1000000", "n/a", "n/a"),
        ("-1e60", "n/a", "n/a"),
    ],
)
def test_percent_of(share: str, plain: str, signed: str) -> None:
    """One decimal place, no negative zero, and nothing where the share says nothing."""
    assert percent(Decimal(share)) == plain
    assert signed_percent(Decimal(share)) == signed


@pytest.mark.parametrize(
    ("difference", "expected"),
    [("1.25", "+1.3 pp"), ("-0.0988", "-0.1 pp"), ("0.01", "0.0 pp"), ("1e6", "n/a")],
)
def test_points_of(difference: str, expected: str) -> None:
    """A difference of two percentages is in points, which is not percent."""
    assert signed_points(Decimal(difference)) == expected


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (money, "–"),
        (signed_money, "–"),
        (signed_points, "–"),
        (percent, "n/a"),
        (signed_percent, "n/a"),
    ],
)
def test_unknown_of(write: Callable[[None], str], expected: str) -> None:
    """Unknown is a dash, meaningless is n/a, and neither is zero."""
    assert write(None) == expected


@pytest.mark.parametrize("amount", ["-1234567.89", "0.5", "99"])
def test_spaces_of_money(amount: str) -> None:
    """What is written holds no space that a person could not type."""
    assert NBSP not in signed_money(Decimal(amount))
    assert NBSP not in signed_percent(Decimal(amount))


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(2026, 2, 25, 22, 24, tzinfo=ZoneInfo("UTC")), "22:24:00 of 25 Feb 2026 · UTC"),
        (datetime(2026, 2, 25, 0, 0, 5, tzinfo=UTC), "00:00:05 of 25 Feb 2026 · UTC"),
        (
            datetime(2026, 2, 25, 22, 24, 0, 999999, ZoneInfo("America/New_York")),
            "22:24:00 of 25 Feb 2026 · EST",
        ),
        (
            datetime(2026, 7, 1, 9, 5, 7, 0, ZoneInfo("Europe/Berlin")),
            "09:05:07 of 1 Jul 2026 · CEST",
        ),
        (
            datetime(2026, 2, 25, 22, 24, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "22:24:00 of 25 Feb 2026 · UTC+05:30",
        ),
    ],
    ids=["utc", "midnight", "winter", "summer", "offset"],
)
def test_time_in_a_zone(time: datetime, expected: str) -> None:
    """A time is told as its own zone has it, and the zone with it."""
    assert f"{time_of_day(time)} of {day(time)}" == expected


def test_rounding_of_halves() -> None:
    """Halves go away from zero, as in a bank statement, not to the even digit."""
    cent = Decimal("0.01")

    assert [
        str(round_half_up(Decimal(n), cent)) for n in ("0.125", "-0.125", "0.135", "-0.001")
    ] == [
        "0.13",
        "-0.13",
        "0.14",
        "0.00",
    ]
