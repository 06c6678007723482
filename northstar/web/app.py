"""Assemble the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import Depends, FastAPI, Response, status
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette_compress import CompressMiddleware

from northstar import __version__
from northstar.errors import Refused
from northstar.history.attempts import Attempts
from northstar.history.keys import read_key
from northstar.live.pipeline import Pipeline, Task
from northstar.reports.day_table import prepare
from northstar.settings.table import Settings
from northstar.view.shared.assets import ASSETS
from northstar.web.api.alerts import add_alerts
from northstar.web.api.chart_pictures import add_chart_pictures
from northstar.web.api.current import add_current
from northstar.web.api.description import DOCS_FILES, OPENAPI, add_api_docs
from northstar.web.api.exports import add_exports
from northstar.web.api.history import add_history_api
from northstar.web.api.notes import add_me, add_notes
from northstar.web.api.queries import add_errors
from northstar.web.api.query_names import refuse_unknown_names
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.auth.access import Access
from northstar.web.auth.changes import Changes
from northstar.web.auth.guard import Guard, to_response
from northstar.web.auth.security_headers import SafeHeaders
from northstar.web.auth.shared_throttle import SharedThrottle
from northstar.web.auth.sign_in import add_sign_in
from northstar.web.files.font import font
from northstar.web.files.manifest import add_manifest
from northstar.web.files.plotlyjs import small_bundle
from northstar.web.files.static import static_files
from northstar.web.health import Alive, add_health, add_readiness
from northstar.web.metrics import Metrics, add_metrics
from northstar.web.pages.alert_queue import add_alert_queue
from northstar.web.pages.dash_page import Site
from northstar.web.pages.demo_scenes import add_demo_scenes
from northstar.web.pages.history_routes import add_history_page
from northstar.web.pages.live_routes import add_explanations, add_live_page
from northstar.web.pages.problem_pages import ProblemPages
from northstar.web.proxies import Proxies
from northstar.web.request_log import RequestLog
from northstar.web.sockets.draining import Draining
from northstar.web.sockets.streams import add_sockets
from northstar.web.starlette_app import Lifespan, add_layers
from northstar.web.worker_metrics import WorkerMetrics
from northstar.wiring import create_pipeline
from northstar.workers import own_place

ICON = ASSETS / "favicon.svg"


def create_server(settings: Settings) -> FastAPI:
    """Return the application; its pipeline runs for the duration of its lifespan.

    Raises `ConfigurationError` if a recording cannot be read or written or the database URL is
    invalid, and `StoreError` if the database cannot be used.
    """
    pipeline = create_pipeline(settings)
    history = pipeline.history
    alive = Alive(pipeline, settings)
    metrics = Metrics(pipeline, alive.signals)
    workers, attempts = _workers(metrics), _attempts(settings, pipeline)
    draining = Draining(pipeline.hand_over, settings.drain_s, lambda: pipeline.is_isolated)
    watches = [alive.watch, metrics.watch_the_loop]
    watches += [workers.serve] if workers else []
    watches += [attempts.share] if attempts else []
    watches += [draining.watch] if settings.cluster else []
    watches += [alive.send_signals] if settings.alive_url.get_secret_value() else []
    access = _access(settings, attempts, pipeline)
    # Serves the scripts of the API documentation from a package, not from the internet.
    server = FastAPIOffline(
        title="NorthStar",
        version=__version__,
        lifespan=_lifespan(pipeline, watches),
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        static_url=DOCS_FILES,
        dependencies=[Depends(refuse_unknown_names)],
        exception_handlers={Refused: lambda _, refused: to_response(refused)},
    )
    server.state.history = history
    server.state.draining = draining if settings.cluster else None
    add_health(server, draining)
    add_current(server, pipeline)
    add_api_docs(server)
    add_readiness(server, pipeline)
    add_metrics(server, metrics, workers)
    limiter = ReportLimiter()
    _add_api(server, pipeline, limiter, Changes(history.now, read_key(history.store.engine)))
    add_chart_pictures(server, pipeline, (ASSETS / "10-tokens.css").read_text("utf-8"))
    add_sockets(server, pipeline, settings, access.sessions, draining)
    pages = _add_pages(server, pipeline, settings, limiter, signs_in=access.signs_in)
    add_manifest(server, settings.title, ICON)
    add_demo_scenes(server, pipeline)
    add_sign_in(server, access, settings)
    _add_not_found(server)
    add_layers(server, _layers(settings, access, pages))
    return server


def _lifespan(pipeline: Pipeline, watches: Sequence[Task]) -> Lifespan:
    """Return the lifespan of the application: it runs the pipeline, and the tasks beside it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await pipeline.prepare()
        running = asyncio.create_task(pipeline.run(*watches), name="pipeline")
        preparing = asyncio.create_task(asyncio.to_thread(prepare), name="prepare")
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, preparing, return_exceptions=True)
            pipeline.history.store.close()

    return lifespan


