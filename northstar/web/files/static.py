"""Serve the static files of the pages, compressed once, in the background.

They have the addresses that Dash writes into the page. Dash itself would read and compress each
file on every request, on the event loop, while all viewers wait.
"""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response, status
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from northstar.web.files.cache import File, FileCache, Found
from northstar.web.files.dash_app import SUITES, DashApp, package_folder, split_address
from northstar.web.files.encodings import Effort
from northstar.web.files.plotlyjs import VENDOR_PATH, served_file
from northstar.web.files.versions import file_version
from northstar.web.starlette_app import Lifespan, wrap_lifespan

# Characters of a path below its folder. To resolve one takes 10 µs for each folder that it names,
# on the event loop, so that an address of 8 kB would take 40 ms.
LONGEST_NAME = 255
CALM_S = 5  # after the start, so that waiting viewers are served first
NICENESS = 10  # below the server's priority, but not starved on a busy machine


# Finds a file by the rest of its path and its `?m=`; None if there is none.
Finder = Callable[[str, str], Found | None]


def static_files(
    server: FastAPI,
    app: DashApp,
    bundle: Path | None,
    files: Sequence[File] = (),
    assets: Sequence[str] = (),
) -> Middleware:
    """Return the middleware that serves the files of the pages, compressed from the start on.

    `bundle` is the small plotly.js, or None for plotly's own; `files` are in memory and appear in
    the folder of assets and beside the bundle; `assets` are the names of the files in the folder of
    assets that pages load.
    """
    cache = FileCache()
    folder = Path(app.config.assets_folder)
    finders = {
        SUITES: in_memory([app.library], in_packages(app)),
        app.config.assets_url_path.strip("/"): in_memory(files, in_folder(folder)),
        VENDOR_PATH: in_memory(files, in_vendor(bundle)),
    }
    on_disk = [served_file(bundle), *(folder / name for name in assets)]
    present = filter(None, (_file(path.parent.resolve(), path.name) for path in on_disk))
    wrap_lifespan(server, partial(_compressing, cache, [app.library, *files, *present]))
    return Middleware(StaticFiles, finders=finders, cache=cache)


class StaticFiles:
    """ASGI middleware that answers requests for files, and passes on all others.

    It belongs outside of middleware that compresses responses: that would compress a file which is
    not compressed yet on the event loop, for each request.
    """

    def __init__(self, app: ASGIApp, finders: Mapping[str, Finder], cache: FileCache) -> None:
        self._app = app
        self._finders = finders
        self._cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        start, below, name = path.removeprefix("/").partition("/")
        if below and start in self._finders:
            answer = await self._answer(Request(scope), self._finders[start], name)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, request: Request, find: Finder, name: str) -> Response:
        found = find(name, request.query_params.get("m", ""))
        if found is None:
            problem = {"error": f"nothing at {request.url.path}"}
            return JSONResponse(problem, status.HTTP_404_NOT_FOUND)
        return await self._cache.answer(found, request.headers)


def in_folder(folder: Path, only: Collection[str] = ()) -> Finder:
    """Return a finder of the files below `folder`, or `only` of those."""
    root = folder.resolve()

    def find(name: str, version: str) -> Found | None:
        file = None if only and name not in only else _file(root, name)
        return Found(file, version) if file else None

    return find


def in_vendor(bundle: Path | None) -> Finder:
    """Return a finder of the small plotly.js, or of nothing."""
    return in_folder(bundle.parent, {bundle.name}) if bundle else lambda *_: None


def in_memory(files: Iterable[File], otherwise: Finder) -> Finder:
    """Return a finder of these files, and of what `otherwise` finds under other names."""
    known = {file.path.as_posix(): file for file in files}

    def find(name: str, version: str) -> Found | None:
        file = known.get(name)
        return Found(file, version) if file else otherwise(name, version)

    return find


def in_packages(app: DashApp) -> Finder:
    """Return a finder of only the files that Dash has registered, by package."""

    def find(name: str, _: str) -> Found | None:
        package, _, address = name.partition("/")
        path, version = split_address(address)
        if path not in app.files.get(package, ()):
            return None
        file = _file(package_folder(package), path)
        return Found(file, version) if file else None

    return find


def _file(root: Path, name: str) -> File | None:
    """Return a file below `root`; None if there is none, or if the name leads out of `root`."""
    if len(name) > LONGEST_NAME:
        return None
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return None
        return File(path, file_version(path), path.stat().st_size)
    except (OSError, ValueError):  # no such file, or an invalid file name
        return None


def _compressing(cache: FileCache, loaded: Sequence[File], inner: Lifespan) -> Lifespan:
    """Return the lifespan `inner`, compressing files meanwhile: those in `loaded` unasked."""

    async def request_all() -> None:
        cache.request(loaded, Effort.FAST)
        await asyncio.sleep(CALM_S)
        cache.request(loaded, Effort.GOOD)
        cache.request(loaded, Effort.BEST)

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[Any]:
        stop = threading.Event()
        async with inner(server) as state:
            # A pool of its own, because a thread keeps its niceness.
            pool = ThreadPoolExecutor(1, "static", _be_nice)
            working = asyncio.create_task(cache.work(pool, stop.is_set), name="static")
            requesting = asyncio.create_task(request_all(), name="static files of the pages")
            try:
                yield state
            finally:
                stop.set()
                working.cancel()
                requesting.cancel()
                await asyncio.gather(working, requesting, return_exceptions=True)
                pool.shutdown(wait=False)  # a started chunk is finished in the background

    return lifespan


def _be_nice() -> None:
    if sys.platform == "linux":  # elsewhere it would affect the whole process
        thread = threading.get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread)  # which only root may reduce
        os.setpriority(os.PRIO_PROCESS, thread, max(niceness, NICENESS))
