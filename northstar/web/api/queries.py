"""Queries of the history as the HTTP API and the pages read them, and their errors."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from northstar.errors import StoreError
from northstar.live.pipeline import Pipeline
from northstar.reports.parts import Part, PartKind, PartReport, make_part_report
from northstar.reports.periods import (
    Comparison,
    Period,
    PeriodError,
    read_comparison,
    read_period,
)
from northstar.reports.report import Feed, Report, make_report
from northstar.view.history.controls import Typed


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
        scope = self._scope(pipeline)
        return make_report(pipeline.history.store, *scope, pipeline.month_target)

    def part_report(self, part: Part, pipeline: Pipeline) -> PartReport:
        """Return the report of a part. Raises `UnknownPart`, and what `report` raises."""
        return make_part_report(part, pipeline.history.store, *self._scope(pipeline))

    def _scope(self, pipeline: Pipeline) -> tuple[Period, Comparison, datetime, Feed, Decimal]:
        """Return what a report is of and made with, besides the store. Raises `PeriodError`."""
        now, calendar = pipeline.history.now(), pipeline.history.store.calendar
        snapshot, status = pipeline.shown.snapshot, pipeline.shown.status()
        feed = Feed(status.state, snapshot.as_of if snapshot else None, status.name)
        return (
            self._days.period(calendar.day_of(now)),
            read_comparison(self._compare),
            now,
            feed,
            pipeline.broadcast.notation.tolerance,
        )


class PartQuery:
    """The agent or the category of a query, if there is one."""

    def __init__(
        self,
        agent: Annotated[str | None, Query(description="an agent's name")] = None,
        category: Annotated[str | None, Query(description="a category's name")] = None,
    ) -> None:
        given = {PartKind.AGENT: agent, PartKind.CATEGORY: category}
        self._parts = [Part(kind, name) for kind, name in given.items() if name is not None]

    def part(self) -> Part | None:
        """Return the part, None for all of them. Raises `PeriodError`."""
        if len(self._parts) > 1:
            raise PeriodError("category", "expected either an agent or a category, not both")
        return self._parts[0] if self._parts else None


def typed_in(given: Mapping[str, str], problem: object) -> Typed | None:
    """Return the days that were typed into the history's form, and the problem if it is theirs."""
    if not {"from", "to"} & given.keys():
        return None
    hidden = {name: given[name] for name in ("compare", "agent", "category") if name in given}
    wrong = (problem.field, problem.reason) if isinstance(problem, PeriodError) else ()
    return Typed(given.get("from", ""), given.get("to", ""), hidden, *wrong)


def add_errors(server: FastAPI) -> None:
    """Answer an invalid query, and a history that cannot be read."""

    @server.exception_handler(PeriodError)
    async def invalid_period(_: Request, error: PeriodError) -> Response:
        return invalid_query(error)

    @server.exception_handler(RequestValidationError)
    async def invalid_value(_: Request, error: RequestValidationError) -> Response:
        details = [
            {"type": each["type"], "loc": each["loc"], "msg": _words(each)}
            for each in error.errors()
        ]
        return JSONResponse({"detail": details}, status.HTTP_422_UNPROCESSABLE_CONTENT)

    @server.exception_handler(StoreError)
    async def unavailable(_: Request, error: StoreError) -> Response:
        problem = {"error": f"history cannot be read: {error}"}
        return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)


# What is wrong with a value of a query, by pydantic's type of error.
WORDS = {
    "missing": "missing",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a smaller number",
    "greater_than_equal": "expected {ge} or more",
    "less_than_equal": "expected {le} or less",
    "enum": "expected {expected}",
    "value_error": "{error}",
    "json_invalid": "expected JSON",
    "model_attributes_type": "expected a JSON object",
    "string_type": "expected a text",
    "date_type": "expected a date, YYYY-MM-DD",
    "date_from_datetime_parsing": "expected a date, YYYY-MM-DD",
    "extra_forbidden": "unknown",
}


def _words(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, in our words instead of those of pydantic."""
    words = WORDS.get(error["type"], "not a valid value").format_map(error.get("ctx", {}))
    return words.replace("'", "")


def invalid_query(error: PeriodError) -> Response:
    """Return the response to an invalid query, in FastAPI's format."""
    detail = {"type": "value_error", "loc": ["query", error.field], "msg": error.reason}
    return JSONResponse({"detail": [detail]}, status.HTTP_422_UNPROCESSABLE_CONTENT)
