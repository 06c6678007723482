"""WebSocket endpoints: admit viewers, send frames, cut slow ones.

Uses ASGI directly, so that sending to one of ten thousand viewers runs no code of ours except
`Sender.send_now`.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar

from fastapi import FastAPI, status
from starlette.datastructures import Headers, QueryParams
from starlette.types import Message, Receive, Scope, Send

from northstar.live.hub import Cut, EncodedText, Hub, Slot
from northstar.live.pipeline import Pipeline
from northstar.settings.table import Settings
from northstar.web.auth.access import ANONYMOUS, SIGN_IN_AGAIN, is_ours
from northstar.web.auth.request_info import request_info
from northstar.web.auth.sessions import Sessions
from northstar.web.auth.throttle import rate_limit_key
from northstar.web.sockets.admission import Admission, AdmissionRate, ConnectionLimit
from northstar.web.sockets.draining import MOVED, Draining
from northstar.web.sockets.protocols import CONTINUATION
from northstar.web.starlette_app import add_socket

SendNow: TypeAlias = Callable[[str], bool]

CLOSE_S = 1.0  # time for a viewer that is cut to read the reason


def add_sockets(
    server: FastAPI,
    pipeline: Pipeline,
    settings: Settings,
    sessions: Sessions,
    draining: Draining,
) -> None:
    """Serve the two streams: frames for our page, and the guide's format for programs."""
    admission = Admission(
        ConnectionLimit(settings.max_viewers, settings.max_viewers_per_address),
        AdmissionRate(settings.admit_rate),
    )
    stream = partial(Stream, admission, settings, sessions=sessions, draining=draining)
    broadcast = pipeline.broadcast
    add_socket(server, "/view-stream", stream(broadcast.viewers, broadcast.frame))
    add_socket(server, "/pnl-stream", stream(broadcast.subscribers, broadcast.message))


class Sendable(Protocol):
    """A frame, or a message in the guide's format; `key` is the key frame that comes with it."""

    @property
    def key(self) -> str: ...

    def text_for(self, key: str) -> EncodedText:
        """Return the text for a viewer that has the key frame `key`."""


S = TypeVar("S", bound=Sendable)


class Visit(NamedTuple):
    """One socket: its rate-limit key, the end and the name of its session, its key frame."""

    address: str
    until: float | None
    session: str
    key: str


class Disconnected(Exception):
    """The viewer has disconnected."""


