"""Limits on a source's answers: no redirect to another host, few interim answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from northstar.feeds.upstream import INTERIM_ANSWERS, Protocol
from support import guide
from support.upstreams import Answer, Reader, answer_with, answering, reading, socketio_server
from support.waiting import eventually

OPENING = '0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}'
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
MOVED = "redirects are not followed (HTTP 307)"
TOO_MANY = f"more than {INTERIM_ANSWERS} interim responses (HTTP 1xx)"


pytestmark = pytest.mark.usefixtures("long_wait")


@asynccontextmanager
async def elsewhere() -> AsyncIterator[tuple[list[web.Request], Answer]]:
    """Serve another host; return its requests and an answer that redirects to it."""
    visits: list[web.Request] = []

    async def note(request: web.Request) -> web.Response:
        visits.append(request)
        return web.Response(text=guide.text())

    async with answering(note) as port:

        async def lead(request: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(f"http://localhost:{port}{request.rel_url}")

        yield visits, lead


def engine(*, opens: bool, moves: str, lead: Answer) -> Answer:
    """Return a Socket.IO server, with or without a session, that redirects the `moves` requests."""

    async def answer(request: web.Request) -> web.StreamResponse:
        kind = "upgrade" if "Upgrade" in request.headers else request.method
        if kind == moves or not opens:
            return await lead(request)
        if request.method == "POST":
            return web.Response(text="ok")
        if "sid" in request.query:
            await asyncio.Event().wait()
        return web.Response(text=OPENING if moves == "upgrade" else OPENING.replace('"web', '"'))

    return answer


@pytest.mark.parametrize(
    ("protocol", "opens", "moves"),
    [
        (Protocol.AUTO, False, "GET"),
        (Protocol.WEBSOCKET, False, "GET"),
        (Protocol.SOCKETIO, False, "GET"),
        (Protocol.SOCKETIO, True, "POST"),
        (Protocol.SOCKETIO, True, "upgrade"),
    ],
)
async def test_stream_that_has_moved(protocol: Protocol, moves: str, *, opens: bool) -> None:
    """A redirect to another host is refused with the reason, and that host gets no request."""
    async with (
        elsewhere() as (visits, lead),
        answering(engine(opens=opens, moves=moves, lead=lead)) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=protocol, token="secret") as reader,  # noqa: S106 (not ours)
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == MOVED
        assert not visits


@pytest.mark.parametrize("polls", [True, False], ids=["polling", "websocket"])
@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (401, "the source refused the connection (HTTP 401): token expired"),
        (403, "the source refused the connection (HTTP 403): token expired"),
        (404, "not a Socket.IO stream: HTTP 404"),
        (503, "not a Socket.IO stream: HTTP 503: token expired"),
    ],
)
async def test_socketio_server_that_refuses(status: int, problem: str, *, polls: bool) -> None:
    """A refusal with a JSON body is reported with its status and reason."""

    async def refuse(request: web.Request) -> web.Response:
        if not polls and "Upgrade" not in request.headers:
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        return web.json_response({"detail": "token expired"}, status=status)

    async with (
        answering(refuse) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=Protocol.SOCKETIO) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == problem


@pytest.mark.parametrize(
    "opening",
    [
        OPENING.replace("25000", "1e400"),
        OPENING.replace('"x"', "{}"),
        "0[]",
        "0null",
        "0" + "[" * 100_000,
        "",
    ],
    ids=["endless", "no name", "list", "nothing", "deep", "empty"],
)
async def test_socketio_session_that_makes_no_sense(opening: str) -> None:
    """A first packet that cannot be parsed is a problem of the source, not an internal error."""
    async with (
        answering(answer_with(opening)) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=Protocol.SOCKETIO) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert str(reader.problem).startswith("not a Socket.IO stream: ")


async def test_api_that_has_moved() -> None:
    """The problem names the API, and no other host gets a request."""
    async with (
        elsewhere() as (visits, lead),
        answering(lead) as port,
        reading(f"ws://127.0.0.1:{port}", api_url=f"http://127.0.0.1:{port}/api") as reader,
    ):
        await eventually(lambda: reader.link.api)

        assert reader.link.api == MOVED
        assert not visits


@asynccontextmanager
async def interim(count: int) -> AsyncIterator[int]:
    """Serve an API that sends this many interim answers before each answer; return the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = guide.text().encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(INTERIM * count + head + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_few_interim_answers() -> None:
    """A few interim answers are skipped."""
    async with interim(INTERIM_ANSWERS) as port, reading_api(port) as reader:
        await eventually(lambda: reader.link.api)

        assert reader.link.api == "fetched"


async def test_many_interim_answers() -> None:
    """With many interim answers the connection is closed."""
    async with interim(INTERIM_ANSWERS + 1) as port, reading_api(port) as reader:
        await eventually(lambda: reader.link.api and reader.problem)

        assert reader.link.api == TOO_MANY
        assert reader.problem == TOO_MANY


@asynccontextmanager
async def reading_api(port: int) -> AsyncIterator[Reader]:
    """Read a Socket.IO stream and an API on this port."""
    here = f"127.0.0.1:{port}"
    how = {"protocol": Protocol.SOCKETIO, "api_url": f"http://{here}"}
    async with reading(f"ws://{here}", **how) as reader:
        yield reader


@pytest.mark.parametrize(("login", "sent"), [("", None), ("me:mine@", "Basic bWU6bWluZQ==")])
async def test_logins_of_the_account(
    login: str, sent: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the login of the address is sent, never one from ~/.netrc."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login account password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    async with (
        socketio_server() as server,
        reading(f"ws://{login}127.0.0.1:{server.port}") as reader,
    ):
        await eventually(lambda: reader.is_open)

        assert {request.headers.get("Authorization") for request in server.requests} == {sent}
