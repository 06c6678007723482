"""HTTP API of the history, in JSON.

Handlers that read the store are plain functions, so FastAPI runs them in its thread pool.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response, status
from fastapi.params import Depends as DependsOn
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, DayStatus, Origin
from northstar.domain.ledger import TREND_DAYS
from northstar.errors import StoreError
from northstar.history.schema import MINUTES, SECONDS
from northstar.history.writer import History
from northstar.live.pipeline import Pipeline
from northstar.reports.periods import (
    MAX_DAYS,
    Period,
    PeriodError,
    read_comparison,
    read_date,
    read_period,
)
from northstar.reports.report import Feed, Report, make_report
from northstar.web.report_limiter import ReportLimiter

NO_STORE = {"Cache-Control": "no-store"}
MAX_ROWS = 50_000  # encoding more would delay the frames of all viewers


class Problem(BaseModel):
    """An error response with its reason."""

    error: str


# OpenAPI descriptions of error responses.
UNREADABLE: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {
        "model": Problem,
        "description": "The history cannot be read, or too many reports are in progress",
    }
}


class Step(StrEnum):
    """Interval between the rows of a history."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


STATES = {Step.SECOND: (SECONDS, 1), Step.MINUTE: (MINUTES, 60)}


class _Response(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Book(_Response):
    """Amounts in the currency of the stream; `net` is revenue − expenses."""

    revenue: float
    expenses: float
    net: float


class TrendRow(Book):
    """One day, as in the stream's `trendsData`."""

    date: date


class VersionRow(Book):
    """Amounts of a day as known from `at` on; `origin` is a state or the stream's trend."""

    at: datetime
    origin: Origin


class DayRow(TrendRow):
    """One day with its current amounts.

    `status` is `running`; `closed`; `incomplete`, if only a part of the day was received; `stated`,
    if the amounts are those of the stream's trend; `restated`; or `no trading`. `lastStateAt` is
    the time of the day's last state, null if the day is known only from the stream's trend.
    `closed` has the amounts at the close if the source restated the day later, at `restatedAt`;
    `versions` has all amounts of the day, oldest first. `costs` has amounts by category, `agents`
    by name; null is unknown.
    """

    status: DayStatus
    last_state_at: datetime | None
    closed: Book | None
    restated_at: datetime | None
    versions: list[VersionRow]
    costs: dict[str, float] | None
    agents: dict[str, Book] | None


class StateRow(Book):
    """The totals of the day at one time."""

    at: datetime


class DaysQuery:
    """The days of a query: a named range, or first and last day; by default the last 30 days."""

    def __init__(
        self,
        range_: Annotated[
            str | None,
            Query(
                alias="range", description="named period: today, 7d, 30d, 90d, month, quarter, year"
            ),
        ] = None,
        first: Annotated[
            str | None, Query(alias="from", description="first day, YYYY-MM-DD")
        ] = None,
        last: Annotated[
            str | None, Query(alias="to", description="last day, inclusive, YYYY-MM-DD")
        ] = None,
    ) -> None:
        self._texts = range_, first, last

    def period(self, today: date) -> Period:
        """Return the period. Raises `PeriodError`."""
        return read_period(today, *self._texts)


class ReportQuery:
    """The days and comparison of a query; by default compared with the previous period."""

    def __init__(
        self,
        days: Annotated[DaysQuery, Depends()],
        compare: Annotated[
            str | None, Query(description="period to compare with: previous, year, none")
        ] = None,
    ) -> None:
        self._days = days
        self._compare = compare

    def report(self, pipeline: Pipeline) -> Report:
        """Return the report. Raises `PeriodError`, or `StoreError` if the history is unreadable."""
        now, store = pipeline.history.now(), pipeline.history.store
        period = self._days.period(store.calendar.day_of(now))
        snapshot = pipeline.intake.snapshot
        feed = Feed(pipeline.intake.status().state, snapshot.as_of if snapshot else None)
        return make_report(store, period, read_comparison(self._compare), now, feed)


def add_api(server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter) -> None:
    """Add the history routes under `/api`; `limiter` bounds the requests served at a time."""
    limit = [Depends(limiter.hold_slot, scope="function")]  # released before the response is sent
    _add_json(server, pipeline.history, limit)

    @server.exception_handler(PeriodError)
    async def invalid_period(_: Request, error: PeriodError) -> Response:
        return invalid_query(error)

    @server.exception_handler(StoreError)
    async def unavailable(_: Request, error: StoreError) -> Response:
        problem = {"error": f"history cannot be read: {error}"}
        return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)