class Stream(Generic[S]):
    """One of the streams, as an ASGI application.

    A viewer receives the current state at once, then each that `hub` publishes, as fast as it
    reads; if it does not read for `settings.cut_after` seconds, it is cut. `?key=` in the address
    is the key frame that a page already has.
    """

    def __init__(  # noqa: PLR0913 (what the two streams share, and what not)
        self,
        admission: Admission,
        settings: Settings,
        hub: Hub[S],
        current: Callable[[], S | None],
        *,
        sessions: Sessions,
        draining: Draining,
    ) -> None:
        self._hub = hub
        self._current = current
        self._admission = admission
        self._sessions = sessions
        self._draining = draining
        self._allowed_origins = settings.allowed_origins
        self._cut_after_s = settings.cut_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # `websocket.connect`
        if not is_ours(Headers(scope=scope), self._allowed_origins):
            await _close(send, status.WS_1008_POLICY_VIOLATION, "origin not allowed")
            return
        # A browser reports the reason of a close, but not of a refused handshake.
        await send({"type": "websocket.accept"})
        info = request_info(scope)
        until = (info.viewer or ANONYMOUS).until
        key = QueryParams(scope["query_string"]).get("key", "")
        visit = Visit(rate_limit_key(scope), until, info.session, key)
        run = partial(self._run, visit)
        continuations = scope.get("extensions", {}).get(CONTINUATION)
        if continuations is None:
            await run(receive, send)
        else:
            continuations.append(run)

    async def _run(
        self, visit: Visit, receive: Receive, send: Send, send_now: SendNow = lambda _: False
    ) -> None:
        """Send until the viewer disconnects, is cut, signs out, has to sign in again or moves."""
        if refused := self._admission.refusal(visit.address):
            await self._cut(send, *refused)
            return
        with self._admission.hold(visit.address):
            left_s = None if visit.until is None else visit.until - time.time()
            deadline = asyncio.timeout(left_s)
            try:
                with self._sessions.hold(visit.session, deadline), self._draining.hold(deadline):
                    async with deadline:
                        await self._serve(Sender(visit.key, send, send_now), receive, send)
            except TimeoutError:
                if self._draining.has_moved(deadline):
                    await _close(send, status.WS_1012_SERVICE_RESTART, MOVED)
                else:
                    await _close(send, SIGN_IN_AGAIN, "sign in again")

    async def _serve(self, sender: "Sender", receive: Receive, send: Send) -> None:
        """Send until the viewer disconnects or is cut."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(sender))
                await _listen(receive)
        except* TimeoutError:
            await self._cut(send, Cut.SLOW)
        except* Disconnected:
            pass

    async def _send(self, sender: "Sender") -> NoReturn:
        """Send the current and all later frames: at once, or when the viewer has read those before.

        Raises `TimeoutError` if the viewer stops reading. The time runs only while a newer frame
        waits for the send, not for each send: a timer takes a third of the time of a send.
        """
        async with asyncio.timeout(None) as deadline:
            start = partial(_start, deadline, self._cut_after_s)
            with self._hub.join(start, sender.send_now) as slot:
                self._put_current(slot)
                while True:
                    frame = await slot.take()
                    deadline.reschedule(None)
                    await sender.send(frame)

    def _put_current(self, slot: Slot[S]) -> None:
        if current := self._current():
            slot.put(current)

    async def _cut(self, send: Send, why: Cut, wait_s: int = 0) -> None:
        self._hub.cuts[why] += 1
        await _close(send, status.WS_1013_TRY_AGAIN_LATER, why.format(wait_s))


class Sender:
    """Sends frames to a viewer that has the key frame `key`, in the form for it."""

    __slots__ = ("_is_sending", "_key", "_send", "_send_now", "_sent")

    def __init__(self, key: str, send: Send, send_now: SendNow) -> None:
        self._key = key
        self._send = send
        self._send_now = send_now
        self._sent: str | None = None
        self._is_sending = False

    def send_now(self, frame: Sendable) -> bool:
        """Send a frame unless that has to wait; return whether it is sent."""
        if self._is_sending:
            return False
        text = frame.text_for(self._key)
        if text != self._sent and not self._send_now(text):
            return False
        self._key, self._sent = frame.key, text
        return True

    async def send(self, frame: Sendable) -> None:
        """Send a frame once the viewer has read those before. Raises `Disconnected`."""
        self._is_sending = True
        text = frame.text_for(self._key)
        if text != self._sent:  # the first one may be published again
            await _send_message(self._send, {"type": "websocket.send", "text": text})
        self._key, self._sent = frame.key, text
        self._is_sending = False


def _start(deadline: asyncio.Timeout, seconds: float) -> None:
    """Start the timeout, unless it is already running."""
    if deadline.when() is None:
        deadline.reschedule(asyncio.get_running_loop().time() + seconds)


async def _listen(receive: Receive) -> NoReturn:
    """Raise `Disconnected` when the viewer disconnects; ignore its messages until then."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
    raise Disconnected


async def _close(send: Send, code: int, reason: str) -> None:
    """Close with a reason; the server drops a viewer that does not read it."""
    with suppress(Disconnected, TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await _send_message(send, {"type": "websocket.close", "code": code, "reason": reason})


async def _send_message(send: Send, message: Message) -> None:
    """Send, or raise `Disconnected` if the viewer or uvicorn has closed the socket."""
    try:
        await send(message)
    except (OSError, RuntimeError) as error:
        raise Disconnected from error
