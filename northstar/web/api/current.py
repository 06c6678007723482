"""HTTP API of the current state, and of the feed."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from threading import Thread
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response, status
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from northstar.domain.day import DayRecord
from northstar.errors import StoreError
from northstar.history.writer import History
from northstar.live.pipeline import Pipeline
from northstar.web.api.queries import Problem
from northstar.web.api.rows import (
    NO_STORE,
    AmountFormat,
    AmountsQuery,
    CurrentState,
    Rows,
    json_response,
)

READ_S = 0.5  # how long the current state waits for the history
EMPTY: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {
        "model": Problem,
        "description": "Before the first message",
    }
}


def add_current(server: FastAPI, pipeline: Pipeline) -> None:
    """Add the routes of the current state and of the feed."""
    days = RecentDays(pipeline.history)

    @server.get("/api/pnl", response_model=CurrentState, responses=EMPTY)
    async def pnl(request: Request, amounts: AmountsQuery = AmountFormat.NUMBER) -> Response:
        """Return the current state as one message of the stream, with its currency, zone and time.

        Amounts are in `currency`, and `netPnL` is revenue − expenses. `asOf` is the time of the
        data, `dayStatus` the status of its day, and `status` that of each day in `trendsData`.
        Before the first message, responds 503 with the state of the feed.
        """
        message, snapshot = pipeline.broadcast.message(), pipeline.shown.snapshot
        if message is None or snapshot is None:
            problem = {"error": "no data yet", "feed": pipeline.shown.status().state}
            return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)

        state: dict[str, Any] = json.loads(message, parse_int=Decimal, parse_float=Decimal)
        known = await days.get(_dates(state))
        described = _described(state, snapshot.as_of, known, pipeline)
        return json_response(described, amounts, request)

    @server.get("/api/feed")
    async def feed() -> Response:
        """Return the status of the feed: state, connections, history, and messages by outcome.

        `age_s` is the age of the data in seconds, `as_of` its time in `zone`, both null before the
        first message. The data is live while its age is less than `stale_after_s`. An instance of a
        cluster adds `cluster`: its name, who leads, since when, all instances, and how old the
        state is that it shows.
        """
        snapshot = pipeline.shown.snapshot
        about = {
            "as_of": snapshot and snapshot.as_of,
            "zone": str(pipeline.history.store.calendar.zone),
        }
        known = jsonable_encoder(pipeline.broadcast.status()) | jsonable_encoder(about)
        if known["cluster"] is None:
            del known["cluster"]
        return JSONResponse(known, headers=NO_STORE)


class RecentDays:
    """The days of the trend in the history, as far as it answers in time.

    The current state does not wait for a database that hangs: a read that takes longer than
    `READ_S` continues in the background, one at a time, and the last result is used instead.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: Mapping[date, DayRecord] = {}
        self._read: asyncio.Event | None = None  # set once the last read has ended

    async def get(self, dates: Sequence[date]) -> Mapping[date, DayRecord]:
        """Return the known days from the first to the last of `dates`, or those known last."""
        if self._read is None or self._read.is_set():
            self._read = asyncio.Event()
            today = self._history.store.calendar.day_of(self._history.now())
            first, last = min([*dates, today]), max([*dates, today])
            ended = partial(asyncio.get_running_loop().call_soon_threadsafe, self._read.set)
            # A daemon: the end of the program does not wait for it, as for those of a pool.
            Thread(target=self._update, args=(first, last, ended), daemon=True).start()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._read.wait(), READ_S)
        return self._known

    def _update(self, first: date, last: date, ended: Callable[[], object]) -> None:
        try:
            with suppress(StoreError):  # the status of the history says so
                days = self._history.store.days(first, last, sums_only=True)
                self._known = {day.day: day for day in days}
        finally:
            with suppress(RuntimeError):  # the program has ended
                ended()


def _dates(state: Mapping[str, Any]) -> Sequence[date]:
    return [date.fromisoformat(row["date"]) for row in state.get("trendsData", [])]


def _described(
    state: dict[str, Any], as_of: datetime, known: Mapping[date, DayRecord], pipeline: Pipeline
) -> dict[str, Any]:
    """Return a message with the status of its days, its currency, and its time and zone."""
    calendar, now = pipeline.history.store.calendar, pipeline.history.now()
    rows = Rows(calendar, pipeline.broadcast.notation.currency, calendar.day_of(now))
    for cost in state.get("costBreakdown", []):
        if "percentage" in cost:  # a number, however amounts are written
            cost["percentage"] = msgspec.Raw(str(cost["percentage"]).encode())
    for row, each in zip(state.get("trendsData", []), _dates(state), strict=True):
        row["status"] = rows.status(each, known)
    about = {"dayStatus": rows.status(calendar.day_of(as_of), known), "asOf": as_of}
    return {**state, **about, "currency": rows.currency, "zone": str(calendar.zone)}
