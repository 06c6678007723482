"""Command-line entry point."""

import argparse
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from fastapi import FastAPI

from northstar import __version__
from northstar.errors import ConfigurationError, StoreError, StoreUnusable
from northstar.logs import configure
from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.web.auth.passwords import hash_line
from northstar.web.sockets.uvicorn_server import Server, listener, prepare_for_many_viewers, served


class _PrintUser(argparse.Action):
    """`--hash-password NAME`, which works without any settings."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, name: Any, *__: Any) -> None:
        print(hash_line(name))
        parser.exit()


def main(program: str | None = None) -> None:
    """Run the command line; `program` is the program's name in the help."""
    for stop in (signal.SIGINT, signal.SIGTERM):  # replaced by the server's handlers
        signal.signal(stop, lambda *_: sys.exit(0))
    run(*create(sys.argv[1:], program))


def create(arguments: Sequence[str] = (), program: str | None = None) -> tuple[FastAPI, Settings]:
    """Return the application and its settings, or exit with an error message."""
    try:
        settings = load(arguments, program, [_options()])
        configure(settings)
        from northstar.web.app import create_server  # noqa: PLC0415 (takes 1 s; not for `--help`)

        return create_server(settings), settings
    except (ConfigurationError, StoreUnusable) as error:
        refuse(str(error), code=2)
    except StoreError as error:  # may succeed at the next start
        refuse(str(error), code=1)


def run(server: FastAPI, settings: Settings) -> None:
    """Serve until the program receives a signal."""
    bound = listen(settings)
    source = "generated data (demo)" if settings.demo else settings.replay or settings.stream_name
    print(f"NorthStar shows {source} at http://{address(settings)}", flush=True)
    prepare_for_many_viewers()
    Server(served(server)).run(sockets=[bound])


def listen(settings: Settings) -> socket.socket:
    """Return a socket bound to the configured address, or exit with an error message."""
    try:
        return listener((settings.host, settings.port))
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        refuse(f"cannot listen on {address(settings)}: {reason} (see --host, --port)", code=1)


def address(settings: Settings) -> str:
    """Return host and port as in a URL."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def refuse(reason: str, code: int) -> NoReturn:
    """Print `reason` to standard error and exit with `code`."""
    print(f"northstar: {reason}", file=sys.stderr)
    raise SystemExit(code)


def _options() -> argparse.ArgumentParser:
    """Return the parser of the options that are not settings."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--version", action="version", version=f"NorthStar {__version__}")
    options.add_argument(
        "--hash-password",
        metavar="NAME",
        action=_PrintUser,
        help="read a password, print NAME and its hash for NORTHSTAR_AUTH_USERS, and exit",
    )
    return options
