"""Answers to requests for callbacks, from our pages and from others."""

import json
from http import HTTPStatus
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.guards import NOWHERE, client_of

PATH = "/history/_dash-update-component"
JSON = {"Content-Type": "application/json"}
OUTPUTS = [("_pages_content", "children"), ("_pages_store", "data")]


def call(path: object = "/history/", query: object = "") -> dict[str, Any]:
    """Return the request that the history page sends."""
    location = "_pages_location"
    return {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [{"id": name, "property": prop} for name, prop in OUTPUTS],
        "inputs": [
            {"id": location, "property": "pathname", "value": path},
            {"id": location, "property": "search", "value": query},
        ],
        "changedPropIds": [f"{location}.pathname", f"{location}.search"],
    }


async def answers(
    bodies: dict[str, bytes], *, base: str = "", headers: dict[str, str] = JSON
) -> dict[str, int]:
    """Return the status of the answer to each body."""
    async with client_of(Settings(ws_url=NOWHERE, base_path=base, insecure=True)) as client:
        return {
            name: (await client.post(base + PATH, content=body, headers=headers)).status_code
            for name, body in bodies.items()
        }


@pytest.mark.parametrize("base", ["", "/pnl"])
async def test_callback_of_the_page(base: str) -> None:
    """The page's request is answered under every host and path."""
    calls = [call(f"{base}/history/"), call(f"{base}/history", "?range=7d"), call(None, None)]
    bodies = {str(n): json.dumps(each).encode() for n, each in enumerate(calls)}

    assert set((await answers(bodies, base=base)).values()) == {HTTPStatus.OK}


async def test_body_that_is_no_callback(caplog: pytest.LogCaptureFixture) -> None:
    """A body that is not JSON, or not a callback of the page, is answered with a client error."""
    bodies = {
        "nothing": b"",
        "broken": b'{"output":',
        "not UTF-8": b"\xff",
        "list": b"[]",
        "null": b"null",
        "deep": b"[" * 50_000,
        "empty": b"{}",
    }
    for name, value in call().items():
        less = {key: part for key, part in call().items() if key != name}
        bodies[f"no {name}"] = json.dumps(less).encode()
        others: list[Any] = [None, 1, "x", {}, [1], [{}], [[]], value * 2]
        for other in others:
            bodies[f"{name}: {other}"] = json.dumps(call() | {name: other}).encode()
    bodies["path"] = json.dumps(call(path=5)).encode()
    bodies["of the client"] = json.dumps(call() | {"output": "history-ready.children"}).encode()
    del bodies[f"changedPropIds: {call()['changedPropIds'] * 2}"]  # logs no more than once

    wrong = {name: code for name, code in (await answers(bodies)).items() if code != 400}
    assert wrong == {}
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_body_of_another_kind() -> None:
    """Dash only reads a body with the type of JSON; another type is refused."""
    body = {"a form": json.dumps(call()).encode()}

    assert await answers(body, headers={"Content-Type": "text/plain"}) == {"a form": 400}
    assert await answers(body, headers={}) == {"a form": 400}


async def test_body_that_is_too_large() -> None:
    """A body larger than any page sends is refused while it is received."""

    async def parts() -> Any:
        for _ in range(100):
            yield b" " * 1024

    async with client_of(Settings(ws_url=NOWHERE)) as client:
        answer = await client.post(PATH, content=parts(), headers=JSON)

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_any_body() -> None:
    """No body causes a server error."""
    texts = st.sampled_from(["", "_pages_location", "pathname", "output", "/history/", "..", "."])
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.text()
    anything = st.recursive(
        leaves, lambda some: st.lists(some) | st.dictionaries(texts | st.text(), some)
    )
    some_fields = st.dictionaries(st.sampled_from([*call(), "state"]), anything)
    transport = httpx.ASGITransport(create_server(Settings(ws_url=NOWHERE)))

    @effort(deadline=None, max_examples=100)
    @given(anything.map(json.dumps) | some_fields.map(lambda part: json.dumps(call() | part)))
    def send(body: str) -> None:
        assert anyio.run(post, transport, body) in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}

    send()


async def post(transport: httpx.ASGITransport, body: str) -> int:
    """Send a body and return the status of the answer."""
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return (await client.post(PATH, content=body.encode(), headers=JSON)).status_code
