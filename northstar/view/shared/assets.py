"""The folder of style sheets and scripts."""

from pathlib import Path

import northstar

PACKAGE = Path(northstar.__file__).parent


def assets_folder(package: Path = PACKAGE) -> Path:
    """Return the assets folder: in the package if installed, otherwise next to it."""
    installed = package / "assets"
    return installed if installed.is_dir() else package.parent / "assets"


ASSETS = assets_folder()
