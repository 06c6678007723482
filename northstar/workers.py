"""Run several workers on one machine: processes that listen on the same port.

Each has its own socket with SO_REUSEPORT, and the kernel distributes connections among these: with
one shared socket, the first worker to wake up would take most.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from northstar.errors import ConfigurationError

# The variable that names a worker, by its path in a common folder; not with the prefix of settings.
PLACE = "_NORTHSTAR_WORKER"
MOST_DEATHS, WINDOW_S = 5, 60.0
REFUSED = 2  # exit code where a restart does not help, such as for a wrong setting
CHUNK = 65_536
STANDARD_INPUT, STANDARD_ERROR = 0, 2

log = logging.getLogger(__name__)


class WorkerFailed(Exception):
    """A worker cannot be kept running; `code` is the exit code of the program."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


def own_place() -> Path | None:
    """Return the path that names this worker, such as `…/2`; None if the program is alone."""
    place = os.environ.get(PLACE)
    return Path(place) if place else None


def end_with_the_supervisor() -> None:
    """End this worker when its supervisor ends, which closes the worker's standard input."""

    def wait() -> None:
        os.read(STANDARD_INPUT, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor", daemon=True).start()


def supervise(number: int, signals: Sequence[signal.Signals]) -> int:
    """Run that many workers until one of the `signals`, and return the program's exit code.

    Each worker runs the command line of this process. Raises `WorkerFailed` if one does not start
    or keeps dying, and `ConfigurationError` on a system where sockets cannot share a port.
    """
    if sys.platform == "win32":
        raise ConfigurationError(
            "NORTHSTAR_WORKERS / --workers: processes cannot share a port on Windows; run one, or"
            " several instances behind a balancer"
        )
    return asyncio.run(Supervisor().run(number, signals))


class Supervisor:
    """Restarts workers that die, passes signals on, and copies their logs."""

    def __init__(self) -> None:
        self._running: set[Process] = set()
        self._ends_by: signal.Signals | None = None

    async def run(self, number: int, signals: Sequence[signal.Signals]) -> int:
        """Return 0 if all workers ended with exit code 0 after a signal, otherwise 1."""
        loop = asyncio.get_running_loop()
        for each in signals:
            loop.add_signal_handler(each, self._pass_on, each)
        with TemporaryDirectory(prefix="northstar-workers-") as folder:
            places = [Path(folder, str(each)) for each in range(1, number + 1)]
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(self._keep(place)) for place in places]
            except ExceptionGroup as group:  # what `except*` raises is a group in some versions
                if failed := group.subgroup(WorkerFailed):
                    raise failed.exceptions[0] from None
                raise
        return int(any(task.result() for task in tasks))

    def _pass_on(self, received: signal.Signals) -> None:
        self._ends_by = received
        for process in self._running:
            with suppress(ProcessLookupError):
                process.send_signal(received)

    async def _keep(self, place: Path) -> int:
        """Run a worker, again if it dies, until a signal; return its exit code."""
        loop = asyncio.get_running_loop()
        deaths = deque[float](maxlen=MOST_DEATHS)
        while True:
            code, words = await self._run_once(place)
            if self._ends_by:
                return code
            deaths.append(loop.time())
            reason = f"worker {place.name} ended with {_code(code)}"
            if code == REFUSED:
                raise WorkerFailed(reason, REFUSED)
            if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < WINDOW_S:
                often = f"{MOST_DEATHS} times within {WINDOW_S:g} s"
                raise WorkerFailed(f"{reason}, {often}; its last line: {words}", 1)
            log.warning("%s and is started again", reason)

    async def _run_once(self, place: Path) -> tuple[int, str]:
        """Run a worker until it ends; return its exit code and the last line that it logged."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *sys.orig_argv[1:],
            env={**os.environ, PLACE: str(place)},
            stdin=PIPE,
            stderr=PIPE,
            start_new_session=True,  # a terminal's signals come from us only
        )
        self._running.add(process)
        try:
            if self._ends_by:  # it came while the process was started
                process.send_signal(self._ends_by)
            words = await _copied(process)
            return await process.wait(), words
        finally:
            self._running.discard(process)
            if process.returncode is None:  # another one has failed
                with suppress(ProcessLookupError):
                    process.terminate()
                await asyncio.shield(process.wait())


async def _copied(process: Process) -> str:
    """Copy whole lines of a worker's log to ours until it ends, and return the last one."""
    assert process.stderr is not None  # noqa: S101 (it is a pipe)
    last, rest = b"", b""
    while chunk := await process.stderr.read(CHUNK):
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        if len(rest) > CHUNK:
            lines, rest = lines + newline + rest, b""
        _print(lines + newline)
        last = lines.rpartition(b"\n")[2] or last
    _print(rest)
    return (rest or last).decode(errors="replace").strip()


def _print(lines: bytes) -> None:
    with suppress(OSError):  # nobody reads it any more
        while lines:
            lines = lines[os.write(STANDARD_ERROR, lines) :]


def _code(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
