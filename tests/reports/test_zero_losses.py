"""Losses in the Excel file that round to zero."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from northstar.reports.spreadsheet import Column, Export, Kind, Sheet, to_xlsx


@pytest.mark.parametrize(
    ("kind", "value", "decimals", "number_format"),
    [
        (Kind.MONEY, "-0.004", 2, "#,##0.00;#,##0.00"),
        (Kind.MONEY, "-0.005", 2, "#,##0.00;[Red]-#,##0.00"),
        (Kind.MONEY, "-0.4", 0, "#,##0;#,##0"),
        (Kind.MONEY, "-0.00015", 8, "#,##0.00000000;[Red]-#,##0.00000000"),
        (Kind.PERCENT, "-0.04", 2, "0.0%;0.0%"),
        (Kind.PERCENT, "-0.05", 2, "0.0%"),
    ],
)
def test_loss_shown_as_zero(kind: Kind, value: str, decimals: int, number_format: str) -> None:
    """A loss that rounds to zero is shown as zero: neither red nor with a minus sign."""
    sheet = Sheet("Figures", [Column("Figure", kind)], [(Decimal(value),)])

    file = to_xlsx(Export([], [sheet]), decimals=decimals, zone=UTC, as_of=datetime.now(UTC))

    cell = load_workbook(BytesIO(file))["Figures"]["A2"]
    assert cell.number_format == number_format
    assert cell.value == pytest.approx(float(value) / (100 if kind is Kind.PERCENT else 1))
