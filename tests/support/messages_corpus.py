"""The corpus of messages, each with its expected outcome."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from support.checkout import ROOT

FOLDER = ROOT / "tests" / "support" / "corpus"


INDEX: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "index.toml").read_text())


OUTCOMES = ("accepted", "ignored", "out_of_order", "rejected")


@dataclass(frozen=True)
class Message:
    """One message of the corpus; `becomes` is its expected outcome in the index."""

    name: str
    outcome: str
    raw: bytes
    becomes: Any

    @property
    def as_sent(self) -> str | bytes:
        """What a source sends: a text frame, or a binary one for invalid text."""
        try:
            return self.raw.decode()
        except UnicodeDecodeError:
            return self.raw


def _files() -> Iterator[Message]:
    for outcome in OUTCOMES:
        for name, becomes in INDEX[outcome].items():
            yield Message(name, outcome, (FOLDER / name).read_bytes(), becomes)


def _built() -> Iterator[Message]:
    for name, recipe in INDEX["built"].items():
        raw = "".join(piece * times for piece, times in recipe["parts"]).encode()
        yield Message(name, name.split("-")[0], raw, recipe["becomes"])


FILES = list(_files())


CORPUS = [*FILES, *_built()]
