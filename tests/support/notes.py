"""Clients that write notes, and servers with days for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from northstar.settings.users import User
from northstar.web.app import create_server
from support.filled import settings
from support.guards import HASH, SCREEN_TOKEN, TOKEN

HOST = "http://localhost"
ORIGIN = {"Origin": HOST}
DAY = "2026-02-25"
NOTE = {"date": DAY, "text": "Fees rose"}
PASSWORD = "correct horse"  # noqa: S105 (of tests alone)
TWO_USERS = {"alice": User(SecretStr(HASH)), "bob": User(SecretStr(HASH))}


@asynccontextmanager
async def viewer(
    server: FastAPI, name: str = "", address: str = "127.0.0.1", **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client on this machine, signed in as a user if a name is given."""
    transport = httpx.ASGITransport(server, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers) as client:
        if name:
            form = {"name": name, "password": PASSWORD}
            answer = await client.post("/sign-in", data=form, headers=ORIGIN)
            assert answer.status_code == HTTPStatus.SEE_OTHER
        yield client


async def token(client: httpx.AsyncClient) -> str:
    """Return the viewer's token against cross-site request forgery."""
    return str((await client.get("/api/me")).json()["token"])


async def write(client: httpx.AsyncClient, note: Any = NOTE, **headers: str) -> httpx.Response:
    """Write a note as a page does, with these `headers`."""
    sent = {"X-CSRF-Token": await token(client), **ORIGIN}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/api/notes", json=note, headers=sent)


async def delete(client: httpx.AsyncClient, number: int) -> httpx.Response:
    """Delete a note as a page does."""
    headers = {"X-CSRF-Token": await token(client), **ORIGIN}
    return await client.delete(f"/api/notes/{number}", headers=headers)


async def texts(client: httpx.AsyncClient) -> list[str]:
    """Return the texts of all notes."""
    return [note["text"] for note in (await client.get(f"/api/notes?from={DAY}")).json()]


@pytest.fixture
def server(path: Path, noon: None) -> FastAPI:  # noqa: ARG001 (stops the clock)
    """Return a server without a sign-in on a filled history at noon of the 26th."""
    return create_server(settings(path))


@pytest.fixture
def closed(path: Path, noon: None) -> FastAPI:  # noqa: ARG001 (stops the clock)
    """Return a server that requires a sign-in."""
    secrets = {"auth_token": SecretStr(TOKEN), "screen_token": SecretStr(SCREEN_TOKEN)}
    return create_server(settings(path, auth_users=TWO_USERS, **secrets))
