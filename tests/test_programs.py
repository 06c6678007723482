"""Modules that run in a separate process."""

import asyncio
import sys

import pytest

from northstar import programs
from northstar.errors import ProgramError
from support.waiting import eventually

HANG = "threading.Event().wait()"


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Run a text instead of a module."""
    command = (sys.executable, "-c", f"import sys, threading; {request.param}")
    monkeypatch.setattr(programs, "command", lambda _: command)


@pytest.mark.parametrize("program", ["print(sys.stdin.read().upper(), end='')"], indirect=True)
@pytest.mark.usefixtures("program")
async def test_output() -> None:
    """The output of a program is returned for any size of its input."""
    assert await programs.run("", b"a" * 1_000_000, 20) == b"A" * 1_000_000


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("sys.exit('first\\nlast')", "last"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(1)", "no reason given"),
        ("threading.Event().wait()", "not done within 0.5 s"),
    ],
    indirect=["program"],
)
@pytest.mark.usefixtures("program")
async def test_failure(reason: str) -> None:
    """However a program fails, the error has the reason."""
    with pytest.raises(ProgramError, match=reason):
        await programs.run("", b"", 0.5 if "within" in reason else 20)


@pytest.mark.parametrize("program", [HANG], indirect=True)
@pytest.mark.usefixtures("program")
async def test_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program ends when the task that waits for it is cancelled."""
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*given: str, **named: object) -> asyncio.subprocess.Process:
        started.append(await start(*given, **named))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    running = asyncio.create_task(programs.run("", b"", 600))
    await eventually(lambda: started)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert running.cancelled()
    assert started[0].returncode is not None
