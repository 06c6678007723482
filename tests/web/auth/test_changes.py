"""Who may write, and which checks a request passes; notes are the example."""

import logging
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from northstar.settings.users import Role, User
from northstar.web.app import create_server
from support.filled import noon, path, settings  # noqa: F401 (fixtures)
from support.guards import BEARER, HASH, SCREEN_TOKEN, TOKEN, guarded
from support.notes import (  # noqa: F401 (fixtures)
    DAY,
    HOST,
    NOTE,
    ORIGIN,
    TWO_USERS,
    closed,
    delete,
    server,
    texts,
    token,
    viewer,
    write,
)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9"},
        {"Origin": "https://friend.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    ],
)
async def test_other_site(path: Path, noon: None, headers: dict[str, str]) -> None:  # noqa: ARG001
    """A request from another site is refused, even if that site may open the sockets."""
    allowed = create_server(settings(path, allowed_origins=("https://friend.example",)))
    async with viewer(allowed) as client:
        refused = await write(client, **headers)
        left = await texts(client)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json() == {"error": "this request was not sent by a page of this dashboard"}
    assert left == []


async def test_no_origin(server: FastAPI) -> None:
    """A request without an origin is refused."""
    async with viewer(server) as client:
        headers = {"X-CSRF-Token": await token(client)}
        refused = await client.post("/api/notes", json=NOTE, headers=headers)

    assert refused.status_code == HTTPStatus.FORBIDDEN


async def test_token_of_another_instance(path: Path, noon: None) -> None:  # noqa: ARG001
    """Without a session, a token is valid on every instance with the same database."""
    async with viewer(create_server(settings(path))) as client:
        headers = {"X-CSRF-Token": await token(client), **ORIGIN}
    async with viewer(create_server(settings(path))) as other:
        written = await other.post("/api/notes", json=NOTE, headers=headers)

    assert written.status_code == HTTPStatus.CREATED


@pytest.mark.parametrize("given", ["", "0" * 64, "é"])
async def test_csrf_token(server: FastAPI, given: str) -> None:
    """Writing and deleting are refused with a missing or a wrong token."""
    headers = {name.encode(): text.encode() for name, text in ORIGIN.items()}
    if given:
        headers[b"X-CSRF-Token"] = given.encode()
    async with viewer(server) as client:
        await write(client)
        refused = await client.post("/api/notes", json=NOTE, headers=headers)
        kept = await client.delete("/api/notes/1", headers=headers)
        left = await texts(client)

    assert (refused.status_code, kept.status_code) == (HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN)
    assert "try again" in refused.json()["error"]
    assert left == ["Fees rose"]


async def test_token_of_another_user(closed: FastAPI) -> None:
    """The token of another user, or of the user's earlier session, is refused."""
    async with viewer(closed, "alice") as alice, viewer(closed, "bob") as bob:
        refused = await write(bob, X_CSRF_Token=await token(alice))
        accepted = await write(bob)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert accepted.json()["who"] == "bob"


async def test_delete_of_another_user(closed: FastAPI) -> None:
    """Only its author can delete a note."""
    async with viewer(closed, "alice") as alice, viewer(closed, "bob") as bob:
        await write(alice)
        refused = await delete(bob, 1)
        assert await texts(alice) == ["Fees rose"]
        gone = await delete(alice, 1)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json() == {"error": "only alice, who wrote this note, can delete it"}
    assert gone.status_code == HTTPStatus.NO_CONTENT


async def test_delete_of_nobody(path: Path, server: FastAPI, noon: None) -> None:  # noqa: ARG001
    """A note written without a sign-in can be deleted by any signed-in user."""
    async with viewer(server) as client:
        await write(client)
    async with viewer(create_server(settings(path, auth_users=TWO_USERS)), "bob") as bob:
        assert (await delete(bob, 1)).status_code == HTTPStatus.NO_CONTENT


async def test_bearer_token(closed: FastAPI) -> None:
    """A program with the token can read notes but not write them."""
    async with viewer(closed, **BEARER) as program:
        me = await program.get("/api/me")
        refused = await write(program)
        listed = await program.get("/api/notes")

    assert me.json() == {
        "name": "token",
        "method": "token",
        "token": None,
        "reason": "a token changes nothing: sign in on the page",
    }
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json() == {"error": "a token changes nothing: sign in on the page"}
    assert listed.json() == []