def _workers(metrics: Metrics) -> WorkerMetrics | None:
    """Return what exchanges metrics with the other workers; None if the program is alone."""
    place = own_place()
    return WorkerMetrics(metrics.registry, place) if place else None


def _attempts(settings: Settings, pipeline: Pipeline) -> SharedThrottle | None:
    """Return the limit of failed sign-ins of a cluster; None if the program is alone."""
    if not settings.cluster:
        return None
    return SharedThrottle(settings.max_attempts, Attempts(pipeline.history.store.engine))


def _access(settings: Settings, attempts: SharedThrottle | None, pipeline: Pipeline) -> Access:
    """Return the sign-ins, which end on all instances of a cluster."""
    access = Access(settings, attempts)
    access.sessions.ended.subscribe(pipeline.announce_end)
    pipeline.session_ended.subscribe(access.sessions.end_here)
    return access


class _PageLayers(NamedTuple):
    """The middleware of the pages."""

    files: Middleware
    callbacks: Middleware


def _layers(settings: Settings, access: Access, pages: _PageLayers) -> list[Middleware]:
    """Return the middleware, outermost first; Dash's is within."""
    return [
        Middleware(Proxies, settings),
        Middleware(SafeHeaders, frame_ancestors=settings.frame_ancestors),
        Middleware(ProblemPages, desk=settings.title),
        Middleware(RequestLog),
        Middleware(Guard, settings=settings, access=access),
        pages.files,
        Middleware(CompressMiddleware),  # for dynamic responses such as the page
        pages.callbacks,
    ]


def _add_api(server: FastAPI, pipeline: Pipeline, limiter: ReportLimiter, changes: Changes) -> None:
    """Add the exports, and the API of the history, the notes and the alerts."""
    add_errors(server)
    add_exports(server, pipeline, limiter)
    add_history_api(server, pipeline, limiter)
    add_me(server, changes)
    add_notes(server, pipeline, limiter, changes)
    add_alerts(server, pipeline, limiter, changes)
    add_alert_queue(server, pipeline, changes)


def _add_pages(
    server: FastAPI,
    pipeline: Pipeline,
    settings: Settings,
    limiter: ReportLimiter,
    *,
    signs_in: bool,
) -> _PageLayers:
    """Add the pages, and return their middleware."""
    bundle = small_bundle()
    inter = font(f"{settings.base_path}/")
    site = Site(server, settings.base_path, bundle, inter, signs_in, settings.title)
    live = add_live_page(server, pipeline, site)
    history, callbacks = add_history_page(server, pipeline, site, limiter)
    add_explanations(server, pipeline)
    files = [live.script, history.script, *([inter.file] if inter else [])]
    static = static_files(server, live, bundle, files, [ICON.name])
    return _PageLayers(static, callbacks)


def _add_not_found(server: FastAPI) -> None:
    """Answer 404 for unknown paths; Dash would serve the page under any path."""

    @server.get("/{path:path}", include_in_schema=False)
    async def not_found(path: str) -> Response:
        return JSONResponse({"error": f"not found: /{path}"}, status.HTTP_404_NOT_FOUND)
