"""Wrong schemes: ws:// for a source with TLS, and the reverse."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
import trustme
from websockets.asyncio.server import ServerConnection, serve

from northstar.feeds.tls import TRY_PLAIN, TRY_TLS
from northstar.feeds.upstream import Protocol
from support.upstreams import answer_with, answering, reading, socketio_server
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("long_wait")

each_protocol = pytest.mark.parametrize("protocol", list(Protocol))


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    """Return the TLS context of a server with an untrusted certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def hang(connection: ServerConnection) -> None:
    """Send nothing until the other side is gone."""
    await connection.wait_closed()


@asynccontextmanager
async def websocket(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Serve a plain stream; return the port."""
    async with serve(hang, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def socketio(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Run a Socket.IO server; return the port."""
    async with socketio_server(tls=context) as server:
        yield server.port


@each_protocol
@pytest.mark.parametrize("serving", [websocket, socketio])
async def test_address_without_tls(serving, protocol: Protocol, tls: ssl.SSLContext) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """A source with TLS is reported, whatever its certificate is."""
    async with serving(tls) as port, reading(f"ws://127.0.0.1:{port}", protocol=protocol) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == TRY_TLS


@each_protocol
@pytest.mark.parametrize("serving", [websocket, socketio])
async def test_address_with_tls(serving, protocol: Protocol) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """A source without TLS is reported."""
    async with (
        serving(None) as port,
        reading(f"wss://127.0.0.1:{port}", protocol=protocol) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == TRY_PLAIN


async def test_server_that_answers_plain_requests(tls: ssl.SSLContext) -> None:
    """One that speaks TLS and answers a plain request with an error, as nginx does, is named."""
    answer = answer_with("The plain HTTP request was sent to HTTPS port", HTTPStatus.BAD_REQUEST)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(4096)
        port = secure if first[:1] == b"\x16" else plain  # a TLS record
        theirs, ours = await asyncio.open_connection("127.0.0.1", port)
        ours.write(first)
        await asyncio.gather(pass_on(reader, ours), pass_on(theirs, writer))

    async with (
        websocket(tls) as secure,
        answering(answer) as plain,
        await asyncio.start_server(relay, "127.0.0.1", 0) as server,
        reading(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}") as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == TRY_TLS


async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Forward bytes until one side has ended."""
    try:
        while piece := await source.read(4096):
            target.write(piece)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


async def test_source_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that does not answer is not probed for TLS, because a TLS server would answer."""
    monkeypatch.setattr("northstar.feeds.websocket.OPEN_TIMEOUT_S", 0.2)
    opened = []

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(await reader.read(1))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(wait, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with reading(f"ws://127.0.0.1:{port}", protocol=Protocol.WEBSOCKET) as reader:
            await eventually(lambda: reader.problem)

            assert (reader.problem, {*opened}) == ("timed out", {b"G"})  # not a TLS record


async def test_source_without_tls_that_is_none() -> None:
    """A failure that is unrelated to TLS keeps its own message."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with reading(f"ws://127.0.0.1:{port}", protocol=Protocol.WEBSOCKET) as reader:
            await eventually(lambda: reader.problem)

            assert str(reader.problem).startswith("not a WebSocket stream: ")
