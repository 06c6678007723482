"""WebSocket endpoints: admit viewers, send frames, cut slow ones.

Uses ASGI directly: a send to one of ten thousand viewers runs no code of ours except `_send`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NoReturn

from fastapi import FastAPI, status
from starlette.datastructures import Headers
from starlette.routing import WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from northstar.live.hub import Cut, Hub, Slot
from northstar.live.pipeline import Pipeline
from northstar.settings.table import Settings
from northstar.web.auth.access import ANYBODY, SIGN_IN_AGAIN, is_ours
from northstar.web.auth.throttle import line
from northstar.web.sockets.protocols import STAY
from northstar.web.visit import visit

GOODBYE_S = 1.0  # time for a viewer that is cut to read the reason


def add_sockets(server: FastAPI, pipeline: Pipeline, settings: Settings) -> None:
    """Serve the two streams: frames for our page, and the guide's format for programs."""
    seats = Seats(settings.max_viewers, settings.max_viewers_per_address)
    for path, hub, present in (
        ("/view-stream", pipeline.broadcast.viewers, pipeline.broadcast.frame),
        ("/pnl-stream", pipeline.broadcast.subscribers, pipeline.broadcast.message),
    ):
        stream = Stream(hub, present, seats, settings)
        server.router.routes.append(WebSocketRoute(path, stream))


class Seats:
    """The open sockets of both streams, counted in all and by address."""

    def __init__(self, in_all: int, per_address: int) -> None:
        self._in_all = in_all
        self._per_address = per_address
        self._taken = 0
        self._taken_from = Counter[str]()

    def shortage(self, address: str) -> Cut | None:
        """Return why there is no seat for another viewer at `address`; None if there is one."""
        if self._taken >= self._in_all:
            return Cut.FULL
        return Cut.ADDRESS if self._taken_from[address] >= self._per_address else None

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """Hold a seat for the duration of the context."""
        self._taken += 1
        self._taken_from[address] += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._taken_from[address] -= 1
            if not self._taken_from[address]:
                del self._taken_from[address]


class Gone(Exception):
    """The viewer has left."""


class Stream:
    """One of the streams, as an ASGI application.

    A viewer receives the current text at once, then each that `hub` publishes, as fast as it
    reads; if it does not read for `settings.cut_after` seconds, it is cut.
    """

    def __init__(
        self, hub: Hub, present: Callable[[], str | None], seats: Seats, settings: Settings
    ) -> None:
        self._hub = hub
        self._present = present
        self._seats = seats
        self._allowed_origins = settings.allowed_origins
        self._cut_after_s = settings.cut_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # `websocket.connect`
        if not is_ours(Headers(scope=scope), self._allowed_origins):
            await _close(send, status.WS_1008_POLICY_VIOLATION, "origin not allowed")
            return
        # A browser reports the reason of a close, but not of a refused handshake.
        await send({"type": "websocket.accept"})
        until = (visit(scope).viewer or ANYBODY).until
        stay = partial(self._stay, line(scope), until)
        later = scope.get("extensions", {}).get(STAY)
        if later is None:
            await stay(receive, send)
        else:
            later.append(stay)

    async def _stay(self, address: str, until: float | None, receive: Receive, send: Send) -> None:
        """Take a seat and send until the viewer leaves, is cut, or has to sign in again."""
        if shortage := self._seats.shortage(address):
            await self._cut(send, shortage)
            return
        with self._seats.take(address):
            try:
                async with asyncio.timeout(None if until is None else until - time.time()):
                    await self._serve(receive, send)
            except TimeoutError:
                await _close(send, SIGN_IN_AGAIN, "sign in again")

    async def _serve(self, receive: Receive, send: Send) -> None:
        """Send until the viewer leaves or is cut."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(send))
                await _listen(receive)
        except* TimeoutError:
            await self._cut(send, Cut.SLOW)
        except* Gone:
            pass

    async def _send(self, send: Send) -> NoReturn:
        """Send the current and all later frames; raise `TimeoutError` if the viewer stops reading.

        The time runs only while a newer frame waits for the send, not for each send: a timer
        takes a third of the time of a send.
        """
        async with asyncio.timeout(None) as patience:
            with self._hub.join(partial(_start, patience, self._cut_after_s)) as slot:
                self._greet(slot)
                sent = None
                while True:
                    frame = await slot.take()
                    patience.reschedule(None)
                    if frame != sent:  # the first one may be published again
                        await _tell(send, {"type": "websocket.send", "text": frame})
                    sent = frame

    def _greet(self, slot: Slot) -> None:
        if present := self._present():
            slot.put(present)

    async def _cut(self, send: Send, why: Cut) -> None:
        self._hub.cuts[why] += 1
        await _close(send, status.WS_1013_TRY_AGAIN_LATER, why)


def _start(patience: asyncio.Timeout, seconds: float) -> None:
    """Start the timeout, unless it is already running."""
    if patience.when() is None:
        patience.reschedule(asyncio.get_running_loop().time() + seconds)


async def _listen(receive: Receive) -> NoReturn:
    """Raise `Gone` when the viewer leaves; ignore its messages until then."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
    raise Gone


async def _close(send: Send, code: int, reason: str) -> None:
    """Close with a reason; the server drops a viewer that does not read it."""
    with suppress(Gone, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await _tell(send, {"type": "websocket.close", "code": code, "reason": reason})


async def _tell(send: Send, message: Message) -> None:
    """Send, or raise `Gone` if the viewer has left or uvicorn has closed after its error."""
    try:
        await send(message)
    except (OSError, RuntimeError) as error:
        raise Gone from error
