"""The axis of amounts: its ticks are amounts of the currency, in digits that can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.view.shared.charts import lean_layout, scale
from northstar.view.shared.money import Notation

USD, JPY, KWD = (Notation(currency=code) for code in ("USD", "JPY", "KWD"))
BTC = Notation(currency="BTC", decimals=8)
ETH = Notation(currency="ETH", decimals=18)


@pytest.mark.parametrize(
    ("write", "bounds", "dtick", "exponents", "left"),
    [
        (USD, [0.0, 130_000.0], None, "B", 52),
        (USD, [-5.0, 5.0], None, "B", 52),
        (USD, [0.0, 0.03], 0.01, "B", 52),
        (JPY, [0.0, 1.0], 1, "B", 52),
        (JPY, [0.0, 2.9], 1, "B", 52),
        (JPY, [0.0, 30.0], None, "B", 52),
        (KWD, [0.0, 0.0045], None, "B", 52),
        (KWD, [0.0, 0.003], 0.001, "B", 52),
        (BTC, [0.00005, 0.0003], None, "none", 56),  # 0.00005, 0.0001 …
        (BTC, [-0.0003, 0.0003], None, "none", 56),  # -0.0002 …
        (BTC, [0.0, 0.00000002], 1e-8, "none", 80),
        (ETH, [0.0, 3e-16], None, "power", 88),
    ],
)
def test_scale_of(
    write: Notation, bounds: list[float], dtick: float | None, exponents: str, left: int
) -> None:
    """No step is smaller than a unit, no label has a prefix of units, and each has its room."""
    layout = lean_layout()

    scale(layout, bounds, write)

    axis = layout["yaxis"]
    assert axis["range"] == bounds
    assert (axis.get("dtick"), axis["exponentformat"]) == (dtick, exponents)
    assert layout["margin"]["l"] == left


@given(
    low=st.floats(-1e15, 0),
    span=st.floats(1e-17, 1e15),
    decimals=st.integers(0, 18),
)
@settings(database=None, deadline=None)
def test_scale_of_anything(low: float, span: float, decimals: int) -> None:
    """Every range that a chart can have has its ticks."""
    layout = lean_layout()
    bounds = [low, low + span + abs(low) * 1e-6]

    scale(layout, bounds, Notation(decimals=decimals))

    assert layout["yaxis"]["range"] == bounds
    assert 52 <= layout["margin"]["l"] <= 88
