"""Addresses that the history page links to, relative to its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from northstar.reports.parts import Part, PartKind
from northstar.reports.periods import Comparison, Period, query
from northstar.reports.report import Report
from northstar.reports.spreadsheet import Name

# The address that a cell of a table links to, or None.
CellLinks: TypeAlias = Callable[[object], str | None]


def page_address(period: Period, comparison: Comparison, part: Part | None = None) -> str:
    """Return the address of a period's page, or of a part's page of that period."""
    named = f"&{urlencode({part.kind.value: part.name})}" if part else ""
    return f"history?{query(period, comparison)}{named}"


@dataclass(frozen=True, slots=True)
class Links:
    """Links from the page of `report`; each keeps the kind of comparison.

    A day links to the page of all its agents and categories, also from the page of one of them;
    `is_part` is whether this is such a page.
    """

    report: Report
    is_part: bool = False

    def day(self, day: date) -> str | None:
        """Return the address of a day's page; None for the page's own, or a day to come."""
        is_own = self.report.is_one_day and not self.is_part and day == self.report.period.first
        if is_own or day > self.report.today:
            return None
        return page_address(Period(day, day), self.report.comparison)

    def day_text(self, day: date, text: str) -> Component:
        """Return a text about a day, as a link to the day's page if it has one."""
        address = self.day(day)
        return html.A(text, href=address) if address else html.Span(text)

    def cell(self, kind: PartKind | None, cell: object) -> str | None:
        """Return the address of what is in a cell: a day, or a name of this kind."""
        match cell:
            case datetime():
                return None
            case date():
                return self.day(cell)
            case Name() if kind:
                return page_address(self.report.period, self.report.comparison, Part(kind, cell))
        return None
