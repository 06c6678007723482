"""Estimates of how wide a text is on the page, to decide on the server what fits.

The widths are those of DejaVu Sans, the widest font of the page's; others leave some room.
"""

import unicodedata

LETTERS = {
    0.28: "ijl'",
    0.31: "IJ",
    0.335: " ,./:;|",
    0.38: "-!f()[]",
    0.4: "rt",
    0.525: "sz?",
    0.56: "cL",
    0.585: 'kvxyFS"',
    0.612: "aeoTYPE",
    0.69: "ABCRVXZK",
    0.75: "DHNUG&OQ+<>=",
    0.83: "wM",
    0.98: "mW%@",
}
WIDTHS = {letter: width for width, letters in LETTERS.items() for letter in letters}
USUAL = 0.636  # of a digit, and of most letters
WIDE = 1.0  # of an East Asian letter


def text_width(text: str, size_px: float) -> float:
    """Return about how many pixels a text is wide at a font size."""
    return size_px * sum(map(_width, text))


def _width(letter: str) -> float:
    known = WIDTHS.get(letter)
    if known is not None:
        return known
    if letter.isascii() or unicodedata.east_asian_width(letter) not in "WF":
        return 0.0 if unicodedata.combining(letter) else USUAL
    return WIDE
