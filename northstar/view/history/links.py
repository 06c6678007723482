"""Addresses that the history page links to, relative to its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.reports.periods import Comparison, Period, query
from northstar.reports.report import Report

# The address that a cell of a table leads to, or None.
CellLinks: TypeAlias = Callable[[object], str | None]


def page_address(period: Period, comparison: Comparison) -> str:
    """Return the address of a period's page."""
    return f"history?{query(period, comparison)}"


@dataclass(frozen=True, slots=True)
class Links:
    """Links from the page of `report`; each keeps the kind of comparison."""

    report: Report

    def day(self, day: date) -> str | None:
        """Return the address of a day's page; None for the page's own, or a day to come."""
        is_own = self.report.is_one_day and day == self.report.period.first
        if is_own or day > self.report.today:
            return None
        return page_address(Period(day, day), self.report.comparison)

    def day_text(self, day: date, text: str) -> Component:
        """Return a text about a day, as a link to the day's page if it has one."""
        address = self.day(day)
        return html.A(text, href=address) if address else html.Span(text)

    def cell(self, cell: object) -> str | None:
        """Return the address that a cell of a table leads to: that of a day."""
        match cell:
            case datetime():
                return None
            case date():
                return self.day(cell)
        return None
