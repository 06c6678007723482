"""Extract the reason that a source gives for refusing a request."""

import json
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from northstar.answers import BUSY, one_line, retry_after_s
from northstar.errors import LinkError

REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
# Where servers put the reason of a refusal in a JSON body.
REASONS = ("message", "detail", "error_description", "reason", "error", "title")
MAX_BODY, MAX_REASON = 4096, 120


def redirected(status: int) -> LinkError:
    """Return the error for a redirect."""
    return LinkError(f"redirects are not followed (HTTP {status})")


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, stream: str, *, credentials: bool
) -> LinkError:
    """Return the error for an HTTP response with which the stream did not open.

    `credentials` is whether the request had any.
    """
    if status in REDIRECTS:
        return redirected(status)
    reason = own_reason(body) if is_refusal(status) else ""
    why = f": {reason}" if reason else ""
    wait_s = retry_after_s(status, headers)
    if status in REFUSED:
        what = "credentials" if credentials else "connection"
        return LinkError(f"the source refused the {what} (HTTP {status}){why}", status=status)
    if wait_s:
        problem = f"the source asks to wait (HTTP {status}){why}"
        return LinkError(problem, status=status, retry_after_s=wait_s)
    return LinkError(f"not a {stream} stream: HTTP {status}{why}", status=status)


def is_refusal(status: int) -> bool:
    """Return whether a response refuses our request, unlike one for a missing page or a fault."""
    client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return status in BUSY or (client_error and status != HTTPStatus.NOT_FOUND)


def own_reason(body: bytes) -> str:
    """Return the reason in the body of a refusal, as one short line; "" if there is none."""
    text = body[:MAX_BODY].decode(errors="replace").strip()
    with suppress(ValueError, RecursionError):
        text = _reason_in(json.loads(text))
    if text.startswith("<"):  # a page
        return ""
    line = one_line(text)
    return line if len(line) <= MAX_REASON else f"{line[:MAX_REASON]}…"


def _reason_in(answer: object) -> str:
    """Return the reason in a JSON value."""
    match answer:
        case str():
            return answer
        case dict():
            found = (_reason_in(answer[name]) for name in REASONS if name in answer)
            return next(filter(None, found), "")
        case _:
            return ""
