"""The tool that records what users see: it reads the frames and pages of this checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.checkout import ROOT


@pytest.mark.long
def test_record_of_this_checkout(tmp_path: Path) -> None:
    """A record has the whole frame of every message, the pages and the answers."""
    folder = tmp_path / "record"
    tool = str(ROOT / "tools" / "record_outputs.py")
    environment = {"PYTHONPATH": str(ROOT / "tests")}

    subprocess.run([sys.executable, tool, str(folder)], env=environment, check=True)

    names = {file.name for file in (folder / "replay").iterdir()}
    assert {"view-stream-01.json", "view-stream-ended.json", "GET _api_pnl"} <= names
    assert '"kpi-net-value"' in (folder / "replay" / "view-stream-01.json").read_text()
