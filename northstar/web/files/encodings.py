"""Content codings: negotiation and compression."""

import gzip
from collections.abc import Callable
from enum import StrEnum

import brotli  # type: ignore[import-untyped] # it brings no types
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

# Measured on the scripts of the page with the small plotly.js, 2.4 MB in all, on one core: brotli 5
# makes 612 kB of them in 0.07 s, 9 makes 600 in 0.26 s, 10 makes 562 in 1.7 s, 11 makes 550 in 3.9.
QUICK = 9  # once, while a visitor waits
BEST = 11  # when nobody does
BEST_UP_TO = 2_000_000  # bytes: the 4.8 MB of the whole plotly.js take 18 s, to save a tenth
CHUNK = 1 << 16


class Coding(StrEnum):
    """A content coding as HTTP names it, the smallest first."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


def negotiate(accept_encoding: str) -> Coding:
    """Return the coding to answer with: of those that the browser prefers, the smallest.

    Where it accepts none of them, it gets the file as it is.
    """
    accepted = parse_accept_header(accept_encoding, Accept)
    return Coding(accepted.best_match(Coding, default=Coding.IDENTITY))


def encode(raw: bytes, coding: Coding) -> bytes:
    """Return `raw` in a coding, at a level fast enough for a waiting request."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(raw, quality=QUICK))
        case Coding.GZIP:
            return gzip.compress(raw, compresslevel=QUICK, mtime=0)
        case Coding.IDENTITY:
            return raw


def encode_well(raw: bytes, stopped: Callable[[], bool]) -> bytes | None:
    """Return `raw` in brotli at its best, which takes seconds a megabyte; None where `stopped`."""
    compressor = brotli.Compressor(quality=BEST)
    coded = bytearray()
    for start in range(0, len(raw), CHUNK):
        if stopped():
            return None
        coded += compressor.process(raw[start : start + CHUNK])
    return bytes(coded + compressor.finish())
