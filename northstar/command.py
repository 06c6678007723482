"""The command line: says what is shown and where, serves, and ends well."""

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI

from northstar import __version__
from northstar.errors import ConfigurationError
from northstar.logs import configure
from northstar.passwords import user
from northstar.settings import Settings, load

# Of the five seconds in which the program ends: open streams and requests have the first two, then
# the history's writer has two. What hangs for longer, wherever it does, is left behind.
GRACE_S = 2
LIMIT_S = 4.5


class _Server(uvicorn.Server):
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


class _PrintUser(argparse.Action):
    """`--hash-password NAME`, for which nothing has to be set."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, name: Any, *__: Any) -> None:
        print(user(name))
        parser.exit()


def main(program: str | None = None) -> None:
    """Do what the command line says; the help calls the program `program`."""
    for stop in (signal.SIGINT, signal.SIGTERM):  # until the server takes them
        signal.signal(stop, lambda *_: sys.exit(0))
    run(*create(sys.argv[1:], program))


def create(arguments: Sequence[str] = (), program: str | None = None) -> tuple[FastAPI, Settings]:
    """Return the application and its settings, or end the program saying what is wrong."""
    try:
        settings = load(arguments, program, [_options()])
        configure(settings)
        from northstar.server import create_server  # noqa: PLC0415 (not for `--help`; a second)

        return create_server(settings), settings
    except ConfigurationError as error:
        refuse(str(error), code=2)


def run(server: FastAPI, settings: Settings) -> None:
    """Serve until told to stop."""
    listener = listen(settings)
    source = "invented numbers (demo)" if settings.demo else settings.replay or settings.stream_name
    print(f"NorthStar shows {source} at http://{address(settings)}", flush=True)
    config = uvicorn.Config(
        server,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,  # uvicorn would believe whoever is on this machine: see proxies.py
    )
    _Server(config).run(sockets=[listener])


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


def _options() -> argparse.ArgumentParser:
    """Return the options that are no settings."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--version", action="version", version=f"NorthStar {__version__}")
    options.add_argument(
        "--hash-password",
        metavar="NAME",
        action=_PrintUser,
        help="ask for a password, print NAME and its hash for NORTHSTAR_AUTH_USERS, and end",
    )
    return options
