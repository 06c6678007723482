"""The command line: what it starts, and when it refuses."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from northstar.cli import create
from support.checkout import ROOT
from support.dashboard import process, unexpected_lines
from support.waiting import SLOWNESS, until


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python app.py` where it ends by itself."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )


def test_start_without_a_source() -> None:
    """A start without a source exits with code 2 and two lines with the remedies."""
    ended = run()

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 2
    assert "--ws-url" in ended.stderr
    assert "NORTHSTAR_WS_URL" in ended.stderr
    assert "--demo" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["--demo", "--port", "abc"], {}, ["--port", "'abc'", "whole number"]),
        (["--demo"], {"NORTHSTAR_PORT": "70000"}, ["NORTHSTAR_PORT", "'70000'", "65535"]),
        (["--demo"], {"NORTHSTAR_TIMEZONE": "Mars"}, ["NORTHSTAR_TIMEZONE", "'Mars'", "IANA"]),
        (["--ws-url", "ftp://x"], {}, ["NORTHSTAR_WS_URL", "'ftp://x'", "ws://"]),
    ],
)
def test_start_with_a_bad_setting(
    arguments: list[str],
    environment: dict[str, str],
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bad setting exits with code 2 and names the variable, the value and what was expected."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        create(arguments)

    assert end.value.code == 2
    printed = capsys.readouterr().err
    for part in told:
        assert part in printed


def test_start_on_a_taken_port() -> None:
    """A taken port is named, and the program exits with code 1 without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--demo", "--port", str(port))

    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert len(unexpected_lines(ended.stderr)) == 1


@pytest.mark.parametrize(
    "how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
def test_demo(free_port: int, how: signal.Signals) -> None:
    """The demo serves its state, prints its address and ends cleanly."""
    with process(free_port, "--demo", "--demo-rate", "50") as running:
        until(lambda: running.get("/api/pnl")["revenue"] != 125450, what="the demo has data")
        code, printed = running.stop(how)

    assert code == 0
    shown = f"NorthStar shows generated data (demo) at http://127.0.0.1:{free_port}"
    assert unexpected_lines(printed) == [shown]


def test_dotenv_in_the_current_folder(tmp_path: Path) -> None:
    """The `.env` of the current folder is read."""
    (tmp_path / ".env").write_text("NORTHSTAR_PORT=none\nNORTHSTAR_DEMO=true\n")

    ended = run()

    assert ended.returncode == 2
    assert "'none'" in ended.stderr


def test_uvicorn_with_the_application(free_port: int) -> None:
    """`uvicorn app:server` serves the same application with settings from the environment."""
    command = [sys.executable, "-m", "uvicorn", "app:server", "--port", str(free_port)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "NORTHSTAR_DEMO": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        until(lambda: _listens(free_port), 30, "uvicorn listens")
        process.terminate()
        process.communicate(timeout=10 * SLOWNESS)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except ConnectionRefusedError:
        return False
