"""Content codings: what a browser accepts and what it gets."""

import gzip

import brotli  # type: ignore[import-untyped] # it brings no types
import pytest

from northstar.web.files.encodings import Coding, Effort, accepted_codings, encode

TEXT = b"// a script says the same thing over and over\n" * 5000


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ("gzip, deflate, br, zstd", Coding.BROTLI),
        ("gzip, deflate", Coding.GZIP),
        ("deflate", Coding.IDENTITY),
        ("", Coding.IDENTITY),
        ("BR", Coding.BROTLI),
        ("br;q=0, gzip", Coding.GZIP),
        ("br;q=0.5, gzip;q=0.8", Coding.GZIP),
        ("br ; q=0.001", Coding.BROTLI),
        ("br;q=0.0, gzip;q=0.000", Coding.IDENTITY),
        ("gzip;q=0.5, identity", Coding.IDENTITY),
        ("gzip, identity;q=0.5", Coding.GZIP),
        ("*", Coding.BROTLI),
        ("*, br;q=0", Coding.GZIP),
        ("gzip;q=0.2, *;q=0", Coding.GZIP),
        ("*;q=0", Coding.IDENTITY),
        ("br;q=lots, gzip", Coding.GZIP),
        (",,;q=1", Coding.IDENTITY),
    ],
)
def test_preferred_coding(accept_encoding: str, coding: Coding) -> None:
    """A browser gets its preferred coding, the smallest of equal ones, and never a refused one."""
    assert accepted_codings(accept_encoding)[0] is coding


@pytest.mark.parametrize(
    ("accept_encoding", "codings"),
    [
        ("gzip, br", ["br", "gzip", "identity"]),
        ("br;q=0.5, gzip", ["gzip", "br", "identity"]),
        ("br;q=0, *", ["gzip", "identity"]),
        ("gzip;q=0.1, identity;q=0.5", ["identity", "gzip"]),
        ("br, identity;q=0", ["br", "identity"]),
    ],
)
def test_accepted_codings(accept_encoding: str, codings: list[str]) -> None:
    """The other accepted codings follow in order, and the uncompressed file comes last."""
    assert accepted_codings(accept_encoding) == codings


@pytest.mark.parametrize("effort", [Effort.FAST, Effort.GOOD])
def test_encode(effort: Effort) -> None:
    """Decoding returns the text for every coding."""
    brotlied = encode(TEXT, Coding.BROTLI, effort, lambda: False)
    gzipped = encode(TEXT, Coding.GZIP, effort, lambda: False)

    assert brotli.decompress(brotlied) == TEXT
    assert gzipped
    assert gzip.decompress(gzipped) == TEXT


def test_encode_when_stopped() -> None:
    """Encoding can be stopped between two chunks and then returns None."""
    asked = iter([False, True])

    assert encode(TEXT, Coding.BROTLI, Effort.BEST, lambda: next(asked)) is None
