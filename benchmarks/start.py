"""Measure the start-up time: `python benchmarks/start.py --runs 9`, from any folder, on Linux.

The time from the command to the first byte of the page, in a new process for each run, with a warm
file cache; for a demo, and for a stream with an existing history. CPU time is printed too, as it
depends less on the load of the machine.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO

ROOT = Path(__file__).parent.parent
POLL_S = 0.002
TIMEOUT_S = 60
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")
MOST = 12  # packages listed


def start(options: Sequence[str], arguments: Sequence[str], errors: IO[str]) -> tuple[float, float]:
    """Start the program and wait for its page; return the seconds, and its CPU seconds."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = str(unused.getsockname()[1])
    command = [sys.executable, *options, str(ROOT / "app.py"), "--port", port, *arguments]
    started = perf_counter()
    with subprocess.Popen(  # noqa: S603 (our own program)
        command, stdout=subprocess.DEVNULL, stderr=errors
    ) as program:
        try:
            while not answers(int(port)):
                if perf_counter() - started > TIMEOUT_S:
                    raise TimeoutError("no page")
                time.sleep(POLL_S)
            return perf_counter() - started, cpu_s(program.pid)
        finally:
            program.terminate()


def answers(port: int) -> bool:
    """Return whether the page's first byte has arrived; wait for it if the port is open."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as page:
            page.sendall(REQUEST)
            return bool(page.recv(1))
    except ConnectionError:
        return False


def cpu_s(process: int) -> float:
    """Return the CPU time of a process, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def imports(arguments: Sequence[str]) -> Counter[str]:
    """Return the import time of each package in seconds, from one start."""
    spent: Counter[str] = Counter()
    with tempfile.TemporaryFile("w+") as errors:
        start(("-X", "importtime"), arguments, errors)
        errors.seek(0)
        for line in filter(None, map(IMPORT.match, errors)):
            spent[line[2].partition(".")[0]] += int(line[1]) / 1e6  # type: ignore[assignment]
    return spent


def main() -> None:
    """Print both times of each kind of start, and the share of imports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as devnull:
        stream = ("--ws-url", "ws://127.0.0.1:9", "--db", f"{folder}/northstar.db")
        for name, arguments in {
            "demo": ("--demo", "--demo-scene", "calm"),
            "stream": stream,
        }.items():
            start((), arguments, devnull)  # fills the cache, and creates the database
            times = [start((), arguments, devnull) for _ in range(runs)]
            took, computed = (median(kind) for kind in zip(*times, strict=True))
            spent = imports(arguments)
            print(f"{name}: {took:.2f} s, {computed:.2f} s of CPU, median of {runs}")
            most = ", ".join(f"{package} {s:.2f}" for package, s in spent.most_common(MOST))
            print(f"  imports, timed separately: {spent.total():.2f} s; {most}")


if __name__ == "__main__":
    main()
