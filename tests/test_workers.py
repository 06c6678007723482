"""Several workers on one machine: real processes, sockets and a real PostgreSQL."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from northstar.errors import ConfigurationError
from northstar.workers import MOST_DEATHS, PLACE, supervise
from support.checkout import ROOT
from support.dashboard import CALM, Process, process
from support.databases import Postgres, empty_database
from support.isolation import isolate, no_threads_left
from support.programs import unused_port
from support.sources import Stream, stream
from support.waiting import SLOWNESS, until

NUMBERS = {"1", "2"}
# A program whose workers run only the test's code.
PROGRAM = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT)!r})
if "{PLACE}" in os.environ:
    {{}}
else:
    from northstar.cli import main
    main()
"""


@contextmanager
def two_workers(postgres: Postgres, source: Stream) -> Iterator[Process]:
    """Run two workers."""
    with empty_database(postgres) as db:
        arguments = ("--ws-url", source.url, "--db", db, "--workers", "2", "--drain-s", "0")
        with process(unused_port(), *arguments, script=CALM) as running:
            until(lambda: set(builds(running)) == NUMBERS, 30, "both workers answer")
            yield running


@pytest.fixture(scope="module")
def shared_source() -> Iterator[Stream]:
    """Run the source of `shared`."""
    with stream() as source:
        yield source


@pytest.fixture(scope="module")
def shared(
    postgres: Postgres, shared_source: Stream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    """Run two workers for all tests that leave them running."""
    with no_threads_left(), pytest.MonkeyPatch.context() as patch:
        isolate(patch, tmp_path_factory.mktemp("workers"))
        with two_workers(postgres, shared_source) as running:
            yield running


@pytest.fixture
def machine(postgres: Postgres, source: Stream) -> Iterator[Process]:
    """Run two workers for a test that ends them."""
    with two_workers(postgres, source) as running:
        yield running


def metrics(machine: Process) -> list[Metric]:
    """Return the metrics of the workers as reported by one of them."""
    with urlopen(f"{machine.url}/metrics", timeout=5 * SLOWNESS) as answer:  # noqa: S310
        return [*text_string_to_metric_families(answer.read().decode())]


def builds(machine: Process) -> list[str]:
    """Return the numbers of the workers that answer."""
    return values(machine, "northstar_build_info", "northstar_build_info")


def values(machine: Process, family: str, sample: str) -> list[str]:
    """Return the workers in a metric's samples."""
    [found] = [each for each in metrics(machine) if each.name == family]
    return [each.labels["worker"] for each in found.samples if each.name == sample]


def viewers(machine: Process) -> Counter[str]:
    """Return the viewers by worker."""
    [found] = [each for each in metrics(machine) if each.name == "northstar_viewers"]
    pages = [each for each in found.samples if each.labels["stream"] == "view-stream"]
    return Counter({each.labels["worker"]: int(each.value) for each in pages})


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def test_viewers_of_all_workers(shared: Process) -> None:
    """Connections are spread over both workers, and one answer has the metrics of both."""
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(f"ws://127.0.0.1:{shared.port}/view-stream"))
        until(lambda: viewers(shared).total() == 40, what="all viewers are counted")

        assert all(viewers(shared)[number] >= 5 for number in NUMBERS)
        names = [family.name for family in metrics(shared)]
        assert len(names) == len(set(names))
        lags = values(
            shared, "northstar_event_loop_lag_seconds", "northstar_event_loop_lag_seconds_count"
        )
        assert set(lags) == NUMBERS


def test_worker_that_dies(shared: Process, shared_source: Stream) -> None:
    """A dead worker is restarted, and the other continues; log lines have the worker's number."""
    first, second = children(shared.pid)
    os.kill(first, signal.SIGKILL)
    until(lambda: set(children(shared.pid)) - {first, second}, what="the worker is restarted")
    until(lambda: set(builds(shared)) == NUMBERS, 30, "both answer")
    until(lambda: shared_source.clients == 1, what="one of them reads the source")

    assert second in children(shared.pid)
    assert "worker 1 ended with SIGKILL and is started again" in shared.printed()
    for number in NUMBERS:
        until(partial(logs, shared, number), what=f"worker {number} logs a request")


def logs(machine: Process, number: str) -> bool:
    """Send a request that one worker logs; return whether this worker has logged any."""
    machine.get("/api/feed")
    return f" INFO worker {number}: " in machine.printed()


def test_stop(machine: Process) -> None:
    """A signal ends all workers and then the program, which reports this once."""
    pids = children(machine.pid)
    code, printed = machine.stop()

    assert code == 0, printed
    assert printed.count("NorthStar has ended") == printed.count("NorthStar shows") == 1
    assert "  Workers: 2\n" in printed
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_supervisor_that_is_killed(machine: Process) -> None:
    """Its workers end, too."""
    pids = children(machine.pid)
    machine.stop(signal.SIGKILL)

    until(lambda: not any(map(is_running, pids)), what="the workers have ended")


def is_running(pid: int) -> bool:
    """Tell whether a process runs and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run(folder: Path, port: int, work: str) -> subprocess.CompletedProcess[str]:
    """Run a program whose two workers run this code, until it ends by itself."""
    script = folder / "program.py"
    script.write_text(PROGRAM.format(work))
    arguments = ("--ws-url", "ws://127.0.0.1:9", "--workers", "2", "--port", str(port))
    return subprocess.run(
        [sys.executable, str(script), *arguments, "--db", "postgresql://nobody@127.0.0.1:9/none"],
        capture_output=True,
        text=True,
        timeout=60 * SLOWNESS,
        check=False,
    )


def test_worker_that_keeps_dying(tmp_path: Path, free_port: int) -> None:
    """The program ends with the last line of a worker that died too often."""
    ended = run(tmp_path, free_port, "sys.exit('out of luck')")

    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert f"{MOST_DEATHS} times within 60 s" in last
    assert last.endswith("its last line: out of luck")


def test_worker_that_is_refused(tmp_path: Path, free_port: int) -> None:
    """A worker with an invalid setting ends the program at once."""
    ended = run(tmp_path, free_port, "sys.exit(2)")

    assert ended.returncode == 2
    assert ended.stderr.count("is started again") == 0


def test_port_in_use(shared: Process, postgres: Postgres) -> None:
    """Another program cannot use the port, although workers share it."""
    arguments = ("--ws-url", "ws://127.0.0.1:9", "--workers", "2", "--db", postgres.url("other"))
    second = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments, "--port", str(shared.port)],
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )

    assert second.returncode == 1
    assert "cannot listen on" in second.stderr


def test_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are refused on a system where processes cannot share a port."""
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(ConfigurationError, match="cannot share a port on Windows"):
        supervise(2, [])
