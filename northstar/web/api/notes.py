"""HTTP API of the notes of days, and of the viewer's permission to write them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, FastAPI, Path, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.concurrency import run_in_threadpool

from northstar.domain.calendar import Calendar
from northstar.domain.notes import Author, Note, read_text
from northstar.errors import Refused, StoreError
from northstar.history.audit import Change
from northstar.history.notebook import Notebook, read_notes
from northstar.live.pipeline import Pipeline
from northstar.web.api.queries import UNREADABLE, DaysQuery, Problem
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.api.rows import NO_STORE, AmountFormat, NoteRow, Rows, json_response
from northstar.web.auth.access import AuthMethod
from northstar.web.auth.changes import Changes, viewer_of

Number: TypeAlias = Annotated[int, Path(ge=1, le=2**63 - 1)]  # of 64 bits in the database
ONE_DAY = timedelta(days=1)
REFUSALS: dict[int | str, dict[str, Any]] = {
    status.HTTP_400_BAD_REQUEST: {"description": "The body is no text in UTF-8"},
    status.HTTP_403_FORBIDDEN: {"model": Problem, "description": "This request changes nothing"},
    status.HTTP_405_METHOD_NOT_ALLOWED: {"description": "The number is not one of ours"},
    status.HTTP_429_TOO_MANY_REQUESTS: {"model": Problem, "description": "Too many changes"},
    **UNREADABLE,
}
MISSING: dict[int | str, dict[str, Any]] = {
    status.HTTP_404_NOT_FOUND: {"model": Problem, "description": "There is no such note"}
}


class NewNote(BaseModel):
    """A note to write.

    `at` is the moment that the note is about: a time of that day, `HH:MM`, or a time with date,
    ISO 8601, in the zone of the dashboard unless it has an offset. Without it, the note is about
    the whole day.
    """

    model_config = ConfigDict(extra="forbid")

    date: date
    at: str | None = None
    text: str = Field(description="1 to 1,000 characters")

    @field_validator("text")
    @classmethod
    def _read_text(cls, text: str) -> str:
        return read_text(text)

    def moment(self, calendar: Calendar, now: datetime) -> datetime | None:
        """Return the moment in UTC. Raises `RequestValidationError` for a day or time to come."""
        if self.date > calendar.day_of(now):
            raise _invalid("date", "expected a date no later than today")
        if self.at is None:
            return None
        moment = _read_moment(self.at, self.date, calendar)
        if moment is None or moment > now:
            raise _invalid("at", "expected a time of that day up to now, HH:MM or ISO 8601")
        return moment


class Me(BaseModel):
    """The viewer of a request.

    `token` is to be sent with changes, as `X-CSRF-Token`. It is null if the viewer may not change
    anything, for the `reason` given.
    """

    name: str
    method: AuthMethod
    token: str | None
    reason: str | None


def add_notes(
    server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter, changes: Changes
) -> None:
    """Add the routes of the notes."""
    history = pipeline.history
    calendar, notebook = history.store.calendar, history.notebook
    may_change = Depends(changes.check)

    def row(note: Note) -> dict[str, Any]:
        today = calendar.day_of(history.now())
        return Rows(calendar, pipeline.broadcast.notation.currency, today).note(note)

    @server.get(
        "/api/notes",
        response_model=list[NoteRow],
        responses=UNREADABLE,
        dependencies=[Depends(limiter.hold_slot, scope="function")],
    )
    def notes(request: Request, query: Annotated[DaysQuery, Depends()]) -> Response:
        """Return the notes of a period, oldest day first."""
        period = query.period(calendar.day_of(history.now()))
        found = read_notes(history.store.engine, period.first, period.last)
        return json_response([*map(row, found)], AmountFormat.NUMBER, request)

    @server.post(
        "/api/notes",
        response_model=NoteRow,
        status_code=HTTPStatus.CREATED,
        responses=REFUSALS,
    )
    async def write(
        request: Request, note: NewNote, change: Annotated[Change, may_change]
    ) -> Response:
        """Write a note, as the viewer who is signed in.

        Only for pages of the dashboard: needs their `Origin`, and the token of `/api/me` as
        `X-CSRF-Token`.
        """
        at = note.moment(calendar, history.now())
        with _refused_on_failure("the note was not written"):
            written = await run_in_threadpool(notebook.write, note.date, at, note.text, change)
        notebook.publish()
        answer = json_response(row(written), AmountFormat.NUMBER, request)
        answer.status_code = HTTPStatus.CREATED
        return answer

    @server.delete(
        "/api/notes/{number}",
        status_code=HTTPStatus.NO_CONTENT,
        response_class=Response,
        responses=REFUSALS | MISSING,
    )
    async def delete(number: Number, change: Annotated[Change, may_change]) -> Response:
        """Delete a note of one's own, or one that was written without a sign-in."""
        with _refused_on_failure("the note was not deleted"):
            await run_in_threadpool(_delete, notebook, number, change)
        notebook.publish()
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=NO_STORE)


def _delete(notebook: Notebook, number: int, change: Change) -> None:
    """Delete a note. Raises `Refused` if there is none, or it is somebody else's."""
    note = notebook.find(number)
    if note and not _may_delete(change.author, note):
        reason = f"only {note.author.name}, who wrote this note, can delete it"
        raise Refused(HTTPStatus.FORBIDDEN, reason)
    if note is None or not notebook.delete(note, change):
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no note {number}")


def add_me(server: FastAPI, changes: Changes) -> None:
    """Add the route of the viewer who makes changes."""

    @server.get("/api/me")
    async def me(request: Request, response: Response) -> Me:
        """Return who the viewer is, and the CSRF token that their page needs for changes."""
        response.headers.update(NO_STORE)
        viewer = viewer_of(request)
        try:
            changes.require_viewer(request)
        except Refused as refused:
            return Me(name=viewer.name, method=viewer.method, token=None, reason=str(refused))
        token = changes.token(request)
        return Me(name=viewer.name, method=viewer.method, token=token, reason=None)


@contextmanager
def _refused_on_failure(what: str) -> Iterator[None]:
    """Refuse the request with the reason if the database fails; `what` is the consequence."""
    try:
        yield
    except StoreError as error:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"{what}: {error}") from error


def _may_delete(author: Author, note: Note) -> bool:
    return author == note.author or note.author.method == AuthMethod.NONE


def _read_moment(text: str, day: date, calendar: Calendar) -> datetime | None:
    """Return a time of a day, in UTC; None if it is none of that day."""
    try:
        for moment in _possible(text, day, calendar):
            instant = moment.astimezone(UTC)
            if calendar.day_of(instant) == day:
                return instant
    except (ValueError, OverflowError):  # not a time, or off the calendar
        return None
    return None


def _possible(text: str, day: date, calendar: Calendar) -> list[datetime]:
    """Return the times that a text may stand for; a day has parts of two dates."""
    if re.fullmatch(r"\d\d:\d\d", text, re.ASCII):
        clock = time.fromisoformat(text)
        near = (day - ONE_DAY, day, day + ONE_DAY)
        return [datetime.combine(each, clock, calendar.zone) for each in near]
    moment = datetime.fromisoformat(text)
    return [moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)]


def _invalid(field: str, reason: str) -> RequestValidationError:
    error = {"type": "value_error", "loc": ("body", field), "msg": reason}
    return RequestValidationError([{**error, "ctx": {"error": reason}}])
