"""Run one of our modules in a separate process: bytes in, bytes out, with a time limit.

For work that would block the event loop, or could hang: a process can be killed, a thread cannot.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import northstar
from northstar.errors import ProgramError

FOLDER = Path(northstar.__file__).parent.parent  # from which a program imports the package


async def run(module: str, content: bytes, limit_s: float) -> bytes:
    """Return what a module writes to standard output, given `content` as standard input.

    Raises `ProgramError` if it fails, with the last line of its standard error, or takes longer
    than `limit_s`. The process has ended when this returns, also if it is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        *command(module),
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit_s):
            output, problem = await _communicate(process, content)
    except TimeoutError as error:
        raise ProgramError(f"not done within {limit_s:g} s") from error
    finally:
        await _end(process)
    if process.returncode:
        lines = problem.decode(errors="replace").strip().splitlines()
        raise ProgramError(lines[-1] if lines else "no reason given")
    return output


def command(module: str) -> tuple[str, ...]:
    """Return the command line that runs a module."""
    return sys.executable, "-m", module


async def _communicate(process: asyncio.subprocess.Process, content: bytes) -> tuple[bytes, bytes]:
    """Return what a process writes, as `communicate` does.

    That fails on uvloop if the process has ended before it was given its input.
    """
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin and stdout and stderr  # noqa: S101, PT018 (all three are pipes)

    async def feed() -> None:
        with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
            stdin.write(content)
            await stdin.drain()
        stdin.close()

    _, output, problem = await asyncio.gather(feed(), stdout.read(), stderr.read())
    await process.wait()
    return output, problem


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await asyncio.shield(process.wait())
