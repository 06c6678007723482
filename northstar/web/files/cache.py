"""Cache of static files in each content coding."""

import asyncio
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from fastapi import Response, status
from fastapi.datastructures import Headers

from northstar.web.files.encodings import BEST_UP_TO, Coding, encode, encode_well, negotiate

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
# By what the names end in, as the system's own table may not know them, or know them otherwise.
TEXTS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".map": "application/json",
}
# What is compressed already, or comes too seldom to matter.
OTHERS = {".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon"}


class File(NamedTuple):
    """One version of a file."""

    path: Path
    changed: float  # Unix time; as text, it is what Dash puts behind `?m=`
    size: int

    @property
    def tag(self) -> str:
        """Its ETag: weak, as it stands for the file in any coding."""
        return f'W/"{self.changed}-{self.size}"'


class Found(NamedTuple):
    """A file, and whether the address is of this version of it alone."""

    file: File
    for_ever: bool


class Shelf:
    """Cache of files by content coding; each body is made once."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[File, Coding], bytes] = {}
        self._making: dict[tuple[File, Coding], asyncio.Task[None]] = {}

    async def answer(self, found: Found, request: Headers) -> Response:
        """Return the file as the browser takes it, or a 304 where it has this version."""
        file, suffix = found.file, found.file.path.suffix
        headers = {
            "Cache-Control": FOR_EVER if found.for_ever else ASK_FIRST,
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if file.tag in re.findall(r'(?:W/)?"[^"]*"', request.get("if-none-match", "")):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        coding = Coding.IDENTITY
        if suffix in TEXTS:
            coding = negotiate(request.get("accept-encoding", ""))
        if coding is not Coding.IDENTITY:
            headers["Content-Encoding"] = coding
        kind = (TEXTS | OTHERS).get(suffix, "application/octet-stream")
        return Response(await self.body(file, coding), headers=headers, media_type=kind)

    async def body(self, file: File, coding: Coding) -> bytes:
        """Return the bytes of a file, which one thread makes for all who wait for them.

        Cancelling is safe: the others still get theirs. Raises `OSError` where the file is gone.
        """
        key = file, coding
        if key not in self._bodies:
            if key not in self._making:
                self._making[key] = asyncio.create_task(self._make(file, coding))
            await asyncio.shield(self._making[key])
        return self._bodies[key]

    async def _make(self, file: File, coding: Coding) -> None:
        try:
            body = await asyncio.to_thread(lambda: encode(file.path.read_bytes(), coding))
            self._bodies.setdefault((file, coding), body)  # a better one may have come meanwhile
        finally:
            del self._making[file, coding]

    def improve(self, files: Iterable[File], stopped: Callable[[], bool]) -> None:
        """Make the files as small as they get, the largest first; takes seconds, in any thread."""
        for file in sorted(files, key=lambda file: file.size, reverse=True):
            if file.path.suffix in TEXTS and file.size <= BEST_UP_TO:
                body = encode_well(file.path.read_bytes(), stopped)
                if body is None:
                    return
                self._bodies[file, Coding.BROTLI] = body
