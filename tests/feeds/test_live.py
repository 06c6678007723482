"""A live feed: its protocol, its retries, and its secrets."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import groupby
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from websockets.asyncio.server import ServerConnection, serve

from northstar.feeds.link import PROBES_ANSWERED
from northstar.feeds.upstream import Protocol, Upstream
from northstar.settings.table import Settings
from northstar.wiring import create_upstream
from support import guide
from support.upstreams import (
    Answer,
    answer_with,
    answering,
    circle,
    reading,
    silence,
    socketio_server,
)
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

SECRETS = ("secret", "me:", "c2VjcmV0")


@pytest.fixture(autouse=True)
def brief_knocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probe often."""
    monkeypatch.setattr("northstar.feeds.link.PROBE_INTERVAL_S", 0.05)


@asynccontextmanager
async def plain_stream(port: int = 0) -> AsyncIterator[str]:
    """Serve the guide's example as a plain WebSocket stream; return its URL."""

    async def send(connection: ServerConnection) -> None:
        await connection.send(guide.text())
        await connection.wait_closed()

    async with serve(send, "127.0.0.1", port) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/pnl-stream"


async def websocket(request: web.Request) -> web.WebSocketResponse:
    """Send the guide's example over a WebSocket and stay."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str(guide.text())
    await socket.receive()
    return socket


def stream_or(answer: Answer) -> Answer:
    """Return a handler that serves a plain stream, and other requests with `answer`."""

    async def either(request: web.Request) -> web.StreamResponse:
        return await (websocket if "Upgrade" in request.headers else answer)(request)

    return either


async def test_socketio_server() -> None:
    """A Socket.IO server is detected."""
    async with socketio_server() as server, reading(f"{server.url}/pnl-stream") as reader:
        await eventually(lambda: reader.is_open)

        assert reader.link.protocol == Protocol.SOCKETIO


async def test_plain_stream() -> None:
    """A plain stream is detected."""
    async with plain_stream() as url, reading(url) as reader:
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.link.protocol == Protocol.WEBSOCKET


@pytest.mark.parametrize(
    "answer",
    [
        answer_with("Not found.", HTTPStatus.NOT_FOUND),
        answer_with("<!doctype html><title>A page</title>"),
        answer_with('{"sid":1}'),
        answer_with("0" * 100_000),
        answer_with("[" * 4000),
        answer_with('{"error":"no such path"}', HTTPStatus.BAD_REQUEST),
        answer_with("broken", HTTPStatus.INTERNAL_SERVER_ERROR),
        circle,
        silence,
    ],
    ids=["404", "page", "JSON", "long", "nested", "400", "500", "redirects", "silence"],
)
async def test_plain_stream_on_a_web_server(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain stream is detected for any answer of its server to other requests."""
    monkeypatch.setattr("northstar.feeds.socketio.PROBE_TIMEOUT", ClientTimeout(total=0.5))
    async with answering(stream_or(answer)) as port, reading(f"ws://127.0.0.1:{port}/x") as reader:
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.link.protocol == Protocol.WEBSOCKET


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("status", [200, 404, 500])
async def test_web_server_without_a_stream(status: int) -> None:
    """The problem is that the server is not a stream."""
    async with (
        answering(answer_with("A page.", status)) as port,
        reading(f"ws://127.0.0.1:{port}/") as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == f"not a WebSocket stream: HTTP {status}"


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("status", [401, 403])
async def test_stream_that_wants_another_token(status: int) -> None:
    """A refused token is reported as such; without a token there is no such hint.

    The source's own reason is shown without any secret that it repeats.
    """
    answer = answer_with('{"error": {"message": "no desk for tick"}}', status)
    async with answering(answer) as port:
        async with reading(f"ws://127.0.0.1:{port}/", token="tick") as reader:  # noqa: S106
            await eventually(lambda: reader.problem)
            assert reader.problem == (
                f"the source refused the credentials (HTTP {status}): no desk for …"
            )
        async with reading(f"ws://127.0.0.1:{port}/") as reader:
            await eventually(lambda: reader.problem)
            assert reader.problem == (
                f"the source refused the connection (HTTP {status}): no desk for tick"
            )


async def test_change_of_protocol(free_port: int) -> None:
    """A server that returns with the other protocol is detected, in both directions."""
    async with reading(f"ws://127.0.0.1:{free_port}/pnl-stream") as reader:
        for _ in range(2):
            async with socketio_server(port=free_port):
                await eventually(lambda: reader.is_open)
                assert reader.link.protocol == Protocol.SOCKETIO
            await eventually(lambda: not reader.is_open)
            async with plain_stream(free_port):
                await eventually(lambda: reader.is_open)
                assert reader.link.protocol == Protocol.WEBSOCKET
            await eventually(lambda: not reader.is_open)


async def test_protocol_that_is_told() -> None:
    """A configured protocol is used without detection."""
    async with socketio_server() as server:
        async with reading(server.url, protocol=Protocol.WEBSOCKET) as reader:
            await eventually(lambda: reader.link.problem)
            assert all("Upgrade" in request.headers for request in server.sockets)
            assert "not a WebSocket stream" in str(reader.link.problem)
        async with reading(server.url, protocol=Protocol.SOCKETIO) as reader:
            await eventually(lambda: reader.is_open)


@pytest.mark.usefixtures("long_wait")
async def test_socketio_where_there_is_none() -> None:
    """For a plain stream the problem is that it is not a Socket.IO server."""
    async with plain_stream() as url, reading(url, protocol=Protocol.SOCKETIO) as reader:
        await eventually(lambda: reader.problem)

        assert str(reader.problem).startswith("not a Socket.IO stream: ")


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("protocol", Protocol)
async def test_refused_connection(protocol: Protocol, free_port: int) -> None:
    """With each protocol the problem is that it cannot connect, with the reason."""
    async with reading(f"ws://127.0.0.1:{free_port}", protocol=protocol) as reader:
        await eventually(lambda: reader.problem)

        assert str(reader.problem).startswith("cannot connect: ")


@pytest.mark.usefixtures("long_wait")
async def test_return_of_a_source_that_was_away(free_port: int) -> None:
    """A returned source is tried at once, although the next attempt is far away."""
    async with reading(f"ws://127.0.0.1:{free_port}/pnl-stream") as reader:
        await eventually(lambda: reader.problem)
        async with plain_stream(free_port):
            await eventually(lambda: reader.is_open, 3)
        await eventually(lambda: reader.problem)
        async with plain_stream(free_port):
            await eventually(lambda: reader.is_open, 3)


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_return_behind_a_proxy(status: int) -> None:
    """An answer of the proxy alone does not end the wait; the stream's return does."""
    is_back = asyncio.Event()
    knocks: list[str] = []

    async def proxy(request: web.Request) -> web.StreamResponse:
        if is_back.is_set():
            return await stream_or(answer_with("A page."))(request)
        knocks.append(request.path)
        return web.Response(status=status)

    async with answering(proxy) as port, reading(f"ws://127.0.0.1:{port}/pnl-stream") as reader:
        await eventually(lambda: reader.problem)
        await eventually(lambda: knocks.count("/pnl-stream") > 3)
        assert reader.problem
        is_back.set()
        await eventually(lambda: reader.is_open, 3)


@pytest.mark.usefixtures("long_wait")
async def test_source_that_refuses_all_the_time() -> None:
    """A source that answers but refuses the stream is retried only after several probes."""
    asked: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Upgrade", "knock"))
        return web.Response(status=403)

    async with answering(refuse) as port, reading(f"ws://127.0.0.1:{port}/") as reader:
        await eventually(lambda: len(asked) > 8)

        knocks = [list(group) for way, group in groupby(asked) if way == "knock"]
        assert all(len(between) > PROBES_ANSWERED for between in knocks[1:-1])
        assert asked.count("websocket") > 1
        assert reader.link.problem


LOGINS = {
    "user": {"ws_url": "ws://me:secret@127.0.0.1:{port}/pnl-stream?key=secret"},
    "token": {"ws_url": "ws://127.0.0.1:{port}/?key=secret", "token": "secret"},
    "header": {"ws_url": "ws://127.0.0.1:{port}", "headers": '{"X-Key": "secret"}'},
}


def upstream(login: str, port: int, protocol: Protocol) -> Upstream:
    """Return a source with a login, as configured; neither text contains the secret."""
    told: dict[str, Any] = {
        name: text.replace("{port}", str(port)) for name, text in LOGINS[login].items()
    }
    api_url = f"http://me:secret@127.0.0.1:{port}/secret"
    settings = Settings(**told, api_url=api_url, ws_protocol=protocol.value)
    described = create_upstream(settings)
    assert_nothing_told(repr(settings), repr(described), str(settings), described.name)
    return described


def assert_nothing_told(*texts: str) -> None:
    """Assert that no text contains a secret, in plain or encoded form."""
    assert not [text for text in texts if any(secret in text for secret in SECRETS)]


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("status", [None, 200, 302, 400, 401, 500])
async def test_secrets(
    login: str,
    protocol: Protocol,
    status: int | None,
    free_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On any failure, neither the problem nor the log contains a secret."""
    caplog.set_level(logging.INFO)
    answer = circle if status == 302 else answer_with("secret", status or 200)
    async with answering(answer, free_port if status else 0):
        source = upstream(login, free_port, protocol)
        how = {"protocol": protocol, "api_url": source.api_url, "token": source.token}
        async with reading(source.url, headers=source.headers, **how) as reader:
            await eventually(lambda: reader.problem and reader.link.api)
            assert_nothing_told(str(reader.problem), str(reader.link.api), caplog.text)


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("location", ["ws://me:secret@[/", "//", "mailto:me", "ws://two..dots/"])
async def test_redirect_to_nowhere(protocol: Protocol, location: str) -> None:
    """An invalid redirect is a lost connection."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with (
        answering(answer) as port,
        reading(f"ws://127.0.0.1:{port}/", protocol=protocol) as reader,
    ):
        await eventually(lambda: reader.problem, 3)

        assert_nothing_told(str(reader.problem))


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("name", ["Authorization", "X-Key"])
async def test_redirect_to_another_host(protocol: Protocol, name: str) -> None:
    """The target of a redirect to another host gets neither the token nor the headers."""
    told: list[str | None] = []

    async def listen(request: web.Request) -> web.Response:
        told.append(request.headers.get(name))
        return web.Response(text="A page.")

    async with answering(listen) as elsewhere:

        async def send_away(request: web.Request) -> web.Response:
            scheme = "ws" if "Upgrade" in request.headers else "http"
            raise web.HTTPFound(f"{scheme}://localhost:{elsewhere}{request.rel_url}")

        async with answering(send_away) as port:
            url = f"ws://127.0.0.1:{port}/"
            async with reading(url, protocol=protocol, headers={name: "secret"}) as reader:
                await eventually(lambda: reader.link.problem)
                assert set(told) <= {None}


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("how", [{"token": "secret\nx"}, {"headers": {"X-Key": "secret\nx"}}])
async def test_login_that_cannot_be_sent(protocol: Protocol, how: dict[str, str]) -> None:
    """The reported problem does not contain the secret."""
    async with plain_stream() as url, reading(url, protocol=protocol, **how) as reader:
        await eventually(lambda: reader.problem)

        assert_nothing_told(str(reader.problem))
