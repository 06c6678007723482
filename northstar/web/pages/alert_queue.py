"""The content of the exception queue on the live page."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from northstar.errors import Refused
from northstar.feeds import Source
from northstar.live.alert_status import ShownAlerts
from northstar.live.pipeline import Pipeline
from northstar.view.alerts.queue import Checked, Entry, May, queue
from northstar.view.shared.html import to_html
from northstar.web.api.alerts import deliveries_of
from northstar.web.api.rows import NO_STORE
from northstar.web.auth.changes import TOKEN_HEADER, Changes


def add_alert_queue(server: FastAPI, pipeline: Pipeline, changes: Changes) -> None:
    """Add the route of the panel that the live page opens."""

    def may(request: Request) -> May:
        try:
            viewer = changes.require_viewer(request)
        except Refused as refused:
            return May(reason=str(refused))
        return May(viewer.name)

    @server.get("/alerts/queue", include_in_schema=False)
    async def content(request: Request) -> Response:
        """Return the open alerts, as an HTML fragment with the viewer's token for changes."""
        if (alerts := pipeline.alerts) is None:
            return HTMLResponse("There are no rules.", headers=NO_STORE)
        entries, problem = await _entries(alerts, pipeline)
        viewer = may(request)
        token = "" if viewer.reason else changes.token(request)
        checked = _checked(alerts, pipeline, problem)
        found = queue(entries, checked, viewer, pipeline.broadcast.notation)
        return HTMLResponse(to_html(found), headers={**NO_STORE, TOKEN_HEADER: token})


async def _entries(alerts: ShownAlerts, pipeline: Pipeline) -> tuple[list[Entry], str | None]:
    """Return the open alerts with their details, and why deliveries are unknown."""
    found, now = alerts.alert_status.open, pipeline.history.now()
    sent, problem = await deliveries_of(alerts, found)
    entries = [
        Entry(
            alert,
            alerts.rules.get(alert.rule),
            alerts.alert_status.silence_of(alert, now),
            None if sent is None else sent.get(alert.number, ()),
        )
        for alert in found
    ]
    return entries, problem


def _checked(alerts: ShownAlerts, pipeline: Pipeline, problem: str | None) -> Checked:
    source, current, alert_status = (
        pipeline.shown.source,
        pipeline.shown.current,
        alerts.alert_status,
    )
    zone = pipeline.history.store.calendar.zone
    return Checked(
        alerts.file.rules,
        alert_status.evaluated_at,
        pipeline.history.now().astimezone(zone),
        current.day if current else None,
        "" if source is Source.LIVE else source.value,
        alert_status.problem or problem,
    )
