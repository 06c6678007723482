"""HTTP API of the history, in JSON.

Handlers read the store, so they are plain functions, which FastAPI runs in its thread pool.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response

from northstar.domain.calendar import Calendar
from northstar.domain.notes import by_day
from northstar.domain.trend import TREND_DAYS
from northstar.history.notebook import read_notes
from northstar.history.schema import MINUTES, SECONDS
from northstar.history.store import Store
from northstar.history.writer import History
from northstar.live.pipeline import Pipeline
from northstar.reports.periods import MAX_DAYS, PeriodError, read_date
from northstar.web.api.queries import UNREADABLE, DaysQuery
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.api.rows import (
    AmountFormat,
    AmountsQuery,
    DayRow,
    Rows,
    StateRow,
    TrendRow,
    json_response,
)

MAX_ROWS = 50_000  # of one answer: 10 MB


class Step(StrEnum):
    """Interval between the rows of a history."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


STATES = {Step.SECOND: (SECONDS, 1), Step.MINUTE: (MINUTES, 60)}


class HistoryQuery:
    """The span of a query, and the page of its rows."""

    def __init__(  # noqa: PLR0913 (its names)
        self,
        *,
        request: Request,
        first: Annotated[
            str, Query(alias="from", description="first day, or start time, ISO 8601")
        ],
        last: Annotated[
            str | None,
            Query(alias="to", description="last day, inclusive, or end time; now by default"),
        ] = None,
        step: Step = Step.MINUTE,
        limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="most rows")] = MAX_ROWS,
        cursor: Annotated[
            str | None, Query(description="from the header `Link` of the page before")
        ] = None,
    ) -> None:
        self.step, self.limit = step, limit
        self._request = request
        self._first, self._last, self._cursor = first, last, cursor

    def span(self, calendar: Calendar, now: datetime) -> tuple[datetime, datetime]:
        """Return start and end, from the cursor on. Raises `PeriodError`."""
        start = _read_time("from", self._first, calendar.start, calendar)
        end = now if self._last is None else _read_time("to", self._last, calendar.end, calendar)
        if start >= end:
            raise PeriodError("from", f"expected a time before {end.isoformat()}")
        if self._cursor is None:
            return start, end
        return max(start, _read_time("cursor", self._cursor, calendar.start, calendar)), end

    def link(self, cursor: str) -> dict[str, str]:
        """Return the header with the address of the next page."""
        url = self._request.url.include_query_params(cursor=cursor)
        return {"Link": f'<{url.path}?{url.query}>; rel="next"'}


class _Answers:
    """Reads the rows that a query asks for, and encodes them."""

    def __init__(self, history: History, currency: str) -> None:
        self._history, self._currency = history, currency

    @property
    def store(self) -> Store:
        return self._history.store

    @property
    def now(self) -> datetime:
        return self._history.now()

    @property
    def rows(self) -> Rows:
        calendar = self.store.calendar
        return Rows(calendar, self._currency, calendar.day_of(self.now))

    def days(self, query: HistoryQuery) -> tuple[Iterable[object], str | None]:
        """Return a page of days, and the cursor of the next one."""
        calendar = self.store.calendar
        start, end = query.span(calendar, self.now)
        if start >= end:  # the cursor is behind the end
            return [], None
        last = calendar.day_of(end - timedelta(microseconds=1))
        days = self.store.days(calendar.day_of(start), last)
        more = days[query.limit :]
        return self.rows.trend(days[: query.limit]), more[0].day.isoformat() if more else None

    def states(self, query: HistoryQuery) -> tuple[Iterable[object], str | None]:
        """Return a page of states, and the cursor of the next one."""
        table, length_s = STATES[query.step]
        calendar = self.store.calendar
        start, end = query.span(calendar, self.now)
        moments = self.store.moments(table, start, end, query.limit + 1)
        page, more = moments[: query.limit], moments[query.limit :]
        if not page:
            return [], None
        first, last = calendar.day_of(page[0].at), calendar.day_of(page[-1].at)
        days = {day.day: day for day in self.store.days(first, last, sums_only=True)}
        return self.rows.states(page, days), _cursor(more[0].at, length_s) if more else None


def add_history_api(server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter) -> None:
    """Add the routes of the history; `limiter` bounds the requests served at a time."""
    limit = [Depends(limiter.hold_slot, scope="function")]  # released before the response is sent
    answers = _Answers(pipeline.history, pipeline.broadcast.notation.currency)

    @server.get(
        "/api/trend", response_model=list[TrendRow], responses=UNREADABLE, dependencies=limit
    )
    def trend(
        request: Request,
        days: Annotated[
            int, Query(ge=1, le=MAX_DAYS, description="number of days, including today")
        ] = TREND_DAYS,
        amounts: AmountsQuery = AmountFormat.NUMBER,
    ) -> Response:
        """Return the known days up to today, oldest first, as in the stream's `trendsData`."""
        rows = answers.rows
        known = answers.store.days(rows.today - timedelta(days=days - 1), rows.today)
        return json_response(list(rows.trend(known)), amounts, request)

    @server.get("/api/days", response_model=list[DayRow], responses=UNREADABLE, dependencies=limit)
    def days(
        request: Request,
        query: Annotated[DaysQuery, Depends()],
        amounts: AmountsQuery = AmountFormat.NUMBER,
    ) -> Response:
        """Return the known days of a period with costs and agents, oldest first."""
        rows = answers.rows
        period = query.period(rows.today)
        known = answers.store.days(period.first, period.last)
        notes = by_day(read_notes(answers.store.engine, period.first, period.last))
        return json_response(list(rows.days(known, notes)), amounts, request)

    @server.get(
        "/api/history",
        response_model=list[StateRow] | list[TrendRow],
        responses=UNREADABLE,
        dependencies=limit,
    )
    def states(
        request: Request,
        query: Annotated[HistoryQuery, Depends()],
        amounts: AmountsQuery = AmountFormat.NUMBER,
    ) -> Response:
        """Return the totals of the day at the end of each step, oldest first.

        At most `limit` rows, 50,000 by default; if there are more, the header `Link` has the
        address of the next page. Steps without a state are omitted; states of seconds and minutes
        are deleted after the configured time. A time without an offset is in the dashboard's zone.
        Returns one row per day for the step `day`.
        """
        page = answers.days if query.step is Step.DAY else answers.states
        rows, cursor = page(query)
        headers = query.link(cursor) if cursor else {}
        return json_response(list(rows), amounts, request, headers)


def _cursor(at: datetime, length_s: int) -> str:
    """Return the start of the interval of a state."""
    start = int(at.timestamp() // length_s) * length_s
    return datetime.fromtimestamp(start, UTC).isoformat()


def _read_time(
    field: str, text: str, of_day: Callable[[date], datetime], calendar: Calendar
) -> datetime:
    """Read a time, or a day, which `of_day` converts to a time."""
    try:
        if len(text) == len("YYYY-MM-DD"):
            return of_day(read_date(field, text))
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # queries decode + as a space
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PeriodError(field, "expected a day, YYYY-MM-DD, or a time, ISO 8601") from error
