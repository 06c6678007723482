"""HTTP API of the current state, and of the feed."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response, status
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from northstar.domain.day import DayRecord
from northstar.errors import StoreError
from northstar.live.pipeline import Pipeline
from northstar.web.api import Problem
from northstar.web.rows import (
    NO_STORE,
    AmountFormat,
    AmountsQuery,
    CurrentState,
    Rows,
    json_response,
)

EMPTY: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {
        "model": Problem,
        "description": "Before the first message",
    }
}


def add_current(server: FastAPI, pipeline: Pipeline) -> None:
    """Add the routes of the current state and of the feed."""

    @server.get("/api/pnl", response_model=CurrentState, responses=EMPTY)
    async def pnl(request: Request, amounts: AmountsQuery = AmountFormat.NUMBER) -> Response:
        """Return the current state as one message of the stream, and what it is of.

        Amounts are in `currency`, and `netPnL` is revenue − expenses. `asOf` is the time of the
        data, `dayStatus` the status of its day, and `status` that of each day in `trendsData`.
        Before the first message, responds 503 with the state of the feed.
        """
        message, snapshot = pipeline.broadcast.message(), pipeline.intake.snapshot
        if message is None or snapshot is None:
            problem = {"error": "no data yet", "feed": pipeline.intake.status().state}
            return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)

        def answer() -> Response:
            state = _described(message, snapshot.as_of, pipeline)
            return json_response(state, amounts, request)

        return await run_in_threadpool(answer)

    @server.get("/api/feed")
    async def feed() -> Response:
        """Return the status of the feed: state, connections, history, and messages by outcome.

        `age_s` is the age of the data in seconds, `as_of` its time in `zone`, both null before the
        first message. The data is live while its age is less than `stale_after_s`.
        """
        snapshot = pipeline.intake.snapshot
        about = {
            "as_of": snapshot and snapshot.as_of,
            "zone": str(pipeline.history.store.calendar.zone),
        }
        known = jsonable_encoder(pipeline.broadcast.status()) | jsonable_encoder(about)
        return JSONResponse(known, headers=NO_STORE)


def _described(message: str, as_of: datetime, pipeline: Pipeline) -> dict[str, Any]:
    """Return a message with the status of its days, its currency, and its time and zone."""
    state: dict[str, Any] = json.loads(message, parse_int=Decimal, parse_float=Decimal)
    calendar, now = pipeline.history.store.calendar, pipeline.history.now()
    rows = Rows(calendar, pipeline.broadcast.notation.currency, calendar.day_of(now))
    day, trend = calendar.day_of(as_of), state.get("trendsData", [])
    dates = [date.fromisoformat(row["date"]) for row in trend]
    known = _read(pipeline, min(dates, default=day), max([*dates, day]))
    for cost in state.get("costBreakdown", []):
        if "percentage" in cost:  # a number, however amounts are written
            cost["percentage"] = msgspec.Raw(str(cost["percentage"]).encode())
    for row, each in zip(trend, dates, strict=True):
        row["status"] = rows.status(each, known)
    about = {"dayStatus": rows.status(day, known), "asOf": as_of}
    return {**state, **about, "currency": rows.currency, "zone": str(calendar.zone)}


def _read(pipeline: Pipeline, first: date, last: date) -> Mapping[date, DayRecord]:
    """Return the known days, none if the history cannot be read."""
    try:
        days = pipeline.history.store.days(first, last, sums_only=True)
    except StoreError:
        return {}
    return {day.day: day for day in days}
