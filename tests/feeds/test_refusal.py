"""Refusals of a source: its reason is shown, and its Retry-After is respected."""

import asyncio

import pytest
from aiohttp import web

from northstar.feeds.refusal import MAX_REASON, own_reason
from northstar.feeds.upstream import Protocol
from support import guide
from support.upstreams import Answer, answering, reading
from support.waiting import eventually

WAIT_S = 2.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"missing desk", "missing desk"),
        (b'{"detail": "token expired"}', "token expired"),
        (b'{"error": {"code": 7, "message": "no such desk"}}', "no such desk"),
        (b'{"error": "access_denied", "error_description": "not yours"}', "not yours"),
        (b'"Invalid session"', "Invalid session"),
        (b"<html><title>403 Forbidden</title></html>", ""),
        (b'{"code": 7}', ""),
        (b"[" * 4000, "[" * MAX_REASON + "…"),
        (b"two\nlines\x1b[31m", "two lines [31m"),
        (b"", ""),
        (b"\xff\xfe", "��"),
    ],
)
def test_own_reason(body: bytes, reason: str) -> None:
    """The reason is the text of the answer or of the usual field, on one line."""
    assert own_reason(body) == reason


def busy(times: list[float], seconds: str = "2") -> Answer:
    """Return a server that is busy, and the times of its requests."""

    async def answer(_: web.Request) -> web.Response:
        times.append(asyncio.get_running_loop().time())
        headers = {"Retry-After": seconds}
        return web.json_response({"error": "too many streams"}, status=429, headers=headers)

    return answer


@pytest.mark.usefixtures("brief_wait")
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_source_that_asks_to_wait(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request and no probe is sent during the wait; then one is sent at once."""
    monkeypatch.setattr("northstar.feeds.link.PROBE_INTERVAL_S", 0.05)
    times: list[float] = []
    async with (
        answering(busy(times)) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=protocol) as reader,
    ):
        await eventually(lambda: reader.problem)
        assert reader.problem == "the source asks to wait (HTTP 429): too many streams"
        assert len(times) == 1
        await eventually(lambda: len(times) > 1)

    assert WAIT_S <= times[1] - times[0] < WAIT_S + 3


@pytest.mark.usefixtures("long_wait")
async def test_api_that_asks_to_wait() -> None:
    """The API is requested again after its wait."""
    times: list[float] = []
    refuse = busy(times)

    async def answer(request: web.Request) -> web.StreamResponse:
        if "pnl" in request.path and not times:
            return await refuse(request)
        return web.Response(text=guide.text())

    async with (
        answering(answer) as port,
        answering(busy([], "30")) as stream,
        reading(f"ws://127.0.0.1:{stream}", api_url=f"http://127.0.0.1:{port}") as reader,
    ):
        await eventually(lambda: reader.link.api == "HTTP 429")
        await eventually(lambda: reader.link.api == "fetched")

        assert asyncio.get_running_loop().time() - times[0] >= WAIT_S


@pytest.mark.usefixtures("long_wait")
async def test_source_that_wants_an_origin() -> None:
    """A source that requires an Origin is named with the setting; none is sent by itself."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Upgrade" not in request.headers or "Origin" not in request.headers:
            return web.Response(status=403)
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await stream.send_str(guide.text())
        await stream.receive()
        return stream

    async with answering(answer) as port:
        origin = f"http://127.0.0.1:{port}"
        url = f"ws://127.0.0.1:{port}/pnl-stream"
        async with reading(url) as reader:
            await eventually(lambda: reader.problem)
            assert reader.problem == (
                "the source refused the connection (HTTP 403): missing Origin: set"
                f" NORTHSTAR_HEADERS to 'Origin: {origin}'"
            )
            assert reader.received == []
        async with reading(url, headers={"Origin": origin}) as reader:
            await eventually(lambda: reader.ledger.tally.accepted == 1)
