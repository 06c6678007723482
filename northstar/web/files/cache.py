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
# By file extension; the system's own table may lack these or differ.
TEXTS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".map": "application/json",
}
# Already compressed, or requested too rarely to matter.
OTHERS = {".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon"}


class File(NamedTuple):
    """One version of a file."""

    path: Path
    changed: float  # Unix time; as text, the value of Dash's `?m=`
    size: int

    @property
    def tag(self) -> str:
        """The ETag: weak, because it is the same for every coding."""
        return f'W/"{self.changed}-{self.size}"'


class Found(NamedTuple):
    """A file, and whether its address identifies this version."""

    file: File
    for_ever: bool


class Shelf:
    """Cache of files by content coding; each body is encoded once."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[File, Coding], bytes] = {}
        self._making: dict[tuple[File, Coding], asyncio.Task[None]] = {}

    async def answer(self, found: Found, request: Headers) -> Response:
        """Return the file in a coding that the browser accepts, or a 304 if it has this version."""
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
        """Return the bytes of a file; one thread encodes them for all waiting requests.

        Cancelling is safe and does not affect other requests. Raises `OSError` if the file is gone.
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
            self._bodies.setdefault((file, coding), body)  # unless `improve` was faster
        finally:
            del self._making[file, coding]

    def improve(self, files: Iterable[File], stopped: Callable[[], bool]) -> None:
        """Compress the files at the best level, largest first, in seconds; safe in any thread."""
        for file in sorted(files, key=lambda file: file.size, reverse=True):
            if file.path.suffix in TEXTS and file.size <= BEST_UP_TO:
                body = encode_well(file.path.read_bytes(), stopped)
                if body is None:
                    return
                self._bodies[file, Coding.BROTLI] = body
