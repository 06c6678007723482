"""The axis of amounts: round ticks in the currency's notation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.view.shared.charts import lean_layout, scale
from northstar.view.shared.money import Notation
from northstar.view.shared.ticks import TICKS

USD, JPY, KWD = (Notation(currency=code) for code in ("USD", "JPY", "KWD"))
BTC = Notation(currency="BTC", decimals=8)
EUR = Notation(locale="de_DE", currency="EUR")
ETH = Notation(currency="ETH", decimals=18)


@pytest.mark.parametrize(
    ("write", "bounds", "labels", "left"),
    [
        (USD, [0.0, 130_000.0], "$0 $50K $100K", 52),
        (USD, [42_500.0, 131_000.0], "$60K $80K $100K $120K", 52),
        (USD, [0.0, 9_500.0], "$0 $2,000 $4,000 $6,000 $8,000", 52),
        (USD, [-5.0, 5.0], "-$4 -$2 $0 $2 $4", 52),
        (USD, [0.0, 0.03], "$0 $0.01 $0.02 $0.03", 52),
        (USD, [-400_000.0, 1_200_000.0], "$0 $0.5M $1M", 52),
        (USD, [0.0, 2.5e15], "$0 $500T $1,000T $1,500T $2,000T $2,500T", 58),
        (EUR, [0.0, 2_800_000.0], "0_€ 0,5_Mio._€ 1_Mio._€ 1,5_Mio._€ 2_Mio._€ 2,5_Mio._€", 75),
        (JPY, [0.0, 1.0], "¥0 ¥1", 52),
        (JPY, [0.0, 2.9], "¥0 ¥1 ¥2", 52),
        (JPY, [0.0, 30.0], "¥0 ¥5 ¥10 ¥15 ¥20 ¥25 ¥30", 52),
        (KWD, [0.0, 0.0045], "KWD_0 KWD_0.001 KWD_0.002 KWD_0.003 KWD_0.004", 80),
        (BTC, [0.00005, 0.0003], "0.00005 0.0001 0.00015 0.0002 0.00025 0.0003", 58),
        (BTC, [0.0, 0.00000002], "0 0.00000001 0.00000002", 81),
        (ETH, [0.0, 3e-16], "0 5×10⁻¹⁷ 10×10⁻¹⁷ 15×10⁻¹⁷ 20×10⁻¹⁷ 25×10⁻¹⁷ 30×10⁻¹⁷", 70),
    ],
)
def test_scale_of(write: Notation, bounds: list[float], labels: str, left: int) -> None:
    """Ticks are short round amounts of the currency that do not overlap."""
    layout = lean_layout()

    scale(layout, bounds, write)

    axis = layout["yaxis"]
    assert axis["range"] == bounds
    assert " ".join(axis["ticktext"]).replace("\N{NO-BREAK SPACE}", "_") == labels
    assert len(axis["tickvals"]) == len(axis["ticktext"])
    assert layout["margin"]["l"] == left


@given(
    low=st.floats(-1e15, 0),
    span=st.floats(1e-17, 1e15),
    decimals=st.integers(0, 18),
)
@settings(database=None, deadline=None)
def test_scale_of_anything(low: float, span: float, decimals: int) -> None:
    """Every range of a chart has ticks."""
    layout = lean_layout()
    bounds = [low, low + span + abs(low) * 1e-5]

    scale(layout, bounds, Notation(decimals=decimals))

    axis = layout["yaxis"]
    assert axis["range"] == bounds
    assert 52 <= layout["margin"]["l"] <= 110
    assert len(axis["tickvals"]) <= TICKS + 1
