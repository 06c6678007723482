"""The page's scripts, whose rules Node tests without a browser."""

import subprocess
from pathlib import Path

import pytest

from support.programs import find_node

SCRIPTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_rules_of(script: Path) -> None:
    """Every test in the file passes, and there is one."""
    command = [find_node(), "--test", "--test-reporter=tap", str(script)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout
    assert "# fail 0" in run.stdout
    assert "# pass 0" not in run.stdout
