"""Choose the plotly.js to serve: the small bundle, or plotly's own."""

import hashlib
import logging
from pathlib import Path

import plotly
from plotly.offline import get_plotlyjs_version

from northstar.web.files.dash_app import SUITES, build_fingerprint
from northstar.web.files.versions import file_version

VENDOR = Path(__file__).parent / "vendor"
# Name and checksum in the format of `sha512sum`; tools/fetch-plotly.sh reads it too.
PIN = "plotly.sha512"
VENDOR_PATH = "vendor"  # path of the small bundle
WHOLE = "package_data/plotly.min.js"

logger = logging.getLogger(__name__)


def small_bundle(folder: Path = VENDOR) -> Path | None:
    """Return the small plotly.js if it is present and valid, otherwise None, and log why.

    It is valid if it matches the pinned checksum and has the major version of plotly's own.
    """
    checksum, name = (folder / PIN).read_text(encoding="ascii").split()
    own = get_plotlyjs_version()
    bundle = folder / name
    if not bundle.is_file():
        problem = f"{name} is not there (`make plotly` or `make wheel` fetches it)"
    elif hashlib.sha512(bundle.read_bytes()).hexdigest() != checksum:
        problem = f"{name} is damaged (`make plotly` fetches it anew)"
    elif _major(_version(name)) != _major(own):
        problem = f"{name} is not of the major version of plotly's own, {own}"
    else:
        return bundle
    logger.info("the page loads the whole of plotly.js: %s", problem)
    return None


def served_file(bundle: Path | None) -> Path:
    """Return the file of plotly.js that pages load: `bundle`, or plotly's own."""
    return bundle or Path(str(plotly.__file__)).parent / WHOLE


def address(prefix: str, bundle: Path | None) -> str:
    """Return the path of plotly.js below the base path: of `bundle`, or of plotly's own."""
    version = file_version(served_file(bundle))
    if bundle:
        return f"{prefix}{VENDOR_PATH}/{bundle.name}?m={version}"
    return f"{prefix}{SUITES}/plotly/{build_fingerprint(WHOLE, plotly.__version__, version)}"


def _version(name: str) -> str:
    """Return the version in a name such as `plotly-basic-4.1.0.min.js`."""
    return name.removesuffix(".min.js").rpartition("-")[2]


def _major(version: str) -> str:
    return version.partition(".")[0]
