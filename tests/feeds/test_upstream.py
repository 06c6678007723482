"""The source's address: its form in each protocol, its trust and its refusals."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey
from tenacity import wait_fixed
from yarl import URL

from northstar.errors import LinkError
from northstar.feeds.upstream import Answer, Protocol, read_up_to, reason
from northstar.settings.table import Settings
from support import guide
from support.upstreams import Reader, answering, reading, socketio_server, upstream
from support.waiting import eventually

LONG_S = 1000
TOKEN = "secret"  # noqa: S105 (not ours)
Serve: TypeAlias = Callable[[ssl.SSLContext], AbstractAsyncContextManager[int]]
UNTRUSTED = "certificate not trusted: "


@pytest.fixture(autouse=True)
def long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevent retries within a test, so that the problem stays."""
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(LONG_S))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return a private authority that no system trusts."""
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    """Return the settings' TLS context for the private authority's file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return Settings(demo=True, ca_file=str(path)).tls


def serving_as(authority: trustme.CA, host: str) -> ssl.SSLContext:
    """Return a server's TLS context with a certificate for `host` from the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    return context


async def answer(request: web.Request) -> web.StreamResponse:
    """Serve the example: as a stream on an upgrade request, otherwise as a state."""
    if "Upgrade" not in request.headers:
        return web.Response(text=guide.text())
    stream = web.WebSocketResponse()
    await stream.prepare(request)
    await stream.send_str(guide.text())
    await stream.receive()
    return stream


@asynccontextmanager
async def plain(tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve a plain stream and an API over TLS; return the port."""
    async with answering(answer, tls=tls) as port:
        yield port


