"""Assemble the ASGI application."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from math import ceil
from typing import Annotated, Any

from dash import ClientsideFunction, Input
from fastapi import Depends, FastAPI, Request, Response, status
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette_compress import CompressMiddleware

from northstar import __version__
from northstar.errors import Refused, StoreError
from northstar.history.attempts import Attempts
from northstar.history.keys import read_key
from northstar.live.pipeline import Pipeline
from northstar.reports.day_table import prepare
from northstar.reports.parts import Part, UnknownPart
from northstar.reports.periods import Period, PeriodError
from northstar.settings.table import Settings
from northstar.view.live.explain import ORIGINS, explain, explain_chart
from northstar.view.live.explain_panels import PANELS
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.web.alert_queue import add_alert_queue
from northstar.web.alerts_api import add_alerts
from northstar.web.auth.access import Access
from northstar.web.auth.changes import Changes
from northstar.web.auth.guard import Guard, to_response
from northstar.web.auth.security_headers import SafeHeaders, hash_of, page_policy
from northstar.web.auth.shared_throttle import SharedThrottle
from northstar.web.auth.sign_in import add_sign_in
from northstar.web.chart_pictures import add_chart_pictures
from northstar.web.coalescing import Shared
from northstar.web.current import add_current
from northstar.web.dash_app import CALLBACKS
from northstar.web.demo_scenes import add_demo_scenes
from northstar.web.exports import add_exports
from northstar.web.files.font import font
from northstar.web.files.manifest import add_manifest
from northstar.web.files.plotlyjs import small_bundle
from northstar.web.files.static import static_files
from northstar.web.health import Alive, add_readiness
from northstar.web.history_api import add_history_api
from northstar.web.metrics import Metrics, add_metrics
from northstar.web.notes_api import add_me, add_notes
from northstar.web.pages.callbacks import CheckedCallbacks
from northstar.web.pages.compressed import compressed_page
from northstar.web.pages.dash_page import Site
from northstar.web.pages.history import PREFIX, HistoryPage
from northstar.web.pages.live import Page
from northstar.web.problem_pages import ProblemPages
from northstar.web.proxies import Proxies
from northstar.web.queries import PartQuery, ReportQuery, add_errors, invalid_query, typed_in
from northstar.web.query_names import UnknownName, refuse_unknown_names
from northstar.web.report_limiter import ReportLimiter
from northstar.web.request_info import request_info
from northstar.web.request_log import RequestLog
from northstar.web.rows import NO_STORE
from northstar.web.sockets.draining import Draining
from northstar.web.sockets.streams import add_sockets
from northstar.web.starlette_app import add_layers, remove_route, route_of
from northstar.web.worker_metrics import WorkerMetrics
from northstar.wiring import create_pipeline
from northstar.workers import own_place

LONGEST_REFRESH_S = 2**31 // 1000  # browsers have timers of 31 bits, in milliseconds
OPENAPI = "/api/openapi.json"
DRAINS: dict[int | str, dict[str, Any]] = {
    status.HTTP_503_SERVICE_UNAVAILABLE: {"description": "It is being stopped, or isolated"}
}
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def create_server(settings: Settings) -> FastAPI:
    """Return the application; its pipeline runs for the duration of its lifespan.

    Raises `ConfigurationError` if a recording cannot be read or written or the database URL is
    invalid, and `StoreError` if the database cannot be used.
    """
    pipeline = create_pipeline(settings)
    alive = Alive(pipeline, settings)
    metrics = Metrics(pipeline, alive.signals)
    watches = [alive.watch, metrics.watch_the_loop]
    workers, attempts = _workers(metrics), _attempts(settings, pipeline)
    watches += [*([workers.serve] if workers else []), *([attempts.share] if attempts else [])]
    draining = Draining(pipeline.hand_over, settings.drain_s, lambda: pipeline.is_isolated)
    if settings.cluster:
        watches.append(draining.watch)
    access = _access(settings, attempts, pipeline)
    if settings.alive_url.get_secret_value():
        watches.append(alive.send_signals)

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

    # Serves the scripts of the API documentation from a package, not from the internet.
    server = FastAPIOffline(
        title="NorthStar",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        static_url="/api/docs/static",
        dependencies=[Depends(refuse_unknown_names)],
        exception_handlers={Refused: lambda _, refused: to_response(refused)},
    )
    server.state.history = pipeline.history
    server.state.draining = draining if settings.cluster else None
    _add_health(server, draining)
    add_current(server, pipeline)
    _add_docs(server)
    add_readiness(server, pipeline)
    add_metrics(server, metrics, workers)
    limiter = ReportLimiter()
    add_errors(server)
    add_exports(server, pipeline, limiter)
    add_history_api(server, pipeline, limiter)
    changes = Changes(pipeline.history.now, read_key(pipeline.history.store.engine))
    add_me(server, changes)
    add_notes(server, pipeline, limiter, changes)
    add_alerts(server, pipeline, limiter, changes)
    add_alert_queue(server, pipeline, changes)
    add_chart_pictures(server, pipeline, (ASSETS / "10-tokens.css").read_text("utf-8"))
    add_sockets(server, pipeline, settings, access.sessions, draining)
    inner = _add_page(server, pipeline, settings, limiter, signs_in=access.signs_in)
    add_manifest(server, settings.title, ASSETS / "favicon.svg")
    add_demo_scenes(server, pipeline)
    add_sign_in(server, access, settings)
    _add_not_found(server)
    add_layers(server, [*_layers(settings, access), *inner])
    return server


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


def _layers(settings: Settings, access: Access) -> list[Middleware]:
    """Return the outer middleware, outermost first."""
    return [
        Middleware(Proxies, settings),
        Middleware(SafeHeaders, frame_ancestors=settings.frame_ancestors),
        Middleware(ProblemPages, desk=settings.title),
        Middleware(RequestLog),
        Middleware(Guard, settings=settings, access=access),
    ]


def _add_health(server: FastAPI, draining: Draining) -> None:
    @server.get("/healthz", responses=DRAINS)
    @server.head("/healthz", include_in_schema=False)
    async def health(response: Response) -> dict[str, str]:
        """Return 200 while the process answers, whatever the state of the data.

        An instance of a cluster that is stopped, or does not reach the database, returns 503, so
        that a balancer sends nobody.
        """
        if reason := draining.reason:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {"status": reason or "ok"}


def _add_docs(server: FastAPI) -> None:
    remove_route(server, OPENAPI)  # FastAPI's own ignores unknown names in a query

    @server.get(OPENAPI, include_in_schema=False)
    async def description(request: Request) -> Response:
        """Return the OpenAPI document, with the base path as its server."""
        base = request.scope.get("root_path", "")
        servers = {"servers": [{"url": base}]} if base else {}
        return JSONResponse({**server.openapi(), **servers})

    @server.get("/api/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        """Return the interactive documentation of the API."""
        base = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{base}{OPENAPI}",
            title="NorthStar API",
            swagger_js_url=f"{base}/api/docs/static/swagger-ui-bundle.js",
            swagger_css_url=f"{base}/api/docs/static/swagger-ui.css",
            swagger_favicon_url=f"{base}/assets/favicon.svg",
        )
        scripts = INLINE.findall(bytes(page.body).decode())
        page.headers.update(page_policy(map(hash_of, scripts)))
        return page


def _add_page(
    server: FastAPI,
    pipeline: Pipeline,
    settings: Settings,
    limiter: ReportLimiter,
    *,
    signs_in: bool,
) -> list[Middleware]:
    """Add the pages, and return their middleware, outermost first."""

    @server.get("/", include_in_schema=False)  # before Dash's route, which is cacheable
    @server.head("/", include_in_schema=False)
    async def live_page(kiosk: str = "") -> Response:  # noqa: ARG001 (the browser reads it)
        """Return the page with the current numbers."""
        return HTMLResponse(await app.current(), headers=app.headers)

    @server.get("", include_in_schema=False)  # a base path without a trailing slash
    async def redirect_to_live_page() -> Response:
        """Redirect to the page."""
        return RedirectResponse(f"{settings.base_path}/")

    bundle = small_bundle()
    inter = font(f"{settings.base_path}/")
    site = Site(server, settings.base_path, bundle, inter, signs_in, settings.title)
    app = Page(pipeline, site)
    app.clientside_callback(
        ClientsideFunction("northstar", "receive"),
        Input(Id.STREAM, "message"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("northstar", "watch"), Input(Id.STREAM, "state"))
    history, callbacks = _add_history(server, pipeline, site, limiter)

    explanations = {each: Shared() for each in (*ORIGINS, *PANELS)}

    @server.get("/explain/{what}", include_in_schema=False)
    async def explanation(what: str) -> Response:
        """Return the explanation of a key figure, or of a chart's numbers, as an HTML fragment."""
        if what not in explanations:
            return JSONResponse({"error": f"unknown figure: {what}"}, status.HTTP_404_NOT_FOUND)
        begin = partial(_begin_explanation, Id(what), pipeline)
        return HTMLResponse(await explanations[what].get(begin), headers=NO_STORE)

    files = [app.script, history.script, *([inter.file] if inter else [])]
    return [
        static_files(server, app, bundle, files),
        Middleware(CompressMiddleware),  # for dynamic responses such as the page
        callbacks,
    ]


