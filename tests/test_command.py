"""The command line: what it can be asked."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import argon2
import pytest

from dashboard import ROOT
from northstar import __version__

PASSWORD = "correct horse battery"  # noqa: S105 (nobody's)
SOCKETS = 50


def run(*arguments: str, given: str = "", module: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command line where it is expected to end by itself."""
    program = ["-m", "northstar"] if module else [str(ROOT / "app.py")]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


# ---- What it can be asked --------------------------------------------------------------------


def test_version() -> None:
    """It says its version, with no stream to show."""
    ended = run("--version")

    assert (ended.returncode, ended.stdout) == (0, f"NorthStar {__version__}\n")


@pytest.mark.parametrize(
    ("module", "name"), [(False, "app.py"), (True, "python -m northstar")], ids=["file", "module"]
)
def test_help_by_the_name_it_was_called(module: bool, name: str) -> None:  # noqa: FBT001
    """The help calls the program as its user did, and has what is no setting, too."""
    ended = run("--help", module=module)

    assert ended.returncode == 0
    assert ended.stdout.startswith(f"usage: {name} ")
    assert "--hash-password NAME" in ended.stdout


def test_hash_password() -> None:
    """A password in a line becomes what NORTHSTAR_AUTH_USERS takes, with no stream to show."""
    ended = run("--hash-password", "ann", given=f"{PASSWORD}\n")

    name, _, kept = ended.stdout.strip().partition(":")
    assert (ended.returncode, name) == (0, "ann")
    assert kept.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(kept, PASSWORD)


@pytest.mark.parametrize(
    ("name", "given"), [("ann", ""), ("ann", "\n"), ("ann", "7 chars\n"), ("a:b", PASSWORD)]
)
def test_hash_password_that_is_refused(name: str, given: str) -> None:
    """No password, a short one, and a name that could not be told from its hash are refused."""
    ended = run("--hash-password", name, given=given)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another one", 2)])
def test_hash_password_at_a_terminal(again: str, code: int) -> None:
    """At a terminal it asks twice, shows nothing of what is typed, and refuses what differs."""
    command = [sys.executable, str(ROOT / "app.py"), "--hash-password", "ann"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, command)  # noqa: S606 (our own program)
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        shown = b""
        for prompt, typed in ((b"Password: ", PASSWORD), (b"Once more: ", again)):
            while not shown.endswith(prompt):
                shown += screen.read(1024)
            screen.write(f"{typed}\n".encode())
        with suppress(OSError):  # how a terminal says that its program has ended
            while more := screen.read(1024):
                shown += more
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == code
    assert PASSWORD.encode() not in shown
    assert (b"ann:$argon2id$" in shown) == (code == 0)
