"""How the application is served: how its sockets are kept, how many there may be, how it ends."""

import gc
import os
import socket
import sys
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

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

    A thread that waits for a database, or for the network's names, cannot be told to stop. Python
    waits for all of them before it ends, and so does the event loop for the requests that they
    serve; both waits are left out. Nothing is lost by it: pages are told, the history written and
    the database closed before that, and every line of the log is flushed as it is written.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            os._exit(0)
        limit = threading.Timer(LIMIT_S, os._exit, (0,))
        limit.daemon = True
        limit.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        os._exit(0)


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
