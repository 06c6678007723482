"""HTTP API of the alerts: read, acknowledge and silence them, and list past events."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Annotated, Any, Self, TypeAlias

from fastapi import Depends, FastAPI, Path, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from starlette.concurrency import run_in_threadpool

from northstar.alerts.evaluation import LONGEST_NOTE, LONGEST_SILENCE
from northstar.alerts.records import decode_event
from northstar.alerts.states import Alert
from northstar.domain.notes import read_text
from northstar.errors import Refused, StoreError
from northstar.feeds import Source
from northstar.history.audit import Change
from northstar.history.outbox import Delivery
from northstar.live.alert_status import ShownAlerts
from northstar.live.pipeline import Pipeline
from northstar.web.api.alert_rows import AlertRow, AlertRows, AlertsRow, EventRow
from northstar.web.api.notes import REFUSALS
from northstar.web.api.queries import UNREADABLE, DaysQuery, Problem
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.api.rows import AmountFormat, json_response
from northstar.web.auth.changes import Changes

ONE_MINUTE = timedelta(minutes=1)
Number: TypeAlias = Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]
ANSWERS: dict[int | str, dict[str, Any]] = REFUSALS | {
    status.HTTP_404_NOT_FOUND: {"model": Problem, "description": "There is no such open alert"},
    status.HTTP_409_CONFLICT: {"model": Problem, "description": "Somebody has acknowledged it"},
}


class Acknowledgement(BaseModel):
    """The note of a viewer who acknowledges an alert."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field("", description=f"at most {LONGEST_NOTE} characters")

    @field_validator("note")
    @classmethod
    def _read_note(cls, note: str) -> str:
        words = " ".join(note.split())
        if len(words) > LONGEST_NOTE:
            raise ValueError(f"expected at most {LONGEST_NOTE} characters, got {len(words):,}")
        return read_text(words) if words else ""


