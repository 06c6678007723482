"""Compress a response in the thread that makes it."""

from collections.abc import Mapping

from fastapi.responses import Response

from northstar.web.files.encodings import Coding, Effort, accepted_codings, encode

HTML = "text/html; charset=utf-8"


def compressed(
    body: bytes, accept_encoding: str, kind: str, headers: Mapping[str, str]
) -> Response:
    """Return the response with a body in the coding that the client prefers; for a thread.

    The compressing middleware, which passes it on, would take 15 ms per MB of the event loop.
    """
    coding = accepted_codings(accept_encoding)[0]
    varying = {**headers, "Vary": "Accept-Encoding"}
    if coding is Coding.IDENTITY:
        return Response(body, media_type=kind, headers=varying)
    coded = encode(body, coding, Effort.PAGE, lambda: False)
    return Response(coded, media_type=kind, headers={**varying, "Content-Encoding": coding})


def compressed_page(page: str, accept_encoding: str, headers: Mapping[str, str]) -> Response:
    """Return the response with a page, as `compressed` does."""
    return compressed(page.encode(), accept_encoding, HTML, headers)
