"""The state that a live feed fetches from the source's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from aiohttp import ClientTimeout, web

from support import guide
from support.upstreams import (
    LIMIT,
    Answer,
    Reader,
    answer_with,
    answering,
    circle,
    reading,
    silence,
)
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

BRIEF_S = 0.05
NEWER = "2026-02-25T22:25:00Z"


class Source:
    """A plain stream and an API on one port."""

    def __init__(self, api: Answer) -> None:
        self.asked: list[web.Request] = []
        self._api = api
        self._streams: list[web.WebSocketResponse] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve the stream, or the API under its path."""
        if "Upgrade" in request.headers:
            return await self._stream(request)
        if not request.path.startswith("/api"):
            return web.Response(status=404)
        self.asked.append(request)
        return await self._api(request)

    async def drop(self) -> None:
        """Disconnect the subscribers of the stream."""
        for stream in self._streams:
            await stream.close()
        self._streams.clear()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._streams.append(socket)
        await socket.send_str(guide.text(timestamp=NEWER))
        await socket.receive()
        return socket


@asynccontextmanager
async def at_work(api: Answer, path: str = "/api") -> AsyncIterator[tuple[Source, Reader]]:
    """Run a source and a feed that reads its stream and its API."""
    source = Source(api)
    async with answering(source.answer) as port:
        here = f"127.0.0.1:{port}"
        async with reading(
            f"ws://{here}/pnl-stream",
            api_url=f"http://{here}{path}",
            token="tick",  # noqa: S106 (not ours)
        ) as reader:
            yield source, reader


async def test_fetched_state() -> None:
    """The state is fetched with the token and counted as fetched."""
    async with at_work(answer_with(guide.text())) as (source, reader):
        await eventually(lambda: reader.link.api == "fetched")

        assert reader.fetched[0] == guide.text().encode()
        assert source.asked[0].headers["Authorization"] == "Bearer tick"
        assert source.asked[0].path == "/api/pnl"


async def test_fetching_after_each_reconnect() -> None:
    """The state is fetched at the start, when the stream opens, and on each reconnect."""
    async with at_work(answer_with(guide.text())) as (source, reader):
        for openings in (1, 2, 3):
            await eventually(partial(has_opened, reader, openings))
            before = len(source.asked)
            await eventually(lambda: len(reader.fetched) == len(source.asked) > 0)
            await source.drop()
            await eventually(partial(was_asked, source, before + 1))


def has_opened(reader: Reader, times: int) -> bool:
    """Tell whether the stream was opened this many times."""
    return reader.link.openings == times


def was_asked(source: Source, times: int) -> bool:
    """Tell whether the API was requested at least this many times."""
    return len(source.asked) >= times


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api", "/api/pnl"),
        ("/api/", "/api/pnl"),
        ("/api/v1", "/api/v1/pnl"),
        ("/api?room=7", "/api/pnl?room=7"),
        ("/api/?room=7", "/api/pnl?room=7"),
    ],
)
async def test_address_of_the_state(path: str, asked: str) -> None:
    """A trailing slash makes no difference, and a query is preserved."""
    async with at_work(answer_with(guide.text()), path) as (source, reader):
        await eventually(lambda: reader.link.api)

        assert source.asked[0].path_qs == asked


@pytest.mark.parametrize(
    ("api", "outcome"),
    [
        (answer_with("broken", 500), "HTTP 500"),
        (answer_with("who?", 401), "HTTP 401"),
        (answer_with("no data yet", 503), "HTTP 503"),
        (answer_with("moved", 302), "redirects are not followed (HTTP 302)"),
        (answer_with("<title>A page</title>"), "not a valid state"),
        (answer_with(""), "not a valid state"),
        (answer_with(guide.text(revenue="a lot")), "not a valid state"),
        (answer_with(guide.text(note="x" * LIMIT)), "message larger than 1,024 kB"),
    ],
    ids=["500", "401", "503", "302", "page", "nothing", "rejected", "oversized"],
)
async def test_api_that_does_not_help(api: Answer, outcome: str) -> None:
    """The failure of the request is reported, and the stream continues."""
    async with at_work(api) as (_, reader):
        await eventually(lambda: reader.link.api)
        await eventually(lambda: reader.received)

        assert reader.link.api == outcome
        assert reader.is_open
        assert reader.ledger.tally.accepted == 1


async def test_redirect_to_itself() -> None:
    """An API that sends us in circles is given up."""
    async with at_work(circle) as (_, reader):
        await eventually(lambda: reader.link.api and reader.is_open)

        assert reader.link.api == "redirects are not followed (HTTP 302)"


async def test_slow_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that does not answer times out without delaying the stream."""
    monkeypatch.setattr("northstar.feeds.live.FETCH_TIMEOUT", ClientTimeout(total=BRIEF_S * 10))

    async with at_work(silence) as (source, reader):
        await eventually(lambda: source.asked and reader.received)
        assert reader.link.api is None
        assert reader.ledger.tally.accepted == 1

        await eventually(lambda: reader.link.api == "timed out")


@pytest.mark.usefixtures("brief_wait")
async def test_api_that_nobody_serves(free_port: int) -> None:
    """An unreachable API is reported, and the stream is still read."""
    source = Source(answer_with(""))
    async with answering(source.answer) as port:
        url = f"ws://127.0.0.1:{port}/pnl-stream"
        async with reading(url, api_url=f"http://127.0.0.1:{free_port}/api") as reader:
            await eventually(lambda: reader.link.api and reader.received)

            assert str(reader.link.api).startswith("cannot connect: ")


@pytest.mark.parametrize("name", ["Authorization", "X-Key"])
async def test_redirect_to_another_host(name: str) -> None:
    """The target of an API's redirect to another host gets neither token nor headers."""
    told: list[str | None] = []

    async def listen(request: web.Request) -> web.Response:
        told.append(request.headers.get(name))
        return web.Response(text=guide.text())

    async with answering(listen) as elsewhere:

        async def send_away(_: web.Request) -> web.Response:
            raise web.HTTPFound(f"http://localhost:{elsewhere}/api/pnl")

        async with answering(send_away) as port:
            here = f"127.0.0.1:{port}"
            async with reading(
                f"ws://{here}", api_url=f"http://{here}/api", headers={name: "secret"}
            ) as reader:
                await eventually(lambda: reader.link.api)
                assert set(told) <= {None}
