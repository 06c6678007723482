"""The server: its addresses, its sockets, and who may open them."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

import guide
from conftest import UTC
from northstar.assembly import create_pipeline
from northstar.messages import decode
from northstar.server import create_server
from northstar.settings import Settings
from northstar.sockets import add_sockets
from sources import Stream, stream
from waiting import eventually, until

ANSWER_S = 10
SOCKETS = ("/view-stream", "/pnl-stream")


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port for as long as the context lasts; return host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="error", lifespan="on", proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started, what="the server answers")
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class Dashboard:
    """A running dashboard, as a browser or a program reaches it."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self.address = address
        self.get = client.get

    def open(self, path: str, origin: str | None = None) -> ClientConnection:
        """Connect to a socket, as a page of `origin` or as a program."""
        return connect(f"ws://{self.address}{path}", origin=Origin(origin) if origin else None)


@contextmanager
def dashboard(settings: Settings) -> Iterator[Dashboard]:
    """Run a dashboard for as long as the context lasts."""
    with (
        running(create_server(settings)) as address,
        httpx.Client(base_url=f"http://{address}", trust_env=False) as client,
    ):
        yield Dashboard(address, client)


def read(viewer: ClientConnection) -> dict[str, Any]:
    """Return the next message of a socket."""
    return dict(json.loads(viewer.recv(timeout=ANSWER_S)))


def read_frame(viewer: ClientConnection, revenue: str) -> dict[str, Any]:
    """Return the next frame that shows this revenue, which must be one of the next few."""
    for _ in range(5):
        frame = read(viewer)
        if frame.get("props", {}).get("kpi-revenue-value", {}).get("children") == revenue:
            return frame
    raise AssertionError(f"no frame shows {revenue}")


@pytest.fixture
def source() -> Iterator[Stream]:
    """Run a stream that has not said anything yet."""
    with stream() as source:
        yield source


@pytest.fixture
def empty(source: Stream) -> Iterator[Dashboard]:
    """Run a dashboard on the stream that has not said anything yet."""
    with dashboard(Settings(ws_url=source.url)) as at:
        until(lambda: source.clients, what="the dashboard reads the stream")
        yield at


@pytest.fixture
def filled(source: Stream, empty: Dashboard) -> Dashboard:
    """Run a dashboard into which the guide's example has come."""
    source.send(guide.EXAMPLE)
    until(lambda: empty.get("/api/pnl").status_code == 200, what="the example has arrived")
    return empty


@pytest.fixture
def demo() -> Iterator[Dashboard]:
    """Run a demo that is fast enough to watch it move."""
    with dashboard(Settings(demo=True, demo_rate=20)) as at:
        yield at


@pytest.fixture
def befriended() -> Iterator[Dashboard]:
    """Run a demo that lets in the pages of one other origin."""
    with dashboard(Settings(demo=True, allowed_origins=("https://friend.example",))) as at:
        yield at


def test_health(empty: Dashboard) -> None:
    """The process answers, also before there is any data."""
    answer = empty.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_state_before_any_message(empty: Dashboard) -> None:
    """Without data there is a 503 and no number."""
    answer = empty.get("/api/pnl")

    assert answer.status_code == 503
    assert answer.json() == {"error": "no data yet", "feed": "connecting"}


def test_state_after_a_message(filled: Dashboard) -> None:
    """The state is served in the guide's format, never from a cache."""
    answer = filled.get("/api/pnl")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == guide.message()
    assert decode(answer.content, UTC) == decode(guide.EXAMPLE, UTC)


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/api/pnl/", "/view-stream/x"])
def test_unknown_address(path: str, empty: Dashboard) -> None:
    """What is not there is answered with 404, in JSON."""
    answer = empty.get(path, follow_redirects=False)

    assert answer.status_code == 404
    assert answer.json() == {"error": f"nothing at {path}"}


def test_pnl_stream(source: Stream, filled: Dashboard) -> None:
    """A subscriber gets the state at once and each change of it, in the guide's format."""
    with filled.open("/pnl-stream") as subscriber:
        assert read(subscriber) == guide.message()

        source.send(guide.text(revenue=1, trendsData=...))
        assert read(subscriber) == guide.message(revenue=1, netPnL=1 - 48320)


def test_view_stream(source: Stream, filled: Dashboard) -> None:
    """A page gets a whole frame at once, and another after a change."""
    with filled.open("/view-stream") as first_viewer:
        drawn = read_frame(first_viewer, "$125,450")

    with filled.open("/view-stream") as viewer:
        frame = read(viewer)
        assert frame["props"] == drawn["props"]
        assert frame["feed"]["state"] == "stale", "the guide's example is of February"

        source.send(guide.text(revenue=1))
        changed = read_frame(viewer, "$1")
        assert changed["seq"] > frame["seq"]
        assert changed["epoch"] == frame["epoch"]


def test_view_stream_before_any_message(empty: Dashboard) -> None:
    """A page that comes before the data gets the state of the feed at once."""
    with empty.open("/view-stream") as viewer:
        frame = read(viewer)

    assert frame["feed"]["state"] == "connecting"
    assert "props" not in frame


@pytest.mark.parametrize("path", SOCKETS)
def test_socket_with_two_viewers(path: str, demo: Dashboard) -> None:
    """Both are sent one state after the other."""
    with demo.open(path) as one, demo.open(path) as other:
        assert len({json.dumps(read(one)) for _ in range(5)}) == 5
        assert len({json.dumps(read(other)) for _ in range(5)}) == 5


async def test_dashboard_of_a_dashboard(demo: Dashboard) -> None:
    """Another instance can show what this one serves."""
    settings = Settings(ws_url=f"http://{demo.address}/pnl-stream")
    pipeline = create_pipeline(settings)
    revenues: list[float] = []

    def accept(raw: bytes | str, *, fetched: bool = False) -> bool:
        assert not fetched
        revenues.append(float(decode(raw, UTC).revenue))
        return True

    reading = asyncio.create_task(pipeline.feed.run(accept))
    await eventually(lambda: len(set(revenues)) > 3)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert revenues[0] == pytest.approx(125_450, rel=0.01)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[broken", "https://friend.example.evil"]
)
def test_socket_for_a_foreign_page(path: str, origin: str, befriended: Dashboard) -> None:
    """A page of another origin is refused before anything is sent."""
    with pytest.raises(InvalidStatus) as refusal:
        befriended.open(path, origin).close()

    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", ["http://{address}", "https://friend.example", None])
def test_socket_for_a_known_page(path: str, origin: str | None, befriended: Dashboard) -> None:
    """Our own page, one of an allowed origin and a program are let in."""
    named = origin and origin.format(address=befriended.address)
    with befriended.open(path, named) as viewer:
        assert read(viewer)


@pytest.mark.parametrize("path", SOCKETS)
def test_viewers_who_leave(path: str) -> None:
    """Whoever goes, with a goodbye or without, leaves no slot behind."""
    settings = Settings(demo=True)
    pipeline = create_pipeline(settings)
    app = FastAPI()
    add_sockets(app, pipeline, settings)
    hub = {"/view-stream": pipeline.viewers, "/pnl-stream": pipeline.subscribers}[path]
    pipeline._started_at = 0.0
    with running(app) as address:
        with connect(f"ws://{address}{path}"), connect(f"ws://{address}{path}") as rude:
            until(lambda: len(hub) == 2, what="both are there")
            rude.socket.shutdown(socket.SHUT_RDWR)
            until(lambda: len(hub) == 1, what="the rude one is gone")

        until(lambda: len(hub) == 0, what="the polite one is gone")
