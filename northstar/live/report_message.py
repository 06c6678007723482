"""The daily report as a message: text, a page with pictures, values, and tables."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from northstar.alerts.notifications import Attachment, Notification
from northstar.domain.day import Amounts
from northstar.errors import PictureError
from northstar.reports.contrast import Contrast
from northstar.reports.csv_files import to_csv
from northstar.reports.daily import Daily
from northstar.reports.spreadsheet import Export, to_xlsx
from northstar.reports.tables import Table, about, marked, sheet, sheets
from northstar.view.daily.page import Chart, charts, page, text
from northstar.view.daily.wording import wording
from northstar.view.history.notes import rounding
from northstar.view.shared.money import Notation

log = logging.getLogger(__name__)

PNG, CSV = "image/png", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Draw: TypeAlias = Callable[[str], Awaitable[bytes]]  # SVG to PNG, or `PictureError`
Kind: TypeAlias = Literal["csv", "xlsx", "none"]


@dataclass(frozen=True, slots=True)
class ReportWriter:
    """Writes the messages of a desk.

    `colours` are those of the light theme by name, `draw` makes a PNG of an SVG. `public_url` is
    the address of the page, empty if it is not known.
    """

    desk: str
    write: Notation
    colours: Mapping[str, str]
    draw: Draw
    attach: Kind = "none"
    public_url: str = ""

    async def message(self, number: str, daily: Daily, source: str, feed: str) -> Notification:
        """Return the report as a message; `source` is the kind of data, `feed` its name."""
        words = wording(daily, self.desk, source, self.write)
        drawn = await asyncio.to_thread(charts, daily, self.write, self.colours)
        pictures = await self._pictures(drawn)
        shown = [chart.attached for chart in drawn if chart.file in pictures]
        link = self._link(daily)
        body = text(words)
        return Notification(
            [number],
            words.title,
            f"{body}\n{link}" if link else body,
            page(words, self.desk, shown, link),
            [values(number, daily, source, self.write.currency)],
            [
                *(Attachment(name, PNG, content) for name, content in pictures.items()),
                *await asyncio.to_thread(self._tables, daily, source, feed),
            ],
        )

    async def _pictures(self, drawn: Sequence[Chart]) -> Mapping[str, bytes]:
        """Return the charts as PNG by their file names, without those that cannot be drawn."""
        found = {}
        for chart in drawn:
            try:
                found[chart.file] = await self.draw(chart.svg)
            except PictureError as error:
                log.warning("a report has no picture: %s", error)
        return found

    def _link(self, daily: Daily) -> str:
        day = daily.figures.day
        base = self.public_url.rstrip("/")
        return f"{base}/history?from={day}&to={day}" if base else ""

    def _tables(self, daily: Daily, source: str, feed: str) -> Sequence[Attachment]:
        """Return the tables of the day, or its row and those of the days before."""
        name = f"northstar-{daily.figures.day}.{self.attach}"
        match self.attach:
            case "csv":
                table = marked(sheet(Table.DAYS, daily.month), source)
                return [Attachment(name, CSV, to_csv(table))]
            case "xlsx":
                return [Attachment(name, XLSX, self._workbook(daily, source, feed))]
        return []

    def _workbook(self, daily: Daily, source: str, feed: str) -> bytes:
        report = daily.day
        note = rounding(report, self.write)
        notes = [
            ("Desk", self.desk),
            *about(report, self.write.currency, source, feed),
            *([("Rounding", note)] if note else ()),
        ]
        return to_xlsx(
            Export(notes, sheets(report)),
            decimals=self.write.places,
            zone=report.calendar.zone,
            as_of=report.made_at,
        )


def values(number: str, daily: Daily, source: str, currency: str) -> Mapping[str, Any]:
    """Return the figures as JSON values, amounts and percentages as texts with every digit."""
    figures = daily.figures
    return {
        "id": number,
        "kind": "report",
        "day": figures.day.isoformat(),
        "status": figures.status.value,
        "source": source,
        "currency": currency,
        "as_of": figures.at and figures.at.isoformat(),
        **_amounts(figures.amounts),
        "day_before": _compared(figures.before),
        "average": _compared(figures.average),
        "agents": [{"agent": each.name, "net": str(each.amounts.net)} for each in figures.agents],
        "drawdown": figures.fall and str(-figures.fall.depth),
        "restated": [each.day.isoformat() for each in figures.restated],
        "minutes_without_message": figures.coverage and figures.coverage.missing,
    }


def _amounts(amounts: Amounts | None) -> Mapping[str, str | None]:
    names = ("net", "revenue", "expenses", "margin")
    known = {name: getattr(amounts, name) if amounts else None for name in names}
    return {name: None if value is None else str(value) for name, value in known.items()}


def _compared(contrast: Contrast) -> Mapping[str, Any] | None:
    """Return the figures that the day is compared with; None if it is not."""
    if contrast.before is None or contrast.pair("net") is None:
        return None
    known: dict[str, Decimal | None] = {
        name: contrast.figures(name)[1] for name in ("net", "revenue", "expenses")
    }
    known["margin"] = contrast.margins[1]
    return {name: None if value is None else str(value) for name, value in known.items()}
