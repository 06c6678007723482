"""Internals of aiohttp that northstar/feeds/upstream.py uses, hook by hook."""

import asyncio
import inspect

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler


def test_start() -> None:
    """`ClientResponse.start` takes the connection and reads by its protocol's `read`."""
    assert [*inspect.signature(aiohttp.ClientResponse.start).parameters] == ["self", "connection"]
    assert {"protocol", "read"} <= {*aiohttp.ClientResponse.start.__code__.co_names}


@pytest.mark.parametrize("name", ["json", "text"])
def test_body(name: str) -> None:
    """`ClientResponse._body` is what `text` and `json` decode if it is set."""
    assert "_body" in getattr(aiohttp.ClientResponse, name).__code__.co_names


async def test_protocol_read() -> None:
    """`read` of a protocol can be replaced for one connection and restored."""
    protocol = ResponseHandler(asyncio.get_running_loop())
    original = protocol.read

    protocol.read = lambda: None  # type: ignore[method-assign, assignment, return-value]
    del protocol.read

    assert protocol.read == original
