"""How somebody gets in: the sign-in page, the way out, and a wall screen's link."""

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from northstar.access import Access, Reach, Viewer, is_ours
from northstar.errors import Refused
from northstar.policy import page_policy
from northstar.template import ASSETS
from northstar.throttle import Throttle
from northstar.view.sign_in import PASSWORD, TOKEN, SignInPage, leading_page

HEADERS = {"Cache-Control": "no-store", **page_policy(())}
LONGEST_S = 400 * 86_400  # for which browsers keep a cookie at all

log = logging.getLogger(__name__)


class SignIn:
    """Lets somebody in who shows a token or a password, and remembers them by a cookie."""

    def __init__(self, access: Access, attempts: Throttle, origins: tuple[str, ...]) -> None:
        self._access = access
        self._attempts = attempts
        self._origins = origins
        ways = [(PASSWORD, access.users), (TOKEN, access.takes_token)]
        self._form = SignInPage([way for way, taken in ways if taken], ASSETS)
        self._one_at_a_time = asyncio.Semaphore()  # a password takes 64 MB to check

    async def ask(
        self, request: Request, after: Annotated[str, Query(alias="next")] = "/"
    ) -> Response:
        """Ask who is there, unless that is known."""
        if self._access.by_cookie(request.cookies.get(self._access.cookie_name, "")):
            return _go_on(request, after)
        return self._page(after)

    async def enter(self, request: Request) -> Response:
        """Let somebody in, or say why not."""
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        asked = {name: values[0] for name, values in fields.items()}
        after = asked.get("next", "/")
        try:
            self._check_origin(request)
            self._attempts.check(request)
        except Refused as refused:
            return self._page(after, str(refused), refused.status)
        viewer = await self._who(asked)
        if viewer is None:
            self._attempts.count(request)
            log.warning("sign-in refused, from %s", _address(request))
            return self._page(after, "that is not right: try again", HTTPStatus.UNAUTHORIZED)
        log.info("%s signed in, from %s", viewer.name, _address(request))
        return self._remember(_go_on(request, after), request, viewer)

    async def leave(self, request: Request) -> Response:
        """Forget who is there."""
        self._check_origin(request)
        answer = _go_on(request, "/sign-in")
        answer.delete_cookie(self._access.cookie_name, path=_base(request) or "/")
        return answer

    async def show_screen(self, request: Request, token: str = "") -> Response:
        """Let a wall screen that has the link see the live page, and nothing else."""
        self._attempts.check(request)
        viewer = self._access.by_token(token)
        if viewer is None:
            self._attempts.count(request)
            raise Refused(HTTPStatus.UNAUTHORIZED, "this link is not valid, or no longer")
        page = leading_page(f"{_base(request)}/?kiosk")
        return self._remember(HTMLResponse(page, headers=HEADERS), request, viewer)

    async def _who(self, asked: dict[str, str]) -> Viewer | None:
        if "token" in asked:
            viewer = self._access.by_token(asked["token"].strip())
            return viewer if viewer and viewer.reach is Reach.ALL else None
        async with self._one_at_a_time:
            name, password = asked.get("name", "").strip(), asked.get("password", "")
            return await asyncio.to_thread(self._access.by_password, name, password)

    def _check_origin(self, request: Request) -> None:
        if not is_ours(request.headers, self._origins):
            raise Refused(HTTPStatus.FORBIDDEN, "this form is not on our own page")

    def _page(self, after: str, problem: str = "", status: int = HTTPStatus.OK) -> Response:
        return HTMLResponse(self._form.render(after, problem), status, HEADERS)

    def _remember(self, answer: Response, request: Request, viewer: Viewer) -> Response:
        whole = viewer.reach is Reach.ALL
        answer.set_cookie(
            self._access.cookie_name,
            self._access.cookie(viewer),
            max_age=self._access.session_s if whole else LONGEST_S,
            path=_base(request) or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer


def add_sign_in(
    server: FastAPI, access: Access, attempts: Throttle, origins: tuple[str, ...]
) -> None:
    """Serve what somebody sees who has not shown yet who they are."""
    sign_in = SignIn(access, attempts, origins)
    if access.signs_in:
        server.get("/sign-in", include_in_schema=False)(sign_in.ask)
        server.post("/sign-in", include_in_schema=False)(sign_in.enter)
        server.post("/sign-out", include_in_schema=False)(sign_in.leave)
    if access.has_screen:
        server.get("/screen", include_in_schema=False)(sign_in.show_screen)


def _go_on(request: Request, after: str) -> Response:
    """Lead to a path of ours, and to nowhere else whatever it says."""
    ours = after if after.startswith("/") and not after.startswith(("//", "/\\")) else "/"
    where = _base(request) + quote(ours, safe="/?&=%:,+~-._")
    return RedirectResponse(where, HTTPStatus.SEE_OTHER, HEADERS)


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else "somewhere"
