"""An environment proxy for the connection to the source."""

import asyncio

import pytest
from aiohttp import web

from northstar.feeds.upstream import Protocol
from support.programs import unused_port
from support.upstreams import answering, reading
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("long_wait")

SECRET = "correct-horse"  # noqa: S105 (nobody's)
LOGIN = f"me:{SECRET}@"
OURS = "the proxy of the environment"
UNUSABLE = "the address of the proxy in the environment is not usable"


@pytest.mark.parametrize("protocol", [Protocol.AUTO, Protocol.WEBSOCKET])
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("socks5://{}127.0.0.1:{}", f"{OURS} is one of SOCKS, which is not supported"),
        ("{}127.0.0.1:{}", UNUSABLE),
        ("ftp://{}127.0.0.1:{}", UNUSABLE),
        ("http://{}127.0.0.1:{}9999", UNUSABLE),
        ("http://{}127.0.0.1:{}/path", UNUSABLE),
    ],
)
async def test_unusable_proxy(
    address: str, problem: str, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unusable proxy is named on each attempt without its password; the feed keeps running."""
    monkeypatch.setenv("all_proxy", address.format(LOGIN, unused_port()))
    monkeypatch.setenv("ws_proxy", address.format(LOGIN, unused_port()))

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=404)

    async with (
        answering(answer) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=protocol) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == problem


async def test_proxy_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the proxy cannot be reached, the problem names the proxy and not the source."""
    monkeypatch.setenv("http_proxy", f"http://{LOGIN}127.0.0.1:{unused_port()}")
    async with reading("ws://source.example", protocol=Protocol.AUTO) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == f"{OURS}: cannot connect: Connection refused"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", f"{OURS} refused the connection (HTTP 407)"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", f"{OURS} gave no valid response"),
    ],
)
@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_proxy_that_refuses(
    scheme: str, answer: bytes, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal by the proxy is distinguished from one by the source."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("ws_proxy", f"http://{LOGIN}127.0.0.1:{port}")
        monkeypatch.setenv("wss_proxy", f"http://{LOGIN}127.0.0.1:{port}")
        async with reading(f"{scheme}://source.example", protocol=Protocol.WEBSOCKET) as reader:
            await eventually(lambda: reader.problem)

            assert reader.problem == problem
