"""Amounts in any currency: shown to its last decimal, with no difference below it."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.books import audit
from northstar.domain.ledger import merge
from northstar.domain.messages import PnLUpdate, decode
from northstar.domain.outcomes import Receipt
from northstar.domain.snapshot import Snapshot
from northstar.view.live.as_table import TABLES
from northstar.view.live.explain import explain
from northstar.view.live.figures import CHARTS
from northstar.view.live.panels import finding_text, texts
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation
from support import guide
from support.snapshots import snapshot

JPY, KWD, CLF = (Notation(currency=code) for code in ("JPY", "KWD", "CLF"))
BTC = Notation(currency="BTC", decimals=8)
TODAY = date(2026, 2, 25)


def small(**changes: Any) -> Snapshot:
    """Return a state in bitcoin with a week of days."""
    raw = json.loads(guide.text()) | {
        "revenue": 0.0002,
        "expenses": 0.00005,
        "netPnL": 0.00015,
        "previousRevenue": 0.0001,
        "previousExpenses": 0.00004,
        "previousNetPnL": 0.00006,
        "trendsData": [
            {
                "date": str(TODAY - timedelta(days=back)),
                "revenue": (20 + 2 * back) / 10**5,
                "expenses": (5 + back) / 10**5,
            }
            for back in range(7, -1, -1)
        ],
        "costBreakdown": [
            {"name": "Fees", "value": 0.00003, "percentage": 60},
            {"name": "Data", "value": 0.00002, "percentage": 40},
        ],
        "agentAttribution": [{"agent": "Ann", "revenue": 0.0002, "expenses": 0.00005}],
    }
    return merge(None, decode(json.dumps(raw | changes), ZoneInfo("UTC")))


def text_of(state: Snapshot, write: Notation) -> dict[str, str]:
    """Return every text of the page by id."""
    return {
        str(name): str(props["children"])
        for name, props in texts(state, write).items()
        if "children" in props
    }


@pytest.mark.parametrize(
    ("write", "amount", "shown"),
    [
        (JPY, "0.5", "¥1"),
        (JPY, "0.49", "¥0"),
        (KWD, "118.7316", "KWD 118.732"),
        (KWD, "-0.0005", "-KWD 0.001"),
        (CLF, "1.23456", "CLF 1.2346"),
        (BTC, "0.00015", "BTC 0.00015000"),
        (BTC, "-0.000000005", "-BTC 0.00000001"),
        (BTC, "2", "BTC 2.00000000"),
        (Notation("de_DE", "BTC", 8), "-0.00015", "-0,00015000 BTC"),
        (Notation(currency="pts", decimals=0), "12345.6", "pts 12,346"),
        (Notation(currency="\u20bf", decimals=8), "0.00015", "\u20bf0.00015000"),
        (Notation(currency="EUR", decimals=4), "0.00015", "€0.0002"),
        (Notation(currency="ETH", decimals=18), "1e-18", "ETH 0.000000000000000001"),
    ],
)
def test_amount_of(write: Notation, amount: str, shown: str) -> None:
    """An amount has the decimals of its currency or those of the setting."""
    assert write.money(Decimal(amount)).replace("\u00a0", " ") == shown


def test_small_amounts_everywhere() -> None:
    """No amount of 0.00015 is shown as zero: in cards, lists, charts, tables or explanations."""
    state = small()
    receipt = Receipt(1, "{}", state.as_of, "ws://source")
    shown = [
        *text_of(state, BTC).values(),
        *(json.dumps(chart(state, BTC), ensure_ascii=False) for chart in CHARTS.values()),
        *(json.dumps(table(state, BTC), ensure_ascii=False) for table in TABLES.values()),
        *(to_html(explain(kpi, state, receipt, BTC)) for kpi in (Id.KPI_NET, Id.KPI_MARGIN)),
    ]

    assert not [text for text in shown if "BTC\u00a00" in text.replace("BTC\u00a00.", "")]
    assert text_of(state, BTC)["kpi-net-value"] == "BTC\u00a00.00015000"
    assert text_of(state, BTC)["kpi-net-previous-change"].startswith(
        "▲ +BTC\u00a00.00009000 (+150.0%)"
    )
    assert text_of(state, BTC)["trend-summary-average"] == "BTC\u00a00.00019000"


@pytest.mark.parametrize(
    ("revenue", "expenses", "formula"),
    [
        ("25.4", "6.5", "¥25.4 − ¥6.5 = ¥18.9"),
        ("25", "6.50", "¥25 − ¥6.5 = ¥18.5"),
        ("1E+3", "6", "¥1,000 − ¥6 = ¥994"),
    ],
)
def test_explained_digits(revenue: str, expenses: str, formula: str) -> None:
    """An explanation computes with every digit, so that its formula is right."""
    state = Snapshot(
        PnLUpdate(timestamp=snapshot().as_of, revenue=Decimal(revenue), expenses=Decimal(expenses))
    )

    shown = to_html(explain(Id.KPI_NET, state, Receipt(1, "{}", state.as_of, "ws://source"), JPY))

    assert formula in shown


def test_average_of_dinars() -> None:
    """The seven-day average has three decimals for a currency with three."""
    rows = [
        {"date": str(TODAY - timedelta(days=back)), "revenue": 1, "expenses": int(back == 1)}
        for back in range(7, -1, -1)
    ]
    state = snapshot(trendsData=rows)

    assert text_of(state, KWD)["trend-summary-average"] == "KWD\u00a00.857"
    assert text_of(state, JPY)["trend-summary-average"] == "¥1"
    assert CHARTS[Id.CHART_TREND](state, KWD)["data"][-1]["y"][-2:] == [0.857, None]


@pytest.mark.parametrize(
    ("write", "stated", "finding"),
    [
        (JPY, "77130.4", ""),
        (JPY, "77130.5", ""),
        (JPY, "77130.51", "stated net ¥77,131, ¥1 over"),
        (KWD, "77130.0005", ""),
        (KWD, "77129.999", "stated net KWD 77,129.999, KWD 0.001 short"),
        (BTC, "77130.00000001", "stated net BTC 77,130.00000001, BTC 0.00000001 over"),
    ],
)
def test_finding_in(write: Notation, stated: str, finding: str) -> None:
    """A difference of up to half a unit of the currency's last decimal is no finding."""
    raw = guide.text(netPnL=-1).replace("-1", stated)
    state = merge(None, decode(raw, ZoneInfo("UTC")))

    assert text_of(state, write)["books-net"].replace("\u00a0", " ") == finding


@pytest.mark.parametrize(("write", "steps"), [(JPY, 6), (KWD, 7)])
def test_waterfall_of_a_small_rest(write: Notation, steps: int) -> None:
    """The remainder of the categories is a step if the currency can show it."""
    table = TABLES[Id.CHART_WATERFALL](snapshot(expenses=48320.4), write)

    assert len(table.rows) == steps


@given(
    decimals=st.integers(0, 18),
    net=st.decimals(-(10**6), 10**6, places=20),
    stated=st.decimals(-(10**6), 10**6, places=20),
)
@settings(database=None, deadline=None)
def test_difference_of_any_finding(decimals: int, net: Decimal, stated: Decimal) -> None:
    """The difference of a finding is never shown as zero."""
    write = Notation(currency="XYZ", decimals=decimals)
    update = PnLUpdate(
        timestamp=snapshot().as_of, revenue=net, expenses=Decimal(0), net_stated=stated
    )

    for finding in audit(Snapshot(update), write.tolerance):
        assert ", XYZ\u00a00 " not in finding_text(finding, write)
        assert abs(finding.amount) > write.tolerance
