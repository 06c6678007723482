"""The command line: says what is shown and where, serves, and ends well."""

import signal
import socket
import sys
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from northstar.logs import configure
from northstar.settings import Settings

GRACE_S = 3  # for open streams to end before the process does


def run(server: FastAPI, settings: Settings) -> None:
    """Serve until told to stop."""
    listener = listen(settings)
    configure(settings)
    source = "invented numbers (demo)" if settings.demo else settings.replay or settings.stream_name
    print(f"NorthStar shows {source} at http://{address(settings)}", flush=True)
    for stop in (signal.SIGINT, signal.SIGTERM):  # uvicorn stops first, then passes it on to us
        signal.signal(stop, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        server,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,  # uvicorn would believe whoever is on this machine: see proxies.py
    )
    uvicorn.Server(config).run(sockets=[listener])


def listen(settings: Settings) -> socket.socket:
    """Return a socket bound to the settings' address, or end the program saying why not."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        refuse(f"cannot listen on {address(settings)}: {reason} (see --host, --port)", code=1)


def address(settings: Settings) -> str:
    """Return host and port as they stand in a URL."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def refuse(reason: str, code: int) -> NoReturn:
    """End the program with `reason`."""
    print(f"northstar: {reason}", file=sys.stderr)
    raise SystemExit(code)
