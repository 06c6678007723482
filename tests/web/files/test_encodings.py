"""Codings: what a browser says it takes, and what it is sent."""

import gzip

import brotli  # type: ignore[import-untyped] # it brings no types
import pytest

from northstar.web.files.encodings import Coding, encode, encode_well, negotiate

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
def test_negotiate(accept_encoding: str, coding: Coding) -> None:
    """A browser gets what it likes most, of several the smallest, and never what it refuses."""
    assert negotiate(accept_encoding) is coding


def test_encode() -> None:
    """Whatever the coding, the text comes out again."""
    assert brotli.decompress(encode(TEXT, Coding.BROTLI)) == TEXT
    assert gzip.decompress(encode(TEXT, Coding.GZIP)) == TEXT
    assert encode(TEXT, Coding.IDENTITY) == TEXT


def test_encode_well() -> None:
    """With time the text is no larger, and the same."""
    coded = encode_well(TEXT, lambda: False)

    assert coded
    assert len(coded) <= len(encode(TEXT, Coding.BROTLI))
    assert brotli.decompress(coded) == TEXT


def test_encode_well_when_stopped() -> None:
    """Between two chunks it can be stopped, and then there is nothing."""
    asked = iter([False, True])

    assert encode_well(TEXT, lambda: next(asked)) is None
