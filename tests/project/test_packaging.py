"""Packages built from a checkout, run by a user who is not its owner."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from zipfile import ZipFile

import plotly
import pytest
from plotly.offline import get_plotlyjs_version

from northstar import __version__
from northstar.view.shared.assets import assets_folder
from northstar.web.files.joined import joined
from northstar.web.files.plotlyjs import WHOLE
from northstar.web.pages.live import OTHERS
from support.bundles import FOLDER, SCRIPT, fetch, npm_with, pin
from support.checkout import ROOT
from support.dashboard import unexpected_lines
from support.programs import lack, unused_port
from support.waiting import SLOWNESS, until

NOBODY = (
    65534  # unused: https://www.debian.org/doc/debian-policy/ch-opersys.html#uid-and-gid-classes
)
NOT_SHIPPED = shutil.ignore_patterns(
    ".*", "__pycache__", "node_modules", "*.min.js", "build", "dist", "data", "tests"
)
# Nothing is downloaded: requirements are taken from this environment.
OFFLINE = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="northstar-packaging-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def install(checkout: Path, environment: Path) -> Path:
    """Install a checkout into its own environment; return its command."""
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
    subprocess.run([*pip, "install", "--quiet", *OFFLINE, checkout], check=True)
    return environment / "bin" / "northstar"


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    """Install a copy of the checkout into its own environment; return its command."""
    shutil.copytree(ROOT, folder / "checkout", ignore=NOT_SHIPPED)
    return install(folder / "checkout", folder / "environment")


def files_of_wheel(checkout: Path, into: Path) -> set[str]:
    """Build the wheel of a checkout; return the names of its files."""
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", *OFFLINE)
    subprocess.run([*pip, "--wheel-dir", into, checkout], check=True)
    [wheel] = into.glob("*.whl")
    return set(ZipFile(wheel).namelist())


@dataclass
class Demo:
    """A running demo and its output."""

    running: subprocess.Popen[str]
    url: str
    printed: str = ""

    def get(self, path: str) -> str:
        """Return the answer under a path."""
        assert self.running.poll() is None, self.running.communicate()[0]
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10 * SLOWNESS) as answer:  # noqa: S310
            return str(answer.read().decode())

    def answers(self) -> bool:
        """Return whether the server answers."""
        try:
            return bool(self.get("/healthz"))
        except (urllib.error.URLError, ConnectionError):
            return False


@pytest.fixture
def elsewhere(folder: Path) -> Path:
    """Return a current folder in which only root can write."""
    place = folder / "elsewhere"
    place.mkdir(mode=0o555, exist_ok=True)
    return place


def as_nobody(*command: object) -> Sequence[str]:
    """Return a command that runs as an ordinary user: as nobody if we are root."""
    if os.geteuid() != 0:
        return [*map(str, command)]
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if subprocess.run([*nobody, sys.executable, "-c", ""], check=False).returncode:
        lack(f"nobody but root may run {sys.executable}")
    return [*nobody, "--no-new-privs", *map(str, command)]


def test_version_when_installed(program: Path) -> None:
    """The installed command exists and has its own name in messages."""
    told = [
        subprocess.run(as_nobody(program, option), check=True, capture_output=True, text=True)
        for option in ("--version", "--help")
    ]

    assert told[0].stdout == f"NorthStar {__version__}\n"
    assert told[1].stdout.startswith("usage: northstar ")


def test_distribution(program: Path) -> None:
    """The distribution has a name of its own on PyPI and contains its licence."""
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


@contextmanager
def demo(program: Path, elsewhere: Path) -> Iterator[Demo]:
    """Run the demo until it answers, and stop it."""
    port = unused_port()
    with subprocess.Popen(
        as_nobody(program, "--demo", "--port", port),
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        served = Demo(running, f"http://127.0.0.1:{port}")
        try:
            until(served.answers, 30, "the demo answers")
            yield served
        finally:
            running.terminate()
            served.printed, _ = running.communicate(timeout=10 * SLOWNESS)
    assert running.returncode == 0


def test_demo_when_installed(program: Path, elsewhere: Path) -> None:
    """The installed demo serves pages and files for a user who cannot write in its folder."""
    with demo(program, elsewhere) as served:
        page = served.get("/")
        [script] = re.findall(r'src="(/assets/live\.js[^"]*)"', page)
        assert "kpi-net" in page
        assert served.get(script) == joined(ROOT / "assets", "js", OTHERS)
        assert "Drawdown" in served.get("/history")

    assert len(unexpected_lines(served.printed)) == 1
    assert list(elsewhere.iterdir()) == []


def test_whole_plotly_when_installed(program: Path, elsewhere: Path) -> None:
    """Without the small plotly.js it serves plotly's own, and logs this once."""
    with demo(program, elsewhere) as served:
        [script] = re.findall(r'href="(/[^"]*plotly[^"]*\.js[^"]*)"', served.get("/"))
        assert served.get(script) == (Path(str(plotly.__file__)).parent / WHOLE).read_text()

    assert served.printed.count("the page loads the whole of plotly.js") == 1


@pytest.mark.long
def test_small_plotly_when_installed(folder: Path, elsewhere: Path, tmp_path: Path) -> None:
    """The plotly.js that was fetched before the build is in the wheel and is served."""
    checkout = folder / "checkout-with-plotly"
    shutil.copytree(ROOT, checkout, ignore=NOT_SHIPPED)
    bundle = pin(checkout / FOLDER, get_plotlyjs_version())
    fetched = fetch(checkout, npm_with(SCRIPT, tmp_path / "bin"))
    assert fetched.returncode == 0, fetched.stderr

    assert f"{FOLDER}/{bundle.name}" in files_of_wheel(checkout, tmp_path / "wheel")
    with demo(install(checkout, folder / "with-plotly"), elsewhere) as served:
        [script] = re.findall(r'href="(/[^"]*plotly[^"]*\.js[^"]*)"', served.get("/"))
        assert served.get(script) == SCRIPT.decode()

    assert "the whole of plotly.js" not in served.printed


def test_wheel_after_a_rename(tmp_path: Path) -> None:
    """A second build contains the current files only."""
    shutil.copytree(ROOT, tmp_path / "checkout", ignore=NOT_SHIPPED)
    assets = tmp_path / "checkout" / "assets"
    first = files_of_wheel(tmp_path / "checkout", tmp_path / "first")

    (assets / "75-stream.js").rename(assets / "renamed.js")

    second = files_of_wheel(tmp_path / "checkout", tmp_path / "second")
    assert first - second == {"northstar/assets/75-stream.js"}
    assert second - first == {"northstar/assets/renamed.js"}


def test_assets_folder(tmp_path: Path) -> None:
    """The package's own assets are used if they exist, otherwise those next to it."""
    package = tmp_path / "northstar"
    assert assets_folder(package) == tmp_path / "assets"

    (package / "assets").mkdir(parents=True)

    assert assets_folder(package) == package / "assets"
