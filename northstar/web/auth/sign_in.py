"""Routes for signing in and out, and for wall screens."""

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from northstar.errors import Refused
from northstar.settings.table import Settings
from northstar.view.shared.assets import ASSETS
from northstar.view.sign_in.page import PASSWORD, TOKEN, SignInPage, redirect_page
from northstar.web.auth.access import Access, Viewer, is_ours
from northstar.web.auth.reach import sender
from northstar.web.auth.security_headers import hash_of, page_policy

HEADERS = {"Cache-Control": "no-store", **page_policy(())}
MAX_WAITING = 20  # queued password checks; the last waits 1 to 2 s
LONGEST_S = 400 * 86_400  # the longest lifetime that browsers allow for a cookie

log = logging.getLogger(__name__)


class SignIn:
    """Handlers of the sign-in page: check a token or a password, and set the session cookie."""

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._attempts = access.attempts
        self._origins = settings.allowed_origins
        forms = [(PASSWORD, access.users), (TOKEN, access.takes_token)]
        enabled = [form for form, is_enabled in forms if is_enabled]
        self._form = SignInPage(enabled, ASSETS, settings.title, settings.contact)
        self._headers = {**HEADERS, **page_policy([hash_of(self._form.script)])}
        self._hashing = asyncio.Semaphore()  # checking a password takes 64 MB
        self._waiting = 0

    async def show_form(
        self, request: Request, after: Annotated[str, Query(alias="next")] = "/"
    ) -> Response:
        """Show the sign-in page, or redirect a signed-in viewer."""
        return _redirect(request, after) if self._is_signed_in(request) else self._page(after)

    async def sign_in(self, request: Request) -> Response:
        """Check the form; set the cookie, or show the page again with the reason."""
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        form = {name: values[0] for name, values in fields.items()}
        after = form.get("next", "/")
        try:
            self._check_origin(request)
            viewer = await self._authenticate(request, form)
        except Refused as refused:
            log.warning("sign-in refused from %s: %s", sender(request), refused)
            return self._page(after, refused, form.get("name", ""))
        log.info("%s signed in from %s", viewer.name, sender(request))
        return self._set_cookie(_redirect(request, after), request, viewer)

    async def sign_out(self, request: Request) -> Response:
        """End the session, close its sockets, and delete its cookie."""
        self._check_origin(request)
        answer = _redirect(request, "/sign-in")
        names = {self._access.cookie_name(request.headers)}
        # Of other names, only a valid one is ours: the others may be another dashboard's.
        for name, cookie, _ in self._access.valid_cookies(request.headers):
            self._access.sessions.end(cookie)
            names.add(name)
        for name in sorted(names):
            answer.delete_cookie(name, path=_base(request) or "/")
        return answer

    async def show_screen(self, request: Request, token: str = "") -> Response:
        """Sign in a wall screen, which may see the live page only."""
        self._attempts.check(request)
        viewer = self._access.by_token(token)
        if viewer is None or viewer.sees_all:
            self._attempts.count(request)
            raise Refused(HTTPStatus.UNAUTHORIZED, "this link is not valid")
        page = HTMLResponse(redirect_page(f"{_base(request)}/?kiosk"), headers=HEADERS)
        return page if self._is_signed_in(request) else self._set_cookie(page, request, viewer)

    def _is_signed_in(self, request: Request) -> bool:
        """Return whether the request comes from a signed-in viewer, other than a wall screen."""
        cookies = self._access.valid_cookies(request.headers)
        return any(viewer.sees_all for _, _, viewer in cookies)

    async def _authenticate(self, request: Request, form: Mapping[str, str]) -> Viewer:
        """Return the viewer; raises `Refused` for a wrong credential or too many attempts."""
        self._attempts.check(request)
        if "token" in form:
            return self._counted(request, self._access.by_token(form["token"].strip()))
        if self._waiting >= MAX_WAITING:
            reason, headers = "too many sign-ins at once: try again in 5 s", {"Retry-After": "5"}
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers)
        self._waiting += 1
        try:
            async with self._hashing:
                self._attempts.check(request)  # attempts may have failed meanwhile
                name, password = form.get("name", "").strip(), form.get("password", "")
                viewer = await asyncio.to_thread(self._access.by_password, name, password)
                return self._counted(request, viewer)
        finally:
            self._waiting -= 1

    def _counted(self, request: Request, viewer: Viewer | None) -> Viewer:
        """Return a viewer who sees everything; else count the attempt and raise `Refused`."""
        if viewer is None or not viewer.sees_all:
            self._attempts.count(request)
            raise Refused(HTTPStatus.UNAUTHORIZED, "incorrect credentials: try again")
        return viewer

    def _check_origin(self, request: Request) -> None:
        if not is_ours(request.headers, self._origins):
            raise Refused(HTTPStatus.FORBIDDEN, "this form was sent from another site")

    def _page(self, after: str, refused: Refused | None = None, name: str = "") -> Response:
        problem, status = (str(refused), refused.status) if refused else ("", HTTPStatus.OK)
        headers = {**((refused and refused.headers) or {}), **self._headers}
        return HTMLResponse(self._form.render(after, problem, name), status, headers)

    def _set_cookie(self, answer: Response, request: Request, viewer: Viewer) -> Response:
        answer.set_cookie(
            self._access.cookie_name(request.headers),
            self._access.cookie(viewer),
            max_age=self._access.session_s if viewer.sees_all else LONGEST_S,
            path=_base(request) or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer


def add_sign_in(server: FastAPI, access: Access, settings: Settings) -> None:
    """Add the routes that need no authentication: sign-in, sign-out and wall screens."""
    sign_in = SignIn(access, settings)
    if access.signs_in:
        server.get("/sign-in", include_in_schema=False)(sign_in.show_form)
        server.post("/sign-in", include_in_schema=False)(sign_in.sign_in)
        server.post("/sign-out", include_in_schema=False)(sign_in.sign_out)
    if access.has_screen:
        server.get("/screen", include_in_schema=False)(sign_in.show_screen)


def _redirect(request: Request, after: str) -> Response:
    """Redirect to a path of ours, never to another site."""
    ours = after if after.startswith("/") and not after.startswith(("//", "/\\")) else "/"
    where = _base(request) + quote(ours, safe="/?&=%:,+~-._")
    return RedirectResponse(where, HTTPStatus.SEE_OTHER, HEADERS)


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
