"""Programs equal to this one with another version, as a future release."""

from pathlib import Path

from northstar.live.keyframes import PROTOCOL
from support.checkout import ROOT

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import northstar
northstar.__version__ = {version!r}
from northstar.live import keyframes
keyframes.PROTOCOL = {protocol}
from northstar.cli import main
main()
"""


def write_release(folder: Path, version: str, protocol: int = PROTOCOL) -> Path:
    """Write a program of this version and this frame protocol; return its path."""
    script = folder / f"{version}.py"
    script.write_text(PROGRAM.format(root=str(ROOT), version=version, protocol=protocol))
    return script
