"""Routes of the live page: the page itself, and the explanations of its figures."""

from collections.abc import Callable
from functools import partial

from dash import ClientsideFunction, Input
from fastapi import FastAPI, Response, status
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from northstar.live.pipeline import Pipeline
from northstar.view.live.explain import ORIGINS, explain, explain_chart
from northstar.view.live.explain_panels import PANELS
from northstar.view.shared.html import to_html
from northstar.view.shared.ids import Id
from northstar.web.api.rows import NO_STORE
from northstar.web.pages.coalescing import Shared
from northstar.web.pages.dash_page import Site
from northstar.web.pages.live import Page


def add_live_page(server: FastAPI, pipeline: Pipeline, site: Site) -> Page:
    """Add the live page, and return it."""

    @server.get("/", include_in_schema=False)  # before Dash's route, which is cacheable
    @server.head("/", include_in_schema=False)
    async def live_page(kiosk: str = "") -> Response:  # noqa: ARG001 (the browser reads it)
        """Return the page with the current numbers."""
        return HTMLResponse(await page.current(), headers=page.headers)

    @server.get("", include_in_schema=False)  # a base path without a trailing slash
    async def redirect_to_live_page() -> Response:
        """Redirect to the page."""
        return RedirectResponse(f"{site.base}/")

    page = Page(pipeline, site)
    page.clientside_callback(
        ClientsideFunction("northstar", "receive"),
        Input(Id.STREAM, "message"),
        prevent_initial_call=True,
    )
    page.clientside_callback(ClientsideFunction("northstar", "watch"), Input(Id.STREAM, "state"))
    return page


def add_explanations(server: FastAPI, pipeline: Pipeline) -> None:
    """Add the route of the Explain panel's content."""
    explanations = {each: Shared() for each in (*ORIGINS, *PANELS)}

    @server.get("/explain/{what}", include_in_schema=False)
    async def explanation(what: str) -> Response:
        """Return the explanation of a key figure, or of a chart's numbers, as an HTML fragment."""
        if what not in explanations:
            return JSONResponse({"error": f"unknown figure: {what}"}, status.HTTP_404_NOT_FOUND)
        begin = partial(_begin_explanation, Id(what), pipeline)
        return HTMLResponse(await explanations[what].get(begin), headers=NO_STORE)


def _begin_explanation(what: Id, pipeline: Pipeline) -> Callable[[], str]:
    """Capture the current snapshot, and return a function that explains figures in it."""
    shown, notation = pipeline.shown, pipeline.broadcast.notation
    snapshot, receipt = shown.current, shown.receipt
    if snapshot is None or receipt is None:
        return lambda: "no data yet"
    explained = explain if what in ORIGINS else explain_chart
    return lambda: to_html(explained(what, snapshot, receipt, notation))
