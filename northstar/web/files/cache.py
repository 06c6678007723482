"""Cache of static files in each content coding."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from fastapi import Response, status
from fastapi.datastructures import Headers

from northstar.web.files.encodings import Coding, Effort, accepted_codings, encode

FOR_EVER = "max-age=31536000, immutable"
ASK_FIRST = "no-cache"
NEVER = "no-store"
# By file extension; the system's own table may lack these or differ.
TEXTS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".map": "application/json",
}
# Already compressed, or requested too rarely to matter.
OTHERS = {".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon"}
BEST_UP_TO = 2_000_000  # bytes: the 4.8 MB of the whole plotly.js take 18 s and save a tenth
FORMS = {
    Effort.FAST: (Coding.BROTLI, Coding.GZIP),
    Effort.GOOD: (Coding.BROTLI, Coding.GZIP),
    Effort.BEST: (Coding.BROTLI,),
}

logger = logging.getLogger(__name__)


class File(NamedTuple):
    """One version of a file."""

    path: Path
    version: str  # of the content, in the file's address
    size: int
    content: bytes | None = None  # of a file that exists only in memory

    @property
    def tag(self) -> str:
        """The ETag: weak, because it is the same for every coding."""
        return f'W/"{self.version}-{self.size}"'

    @property
    def is_text(self) -> bool:
        """Whether compression makes it smaller."""
        return self.path.suffix in TEXTS

    @property
    def media_type(self) -> str:
        return (TEXTS | OTHERS).get(self.path.suffix, "application/octet-stream")

    def read(self) -> bytes:
        """Return the content. Raises `OSError` if the file is gone."""
        return self.path.read_bytes() if self.content is None else self.content


class Found(NamedTuple):
    """A file, and the version in the address at which it was requested, "" if there is none."""

    file: File
    version: str

    def caching(self, *, by_all: bool) -> str:
        """Return how the file may be cached, by all caches or by the browser only.

        A page of another release requests its version, and gets this one: it must not be cached
        under that address.
        """
        if self.version == self.file.version:
            return f"{'public' if by_all else 'private'}, {FOR_EVER}"
        if self.version:
            return NEVER
        return ASK_FIRST if by_all else f"private, {ASK_FIRST}"


class _Job(NamedTuple):
    """A compression to be made; jobs sort by their order of execution."""

    effort: Effort
    minus_size: int  # the largest file first
    coding: Coding
    file: File


class FileCache:
    """Cache of files by content coding. A response never waits for a compression."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[File, Coding], bytes] = {}
        self._reading = asyncio.Lock()
        # At most one job for each file, coding and effort.
        self._jobs: asyncio.PriorityQueue[_Job] = asyncio.PriorityQueue()
        self._requested: set[_Job] = set()

    async def answer(self, found: Found, request: Headers) -> Response:
        """Return the file in the best coding that is ready, or a 304 if the browser has it.

        If the browser prefers one that is not ready, that is made for later requests, and a proxy
        must not cache this response, only the browser. Raises `OSError` if the file is gone.
        """
        file = found.file
        accepted = [Coding.IDENTITY]
        if file.is_text:
            accepted = accepted_codings(request.get("accept-encoding", ""))
        coding = self._ready(file, accepted)
        headers = {
            "Cache-Control": found.caching(by_all=True),
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if file.tag in re.findall(r'(?:W/)?"[^"]*"', request.get("if-none-match", "")):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        if coding is not accepted[0]:
            self.request([file], Effort.GOOD)
            headers["Cache-Control"] = found.caching(by_all=False)
        if coding is not Coding.IDENTITY:
            headers["Content-Encoding"] = coding
        body = await self._body(file, coding)
        return Response(body, headers=headers, media_type=file.media_type)

    def request(self, files: Iterable[File], effort: Effort) -> None:
        """Have `work` compress those of the files for which it makes sense."""
        for file in files:
            if file.is_text and (effort < Effort.BEST or file.size <= BEST_UP_TO):
                for coding in FORMS[effort]:
                    job = _Job(effort, -file.size, coding, file)
                    if job not in self._requested:
                        self._requested.add(job)
                        self._jobs.put_nowait(job)

    async def work(self, pool: Executor, stopped: Callable[[], bool]) -> None:
        """Compress in `pool` what is requested, one at a time: first fast, then well."""
        while True:
            job = await self._jobs.get()
            make = asyncio.get_running_loop().run_in_executor(pool, self._make, job, stopped)
            try:
                await make
            except Exception:  # the next request for the file tries again
                logger.exception("%s is not compressed", job.file.path.name)
                self._requested.discard(job)

    def _ready(self, file: File, accepted: Sequence[Coding]) -> Coding:
        for coding in accepted:
            if coding is Coding.IDENTITY or (file, coding) in self._bodies:
                return coding
        return Coding.IDENTITY

    async def _body(self, file: File, coding: Coding) -> bytes:
        key = file, coding
        if key not in self._bodies:  # the file as it is
            async with self._reading:
                if key not in self._bodies:
                    self._bodies[key] = await asyncio.to_thread(file.read)
        return self._bodies[key]

    def _make(self, job: _Job, stopped: Callable[[], bool]) -> None:
        """Compress a file, and keep the result if it is the smallest."""
        body = encode(job.file.read(), job.coding, job.effort, stopped)
        key = job.file, job.coding
        known = self._bodies.get(key)
        if body is not None and (known is None or len(body) < len(known)):
            self._bodies[key] = body
