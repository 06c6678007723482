"""tools/check-js.sh, which `make lint` runs, on machines without Node."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support.checkout import ROOT

PROGRAMS = ("sh", "dirname", "id")  # the programs that the script needs


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH with neither Node nor a package manager."""
    for name in PROGRAMS:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return str(tmp_path)


def check(**env: str) -> subprocess.CompletedProcess[str]:
    """Run the script with this environment."""
    command = ["/bin/sh", str(ROOT / "tools" / "check-js.sh")]
    return subprocess.run(command, env=env, check=False, capture_output=True, text=True)


def test_without_node(path: str) -> None:
    """One line lists the skipped checks, and the others are run."""
    run = check(PATH=path)

    assert run.returncode == 0
    assert run.stdout == "Node and npm are not installed: the JavaScript is not checked.\n"
    assert run.stderr == ""


def test_without_node_in_ci(path: str) -> None:
    """In CI nothing is skipped: without Node the check fails and names the packages."""
    run = check(PATH=path, CI="true")

    assert run.returncode == 1
    assert "sudo apt-get install nodejs npm" in run.stderr
