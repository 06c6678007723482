"""Estimated widths of texts."""

import pytest

from northstar.view.shared.text_width import text_width


# Measured by Chromium in DejaVu Sans.
@pytest.mark.parametrize(
    ("text", "size", "measured"),
    [
        ("Infrastructure", 11, 75.5),
        ("Trading Fees", 11, 70.1),
        ("Net P&L", 11, 45.0),
        ("Scalper", 11, 41.6),
        ("$125,450", 13, 62.0),
        ("-$18,500", 13, 58.5),
        ("25 Feb", 12, 40.3),
    ],
)
def test_width_of(text: str, size: float, measured: float) -> None:
    """An estimate is within a few percent of the width measured by a browser."""
    assert text_width(text, size) == pytest.approx(measured, rel=0.05)


def test_width_of_other_scripts() -> None:
    """East Asian characters are as wide as high, and accents have no width."""
    assert text_width("東京", 10) == 20
    assert text_width("e\N{COMBINING ACUTE ACCENT}", 10) == text_width("e", 10)
    assert text_width("", 10) == 0
