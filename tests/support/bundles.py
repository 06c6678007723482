"""A small plotly.js and a fake npm that returns it, so that nothing is downloaded."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from northstar.web.files.plotlyjs import PIN
from support.checkout import ROOT

FOLDER = Path("northstar", "web", "files", "vendor")
SCRIPT = b"window.Plotly = {};"
FETCHING_S = 30


def pin(folder: Path, version: str) -> Path:
    """Pin `SCRIPT` as the bundle of a version; return its path, which does not exist yet."""
    bundle = folder / f"plotly-basic-{version}.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PIN).write_text(f"{hashlib.sha512(SCRIPT).hexdigest()}  {bundle.name}\n")
    return bundle


def fetch(project: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run the script of `make plotly` on a project with this PATH."""
    tools = project / "tools"
    tools.mkdir(exist_ok=True)
    shutil.copy(ROOT / "tools" / "fetch-plotly.sh", tools)
    return subprocess.run(
        ["/bin/sh", project / "tools" / "fetch-plotly.sh"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=FETCHING_S,
    )


def npm_with(script: bytes, folder: Path) -> str:
    """Return a PATH whose npm returns `script` for any package."""
    package = folder / "packed" / "package"
    package.mkdir(parents=True)
    (package / "plotly-basic.min.js").write_bytes(script)
    npm = folder / "npm"
    # npm pack --silent --pack-destination FOLDER NAME@VERSION
    npm.write_text(f'#!/bin/sh\ntar -czf "$4/bundle.tgz" -C "{package.parent}" package\n')
    npm.chmod(0o755)
    return f"{folder}{os.pathsep}{os.defpath}"
