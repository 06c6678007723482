"""Requests to the guard, without a server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from argon2 import PasswordHasher
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.app import create_server

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)


SCREEN_TOKEN = "fedcba9876543210"  # noqa: S105


BEARER = {"Authorization": f"Bearer {TOKEN}"}


# Of "correct horse"; constant, because it is part of test names.
HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$RlMBq86MVGD1FnWOo/Y"
    "Xww$1dXovFwzn0lCT2fqhkGLkPazltyGqZJI38AoGSVl/xQ"
)


NOWHERE = "ws://127.0.0.1:1"


def quick_hash(password: str) -> str:
    """Return a hash of `password` with little work, unlike those of users."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def guarded(**told: Any) -> Settings:
    """Return the settings of a dashboard with authentication."""
    known: dict[str, Any] = {
        "auth_token": SecretStr(TOKEN),
        "screen_token": SecretStr(SCREEN_TOKEN),
    }
    return Settings(ws_url=NOWHERE, **(known | told))


@asynccontextmanager
async def client_of(
    settings: Settings, address: str = "203.0.113.9", base: str = "http://localhost"
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a dashboard in the same process, with a given address."""
    transport = httpx.ASGITransport(create_server(settings), client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client
