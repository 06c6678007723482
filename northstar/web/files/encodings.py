"""Content codings: negotiation and compression."""

import gzip
from collections.abc import Callable
from enum import StrEnum

import brotli  # type: ignore[import-untyped] # it has no types
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

# Measured on the scripts of the page with the small plotly.js, 2.4 MB in total, on one core:
# brotli 5 gives 612 kB in 0.07 s, 9 gives 600 in 0.26, 10 gives 562 in 1.7, 11 gives 550 in 3.9.
QUICK = 9  # while a request waits
BEST = 11  # in the background
BEST_UP_TO = 2_000_000  # bytes: the 4.8 MB of the whole plotly.js take 18 s and save a tenth
CHUNK = 1 << 16


class Coding(StrEnum):
    """A content coding by its HTTP name, smallest result first."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


def negotiate(accept_encoding: str) -> Coding:
    """Return the coding of the response: the smallest of those that the browser prefers most.

    If it accepts none, the file is not encoded.
    """
    accepted = parse_accept_header(accept_encoding, Accept)
    return Coding(accepted.best_match(Coding, default=Coding.IDENTITY))


def encode(raw: bytes, coding: Coding) -> bytes:
    """Encode `raw` at a level fast enough for a waiting request."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(raw, quality=QUICK))
        case Coding.GZIP:
            return gzip.compress(raw, compresslevel=QUICK, mtime=0)
        case Coding.IDENTITY:
            return raw


def encode_well(raw: bytes, stopped: Callable[[], bool]) -> bytes | None:
    """Encode `raw` in brotli at the best level, in seconds per megabyte; None if `stopped`."""
    compressor = brotli.Compressor(quality=BEST)
    coded = bytearray()
    for start in range(0, len(raw), CHUNK):
        if stopped():
            return None
        coded += compressor.process(raw[start : start + CHUNK])
    return bytes(coded + compressor.finish())
