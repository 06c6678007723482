"""Signing in and out."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from http import HTTPStatus
from logging import ERROR
from typing import Any

import httpx
import pytest
from markupsafe import escape
from pydantic import SecretStr
from websockets.sync.client import connect

from northstar.settings.table import Settings
from northstar.settings.users import User
from northstar.web.app import create_server
from northstar.web.auth.access import TOKEN_VIEWER, Access
from support.guards import quick_hash
from support.inprocess import goodbye, running
from support.waiting import until

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)
SCREEN_TOKEN = "fedcba9876543210"  # noqa: S105
PASSWORD = "correct horse"  # noqa: S105
USERS = {"alice": User(SecretStr(quick_hash(PASSWORD)))}
KNOWN = {"name": "alice", "password": PASSWORD}


def settings(**told: Any) -> Settings:
    """Return the settings of a dashboard with users, a token and a screen."""
    known: dict[str, Any] = {
        "auth_token": SecretStr(TOKEN),
        "screen_token": SecretStr(SCREEN_TOKEN),
        "auth_users": USERS,
    }
    return Settings(ws_url="ws://127.0.0.1:1", **(known | told))


@asynccontextmanager
async def client_of(
    base: str = "http://localhost", **told: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an in-process dashboard that keeps cookies, as a browser does."""
    transport = httpx.ASGITransport(create_server(settings(**told)))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client


async def may_look(client: httpx.AsyncClient) -> bool:
    """Tell whether the client can open a protected page."""
    return (await client.get("/api/feed")).status_code == HTTPStatus.OK


@pytest.mark.parametrize("shown", [KNOWN, {"token": TOKEN}, {"token": f" {TOKEN}\n"}])
async def test_sign_in(shown: dict[str, str]) -> None:
    """The right password or token signs in and redirects to the requested page."""
    async with client_of() as client:
        before = await may_look(client)
        answer = await client.post("/sign-in", data=shown | {"next": "/history?range=7d"})
        after = await may_look(client)

    assert (before, after) == (False, True)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"] == "/history?range=7d"


@pytest.mark.parametrize(
    "shown",
    [
        {"name": "alice", "password": "wrong horse"},
        {"name": "bob", "password": PASSWORD},
        {"name": "alice"},
        {"token": TOKEN[1:]},
        {"token": SCREEN_TOKEN},  # a link for screens, not for people
        {},
        {"name": "\x00", "password": "ü" * 500},
    ],
)
async def test_sign_in_refused(shown: dict[str, str]) -> None:
    """Wrong credentials show the form again and set no cookie."""
    async with client_of() as client:
        answer = await client.post("/sign-in", data=shown)
        after = await may_look(client)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "Incorrect credentials" in answer.text
    assert not after


@pytest.mark.parametrize(
    ("base", "secure"), [("http://localhost", False), ("https://localhost", True)]
)
async def test_cookie(base: str, secure: bool) -> None:  # noqa: FBT001
    """The cookie is HttpOnly and SameSite=Strict, and Secure behind TLS."""
    async with client_of(base, session_h=2) as client:
        answer = await client.post("/sign-in", data=KNOWN)
    told = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}

    assert {"httponly", "samesite=strict", "path=/", "max-age=7200"} <= told
    assert ("secure" in told) is secure


async def test_sign_out() -> None:
    """After a sign-out the page asks for a sign-in."""
    async with client_of() as client:
        await client.post("/sign-in", data=KNOWN)
        answer = await client.post("/sign-out")
        after = await may_look(client)

    assert answer.headers["location"] == "/sign-in"
    assert not after


