"""Requests to the guard, without a server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.app import create_server

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)


SCREEN_TOKEN = "fedcba9876543210"  # noqa: S105


BEARER = {"Authorization": f"Bearer {TOKEN}"}


NOWHERE = "ws://127.0.0.1:1"


def guarded(**told: Any) -> Settings:
    """Return the settings of a dashboard that asks who is there."""
    known: dict[str, Any] = {
        "auth_token": SecretStr(TOKEN),
        "screen_token": SecretStr(SCREEN_TOKEN),
    }
    return Settings(ws_url=NOWHERE, **(known | told))


@asynccontextmanager
async def desk(
    settings: Settings, address: str = "203.0.113.9", base: str = "http://localhost"
) -> AsyncIterator[httpx.AsyncClient]:
    """Ask a dashboard in the same process, from an address."""
    transport = httpx.ASGITransport(create_server(settings), client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client
