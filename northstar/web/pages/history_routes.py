"""Routes of the history page: a period, or an agent or category in it."""

import time
from collections.abc import Mapping
from math import ceil
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from northstar.errors import Refused, StoreError
from northstar.live.pipeline import Pipeline
from northstar.reports.parts import Part, UnknownPart
from northstar.reports.periods import Period, PeriodError
from northstar.web.api.queries import PartQuery, ReportQuery, invalid_query, typed_in
from northstar.web.api.query_names import UnknownName
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.auth.request_info import request_info
from northstar.web.files.compressed import compressed_page
from northstar.web.files.dash_app import CALLBACKS
from northstar.web.pages.callbacks import CheckedCallbacks
from northstar.web.pages.dash_page import Site
from northstar.web.pages.history import PREFIX, HistoryPage
from northstar.web.starlette_app import route_of

LONGEST_REFRESH_S = 2**31 // 1000  # browsers have timers of 31 bits, in milliseconds


def add_history_page(
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
        return await answers.answer(request, query, part)

    @server.exception_handler(UnknownName)
    async def unknown_name(request: Request, error: UnknownName) -> Response:
        """Answer with the page of the problem at the page's address."""
        if route_of(request).endpoint is history_page:
            return answers.problem(request, error, status.HTTP_422_UNPROCESSABLE_CONTENT)
        return invalid_query(error)

    @server.get("/history/", include_in_schema=False)  # before Dash's route
    async def redirect_to_history_page(request: Request) -> Response:
        """Redirect to the page with the same query."""
        return RedirectResponse(f"../history?{request.url.query}".rstrip("?"))

    page = HistoryPage(
        site,
        pipeline.broadcast.notation,
        lambda: pipeline.shown.source,
        temporary=pipeline.history.temporary,
    )
    answers = _Answers(page, pipeline, limiter)
    path = f"{site.base}{PREFIX}{CALLBACKS}"
    return page, Middleware(CheckedCallbacks, path=path)


class _Answers:
    """Answers requests for the history page."""

    def __init__(self, page: HistoryPage, pipeline: Pipeline, limiter: ReportLimiter) -> None:
        self._page = page
        self._pipeline = pipeline
        self._limiter = limiter

    async def answer(self, request: Request, query: ReportQuery, part: PartQuery) -> Response:
        """Return the requested page, or a page with the error."""
        accepted = request.headers.get("accept-encoding", "")
        try:
            async with self._limiter.slot():
                response = await run_in_threadpool(self._make, query, part.part(), accepted)
                response.headers.update(_reload_at_the_end(request))
                return response
        except Refused as refused:
            return self.problem(request, refused, refused.status, refused.headers)
        except PeriodError as error:
            return self.problem(request, error, status.HTTP_422_UNPROCESSABLE_CONTENT)
        except UnknownPart as unknown:
            page = self._page.render_unknown(unknown, self._pipeline.shown.source)
            return HTMLResponse(page, status.HTTP_404_NOT_FOUND, self._page.headers)
        except StoreError as error:
            problem = f"History cannot be read: {error}"
            return self.problem(request, problem, status.HTTP_503_SERVICE_UNAVAILABLE)

    def problem(
        self,
        request: Request,
        problem: str | Exception,
        code: int,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the page with a problem, and with the form as the viewer has filled it in."""
        history = self._pipeline.history
        typed = typed_in(request.query_params, problem)
        today = history.store.calendar.day_of(history.now())
        source = self._pipeline.shown.source
        page = self._page.render_problem(str(problem), Period(today, today), source, typed)
        return HTMLResponse(page, code, {**self._page.headers, **(headers or {})})

    def _make(self, query: ReportQuery, part: Part | None, accepted: str) -> Response:
        return compressed_page(self._render(query, part), accepted, self._page.headers)

    def _render(self, query: ReportQuery, part: Part | None) -> str:
        """Return the page of a period, or that of one agent or category."""
        source = self._pipeline.shown.source
        if part:
            return self._page.render_part(query.part_report(part, self._pipeline), source)
        return self._page.render(query.report(self._pipeline), source)


def _reload_at_the_end(request: Request) -> Mapping[str, str]:
    """Return the header that reloads an open page when its viewer has to sign in again."""
    viewer = request_info(request.scope).viewer
    if viewer is None or viewer.until is None:
        return {}
    left_s = ceil(viewer.until - time.time())
    return {"Refresh": str(left_s)} if left_s < LONGEST_REFRESH_S else {}
