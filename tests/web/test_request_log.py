"""The log of requests: ids, faults and which requests are logged."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from northstar.logs import request_id
from northstar.settings.table import Settings
from northstar.web.request_log import RequestLog
from support.inprocess import dashboard
from support.sources import Stream
from support.waiting import until

LOGGER = "northstar.web.request_log"


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    """Leave no id to the next test."""
    token = request_id.set(None)
    yield
    request_id.reset(token)


async def ask(app: Any, path: str = "/", **headers: str) -> httpx.Response:
    """Send a request to an application, which must not raise."""
    transport = httpx.ASGITransport(app)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers=named)


@pytest.fixture
def app() -> FastAPI:
    """Return an application that answers with the id of the request."""
    app = FastAPI()

    @app.get("/in-a-thread")
    def told() -> str | None:
        return request_id.get()

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("a secret reason")

    app.add_middleware(RequestLog)
    return app


async def test_request_id_given(app: FastAPI) -> None:
    """An id from a proxy is used while the request is served, and returned."""
    answer = await ask(app, "/in-a-thread", X_Request_ID="from-proxy_1")

    assert answer.json() == answer.headers["x-request-id"] == "from-proxy_1"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", 'a"b', "a/b"])
async def test_request_id_made(given: str, app: FastAPI) -> None:
    """A malformed id is replaced; no two requests have the same id."""
    answers = [await ask(app, "/in-a-thread", X_Request_ID=given) for _ in range(2)]

    ids = {answer.json() for answer in answers}
    assert len(ids) == 2
    assert given not in ids
    assert all(re.fullmatch("[0-9a-f]{16}", made) for made in ids)


async def test_fault(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets the id and no traceback; the log has both."""
    answer = await ask(app, "/fault", X_Request_ID="abc")

    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc"
    assert "reason" not in answer.text
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_fault_in_the_middle(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that fails after its start is aborted without further content."""

    async def begin(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("no more")

    sent: list[dict[str, Any]] = []

    async def note(message: Any) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": None}
    await RequestLog(begin)(scope, note, note)  # type: ignore[arg-type]  # nothing is received

    assert [message.get("body") for message in sent] == [None, b"half"]
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_requests(source: Stream, caplog: pytest.LogCaptureFixture) -> None:
    """Requests of people and programs are logged without their query; machines' are not."""
    caplog.set_level("INFO", LOGGER)

    def lines() -> list[str]:
        return [each.getMessage() for each in caplog.records if each.name == LOGGER]

    with dashboard(Settings(ws_url=source.url)) as at:
        quiet = ["/healthz", "/readyz", "/metrics", "/assets/favicon.svg", "/_dash-layout"]
        paths = ["/", "/api/pnl", "/history", "/explain/kpi-net", "/nothing"]
        for path in quiet + paths:
            at.get(path, params={"token": "secret"})
        with at.open("/view-stream") as viewer:
            viewer.recv()
        until(lambda: len(lines()) == len(paths))

    line = re.compile(r"GET (\S+) (\d{3}) in \d+ ms for anonymous at 127\.0\.0\.1")
    found = [line.fullmatch(message) for message in lines()]
    assert [match and match.groups() for match in found] == [
        ("/", "422"),
        ("/api/pnl", "422"),
        ("/history", "422"),
        ("/explain/kpi-net", "422"),
        ("/nothing", "404"),
    ]


async def test_fault_where_it_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """A failure is logged even for a path whose requests are not."""
    caplog.set_level("INFO", LOGGER)

    async def fail(_: Scope, __: Receive, ___: Send) -> None:
        raise RuntimeError("no more")

    await ask(RequestLog(fail), "/metrics")

    assert len(caplog.records) == 2
    assert caplog.messages[-1].startswith("GET /metrics 500 ")


async def test_path_below_a_proxy(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    """A path is logged without the base path that a proxy put in front of it."""
    caplog.set_level("INFO", LOGGER)

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": "/pnl"}, receive, send)

    for path in ("/pnl/healthz", "/pnl/in-a-thread"):
        await ask(below, path)

    assert [message.split()[1] for message in caplog.messages] == ["/in-a-thread"]


async def test_path_of_a_mounted_application(caplog: pytest.LogCaptureFixture) -> None:
    """A request is logged with its full path, even inside a mounted application."""
    caplog.set_level("INFO", LOGGER)
    app = FastAPI()
    app.mount("/below", FastAPI())
    transport = httpx.ASGITransport(RequestLog(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/below/this")

    assert "GET /below/this 404 in" in caplog.text


async def test_socket() -> None:
    """A socket has an id, too."""
    ids = []

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        ids.append(request_id.get())
        await WebSocket(scope, receive, send).close()

    async def nothing(*_: Any) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    given = [(b"x-request-id", b"abc")]
    scope: Scope = {"type": "websocket", "path": "/view-stream", "headers": given}
    await RequestLog(serve)(scope, nothing, nothing)  # type: ignore[arg-type]  # nothing is sent

    assert ids == ["abc"]