def cookie_of(client: httpx.Client) -> dict[str, str]:
    """Return the header with a client's cookie."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def test_sign_out_with_open_pages() -> None:
    """A sign-out closes the sockets of that browser and ends its cookie, but no others."""
    with running(create_server(settings())) as address, ExitStack() as stack:
        clients = [stack.enter_context(httpx.Client(base_url=f"http://{address}")) for _ in "12"]
        clients[0].post("/sign-in", data={"token": TOKEN})
        clients[1].post("/sign-in", data=KNOWN)
        cookies = [cookie_of(client) for client in clients]
        pages = [
            stack.enter_context(connect(f"ws://{address}/{path}", additional_headers=cookie))
            for cookie in cookies
            for path in ("view-stream", "pnl-stream")
        ]
        clients[0].post("/sign-out")
        answers = [httpx.get(f"http://{address}/api/feed", headers=cookie) for cookie in cookies]

        assert [goodbye(page) for page in pages[:2]] == [(4401, "sign in again")] * 2
        assert [page.close_code for page in pages[2:]] == [None, None]
    assert [answer.status_code for answer in answers] == [HTTPStatus.UNAUTHORIZED, HTTPStatus.OK]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_form_of_another_site(path: str) -> None:
    """A form on another site can sign nobody in or out."""
    async with client_of() as client:
        await client.post("/sign-in", data=KNOWN)
        answer = await client.post(path, data=KNOWN, headers={"Origin": "http://evil.example"})
        after = await may_look(client)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "set-cookie" not in answer.headers
    assert after


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/history", "/history"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/ü\r\nX: y", "/%C3%BC%0D%0AX:%20y"),
    ],
)
async def test_where_it_leads(wanted: str, led_to: str) -> None:
    """`next` redirects to our own pages only."""
    async with client_of() as client:
        await client.post("/sign-in", data=KNOWN)
        known = await client.get("/sign-in", params={"next": wanted})
        answer = await client.post("/sign-in", data=KNOWN | {"next": wanted})

    assert known.headers["location"] == answer.headers["location"] == led_to


async def test_path_and_name_are_text() -> None:
    """The requested address is on the sign-in page, escaped."""
    hostile = '"><script>alert(1)</script>'
    async with client_of() as client:
        asked = await client.get("/sign-in", params={"next": hostile})
        wrong = await client.post("/sign-in", data={"name": hostile, "next": "/history"})

    assert f'name="next" value="{escape(hostile)}"' in asked.text
    assert f'value="{escape(hostile)}"' in wrong.text
    assert hostile not in asked.text + wrong.text


async def test_attempts() -> None:
    """After too many wrong credentials every attempt is refused for a while."""
    async with client_of(max_attempts=2) as client:
        for _ in range(2):
            await client.post("/sign-in", data=KNOWN | {"password": "wrong horse"})
        answers = [await client.post("/sign-in", data=shown) for shown in (KNOWN, {"token": TOKEN})]
        answers.append(await client.get("/screen", params={"token": SCREEN_TOKEN}))
        after = await may_look(client)

    assert [answer.status_code for answer in answers] == [HTTPStatus.TOO_MANY_REQUESTS] * 3
    assert "Too many requests: try again in" in answers[0].text
    assert not after


async def attempt(client: httpx.AsyncClient, door: str) -> int:
    """Try a wrong credential in one of the ways; return the status."""
    if door == "bearer":
        answer = await client.get("/api/feed", headers={"Authorization": "Bearer wrong"})
    elif door == "form":
        answer = await client.post("/sign-in", data={"token": "wrong"})
    elif door == "password":
        answer = await client.post("/sign-in", data=KNOWN | {"password": "wrong"})
    else:
        answer = await client.get("/screen", params={"token": "wrong"})
    return answer.status_code


@pytest.mark.parametrize("last", ["bearer", "form", "password", "screen"])
async def test_attempts_at_each_door(last: str) -> None:
    """A wrong credential counts as an attempt wherever it is sent."""
    doors = ["bearer", "form", "password", "screen"]
    async with client_of(max_attempts=4) as client:
        tried = [await attempt(client, door) for door in doors]

        assert tried == [HTTPStatus.UNAUTHORIZED] * 4
        assert await attempt(client, last) == HTTPStatus.TOO_MANY_REQUESTS


async def test_screen() -> None:
    """A wall screen's link opens the live page only."""
    async with client_of() as client:
        answer = await client.get("/screen", params={"token": SCREEN_TOKEN})
        live, history = await client.get("/"), await client.get("/history")

    assert 'content="0;url=/?kiosk"' in answer.text
    assert SCREEN_TOKEN not in answer.text
    assert (live.status_code, history.status_code) == (HTTPStatus.OK, HTTPStatus.FORBIDDEN)


async def test_screen_with_a_wrong_token() -> None:
    """A wall screen's link with a wrong token is refused."""
    async with client_of() as client:
        answer = await client.get("/screen", params={"token": "x"})
        live = await client.get("/")

    assert answer.status_code == live.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({"auth_users": {}, "auth_token": SecretStr("")}, "/sign-in"),
        ({"screen_token": SecretStr("")}, "/screen?token="),
    ],
)
async def test_way_in_that_is_not_set(told: dict[str, Any], missing: str) -> None:
    """A way to sign in that is not set answers 404."""
    async with client_of(**told) as client:
        answer = await client.get(missing)

    assert answer.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, ["name", "password", "token"]),
        ({"auth_users": {}}, ["token"]),
        ({"auth_token": SecretStr("")}, ["name", "password"]),
    ],
)
async def test_page(told: dict[str, Any], fields: list[str]) -> None:
    """The form asks only for the credentials that are configured."""
    async with client_of(**told) as client:
        page = (await client.get("/sign-in")).text

    assert [name for name in ("name", "password", "token") if f'name="{name}"' in page] == fields