async def test_viewer(path: Path, noon: None) -> None:  # noqa: ARG001 (stops the clock)
    """A user with the role to read can read everything; writing is refused with the reason."""
    users = {"alice": User(SecretStr(HASH)), "vic": User(SecretStr(HASH), Role.VIEWER)}
    async with viewer(create_server(settings(path, auth_users=users)), "vic") as vic:
        me = (await vic.get("/api/me")).json()
        refused = await write(vic)
        read = [await vic.get(page) for page in ("/", "/api/days", "/api/notes")]

    reason = "your role is viewer, which reads everything and changes nothing"
    assert me == {"name": "vic", "method": "user", "token": None, "reason": reason}
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json() == {"error": reason}
    assert [answer.status_code for answer in read] == [HTTPStatus.OK] * 3


async def test_signed_in_with_the_token(closed: FastAPI) -> None:
    """A viewer signed in with the token writes as “token”."""
    async with viewer(closed) as client:
        await client.post("/sign-in", data={"token": TOKEN}, headers=ORIGIN)
        written = await write(client)

    assert written.json()["who"] == "token"


@pytest.mark.parametrize("by_link", [True, False])
async def test_screen(closed: FastAPI, by_link: bool) -> None:  # noqa: FBT001 (a case)
    """A wall screen can neither write nor read notes."""
    bearer = {} if by_link else {"Authorization": f"Bearer {SCREEN_TOKEN}"}
    async with viewer(closed, **bearer) as screen:
        if by_link:
            await screen.get(f"/screen?token={SCREEN_TOKEN}")
        answers = [
            await screen.post("/api/notes", json=NOTE, headers=ORIGIN),
            await screen.delete("/api/notes/1", headers=ORIGIN),
            await screen.get("/api/notes"),
            await screen.get("/api/me"),
        ]

    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 4


async def test_without_a_credential(closed: FastAPI) -> None:
    """Without the configured credential nothing can be read or changed."""
    async with viewer(closed) as client:
        refused = await client.post("/api/notes", json=NOTE, headers=ORIGIN)
        unknown = await client.get("/api/me")

    assert refused.status_code == unknown.status_code == HTTPStatus.UNAUTHORIZED


async def test_insecure_from_another_machine(path: Path, noon: None) -> None:  # noqa: ARG001
    """Without a sign-in, visitors of a proxy cannot change anything."""
    insecure = create_server(settings(path, insecure=True))
    async with viewer(insecure, **{"X-Forwarded-For": "203.0.113.9"}) as client:
        me = await client.get("/api/me")
        refused = await write(client)

    assert me.json()["token"] is None
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json()["error"].startswith("nobody has signed in, and this request came through")


async def test_behind_a_proxy(path: Path, noon: None) -> None:  # noqa: ARG001
    """A user of a trusted proxy writes under their name, from the proxy's address and base path."""
    proxied = settings(
        path,
        auth_header="Remote-User",
        trusted_proxies=("127.0.0.1",),
        base_path="/pnl",
        allowed_hosts=("pnl.example.com",),
    )
    told = {"X-Forwarded-Host": "pnl.example.com", "X-Forwarded-Proto": "https"}
    user = {"Remote-User": "carol", "X-Forwarded-For": "203.0.113.9"}
    async with viewer(create_server(proxied), **told, **user) as carol:
        given = (await carol.get("/pnl/api/me")).json()["token"]
        headers = {"X-CSRF-Token": given, "Origin": "https://pnl.example.com"}
        written = await carol.post("/pnl/api/notes", json=NOTE, headers=headers)
        inside = await carol.post("/pnl/api/notes", json=NOTE, headers=headers | ORIGIN)

    assert written.json()["who"] == "carol"
    assert inside.status_code == HTTPStatus.FORBIDDEN


async def test_many_changes(server: FastAPI) -> None:
    """Twenty changes a minute are accepted from one address; refused ones count, too."""
    async with viewer(server) as client:
        answers = [await client.post("/api/notes", json=NOTE) for _ in range(21)]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [HTTPStatus.FORBIDDEN] * 20 + [HTTPStatus.TOO_MANY_REQUESTS]


async def test_refusals_are_logged(server: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    """The log contains the address and the reason of a refused change."""
    async with viewer(server, address="203.0.113.9") as client:
        with caplog.at_level(logging.WARNING):
            await write(client, Origin="https://evil.example")

    assert "change refused from 203.0.113.9: this request was not sent by a page" in caplog.text


async def test_guard_is_outside(path: Path) -> None:
    """A path that only starts like the path of notes accepts no changes."""
    async with viewer(create_server(guarded(db=str(path)))) as client:
        for other in ("/api/notes/1/2", "/api/notes/x", "/api/notesx", "/api/pnl"):
            answer = await client.post(other, json=NOTE, headers=ORIGIN)
            assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
