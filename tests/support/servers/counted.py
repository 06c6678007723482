"""The dashboard as run by `app.py`, with the number of its event loop's tasks at `/tasks`.

It does not compress files further when idle, because that takes memory and a thread for seconds or
minutes, and would be measured, too.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from northstar.cli import run
from northstar.settings.loading import load
from northstar.web.app import create_server
from northstar.web.files import static


async def tasks(_: Request) -> JSONResponse:
    """Return the number of tasks, including its own."""
    return JSONResponse(len(asyncio.all_tasks()))


static.CALM_S = 24 * 60 * 60
settings = load(sys.argv[1:])
server = create_server(settings)
server.router.routes.insert(0, Route("/tasks", tasks))  # before the one that finds nothing there
run(server, settings)