def _begin_explanation(what: Id, pipeline: Pipeline) -> Callable[[], str]:
    """Capture the current snapshot, and return a function that explains figures in it."""
    shown, notation = pipeline.shown, pipeline.broadcast.notation
    snapshot, receipt = shown.current, shown.receipt
    if snapshot is None or receipt is None:
        return lambda: "no data yet"
    explained = explain if what in ORIGINS else explain_chart
    return lambda: to_html(explained(what, snapshot, receipt, notation))


def _add_history(
    server: FastAPI, pipeline: Pipeline, site: Site, limiter: ReportLimiter
) -> tuple[HistoryPage, Middleware]:
    """Add the history page; return it, and the middleware that checks its callbacks."""

    @server.get("/history", include_in_schema=False)
    @server.head("/history", include_in_schema=False)
    async def history_page(
        query: Annotated[ReportQuery, Depends()],
        part: Annotated[PartQuery, Depends()],
        request: Request,
    ) -> Response:
        """Return the page of a period, or a page with the error."""
        accepted = request.headers.get("accept-encoding", "")
        try:
            async with limiter.slot():
                response = await run_in_threadpool(make_page, query, part.part(), accepted)
                response.headers.update(_reload_at_the_end(request))
                return response
        except Refused as refused:
            return problem_page(request, str(refused), refused.status, refused.headers)
        except PeriodError as error:
            return problem_page(request, error, status.HTTP_422_UNPROCESSABLE_CONTENT)
        except UnknownPart as unknown:
            page = history.render_unknown(unknown, pipeline.shown.source)
            return HTMLResponse(page, status.HTTP_404_NOT_FOUND, history.headers)
        except StoreError as error:
            problem = f"History cannot be read: {error}"
            return problem_page(request, problem, status.HTTP_503_SERVICE_UNAVAILABLE)

    def make_page(query: ReportQuery, part: Part | None, accepted: str) -> Response:
        page = _render_history(history, query, part, pipeline)
        return compressed_page(page, accepted, history.headers)

    def problem_page(
        request: Request,
        problem: str | PeriodError,
        code: int,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        typed = typed_in(request.query_params, problem)
        today = pipeline.history.store.calendar.day_of(pipeline.history.now())
        source = pipeline.shown.source
        page = history.render_problem(str(problem), Period(today, today), source, typed)
        return HTMLResponse(page, code, headers={**history.headers, **(headers or {})})

    @server.exception_handler(UnknownName)
    async def unknown_name(request: Request, error: UnknownName) -> Response:
        """Answer with the page of the problem at the page's address, as above."""
        if route_of(request).endpoint is history_page:
            return problem_page(request, error, status.HTTP_422_UNPROCESSABLE_CONTENT)
        return invalid_query(error)

    _add_history_redirect(server)  # before Dash's route
    history = HistoryPage(
        site,
        pipeline.broadcast.notation,
        lambda: pipeline.shown.source,
        temporary=pipeline.history.temporary,
    )
    path = f"{site.base}{PREFIX}{CALLBACKS}"
    return history, Middleware(CheckedCallbacks, path=path)


def _render_history(
    history: HistoryPage, query: ReportQuery, part: Part | None, pipeline: Pipeline
) -> str:
    """Return the page of a period, or that of one agent or category."""
    source = pipeline.shown.source
    if part:
        return history.render_part(query.part_report(part, pipeline), source)
    return history.render(query.report(pipeline), source)


def _add_history_redirect(server: FastAPI) -> None:
    @server.get("/history/", include_in_schema=False)
    async def redirect_to_history_page(request: Request) -> Response:
        """Redirect to the page with the same query."""
        return RedirectResponse(f"../history?{request.url.query}".rstrip("?"))


def _reload_at_the_end(request: Request) -> Mapping[str, str]:
    """Return the header that reloads an open page when its viewer has to sign in again."""
    viewer = request_info(request.scope).viewer
    if viewer is None or viewer.until is None:
        return {}
    left_s = ceil(viewer.until - time.time())
    return {"Refresh": str(left_s)} if left_s < LONGEST_REFRESH_S else {}


def _add_not_found(server: FastAPI) -> None:
    """Answer 404 for unknown paths; Dash would serve the page under any path."""

    @server.get("/{path:path}", include_in_schema=False)
    async def not_found(path: str) -> Response:
        return JSONResponse({"error": f"not found: /{path}"}, status.HTTP_404_NOT_FOUND)