def invalid_query(error: PeriodError) -> Response:
    """Return the response to an invalid query, in FastAPI's format."""
    detail = {"type": "value_error", "loc": ["query", error.field], "msg": error.reason}
    return JSONResponse({"detail": [detail]}, status.HTTP_422_UNPROCESSABLE_CONTENT)


def _add_json(server: FastAPI, history: History, limit: Sequence[DependsOn]) -> None:
    store, calendar = history.store, history.store.calendar

    @server.get(
        "/api/trend", response_model=list[TrendRow], responses=UNREADABLE, dependencies=limit
    )
    def trend(
        days: Annotated[
            int, Query(ge=1, le=MAX_DAYS, description="number of days, including today")
        ] = TREND_DAYS,
    ) -> Response:
        """Return the known days up to today, oldest first, as in the stream's `trendsData`."""
        today = calendar.day_of(history.now())
        return _json(map(_trend_row, store.days(today - timedelta(days=days - 1), today)))

    @server.get("/api/days", response_model=list[DayRow], responses=UNREADABLE, dependencies=limit)
    def days(query: Annotated[DaysQuery, Depends()]) -> Response:
        """Return the known days of a period with costs and agents, oldest first."""
        today = calendar.day_of(history.now())
        period = query.period(today)
        days = store.days(period.first, period.last)
        return _json(_day_row(day, calendar, today) for day in days)

    @server.get(
        "/api/history",
        response_model=list[StateRow] | list[TrendRow],
        responses=UNREADABLE,
        dependencies=limit,
    )
    def states(
        first: Annotated[
            str, Query(alias="from", description="first day, or start time, ISO 8601")
        ],
        last: Annotated[
            str | None,
            Query(alias="to", description="last day, inclusive, or end time; now by default"),
        ] = None,
        step: Step = Step.MINUTE,
    ) -> Response:
        """Return the totals of the day at the end of each step, oldest first.

        At most 50,000 steps. Steps without a state are omitted; states of seconds and minutes are
        deleted after the configured time. A time without an offset is in the dashboard's zone.
        Returns one row per day for the step `day`.
        """
        start, end = _read_span(first, last, history)
        if step is Step.DAY:
            until = calendar.day_of(end - timedelta(microseconds=1))
            return _json(map(_trend_row, store.days(calendar.day_of(start), until)))
        table, length_s = STATES[step]
        if (end - start).total_seconds() / length_s > MAX_ROWS:
            raise PeriodError("step", f"more than {MAX_ROWS} rows: expected a longer step")
        moments = store.moments(table, start, end, MAX_ROWS)
        return _json(
            {"at": moment.at.astimezone(calendar.zone), **_book(moment.amounts)}
            for moment in moments
        )


def _read_span(first: str, last: str | None, history: History) -> tuple[datetime, datetime]:
    calendar = history.store.calendar
    start = _read_time("from", first, calendar.start, calendar)
    end = _read_time("to", last, calendar.end, calendar) if last is not None else history.now()
    if start >= end:
        raise PeriodError("from", f"expected a time before {end.isoformat()}")
    return start, end


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


def _book(amounts: Amounts) -> dict[str, Any]:
    return {"revenue": amounts.revenue, "expenses": amounts.expenses, "net": amounts.net}


def _trend_row(day: DayRecord) -> dict[str, Any]:
    return {"date": day.day, **_book(day.amounts)}


def _day_row(day: DayRecord, calendar: Calendar, today: date) -> dict[str, Any]:
    return {
        **_trend_row(day),
        "status": day.status(today, calendar.trading),
        "lastStateAt": day.at and day.at.astimezone(calendar.zone),
        "closed": day.closed and _book(day.closed),
        "restatedAt": day.restated_at and day.restated_at.astimezone(calendar.zone),
        "versions": [
            {"at": at.astimezone(calendar.zone), "origin": origin, **_book(amounts)}
            for at, amounts, origin in day.versions
        ],
        "costs": day.costs,
        "agents": day.agents and {agent: _book(book) for agent, book in day.agents.items()},
    }


def _json(rows: Iterable[object]) -> Response:
    """Return JSON with exact amounts."""
    return Response(_ENCODER.encode(list(rows)), media_type="application/json", headers=NO_STORE)


_ENCODER = msgspec.json.Encoder(decimal_format="number")