@asynccontextmanager
async def socketio(tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Run a Socket.IO server over TLS; return the port."""
    async with socketio_server(tls=tls) as server:
        yield server.port


each_protocol = pytest.mark.parametrize(
    ("serve", "protocol"),
    [(plain, "auto"), (plain, "websocket"), (socketio, "auto"), (socketio, "socketio")],
)


@each_protocol
async def test_authority_that_is_known(
    serve: Serve,
    protocol: str,
    authority: trustme.CA,
    trusting: ssl.SSLContext,
) -> None:
    """A server with a certificate of the configured authority is accepted with each protocol."""
    async with serve(serving_as(authority, "127.0.0.1")) as port:
        url = f"wss://127.0.0.1:{port}/"
        async with reading(url, protocol=Protocol(protocol), tls=trusting) as reader:
            await eventually(lambda: reader.is_open)


@each_protocol
async def test_authority_that_is_unknown(
    serve: Serve, protocol: str, authority: trustme.CA
) -> None:
    """A certificate of an unknown authority is refused with the reason."""
    async with (
        serve(serving_as(authority, "127.0.0.1")) as port,
        reading(f"wss://127.0.0.1:{port}/", protocol=Protocol(protocol)) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert str(reader.problem).startswith(UNTRUSTED)
        assert reader.link.openings == 0


@each_protocol
async def test_certificate_of_another_host(
    serve: Serve,
    protocol: str,
    authority: trustme.CA,
    trusting: ssl.SSLContext,
) -> None:
    """A certificate for another host is refused with the reason."""
    async with serve(serving_as(authority, "other.example")) as port:
        url = f"wss://127.0.0.1:{port}/"
        async with reading(url, protocol=Protocol(protocol), tls=trusting) as reader:
            await eventually(lambda: reader.problem)

            assert str(reader.problem).startswith(UNTRUSTED)
            assert "127.0.0.1" in str(reader.problem)


async def api_of(port: int, **how: ssl.SSLContext) -> str:
    """Return the result of fetching the state over TLS."""
    url = f"wss://127.0.0.1:{port}/"
    async with reading(url, api_url=f"https://127.0.0.1:{port}", **how) as reader:
        await eventually(lambda: settled(reader))
        return str(reader.link.api)


def settled(reader: Reader) -> bool:
    """Tell whether both stream and API were tried."""
    return bool(reader.link.api and (reader.is_open or reader.problem))


async def test_api_of_an_authority(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """The API's certificate is verified as the stream's is."""
    async with plain(serving_as(authority, "127.0.0.1")) as port:
        assert await api_of(port, tls=trusting) == "fetched"
        assert (await api_of(port)).startswith(UNTRUSTED)


async def test_stream_without_tls_where_tls_is_asked_for() -> None:
    """A server without TLS cannot be reached over wss://; nothing is sent in the clear."""
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    async with answering(note) as port, reading(f"wss://127.0.0.1:{port}/") as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == "the source does not speak TLS: try ws:// in the address"
        assert seen == []


@pytest.mark.parametrize(
    ("url", "http_url"),
    [
        ("ws://host:8000/pnl-stream", "http://host:8000/pnl-stream"),
        ("wss://host/pnl-stream?a=b", "https://host/pnl-stream?a=b"),
        ("ws://me:secret@[::1]:8000", "http://me:secret@[::1]:8000/"),
    ],
)
def test_http_url(url: str, http_url: str) -> None:
    """The HTTP URL is the same address with http or https."""
    assert upstream(url).http_url == URL(http_url)


@pytest.mark.parametrize("api_url", ["https://host/api", "https://host/api/"])
def test_state_url(api_url: str) -> None:
    """The state is at `pnl` below the API's address."""
    assert str(upstream("ws://host", api_url=api_url).state_url) == "https://host/api/pnl"


def test_all_headers() -> None:
    """A token is sent as bearer token with the other headers; without one there is none."""
    headers = {"X-Desk": "7"}

    assert upstream("ws://host", headers=headers).all_headers == headers
    assert upstream("ws://host", headers=headers, token=TOKEN).all_headers == {
        "X-Desk": "7",
        "Authorization": f"Bearer {TOKEN}",
    }


def test_repr() -> None:
    """The repr contains no secret."""
    told = upstream(
        "ws://me:secret@host",
        headers={"X": "secret"},
        token=TOKEN,
        api_url="https://host/secret",
    )

    assert "secret" not in repr(told)
    assert "the stream" in repr(told)


def untrusted(message: str) -> ssl.SSLCertVerificationError:
    """Return the error for an untrusted certificate."""
    error = ssl.SSLCertVerificationError(1, "secret")
    error.verify_message = message
    return error


def key() -> ConnectionKey:
    """Return the connection key in aiohttp's errors."""
    fields: dict[str, Any] = dict.fromkeys(ConnectionKey._fields)  # older versions have fewer
    fields |= {"host": "secret.example", "port": 443, "is_ssl": True, "ssl": True}
    return ConnectionKey(**fields)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (untrusted("self-signed certificate"), "certificate not trusted: self-signed certificate"),
        (
            aiohttp.ClientConnectorCertificateError(key(), untrusted("expired")),
            "certificate not trusted: expired",
        ),
        (
            aiohttp.ClientConnectorError(key(), ConnectionRefusedError(111, "Connection refused")),
            "cannot connect: Connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(key(), socket.gaierror(-2, "Name or service unknown")),
            "cannot connect: Name or service unknown",
        ),
        (TimeoutError("secret"), "timed out"),
        (aiohttp.ServerTimeoutError("secret"), "timed out"),
        (ConnectionResetError(), "cannot connect: the connection was reset"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('secret', 1)"),
            "cannot connect: Connection refused",
        ),
        (OSError("secret"), "cannot connect"),
        (ssl.SSLError(1, "secret"), "the TLS handshake failed: no reason given"),
        (
            aiohttp.ServerDisconnectedError(),
            "the source closed the connection without a response",
        ),
        (aiohttp.InvalidURL("http://me:secret@"), "not a usable URL"),
        (ValueError("secret"), "invalid response"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_reason(error: Exception, text: str) -> None:
    """The reason is in plain words and without the address."""
    said = reason(error)

    assert "secret" not in said
    assert said == text


@pytest.mark.parametrize("limit", [1, 10, 11, 12, 1000])
async def test_read_up_to(limit: int) -> None:
    """An answer up to the limit is returned; a longer one is not read."""

    async def say(_: web.Request) -> web.Response:
        return web.Response(text="hello world")

    async with (
        answering(say) as port,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/") as response,
    ):
        assert await read_up_to(limit, response) == (b"hello world" if limit >= 11 else None)


async def test_check_of_an_answer() -> None:
    """An answer class refuses by status and headers: the request fails, and no connection stays."""

    class Refusing(Answer):
        async def check(self) -> None:
            raise LinkError(f"refused with {self.status}")

    async def say(_: web.Request) -> web.Response:
        return web.Response(text="hello world")

    async with answering(say) as port, upstream("ws://127.0.0.1").http(Refusing) as http:
        with pytest.raises(LinkError, match="refused with 200"):
            await http.get(f"http://127.0.0.1:{port}/")

        assert http.connector
        assert not http.connector._acquired
