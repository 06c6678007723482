"""Amounts in bitcoin, from the source to page, history, API and exports."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from northstar.settings.table import Settings
from support.inprocess import Dashboard, dashboard
from support.sources import Stream, stream
from support.waiting import until

NOW = datetime.now(UTC)
DAYS = [f"{NOW - timedelta(days=back):%Y-%m-%d}" for back in range(9, -1, -1)]
TWO = f"from={DAYS[-2]}&to={DAYS[-1]}"


def message(*, expenses: float) -> str:
    """Return a message whose trend has these expenses for yesterday."""
    usual = {"revenue": 0.0002, "expenses": 0.00005}
    trend = [{"date": day, **usual} for day in DAYS]
    trend[-2]["expenses"] = expenses
    return json.dumps({"timestamp": NOW.isoformat(), **usual, "trendsData": trend})


def yesterday(served: Dashboard) -> dict[str, Any]:
    """Return yesterday in the API, or nothing before it is known."""
    days = served.get(f"/api/days?from={DAYS[-2]}&to={DAYS[-2]}").json()
    return dict(days[0]) if days else {}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Dashboard]:
    """Run a dashboard whose source restates yesterday from 0.00015 to -0.0007."""
    with stream() as source:
        settings = Settings(
            ws_url=source.url, db=str(tmp_path / "history.db"), decimals=8, currency="BTC"
        )
        with dashboard(settings) as served:
            _restate(source, served)
            yield served


def _restate(source: Stream, served: Dashboard) -> None:
    source.send(message(expenses=0.00005))
    until(lambda: yesterday(served), what="yesterday is known")
    source.send(message(expenses=0.0009))
    until(lambda: yesterday(served)["closed"], what="yesterday is restated")


def test_small_amounts(served: Dashboard) -> None:
    """Amounts of 0.00015 are legible everywhere, and their restatements are stored."""
    assert yesterday(served)["net"] == -0.0007
    assert yesterday(served)["closed"]["net"] == 0.00015
    assert yesterday(served)["status"] == "restated"

    live = served.get("/").text
    assert ">BTC\u00a00.00015000<" in live

    past = served.get(f"/history?{TWO}").text
    assert ">-BTC\u00a00.00070000<" in past
    assert ">BTC\u00a00.00015000<" in past

    assert ",-0.0007," in served.get(f"/api/export.csv?{TWO}").text
    book = load_workbook(BytesIO(served.get(f"/api/export.xlsx?{TWO}").content))
    heads, _, before = book["Days"].iter_rows(max_row=3)
    amount = before[[head.value for head in heads].index("Net")]
    assert (amount.value, amount.number_format) == (
        -0.0007,
        "#,##0.00000000;[Red]-#,##0.00000000",
    )
