"""Command-line entry point."""

import argparse
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any, NoReturn

from fastapi import FastAPI

from northstar import __version__
from northstar.errors import ConfigurationError, StoreError, StoreUnusable
from northstar.logs import configure
from northstar.settings.loading import load
from northstar.settings.summary import address, summary
from northstar.settings.table import Settings
from northstar.web.auth.passwords import hash_line
from northstar.web.sockets.uvicorn_server import (
    Server,
    ending_signals,
    listeners,
    prepare_for_many_viewers,
    served,
)

# Errors of `bind` that no waiting cures: a port that needs privileges, and a name without address.
INCURABLE = (errno.EACCES, socket.EAI_NONAME, socket.EAI_FAMILY)


class _PrintUser(argparse.Action):
    """`--hash-password NAME`, which works without any settings."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, name: Any, *__: Any) -> None:
        print(hash_line(name))
        parser.exit()


class _PrintVersion(argparse.Action):
    """`--version`; the action of argparse ignores that it cannot be written."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(f"NorthStar {__version__}")
        parser.exit()


def main(program: str | None = None) -> None:
    """Run the command line; `program` is the program's name in the help."""
    for stop in ending_signals():  # replaced by the server's handlers
        signal.signal(stop, lambda *_: sys.exit(0))
    _print_in_any_encoding()
    with _printing():
        server, settings = create(sys.argv[1:], program)
    run(server, settings)


def _print_in_any_encoding() -> None:
    """Let standard output escape what its encoding does not have, as standard error does."""
    if isinstance(sys.stdout, TextIOWrapper):  # not if it was closed before the start
        sys.stdout.reconfigure(errors="backslashreplace")


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
    """Serve until the program receives a signal.

    The exit code is 1 if the history lacks states that could not be written, otherwise 0.
    """
    bound = listen(settings)
    with suppress(SystemExit), _printing():  # it serves without its output, too
        print(*summary(settings), sep="\n")
        if settings.host == "::" and len(bound) == 1:
            print("  It listens on IPv6 only: this system has no IPv4.")

    def end() -> int:
        lacks = bool(server.state.history.lacks)
        with suppress(SystemExit), _printing():
            print("NorthStar has ended" + ("; the history lacks states" if lacks else ""))
        return int(lacks)

    prepare_for_many_viewers()
    Server(served(server), end).run(sockets=bound)


def listen(settings: Settings) -> list[socket.socket]:
    """Return the sockets bound to the configured address, or exit with an error message."""
    problem = f"cannot listen on {address(settings)}: {{}} (see --host, --port)"
    if not _is_name(settings.host):  # binding would raise TypeError and leave a socket open
        refuse(problem.format("this is no name of a host"), code=2)
    try:
        return listeners(settings.host, settings.port)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        refuse(problem.format(reason), code=2 if error.errno in INCURABLE else 1)


def _is_name(host: str) -> bool:
    """Return whether the system can be asked for a host."""
    try:
        return host.isprintable() and bool(host.isascii() or host.encode("idna"))
    except UnicodeError:
        return False


def refuse(reason: str, code: int) -> NoReturn:
    """Print `reason` to standard error and exit with `code`."""
    print(f"northstar: {reason}", file=sys.stderr)
    raise SystemExit(code)


@contextmanager
def _printing() -> Iterator[None]:
    """Write out what is printed; exit with an error message if that fails, as on a full disk.

    Nothing more is printed then: Python would fail again at its end, with a traceback.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout:  # not if it was closed before the start
                sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        refuse(f"standard output cannot be written: {error.strerror}", code=1)


def _options() -> argparse.ArgumentParser:
    """Return the parser of the options that are not settings."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument(
        "--version", action=_PrintVersion, nargs=0, help="print the version and exit"
    )
    options.add_argument(
        "--hash-password",
        metavar="NAME",
        action=_PrintUser,
        help="read a password, print NAME and its hash for NORTHSTAR_AUTH_USERS, and exit",
    )
    return options
