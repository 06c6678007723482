"""Configure and run uvicorn.

Undocumented parts of uvicorn used here; `protocols` lists the others:

- `Server.capture_signals()` and `handle_exit()`, called with each signal. Without them, SIGHUP
  would not end the server in order, and a second signal not at once.
- `Server.startup()` and `shutdown()`. Without them, anything that hangs delays the exit.
"""

import asyncio
import gc
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from northstar.history.database import remove_temporary_databases
from northstar.web.sockets.draining import Draining
from northstar.web.sockets.listening import HANGUP, ending_signals
from northstar.web.sockets.protocols import MAX_MESSAGE_BYTES, Connection, Request

if sys.platform != "win32":
    import resource

# The program exits within five seconds: open streams and requests have the first two, then the
# history's writer has two. Anything that hangs for longer is abandoned.
GRACE_S = 2
LIMIT_S = 4.5
STANDARD_ERROR = 2
# More than one frame to ten thousand viewers allocates. The garbage of handshakes, about 80 objects
# each, is collected after 250 of them.
OBJECTS_PER_COLLECTION = 20_000


class Server(uvicorn.Server):
    """Exits within `LIMIT_S` of a signal, whatever hangs; at once on a second signal.

    With `draining`, the viewers first go to other instances, which takes no longer than its limit.

    At exit, Python waits for all threads, and the event loop for the requests that they serve.
    Neither wait has a limit, and a thread that waits for a database or for DNS cannot be stopped,
    so both waits are skipped. The exit code is that of `end` if everything was closed before
    (pages, history, database; each log line is flushed when written), 1 if something hung, and 128
    plus the signal's number on a second signal.
    """

    def __init__(
        self, config: uvicorn.Config, end: Callable[[], int], draining: Draining | None = None
    ) -> None:
        super().__init__(config)
        self._end = end
        self._draining = draining
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drains: asyncio.Task[None] | None = None
        self._is_ending = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            for each in ending_signals():  # SIGHUP, too
                signal.signal(each, self.handle_exit)
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._is_ending:
            if sig == HANGUP:  # a closed terminal sends several
                return
            _end_now(128 + sig, f"ended at once by {signal.Signals(sig).name}")
        self._is_ending = True
        if self._draining and self._loop:
            self._draining.begin()
            self._loop.call_soon_threadsafe(self._drain, self._draining, sig)
        else:
            self._exit(sig, frame)

    def _drain(self, draining: Draining, sig: int) -> None:
        """Let the viewers go to other instances, then exit."""
        self._drains = asyncio.create_task(draining.run(), name="draining")
        self._drains.add_done_callback(lambda _: self._exit(sig, None))

    def _exit(self, sig: int, frame: FrameType | None) -> None:
        limit = threading.Timer(LIMIT_S, _end_now, (1, f"something hung for {LIMIT_S} s"))
        limit.daemon = True
        limit.start()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        _end_now(self._end())


def _end_now(code: int, reason: str = "") -> NoReturn:
    """End the process without waiting for threads; this also skips `atexit`.

    The reason is printed to standard error, unless its reader would have to be waited for.
    """
    remove_temporary_databases()
    with suppress(OSError):
        _, writable, _ = select.select([], [STANDARD_ERROR], [], 0)
        if reason and writable:
            os.write(STANDARD_ERROR, f"northstar: {reason}\n".encode())
    os._exit(code)


def served(server: FastAPI) -> uvicorn.Config:
    """Return the uvicorn configuration of `server`."""
    return uvicorn.Config(
        server,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=False,  # uvicorn would trust every local client: see proxies.py
        http=Request,
        ws=Connection,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # deflate.py compresses once for all viewers
        # Pings keep proxies from closing a quiet stream. A viewer is cut when it does not read, not
        # for a missing pong, for which uvicorn would close the connection without telling us.
        ws_ping_timeout=None,
    )


def prepare_for_many_viewers() -> None:
    """Raise the limit of open files to its maximum, and make garbage collection rare.

    By default Python collects after every 700 objects, and sometimes examines all of them: with
    ten thousand viewers that takes 0.2 s, during which no frame is sent. Objects that exist now
    are never examined.
    """
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 1, 1)
