"""The font of the pages: Inter, if `make font` has fetched it, otherwise the system's."""

from pathlib import Path
from typing import NamedTuple

from northstar.web.files.cache import File
from northstar.web.files.plotlyjs import VENDOR, VENDOR_PATH
from northstar.web.files.versions import version_of

NAME = "inter.woff2"
# `optional` never replaces the font of a page that is shown, so that nothing moves.
FACE = """@font-face {{
  font-family: Inter;
  src: url({address}) format("woff2");
  font-weight: 400 700;
  font-display: optional;
}}
"""


class Font(NamedTuple):
    """The file in memory, its address and its rule of CSS."""

    file: File
    address: str
    face: str


def font(base: str, folder: Path = VENDOR) -> Font | None:
    """Return the font with an address below `base` that follows its content, or None."""
    path = folder / NAME
    if not path.is_file():
        return None
    content = path.read_bytes()
    version = version_of(content)
    address = f"{base}{VENDOR_PATH}/{NAME}?m={version}"
    file = File(Path(NAME), version, len(content), content)
    return Font(file, address, FACE.format(address=address))
