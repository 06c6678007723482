"""The charts of the live page as pictures of now: PNG and SVG."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, FastAPI, Query, Request, Response, status
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from northstar.domain.snapshot import Snapshot
from northstar.errors import PictureError
from northstar.live.pictures import draw_png
from northstar.live.pipeline import Pipeline
from northstar.view.live.pictures import Look, chart_svg, state_labels
from northstar.view.shared import theme
from northstar.view.shared.ids import Id
from northstar.web.api.queries import Problem
from northstar.web.api.report_limiter import ReportLimiter
from northstar.web.api.rows import NO_STORE

PNG = "image/png"
SVG = "image/svg+xml"
WIDTHS = (640, 1600)  # in units of the SVG; a PNG has twice as many pixels
HEIGHTS = (360, 900)
MOST_KEPT = 16  # pictures of one state; the largest PNG has some 200 kB


class Chart(StrEnum):
    """A chart, by its name in a path."""

    TREND = "trend"
    WATERFALL = "waterfall"
    COSTS = "costs"
    AGENTS = "agents"


class Theme(StrEnum):
    """The colours of a picture."""

    DARK = "dark"
    LIGHT = "light"


Name: TypeAlias = Annotated[Chart, InPath(description="the chart")]


class PictureQuery:
    """Theme and size of a picture."""

    def __init__(
        self,
        theme: Annotated[Theme, Query(description="dark or light")] = Theme.DARK,
        width: Annotated[int, Query(ge=WIDTHS[0], le=WIDTHS[1], description="width")] = 800,
        height: Annotated[int, Query(ge=HEIGHTS[0], le=HEIGHTS[1], description="height")] = 450,
    ) -> None:
        self.look = (theme, width, height)


class Pictures:
    """Pictures of the current state; each is made once, and kept until the state changes."""

    def __init__(self, pipeline: Pipeline, css: str) -> None:
        self._pipeline = pipeline
        self._colours = {each: theme.colours(css, light=each is Theme.LIGHT) for each in Theme}
        self._of: tuple[Snapshot, str] | None = None  # the state of the pictures, and its labels
        self._made: dict[tuple[object, ...], bytes] = {}

    async def get(self, chart: Chart, query: PictureQuery, kind: str) -> bytes | None:
        """Return a picture of the given media type; None without data."""
        snapshot = self._pipeline.shown.snapshot
        if snapshot is None:
            return None
        state = snapshot, state_labels(self._pipeline.shown.status())
        if self._of is None or self._of[0] is not snapshot or self._of[1] != state[1]:
            self._of, self._made = state, {}
        made, key = self._made, (chart, kind, *query.look)
        if key not in made:
            content = await self._draw(chart, query, kind, *state)
            if len(made) < MOST_KEPT:
                made[key] = content
            return content
        return made[key]

    async def _draw(
        self, chart: Chart, query: PictureQuery, kind: str, snapshot: Snapshot, labels: str
    ) -> bytes:
        colours, width, height = query.look
        look = Look(width, height, self._colours[colours])
        notation = self._pipeline.broadcast.notation
        name = Id(f"chart-{chart}")
        svg = await asyncio.to_thread(chart_svg, name, snapshot, labels, notation, look)
        return await draw_png(svg) if kind == PNG else svg.encode()


def add_chart_pictures(server: FastAPI, pipeline: Pipeline, css: str) -> None:
    """Add the pictures of charts under `/chart`, in the colours that the style sheet `css` names.

    A few are made at a time, apart from the reports of the history.
    """
    pictures = Pictures(pipeline, css)
    limit = [Depends(ReportLimiter().hold_slot, scope="function")]

    @server.get(
        "/chart/{name}.png", response_class=Response, responses=_answers(PNG), dependencies=limit
    )
    async def chart_png(name: Name, query: Annotated[PictureQuery, Depends()]) -> Response:
        """Return a chart of the current state as PNG, labelled with time, source and state.

        It has twice as many pixels as `width` and `height`.
        """
        return await answer(name, query, PNG)

    @server.get(
        "/chart/{name}.svg", response_class=Response, responses=_answers(SVG), dependencies=limit
    )
    async def chart_svg(name: Name, query: Annotated[PictureQuery, Depends()]) -> Response:
        """Return a chart of the current state as SVG, labelled with time, source and state."""
        return await answer(name, query, SVG)

    @server.exception_handler(PictureError)
    async def not_drawn(_: Request, error: PictureError) -> Response:
        return JSONResponse({"error": str(error)}, status.HTTP_503_SERVICE_UNAVAILABLE)

    async def answer(name: Chart, query: PictureQuery, kind: str) -> Response:
        content = await pictures.get(name, query, kind)
        if content is None:
            problem = {"error": "no data yet", "feed": pipeline.shown.status().state}
            return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response(content, media_type=kind, headers=NO_STORE)


def _answers(kind: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a picture."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    unable = {"model": Problem, "description": "Before the first message, or if it cannot be drawn"}
    return {
        status.HTTP_200_OK: {"content": content},
        status.HTTP_503_SERVICE_UNAVAILABLE: unable,
    }