class NewSilence(Acknowledgement):
    """For how long nothing is sent: for `minutes` (0 ends a silence), or `until` a time.

    A time is ISO 8601, in the zone of the dashboard unless it has an offset. At most 7 days.
    """

    minutes: int | None = Field(None, ge=0, le=LONGEST_SILENCE // ONE_MINUTE)
    until: datetime | None = None

    @model_validator(mode="after")
    def _require_one_end(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise ValueError("expected either minutes or until")
        return self

    def end(self, now: datetime, zone: tzinfo) -> datetime:
        """Return when the silence ends. Raises `RequestValidationError`."""
        if self.until is None:
            return now + (self.minutes or 0) * ONE_MINUTE
        until = self.until if self.until.tzinfo else self.until.replace(tzinfo=zone)
        if not now < until <= now + LONGEST_SILENCE:
            reason = "expected a time to come, at most 7 days ahead"
            error = {"type": "value_error", "loc": ("body", "until"), "msg": reason}
            raise RequestValidationError([{**error, "ctx": {"error": reason}}])
        return until


class OpenAlerts:
    """The alerts of a pipeline as rows; there may be no rules."""

    def __init__(self, pipeline: Pipeline) -> None:
        calendar = pipeline.history.store.calendar
        self.rows = AlertRows(calendar.zone, pipeline.broadcast.notation)
        self._pipeline = pipeline

    @property
    def alerts(self) -> ShownAlerts | None:
        return self._pipeline.alerts

    async def all(self) -> dict[str, Any]:
        """Return the rules, and the alerts that are not over."""
        content: dict[str, Any] = {
            "configured": self.alerts is not None,
            "isReal": self._pipeline.shown.source is Source.LIVE,
            "evaluatedAt": None,
            "problem": None,
            "rules": [],
            "alerts": [],
            "silences": [],
        }
        if alerts := self.alerts:
            alert_status = alerts.alert_status
            sent, problem = await deliveries_of(alerts, alert_status.open)
            content |= {
                "evaluatedAt": self.rows.local(alert_status.evaluated_at),
                "problem": alert_status.problem or problem,
                "rules": [self.rows.rule(rule, alert_status) for rule in alerts.file.rules],
                "alerts": [self._row(alerts, alert, sent) for alert in alert_status.open],
                "silences": [*map(self.rows.silence, alert_status.lasting(self.now()))],
            }
        return content

    async def one(self, number: str) -> dict[str, Any]:
        """Return the row of an alert. Raises `Refused`."""
        alerts, alert = self.find(number)
        sent, _ = await deliveries_of(alerts, [alert])
        return self._row(alerts, alert, sent)

    def find(self, number: str) -> tuple[ShownAlerts, Alert]:
        """Return an open alert. Raises `Refused` if it is over, or never was."""
        if alerts := self.alerts:
            for alert in alerts.alert_status.open:
                if alert.number == number:
                    return alerts, alert
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no open alert {number}: it may be over")

    def now(self) -> datetime:
        """Return the time, by the clock of the history."""
        return self._pipeline.history.now()

    def _row(
        self, alerts: ShownAlerts, alert: Alert, sent: Mapping[str, Sequence[Delivery]] | None
    ) -> dict[str, Any]:
        silence = alerts.alert_status.silence_of(alert, self.now())
        return self.rows.alert(alert, silence, None if sent is None else sent.get(alert.number, ()))


async def deliveries_of(
    alerts: ShownAlerts, found: Sequence[Alert]
) -> tuple[Mapping[str, Sequence[Delivery]] | None, str | None]:
    """Return the newest deliveries by alert, or None and why the history cannot be read."""
    numbers = [alert.number for alert in found]
    try:
        return await run_in_threadpool(alerts.outbox.deliveries, numbers), None
    except StoreError as error:
        return None, str(error)


def add_alerts(
    server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter, changes: Changes
) -> None:
    """Add the routes of the alerts."""
    shown, may_change = OpenAlerts(pipeline), Depends(changes.check)
    calendar = pipeline.history.store.calendar

    @server.get("/api/alerts", response_model=AlertsRow)
    async def alerts(request: Request) -> Response:
        """Return the rules, and the alerts that are not over, the most severe first."""
        return json_response(await shown.all(), AmountFormat.NUMBER, request)

    @server.get(
        "/api/alerts/events",
        response_model=list[EventRow],
        responses=UNREADABLE,
        dependencies=[Depends(limiter.hold_slot, scope="function")],
    )
    def events(request: Request, query: Annotated[DaysQuery, Depends()]) -> Response:
        """Return the events of alerts in a period, oldest first, with the deliveries."""
        period = query.period(calendar.day_of(shown.now()))
        span = calendar.start(period.first), calendar.end(period.last)
        found = shown.alerts.outbox.events(*span) if shown.alerts else ()
        rows = [shown.rows.event(decode_event(text), sent) for text, sent in found]
        return json_response(rows, AmountFormat.NUMBER, request)

    @server.post("/api/alerts/{number}/acknowledge", response_model=AlertRow, responses=ANSWERS)
    async def acknowledge(
        request: Request,
        number: Number,
        body: Acknowledgement,
        change: Annotated[Change, may_change],
    ) -> Response:
        """Acknowledge an alert, as the viewer who is signed in: there are no more reminders.

        Only for pages of the dashboard, as `POST /api/notes`.
        """
        found, alert = shown.find(number)
        if seen := alert.acknowledged:
            at = pipeline.broadcast.notation.time_of_day(seen.at.astimezone(calendar.zone))
            raise Refused(HTTPStatus.CONFLICT, f"{seen.who} acknowledged this alert at {at}")
        await found.acknowledge(alert, body.note, change)
        return json_response(await shown.one(number), AmountFormat.NUMBER, request)

    @server.post("/api/alerts/{number}/silence", response_model=AlertRow, responses=ANSWERS)
    async def silence(
        request: Request,
        number: Number,
        wanted: NewSilence,
        change: Annotated[Change, may_change],
    ) -> Response:
        """Silence an alert for a time, as the viewer who is signed in.

        Only for pages of the dashboard, as `POST /api/notes`.
        """
        found, alert = shown.find(number)
        until = wanted.end(change.at, calendar.zone)
        await found.silence(alert, until, wanted.note, change)
        return json_response(await shown.one(number), AmountFormat.NUMBER, request)
