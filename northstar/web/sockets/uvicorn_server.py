"""Configure and run uvicorn.

What we use of uvicorn beyond its documentation: `Server.handle_exit()`, called with each signal,
`Server.shutdown()` and `should_exit`. Without them, whatever hangs holds up the end. `protocols`
has the rest.
"""

import gc
import os
import socket
import sys
import threading
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from northstar.history.database import remove_passing_databases
from northstar.web.sockets.protocols import MAX_MESSAGE_BYTES, Connection, Request

if sys.platform != "win32":
    import resource

# Of the five seconds in which the program ends: open streams and requests have the first two, then
# the history's writer has two. What hangs for longer, wherever it does, is left behind.
GRACE_S = 2
LIMIT_S = 4.5
# What the system may hold of a connection's data before it is on its way; by itself it takes up to
# 4 MB, which is minutes of frames that are old before a slow viewer gets them.
MAX_UNSENT_BYTES = 16_384
# More than one frame to ten thousand viewers makes. What handshakes leave behind, some 80 objects
# each, is found after 250 of them.
OBJECTS_PER_COLLECTION = 20_000


class Server(uvicorn.Server):
    """Ends within `LIMIT_S` of a signal, whatever hangs; at once where there is a second one.

    Python waits for all threads before it ends, and the event loop for the requests that they
    serve. Neither wait has a limit, so both are left out: a thread that waits for a database, or
    for the network's names, cannot be stopped. The exit code is 0 where everything was closed
    before: pages, history, database; every line of the log is flushed as it is written. It is 1
    where something hung, and 128 plus the second signal's number.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            _end_now(128 + sig)
        limit = threading.Timer(LIMIT_S, _end_now, (1,))
        limit.daemon = True
        limit.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        _end_now(0)


def _end_now(code: int) -> NoReturn:
    """End the process without waiting for threads, which leaves out `atexit`, too."""
    remove_passing_databases()
    os._exit(code)


def served(server: FastAPI) -> uvicorn.Config:
    """Return how `server` is served."""
    return uvicorn.Config(
        server,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whoever is on this machine: see proxies.py
        http=Request,
        ws=Connection,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # it is done once for all: see deflate.py
        # Pings keep proxies from ending a quiet stream. Who does not answer them is not cut for
        # it, but once a frame waits; uvicorn would end the connection behind our back.
        ws_ping_timeout=None,
    )


def listener(address: tuple[str, int]) -> socket.socket:
    """Return a socket bound to host and port, which holds little for a viewer that is slow.

    Raises `OSError` where that cannot be.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.create_server(address, family=family)
    if sys.platform == "linux":  # each connection has it from the listener
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
    return bound


def prepare_for_many_viewers() -> None:
    """Let as many files be open as may be, a socket each, and look for garbage seldom.

    Python looks for it after every 700 objects, and now and then at all there are: with ten
    thousand viewers that is 0.2 s in which no frame goes out. What the program itself consists of
    is never looked at.
    """
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION, 1, 1)
