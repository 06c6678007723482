"""The caption of the demo: what it shows now, and the choice of another scene."""

import logging
from collections.abc import Collection
from difflib import get_close_matches
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response, status
from fastapi.responses import JSONResponse

from northstar.errors import Refused
from northstar.live.pipeline import Pipeline
from northstar.settings.users import Role
from northstar.web.api.rows import NO_STORE
from northstar.web.auth.access import is_ours
from northstar.web.auth.changes import READS_ONLY
from northstar.web.auth.request_info import request_info
from northstar.web.auth.throttle import Throttle

log = logging.getLogger(__name__)

MOST_CHOICES = 20  # a minute, from one address


def add_demo_scenes(server: FastAPI, pipeline: Pipeline) -> None:
    """Add the routes of the caption, if the demo of this server is shown."""
    if pipeline.demo is None:
        return
    demo, choices = pipeline.demo, Throttle(MOST_CHOICES)

    def shown() -> Response:
        """Return the scene, what it shows now, and the seconds until that changes."""
        act = demo.act
        content = {"scene": demo.scene, "text": act.text, "left_s": act.left_s}
        return JSONResponse(content, headers=NO_STORE)

    @server.get("/demo", include_in_schema=False)
    async def caption() -> Response:
        """Return what the demo shows."""
        return shown()

    @server.post("/demo", include_in_schema=False)
    async def choose(request: Request) -> Response:
        """Start a scene for all viewers, and return what it shows."""
        if not is_ours(request.headers, ()):
            raise Refused(status.HTTP_403_FORBIDDEN, "this form was sent from another site")
        viewer = request_info(request.scope).viewer
        if viewer is None or not viewer.sees_all:
            raise Refused(status.HTTP_403_FORBIDDEN, "a wall screen cannot choose a scene")
        if viewer.role is Role.VIEWER:
            raise Refused(status.HTTP_403_FORBIDDEN, READS_ONLY)
        choices.check(request)
        choices.count(request)
        name = parse_qs((await request.body()).decode("utf-8", "replace")).get("scene", [""])[0]
        _check(name, demo.scenes)
        demo.play(name)
        log.info("demo: %s chose the scene %s", viewer.name, name)
        return shown()


def _check(name: str, scenes: Collection[str]) -> None:
    """Raise `Refused` if there is no scene of that name."""
    if name not in scenes:
        near = get_close_matches(name, scenes, 1)
        hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(scenes)}"
        raise Refused(status.HTTP_422_UNPROCESSABLE_CONTENT, f"no such scene: {hint}")
