"""Decide whether a request may change something, and who makes the change.

Reading needs a credential; a change needs more. The viewer has signed in or, where no credential is
configured, uses this machine. Programs with a token, wall screens, and users whose role is to read
are refused. The request comes from a page of ours by its `Origin` and `Sec-Fetch-Site`, which
scripts cannot set, and has the viewer's token against cross-site request forgery (CSRF), which
other sites cannot read.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, new
from http import HTTPStatus

from fastapi import Request

from northstar.domain.notes import Author
from northstar.errors import Refused
from northstar.history.audit import Change
from northstar.settings.table import variable
from northstar.settings.users import Role
from northstar.web.auth.access import ANONYMOUS, AuthMethod, Viewer, is_ours
from northstar.web.auth.reach import sender, way_from_outside
from northstar.web.auth.request_info import request_info
from northstar.web.auth.throttle import Throttle

TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 (its name)
READS_ONLY = "your role is viewer, which reads everything and changes nothing"
MOST_CHANGES = 20  # a minute, from one address

log = logging.getLogger(__name__)


class Changes:
    """Checks the requests that change something; `now` is the time of a change, aware.

    `key` is that of the tokens for viewers without a session.
    """

    def __init__(self, now: Callable[[], datetime], key: bytes) -> None:
        self._now = now
        self._rate = Throttle(MOST_CHANGES)
        self._key = key

    async def check(self, request: Request) -> Change:
        """Return who makes the change of a request, as a FastAPI dependency. Raises `Refused`."""
        try:
            return self._checked(request)
        except Refused as refused:
            log.warning("change refused from %s: %s", sender(request), refused)
            raise

    def require_viewer(self, request: Request) -> Viewer:
        """Return the viewer of a request if they may change something. Raises `Refused`."""
        viewer, session = viewer_of(request), request_info(request.scope).session
        if viewer.role is Role.VIEWER:
            raise _forbidden(READS_ONLY)
        if viewer.method is AuthMethod.SCREEN:
            raise _forbidden("a wall screen changes nothing")
        if viewer.method is AuthMethod.TOKEN and not session:
            raise _forbidden("a token changes nothing: sign in on the page")
        if viewer.method is AuthMethod.NONE and (way := way_from_outside(request)):
            raise _forbidden(
                f"nobody has signed in, and this request came {way}: set {variable('auth_users')}"
            )
        return viewer

    def token(self, request: Request) -> str:
        """Return the CSRF token of the viewer of a request, which ends with their session."""
        viewer, session = viewer_of(request), request_info(request.scope).session
        key = session.encode() or self._key
        return new(key, f"change {viewer.method} {viewer.name}".encode(), sha256).hexdigest()

    def _checked(self, request: Request) -> Change:
        self._rate.check(request)
        self._rate.count(request)
        if not _is_from_our_page(request.headers):
            raise _forbidden("this request was not sent by a page of this dashboard")
        viewer = self.require_viewer(request)
        given = request.headers.get(TOKEN_HEADER, "")
        if not compare_digest(given.encode(), self.token(request).encode()):
            raise _forbidden("the sign-in has changed since the page was opened: try again")
        author = Author(viewer.name, viewer.method.value)
        return Change(author, sender(request), self._now())


def viewer_of(request: Request) -> Viewer:
    """Return the viewer of a request that the guard has admitted."""
    return request_info(request.scope).viewer or ANONYMOUS


def _is_from_our_page(headers: Mapping[str, str]) -> bool:
    """Return whether a page of ours sent the request, by the headers that browsers set.

    Browsers omit `Sec-Fetch-Site` at addresses without TLS; all send `Origin`.
    """
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return "origin" in headers and is_ours(headers, ())


def _forbidden(reason: str) -> Refused:
    return Refused(HTTPStatus.FORBIDDEN, reason)
