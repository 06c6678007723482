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
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from northstar import __version__
from northstar.errors import ConfigurationError, DeliveryError, StoreError, StoreUnusable
from northstar.logs import configure
from northstar.settings.loading import load
from northstar.settings.summary import address, summary
from northstar.settings.table import Settings
from northstar.web.sockets.listening import ending_signals, listeners
from northstar.workers import WorkerFailed, end_with_the_supervisor, own_place, supervise

if TYPE_CHECKING:
    from fastapi import FastAPI

# Commands besides serving.
COMMANDS = ("alerts", "report")
# Errors of `bind` that waiting does not resolve: a port that needs privileges, and a name without
# address.
INCURABLE = (errno.EACCES, socket.EAI_NONAME, socket.EAI_FAMILY)


class _PrintUser(argparse.Action):
    """`--hash-password NAME`, which works without any settings."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, name: Any, *__: Any) -> None:
        from northstar.web.auth.passwords import hash_line  # noqa: PLC0415 (takes 0.2 s)

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
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        _run_command(sys.argv[1], sys.argv[2:], program or Path(sys.argv[0]).name)
        return
    with _printing(), _refusing():
        settings = load(sys.argv[1:], program, [_options()])
    if settings.workers > 1 and own_place() is None:
        _supervise(settings)
        return
    with _printing():
        server = _create(settings)
    run(server, settings)


def _supervise(settings: Settings) -> None:
    """Run the workers until a signal, and exit with an error message if one cannot be kept."""
    configure(settings)
    for each in listen(settings):  # another program on the port, which workers would share
        each.close()
    _print_summary(settings)
    with _refusing():
        code = supervise(settings.workers, ending_signals())
    with suppress(SystemExit), _printing():
        print("NorthStar has ended")
    raise SystemExit(code)


def _print_summary(settings: Settings, *more: str) -> None:
    """Print the address and the main settings; the program serves even if that fails."""
    with suppress(SystemExit), _printing():
        print(*summary(settings), *more, sep="\n")


def _run_command(name: str, arguments: Sequence[str], program: str) -> None:
    """Run a command other than serving; exit with an error message if it fails."""
    from northstar.commands import alerts, report  # noqa: PLC0415 (not for the server)

    commands = {"alerts": alerts.run, "report": report.run}
    with _printing(), _refusing():
        commands[name](arguments, program)


@contextmanager
def _refusing() -> Iterator[None]:
    """Exit with an error message; the code is 1 if it may succeed later."""
    try:
        yield
    except (ConfigurationError, StoreUnusable) as error:
        refuse(str(error), code=2)
    except (DeliveryError, StoreError) as error:
        refuse(str(error), code=1)
    except WorkerFailed as error:
        refuse(str(error), code=error.code)


def _print_in_any_encoding() -> None:
    """Let standard output escape what its encoding does not have, as standard error does."""
    if isinstance(sys.stdout, TextIOWrapper):  # not if it was closed before the start
        sys.stdout.reconfigure(errors="backslashreplace")


def create(arguments: Sequence[str] = (), program: str | None = None) -> tuple["FastAPI", Settings]:
    """Return the application and its settings, or exit with an error message."""
    with _refusing():
        settings = load(arguments, program, [_options()])
    return _create(settings), settings


def _create(settings: Settings) -> "FastAPI":
    """Return the application, or exit with an error message."""
    place = own_place()
    with _refusing():
        configure(settings, place.name if place else "")
        from northstar.web.app import create_server  # noqa: PLC0415 (takes 1 s; not for `--help`)

        return create_server(settings)


def run(server: "FastAPI", settings: Settings) -> None:
    """Serve until the program receives a signal.

    The exit code is 1 if the history lacks states that could not be written, otherwise 0.
    """
    is_worker = own_place() is not None
    bound = listen(settings, share=is_worker)
    if is_worker:  # the supervisor has printed it
        end_with_the_supervisor()
    else:
        only_ipv6 = settings.host == "::" and len(bound) == 1
        more = "  It listens on IPv6 only: this system has no IPv4."
        _print_summary(settings, *([more] if only_ipv6 else []))

    def end() -> int:
        lacks = bool(server.state.history.lacks)
        if not is_worker:
            with suppress(SystemExit), _printing():
                print("NorthStar has ended" + ("; the history lacks states" if lacks else ""))
        return int(lacks)

    from northstar.web.sockets.uvicorn_server import (  # noqa: PLC0415 (not for `--help`)
        Server,
        prepare_for_many_viewers,
        served,
    )

    prepare_for_many_viewers()
    Server(served(server), end, server.state.draining).run(sockets=bound)


def listen(settings: Settings, *, share: bool = False) -> list[socket.socket]:
    """Return the sockets bound to the configured address, or exit with an error message.

    Workers `share` the port.
    """
    problem = f"cannot listen on {address(settings)}: {{}} (see --host, --port)"
    if not _is_name(settings.host):  # binding would raise TypeError and leave a socket open
        refuse(problem.format("this is no name of a host"), code=2)
    try:
        return listeners(settings.host, settings.port, share=share)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        refuse(problem.format(reason), code=2 if error.errno in INCURABLE else 1)


def _is_name(host: str) -> bool:
    """Return whether a text has the form of a host name."""
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
        help="read a password, print NAME:HASH for NORTHSTAR_AUTH_USERS, and exit"
        " (NAME:viewer:HASH is a user who only reads)",
    )
    return options
