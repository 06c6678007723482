"""DOM ids of the pages. The plain ones are a public interface; see docs/api.md."""

from enum import StrEnum


class Id(StrEnum):
    """An id on the live page. The name after the first hyphen identifies its panel."""

    STREAM = "view-stream"
    PAGE_SEQ = "page-seq"

    FEED_STATUS = "feed-status"
    FEED_WORD = "feed-word"
    FEED_SAID = "feed-said"
    FEED_DETAIL = "feed-detail"
    DETAILS = "feed-details"
    SOURCE = "source-badge"
    CAPTION = "demo-caption"
    DISPLAY = "display"
    EXPLAIN = "explain"
    EXPLAIN_TITLE = "explain-title"
    ALERTS = "alerts-pill"
    QUEUE = "alerts-queue"
    QUEUE_TITLE = "alerts-title"
    AS_OF = "as-of"
    AS_OF_DAY = "as-of-day"
    AGE = "as-of-age"

    SENTENCE = "sentence"
    PRINTED = "printed"
    KPIS = "kpis"
    KPI_NET = "kpi-net"
    KPI_REVENUE = "kpi-revenue"
    KPI_EXPENSES = "kpi-expenses"
    KPI_MARGIN = "kpi-margin"

    CHART_WATERFALL = "chart-waterfall"
    CHART_TREND = "chart-trend"
    CHART_TODAY = "chart-today"
    CHART_COSTS = "chart-costs"
    CHART_AGENTS = "chart-agents"

    TREND_SUMMARY = "trend-summary"
    TODAY_SUMMARY = "today-summary"
    COSTS_LEGEND = "costs-legend"
    COSTS_TOTAL = "costs-total"
    AGENTS_SUMMARY = "agents-summary"
    AGENTS_PANEL = "agents-panel"
    AGENT_CARDS = "agent-cards"
    AGENT_TABLE = "agent-table"
    AGENT_ROWS = "agent-rows"

    BOOKS_NET = "books-net"
    BOOKS_TREND = "books-trend"
    BOOKS_COSTS = "books-costs"
    BOOKS_AGENTS = "books-agents"


class HistoryId(StrEnum):
    """An id on the history page; elements shared with the live page have the same id."""

    RANGES = "history-ranges"
    READY = "history-ready"
    KPIS = "history-kpis"
    CHART_INTRADAY = "chart-intraday"
    CHART_DAYS = "chart-days"
    CHART_NET = "chart-cumulative"
    CHART_FALL = "chart-underwater"
    NEWS = "history-news"
    NOTES = "day-notes"
    CALENDAR = "calendar"
    TABLE_DAYS = "table-days"
    TABLE_VERSIONS = "table-versions"
    TABLE_AGENTS = "table-agents"
    TABLE_COSTS = "table-costs"
    TABLE_FALLS = "table-drawdowns"
    TABLE_ALERTS = "table-alerts"


def part(whole: StrEnum, *names: str | int) -> str:
    """Return the id of a part of a component, such as `kpi-net-value` or `agent-cards-0-net`."""
    return "-".join(map(str, (whole, *names)))
