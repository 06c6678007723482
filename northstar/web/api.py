"""HTTP interface to the history: JSON, CSV and XLSX.

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
from northstar.domain.day import Amounts, DayRecord
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
from northstar.reports.report import Report, make_report
from northstar.reports.spreadsheet import Export, to_csv, to_xlsx
from northstar.reports.tables import about, sheets
from northstar.web.turns import Turns

NO_STORE = {"Cache-Control": "no-store"}
ASKED = {"range", "from", "to", "compare"}
MOST_ROWS = 50_000  # encoding more would delay the frames of all viewers
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Problem(BaseModel):
    """Why there is no answer now."""

    error: str


# OpenAPI descriptions of error responses.
UNREADABLE: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Problem, "description": "Unreadable or busy"}
}


class Step(StrEnum):
    """How far apart the rows of a history are."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


STATES = {Step.SECOND: (SECONDS, 1), Step.MINUTE: (MINUTES, 60)}


class _Told(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Book(_Told):
    """Amounts in the currency of the stream; `net` is revenue − expenses."""

    revenue: float
    expenses: float
    net: float


class TrendRow(Book):
    """One day, as in the stream's `trendsData`."""

    date: date


class DayRow(TrendRow):
    """One day as it is known now.

    `lastStateAt` is null of a day that only the source's trend has; `closed` is what it closed at,
    where the source restated it afterwards. `costs` and `agents` are null where they are not known.
    """

    last_state_at: datetime | None
    closed: Book | None
    restated_at: datetime | None
    costs: dict[str, float] | None
    agents: dict[str, Book] | None


class StateRow(Book):
    """What the day had come to at one time."""

    at: datetime


class AskedDays:
    """The days of a query: a named range, or first and last day; by default the last 30 days."""

    def __init__(
        self,
        range_: Annotated[
            str | None,
            Query(alias="range", description="today, 7d, 30d, 90d, month, quarter, year"),
        ] = None,
        first: Annotated[str | None, Query(alias="from", description="YYYY-MM-DD")] = None,
        last: Annotated[str | None, Query(alias="to", description="YYYY-MM-DD, included")] = None,
        *,
        request: Request,
    ) -> None:
        self._texts = range_, first, last
        self._names = request.query_params.keys()

    def period(self, today: date) -> Period:
        """Return the period. Raises `PeriodError`, also for a misspelt parameter name."""
        for name in self._names - ASKED:
            raise PeriodError(name, f"expected only {', '.join(sorted(ASKED))}")
        return read_period(today, *self._texts)


class Asked:
    """The days and comparison of a query; by default compared with the previous period."""

    def __init__(
        self,
        days: Annotated[AskedDays, Depends()],
        compare: Annotated[str | None, Query(description="previous, year, none")] = None,
    ) -> None:
        self._days = days
        self._compare = compare

    def report(self, history: History) -> Report:
        """Return the report. Raises `PeriodError`, or `StoreError` if the history is unreadable."""
        now, store = history.now(), history.store
        period = self._days.period(store.calendar.day_of(now))
        return make_report(store, period, read_comparison(self._compare), now)


def add_api(server: FastAPI, pipeline: Pipeline, history: History, turns: Turns) -> None:
    """Add the history routes under `/api`; each request takes one of the `turns`."""
    turn = [Depends(turns.take, scope="function")]  # released before the response is sent
    _add_json(server, history, turn)
    _add_exports(server, pipeline, history, turn)

    @server.exception_handler(PeriodError)
    async def refuse(_: Request, error: PeriodError) -> Response:
        """Return the error of a query in FastAPI's format."""
        detail = {"type": "value_error", "loc": ["query", error.field], "msg": error.reason}
        return JSONResponse({"detail": [detail]}, status.HTTP_422_UNPROCESSABLE_CONTENT)

    @server.exception_handler(StoreError)
    async def tell_problem(_: Request, error: StoreError) -> Response:
        problem = {"error": f"history cannot be read now: {error}"}
        return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)


