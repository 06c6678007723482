"""What `pip install .` makes of the checkout, for somebody who is not its owner."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from northstar import __version__
from northstar.web.pages.dash_page import assets_folder
from support.checkout import ROOT
from support.dashboard import said
from support.programs import _lack, unused_port
from support.waiting import until

NOBODY = (
    65534  # no user's: https://www.debian.org/doc/debian-policy/ch-opersys.html#uid-and-gid-classes
)
NOT_SHIPPED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "build", "data", "tests")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="northstar-packaging-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    """Install a copy of the checkout into an environment of its own; return its command.

    What it depends on is taken from this environment, so that nothing has to be fetched.
    """
    shutil.copytree(ROOT, folder / "checkout", ignore=NOT_SHIPPED)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    ours = [path for path in sys.path if path.endswith("site-packages")]
    Path(packages, "dependencies.pth").write_text("\n".join(ours))
    pip = (sys.executable, "-m", "pip", "--python", str(python))
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    subprocess.run([*pip, "install", "--quiet", *offline, folder / "checkout"], check=True)
    return environment / "bin" / "northstar"


@pytest.fixture
def elsewhere(folder: Path) -> Path:
    """Return a folder to start from in which nothing can be written, but by root."""
    place = folder / "elsewhere"
    place.mkdir(mode=0o555)
    return place


def as_nobody(*command: object) -> Sequence[str]:
    """Return a command as it is run by an ordinary user: by nobody where we are root."""
    if os.geteuid() != 0:
        return [*map(str, command)]
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if subprocess.run([*nobody, sys.executable, "-c", ""], check=False).returncode:
        _lack(f"nobody but root may run {sys.executable}")
    return [*nobody, "--no-new-privs", *map(str, command)]


def test_version_when_installed(program: Path) -> None:
    """The command is there, and is called by its own name."""
    told = [
        subprocess.run(as_nobody(program, option), check=True, capture_output=True, text=True)
        for option in ("--version", "--help")
    ]

    assert told[0].stdout == f"NorthStar {__version__}\n"
    assert told[1].stdout.startswith("usage: northstar ")


def test_distribution(program: Path) -> None:
    """It is installed under a name that is no other project's on PyPI, with its licence."""
    script = """
        from importlib.metadata import distribution
        us = distribution("northstar-pnl")
        print(us.version, us.metadata["License-Expression"], us.read_text("licenses/LICENSE"))
    """
    installed = subprocess.run(
        [program.with_name("python"), "-c", dedent(script)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert installed.stdout.startswith(f"{__version__} MIT MIT License\n")


def test_demo_when_installed(program: Path, elsewhere: Path) -> None:
    """It serves pages and files from anywhere, for a user who may write nothing there."""
    port = unused_port()
    with subprocess.Popen(
        as_nobody(program, "--demo", "--port", port),
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:

        def get(path: str) -> str:
            assert running.poll() is None, running.communicate()[0]
            address = f"http://127.0.0.1:{port}{path}"
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())

        def answers() -> bool:
            try:
                return bool(get("/healthz"))
            except (urllib.error.URLError, ConnectionError):
                return False

        try:
            until(answers, 30, "it answers")
            page = get("/")
            [stream] = re.findall(r'src="(/assets/75-stream\.js[^"]*)"', page)
            assert "kpi-net" in page
            assert get(stream) == (ROOT / "assets" / "75-stream.js").read_text()
            assert "Drawdown" in get("/history")
        finally:
            running.terminate()
            printed, _ = running.communicate(timeout=10)

    assert running.returncode == 0
    assert len(said(printed)) == 1
    assert list(elsewhere.iterdir()) == []


def test_assets_folder(tmp_path: Path) -> None:
    """The assets are the package's own where it has some, else those next to it."""
    package = tmp_path / "northstar"
    assert assets_folder(package) == tmp_path / "assets"

    (package / "assets").mkdir(parents=True)

    assert assets_folder(package) == package / "assets"
