"""The command line: its options, its start and its addresses."""

import io
import os
import pty
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import argon2
import pytest

from northstar import __version__
from northstar.cli import create, listen
from northstar.settings.loading import load
from northstar.settings.summary import summary
from support.checkout import ROOT
from support.waiting import SLOWNESS

PASSWORD = "correct horse battery"  # noqa: S105 (nobody's)
SOCKETS = 50


def run(*arguments: str, given: str = "", module: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command line that ends by itself."""
    program = ["-m", "northstar"] if module else [str(ROOT / "app.py")]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )


# ---- Options ---------------------------------------------------------------------------------


def test_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """--version prints the version without a source and without importing the server."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    ended = run("--version")

    assert (ended.returncode, ended.stdout) == (0, f"NorthStar {__version__}\n")
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "northstar.cli" in imported
    assert not imported & {"dash", "fastapi", "plotly", "sqlalchemy", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "name"), [(False, "app.py"), (True, "python -m northstar")], ids=["file", "module"]
)
def test_help_by_the_name_it_was_called(module: bool, name: str) -> None:  # noqa: FBT001
    """The help has the command's name as it was called, and options that are no settings."""
    ended = run("--help", module=module)

    assert ended.returncode == 0
    assert ended.stdout.startswith(f"usage: {name} ")
    assert "--hash-password NAME" in ended.stdout


def test_hash_password() -> None:
    """A password on stdin becomes a line for NORTHSTAR_AUTH_USERS, without a source."""
    ended = run("--hash-password", "ann", given=f"{PASSWORD}\n")

    name, _, kept = ended.stdout.strip().partition(":")
    assert (ended.returncode, name) == (0, "ann")
    assert kept.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(kept, PASSWORD)


@pytest.mark.parametrize(
    ("name", "given"), [("ann", ""), ("ann", "\n"), ("ann", "7 chars\n"), ("a:b", PASSWORD)]
)
def test_hash_password_that_is_refused(
    name: str,
    given: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing or short password is refused, and so is a name with a colon or space."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    with pytest.raises(SystemExit) as end:
        create(["--hash-password", name])

    printed = capsys.readouterr()
    assert (end.value.code, printed.out) == (2, "")
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another one", 2)])
def test_hash_password_at_a_terminal(again: str, code: int) -> None:
    """At a terminal it prompts twice without echo, and refuses different passwords."""
    command = [sys.executable, str(ROOT / "app.py"), "--hash-password", "ann"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, command)  # noqa: S606 (our own program)
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        shown = b""
        for prompt, typed in ((b"Password: ", PASSWORD), (b"Repeat password: ", again)):
            while not shown.endswith(prompt):
                shown += screen.read(1024)
            screen.write(f"{typed}\n".encode())
        with suppress(OSError):  # the sign of a terminal whose program has ended
            while more := screen.read(1024):
                shown += more
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == code
    assert PASSWORD.encode() not in shown
    assert (b"ann:$argon2id$" in shown) == (code == 0)


# ---- Output at the start -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--demo"],
            [
                "NorthStar shows generated data (demo) at http://127.0.0.1:8050",
                "  History: temporary, until the program ends",
                "  Days: UTC, closing at 00:00",
                "  Sign-in: none, on this machine only",
                "  Recording: off",
            ],
        ),
        (
            [
                *(
                    "--ws-url",
                    "wss://me:secret@host/s?token=x",
                    "--base-path",
                    "/pnl",
                    "--insecure",
                ),
                *("--db", "postgresql://me:secret@host/pnl", "--record", "r.jsonl"),
                *("--timezone", "Europe/Berlin", "--day-close", "17:00"),
                *("--trading-days", "mon-fri", "--holidays", "DE-BY", "--host", "::"),
            ],
            [
                "NorthStar shows wss://host/s at http://[::]:8050/pnl",
                "  History: …@host/pnl",
                (
                    "  Days: Europe/Berlin, closing at 17:00, trading on mon,tue,wed,thu,fri,"
                    " except holidays"
                ),
                "  Sign-in: none (--insecure)",
                "  Recording: r.jsonl",
            ],
        ),
        (
            [
                *("--ws-url", "ws://host", "--db", "/data/n.db", "--host", "0.0.0.0"),
                *("--auth-token", "0123456789abcdef", "--screen-token", "fedcba9876543210"),
                *("--auth-header", "Remote-User", "--trusted-proxies", "127.0.0.1"),
                *("--auth-users", f"ann:{argon2.PasswordHasher().hash(PASSWORD)}"),
            ],
            [
                "NorthStar shows ws://host at http://0.0.0.0:8050",
                "  History: /data/n.db",
                "  Days: UTC, closing at 00:00",
                (
                    "  Sign-in: with the token, 1 user with a password, users that a trusted proxy"
                    " names in remote-user, wall screens, to the live page only"
                ),
                "  Recording: off",
            ],
        ),
    ],
)
def test_summary(arguments: list[str], expected: list[str]) -> None:
    """The start prints address, source, history and sign-in, but no secret."""
    assert summary(load(arguments)) == expected


@pytest.mark.parametrize("argument", ["--help", "--version"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_print_on_a_full_disk(argument: str, unbuffered: str) -> None:
    """A failed print ends the program with exit code 1 and one line."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, str(ROOT / "app.py"), argument],
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30 * SLOWNESS,
            check=False,
        )

    problem = "northstar: standard output cannot be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, problem)


def test_every_family(free_port: int) -> None:
    """At `::` it listens on IPv6 and IPv4, and clients have addresses of their own family."""
    with ExitStack() as stack:
        bound = listen(load(["--demo", "--insecure", "--host", "::", "--port", str(free_port)]))
        addresses = []
        for listener in map(stack.enter_context, bound):
            host = "::1" if listener.family is socket.AF_INET6 else "127.0.0.1"
            stack.enter_context(socket.create_connection((host, free_port)))
            connection, address = listener.accept()
            stack.enter_context(connection)
            addresses.append(address[0])

    assert addresses == ["::1", "127.0.0.1"]


def test_half_of_the_families(free_port: int) -> None:
    """At `::` a port that is taken on IPv4 alone counts as taken."""
    with socket.create_server(("0.0.0.0", free_port)), pytest.raises(SystemExit) as end:
        listen(load(["--demo", "--insecure", "--host", "::", "--port", str(free_port)]))

    assert end.value.code == 1


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("two words", "Name or service not known"),
        ("no-such-host.invalid", "Name or service not known"),
        (f"{'x' * 64}.example", "Name or service not known"),
        ("ä" * 64, "this is no name of a host"),
        ("a\0b", "this is no name of a host"),
    ],
)
def test_host_that_is_none(host: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown host ends the program with exit code 2, because a retry does not help."""
    with pytest.raises(SystemExit) as end:
        listen(load(["--demo", "--insecure", "--host", host]))

    assert end.value.code == 2
    assert capsys.readouterr().err == (
        f"northstar: cannot listen on {host}:8050: {reason} (see --host, --port)\n"
    )
