"""Key figures of one agent or one category."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from northstar.domain.day import DayRecord
from northstar.reports.parts import PartReport
from northstar.reports.returns import best, totals, worst
from northstar.view.history.cards import (
    Detail,
    Fact,
    card,
    card_row,
    facts_of,
    linked_day,
    money_card,
)
from northstar.view.history.links import Links
from northstar.view.history.notes import share_of
from northstar.view.shared.ids import Id
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import points_text


def agent_facts(shown: PartReport, write: Notation) -> Sequence[Fact]:
    """Return an agent's share of net, and its days and drawdowns if there are several days."""
    report = shown.report
    share = ("Share of net", _share(shown, report.counted, write), ["of the net of all agents"])
    if report.is_one_day:
        return [share]
    return [share, *facts_of(report, Links(report, is_part=True), write)]


def category_cards(shown: PartReport, write: Notation) -> Component:
    """Return a category's amount, and its share of all costs."""
    report = shown.report
    amounts = [report.amounts.expenses] if report.amounts else []
    amount = money_card(Id.KPI_EXPENSES, "Amount", "expenses", report, write)
    return card_row([amount, _share_card(shown, write)], amounts, write)


def category_facts(shown: PartReport, write: Notation) -> Sequence[Fact]:
    """Return the average of a whole day, and the highest and lowest one."""
    whole = shown.report.whole
    average = share_of(totals(whole).expenses, len(whole)) if whole else None
    return [
        ("Average day", write.money(average), []),
        # The net of a category is its amount, negative.
        ("Highest day", *_day(worst(whole), shown, write)),
        ("Lowest day", *_day(best(whole), shown, write)),
    ]


def _share_card(shown: PartReport, write: Notation) -> Component:
    """Return the card of a category's share, with its change if like is compared with like."""
    report = shown.report
    then = [day for day in report.before if report.is_whole(day)]
    now, before = shown.share(report.whole), shown.share(then)
    is_like = report.contrast.is_like
    moved = points_text(now, before, write) if is_like else UNKNOWN
    return card(
        Id.KPI_MARGIN,
        "Share of costs",
        _share(shown, report.counted, write),
        html.Span(moved, className="kpi-change flat"),
        f"was {write.percent(before)}" if is_like else "",
        loss=False,
    )


def _share(shown: PartReport, days: Sequence[DayRecord], write: Notation) -> str:
    return write.percent(shown.share(days)) if days else UNKNOWN


def _day(day: DayRecord | None, shown: PartReport, write: Notation) -> tuple[str, Detail]:
    if day is None:
        return UNKNOWN, []
    links = Links(shown.report, is_part=True)
    return write.money(day.expenses), [linked_day(links, write, day.day)]