async def test_two_dashboards_on_one_host() -> None:
    """Two containers that listen on the same port share no session in one browser."""
    one, other = "http://desk:8051", "http://desk:8052"
    tokens = {one: "one-0123456789abc", other: "other-0123456789a"}
    async with AsyncExitStack() as stack:
        clients = {}
        for base, token in tokens.items():
            known = {"auth_token": SecretStr(token), "allowed_hosts": ("desk",)}
            clients[base] = await stack.enter_async_context(client_of(base, **known))
        clients[one].cookies = clients[other].cookies  # cookies of one browser
        for base, client in clients.items():
            await client.post("/sign-in", data={"token": tokens[base]})
        both = [await may_look(client) for client in clients.values()]
        await clients[one].post("/sign-out")
        after = [await may_look(client) for client in clients.values()]

    assert (both, after) == ([True, True], [False, True])


async def test_sign_out_with_a_cookie_of_version_0_5() -> None:
    """A sign-out deletes the cookie of version 0.5 if it is ours, but not another dashboard's."""
    ours, others = Access(settings()), Access(settings(auth_token=SecretStr("x" * 16)))
    async with client_of() as client:
        for access, names in ((ours, {"northstar", "northstar-8050"}), (others, {"northstar"})):
            cookie = f"northstar-8050={access.cookie(TOKEN_VIEWER)}"
            answer = await client.post("/sign-out", headers={"Cookie": cookie})
            assert {text.partition("=")[0] for text in answer.headers.get_list("set-cookie")} == (
                names
            )


async def test_form_under_a_policy_of_a_proxy() -> None:
    """The form works if a proxy adds `Referrer-Policy: no-referrer` to the page."""
    withheld = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    async with client_of() as client:
        page = await client.get("/sign-in")
        answer = await client.post("/sign-in", data=KNOWN, headers=withheld)

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert '<meta name="referrer" content="same-origin">' in page.text  # the last policy applies


async def test_attempts_at_once() -> None:
    """Simultaneous attempts are counted together."""
    wrong = KNOWN | {"password": "wrong horse"}
    async with client_of(max_attempts=3) as client:
        answers = await asyncio.gather(*(client.post("/sign-in", data=wrong) for _ in range(12)))
    codes = [answer.status_code for answer in answers]

    assert codes.count(HTTPStatus.UNAUTHORIZED) == 3
    assert codes.count(HTTPStatus.TOO_MANY_REQUESTS) == 9
    assert all("retry-after" in a.headers for a in answers if a.status_code == 429)


async def test_passwords_of_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few passwords wait for their check, and the rest are refused at once; tokens do not wait."""
    monkeypatch.setattr("northstar.web.auth.sign_in.MAX_WAITING", 2)
    shown = [KNOWN | {"password": "wrong horse"}] * 5 + [{"token": TOKEN}]
    async with client_of() as client:
        answers = await asyncio.gather(*(client.post("/sign-in", data=one) for one in shown))
        later = await client.post("/sign-in", data=KNOWN)

    refused = [answer for answer in answers if answer.status_code == 503]

    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 503, 503, 503]
    assert all(answer.headers["retry-after"] == "5" for answer in refused)
    assert "Too many sign-ins at once" in refused[0].text
    assert later.status_code == HTTPStatus.SEE_OTHER


async def test_screen_that_signs_in() -> None:
    """A wall screen's browser can sign in; a screen's link does not sign a user out."""
    link = f"/screen?token={SCREEN_TOKEN}"
    async with client_of() as client:
        await client.get(link)
        asked = await client.get("/sign-in")
        await client.post("/sign-in", data=KNOWN)
        await client.get(link)
        after = await may_look(client)

    assert asked.status_code == HTTPStatus.OK
    assert after


async def test_screen_with_the_token_of_all() -> None:
    """The full token is refused in the address of a wall screen."""
    async with client_of() as client:
        answer = await client.get("/screen", params={"token": TOKEN})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/sign-in", "multipart/form-data; boundary=x"),
        ("/sign-out", "application/x-www-form-urlencoded"),
        ("/history/_dash-update-component", "application/json"),
    ],
)
def test_form_that_breaks_off(path: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """A client that disconnects while it sends a form causes no error."""
    caplog.set_level("INFO", "northstar.web.request_log")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    body = f'Content-Type: {kind}\r\nContent-Length: 50\r\n\r\n{{"outp'
    with running(create_server(settings())) as address:
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall((head + body).encode())
            until(lambda: httpx.get(f"http://{address}/healthz").is_success)
        until(lambda: f"POST {path} " in caplog.text, what="the request is over")

    assert [record for record in caplog.records if record.levelno >= ERROR] == []
    assert f"POST {path} 500" not in caplog.text
    assert "Traceback" not in caplog.text