def _add_json(server: FastAPI, history: History, turn: Sequence[DependsOn]) -> None:
    store, calendar = history.store, history.store.calendar

    @server.get(
        "/api/trend", response_model=list[TrendRow], responses=UNREADABLE, dependencies=turn
    )
    def trend(days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = TREND_DAYS) -> Response:
        """Return the newest days up to the running one, the oldest first; those that are known."""
        today = calendar.day_of(history.now())
        return _json(map(_trend_row, store.days(today - timedelta(days=days - 1), today)))

    @server.get("/api/days", response_model=list[DayRow], responses=UNREADABLE, dependencies=turn)
    def days(asked: Annotated[AskedDays, Depends()]) -> Response:
        """Return the days of a period, with all that is known of each, the oldest first."""
        period = asked.period(calendar.day_of(history.now()))
        return _json(_day_row(day, calendar) for day in store.days(period.first, period.last))

    @server.get(
        "/api/history",
        response_model=list[StateRow] | list[TrendRow],
        responses=UNREADABLE,
        dependencies=turn,
    )
    def states(
        first: Annotated[str, Query(alias="from", description="a day or a time, ISO 8601")],
        last: Annotated[
            str | None, Query(alias="to", description="a day, included, or a time")
        ] = None,
        step: Step = Step.MINUTE,
    ) -> Response:
        """Return what the day had come to at the end of each step, at most 50,000 steps.

        Seconds and minutes are kept for as long as the settings say. A time without an offset is
        in the dashboard's zone.
        """
        start, end = _read_span(first, last, history)
        if step is Step.DAY:
            until = calendar.day_of(end - timedelta(microseconds=1))
            return _json(map(_trend_row, store.days(calendar.day_of(start), until)))
        table, length_s = STATES[step]
        if (end - start).total_seconds() / length_s > MOST_ROWS:
            raise PeriodError("step", f"more than {MOST_ROWS} rows: expected a longer step")
        moments = store.moments(table, start, end, MOST_ROWS)
        return _json(
            {"at": moment.at.astimezone(calendar.zone), **_book(moment.amounts)}
            for moment in moments
        )


def _add_exports(
    server: FastAPI, pipeline: Pipeline, history: History, turn: Sequence[DependsOn]
) -> None:
    @server.get(
        "/api/export.csv", response_class=Response, responses=_told_as(CSV), dependencies=turn
    )
    def export_csv(asked: Annotated[Asked, Depends()]) -> Response:
        """Return the tables of the history page as CSV: UTF-8 with a byte order mark, ISO dates."""
        report = asked.report(history)
        return _file(to_csv(export(report)), name(report, "csv"), f"{CSV}; charset=utf-8")

    @server.get(
        "/api/export.xlsx", response_class=Response, responses=_told_as(XLSX), dependencies=turn
    )
    def export_xlsx(asked: Annotated[Asked, Depends()]) -> Response:
        """Return the tables of the history page as an Excel workbook, a sheet for each."""
        report = asked.report(history)
        book = to_xlsx(
            export(report),
            currency=pipeline.broadcast.notation.currency,
            zone=report.calendar.zone,
            as_of=report.as_of,
        )
        return _file(book, name(report, "xlsx"), XLSX)

    def export(report: Report) -> Export:
        currency = pipeline.broadcast.notation.currency
        told = about(report, currency, pipeline.intake.source, pipeline.intake.feed.name)
        return Export(told, sheets(report))

    def name(report: Report, kind: str) -> str:
        unreal = "" if pipeline.intake.source == "live" else f"-{pipeline.intake.source}"
        return f"northstar-{report.period.first}-{report.period.last}{unreal}.{kind}"


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


def _day_row(day: DayRecord, calendar: Calendar) -> dict[str, Any]:
    return {
        **_trend_row(day),
        "lastStateAt": day.at and day.at.astimezone(calendar.zone),
        "closed": day.closed and _book(day.closed),
        "restatedAt": day.restated_at and day.restated_at.astimezone(calendar.zone),
        "costs": day.costs,
        "agents": day.agents and {agent: _book(book) for agent, book in day.agents.items()},
    }


def _json(rows: Iterable[object]) -> Response:
    """Return JSON with exact amounts."""
    return Response(_ENCODER.encode(list(rows)), media_type="application/json", headers=NO_STORE)


def _told_as(kind: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a file response."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {status.HTTP_200_OK: {"content": content}, **UNREADABLE}


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **NO_STORE}
    return Response(content, media_type=kind, headers=headers)


_ENCODER = msgspec.json.Encoder(decimal_format="number")
