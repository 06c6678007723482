"""Stand-alone pictures as PNG, and the fonts of their texts."""

import struct
import subprocess
import sys
from io import BytesIO, TextIOWrapper

import pytest

from northstar.errors import PictureError
from northstar.view.shared import theme
from northstar.view.shared.drawn import png
from northstar.view.shared.drawn.png import FAMILIES, font_files, text_family, to_png
from support.checkout import ROOT

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30">{}</svg>'
EMPTY = to_png(SVG.format(""))
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_size_of_a_png() -> None:
    """A PNG has twice the width and height of its SVG."""
    assert EMPTY.startswith(SIGNATURE)
    assert struct.unpack(">II", EMPTY[16:24]) == (160, 60)


@pytest.mark.parametrize("text", ["$1,250.00", "−5 €", "Комиссия", "Κόστος"])
def test_texts_of_a_png(text: str) -> None:
    """Texts are drawn in the page's font; different texts look different."""
    named = f'<text y="20" font-family="{theme.FONT}">{{}}</text>'

    drawn = to_png(SVG.format(named.format(text)))

    assert drawn != EMPTY
    assert drawn != to_png(SVG.format(named.format("x" * len(text))))


def test_unknown_family() -> None:
    """A text of an unknown family is drawn in another font and not left out."""
    text = '<text y="20" font-family="No Such Font, sans-serif">8</text>'

    assert to_png(SVG.format(text)) != EMPTY


def test_program() -> None:
    """The program reads an SVG from stdin and writes the PNG to stdout."""
    drawn = subprocess.run(
        [sys.executable, "-m", png.__name__],
        check=True,
        cwd=ROOT,
        input=SVG.format("").encode(),
        capture_output=True,
    )

    assert drawn.stdout == EMPTY


def test_program_without_a_font(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a font the program exits with the reason and writes nothing."""
    monkeypatch.setattr(png, "FAMILIES", ("No Such Font",))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(SVG.encode())))
    monkeypatch.setattr("os.nice", lambda _: None)

    with pytest.raises(SystemExit, match="no font to write texts with"):
        png.main()
    assert capsys.readouterr().out == ""


def test_no_font() -> None:
    """Without a usable font, the error names the package and the fonts."""
    with pytest.raises(PictureError, match=r"no font .* install fontpkg-inter,.*DejaVu Sans"):
        text_family((), FAMILIES, of_system=False)
    with pytest.raises(PictureError, match="No Such Font"):
        text_family(font_files(), ("No Such Font",))


def test_family() -> None:
    """The first installed family is used."""
    family = text_family(font_files(), FAMILIES)

    assert family in FAMILIES
    assert text_family(font_files(), ("No Such Font", family)) == family
