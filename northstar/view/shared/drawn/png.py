"""Convert a stand-alone SVG to PNG, also as a program.

resvg draws no text at all where none of the named fonts is found. The first choice is Inter, which
is a dependency; then fonts that systems have. Those of the system also serve scripts that Inter
does not have.
"""

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from resvg_py import svg_to_bytes

from northstar.errors import PictureError

NICENESS = 10
PIXELS = 2  # per unit of the SVG and in each direction, for sharp texts
INTER = "fontpkg_inter"  # the package with the font's files
FAMILIES = (
    "Inter",
    "Segoe UI",
    "Liberation Sans",
    "DejaVu Sans",
    "Noto Sans",
    "Arial",
    "Helvetica",
)
SAMPLE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{}</svg>'
TEXT = '<text y="16" font-family="{}">8</text>'


def to_png(svg: str) -> bytes:
    """Return the picture of an SVG, `PIXELS` times its size. Raises `PictureError`.

    Takes up to half a second, in which no other thread runs: resvg holds the GIL.
    """
    fonts = font_files()
    family = text_family(fonts, FAMILIES)
    return svg_to_bytes(
        svg_string=svg, zoom=PIXELS, font_files=list(fonts), sans_serif_family=family
    )


@cache
def font_files() -> tuple[str, ...]:
    """Return the files of Inter, none if it is not installed."""
    package = find_spec(INTER)
    if package is None or package.origin is None:
        return ()
    return tuple(sorted(map(str, Path(package.origin).parent.glob("files/*.ttf"))))


@cache
def text_family(
    fonts: tuple[str, ...], families: tuple[str, ...], *, of_system: bool = True
) -> str:
    """Return the first family in which texts are drawn, from files and the system's fonts.

    Raises `PictureError`.
    """

    def drawn(content: str) -> bytes:
        sample = SAMPLE.format(content)
        return svg_to_bytes(
            svg_string=sample, font_files=list(fonts), skip_system_fonts=not of_system
        )

    empty = drawn("")
    for family in families:
        if drawn(TEXT.format(family)) != empty:
            return family
    raise PictureError(
        f"no font to write texts with: install {INTER.replace('_', '-')},"
        f" or one of the system's fonts {', '.join(families)}"
    )


def main() -> None:
    """Convert standard input, with a priority lower than that of the server."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        sys.stdout.buffer.write(to_png(sys.stdin.buffer.read().decode()))
    except PictureError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
