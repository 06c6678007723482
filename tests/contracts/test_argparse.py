"""What northstar/settings/command_line.py relies on in argparse, hook by hook."""

import argparse
import re

import pytest

from northstar.settings.command_line import WORDS


class Parser(argparse.ArgumentParser):
    """Raises its errors."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise ValueError(message)


def parser() -> argparse.ArgumentParser:
    """Return a parser of two options, one of which is another parser's."""
    other = argparse.ArgumentParser(add_help=False)
    other.add_argument("--other", action="store_true")
    own = Parser(parents=[other])
    own.add_argument("--own")
    return own


def test_option_string_actions() -> None:
    """`_option_string_actions` has the names of all options, of parent parsers too."""
    assert {*parser()._option_string_actions} == {"-h", "--help", "--other", "--own"}


@pytest.mark.parametrize(
    ("arguments", "ours"),
    [
        (["--own"], "--own requires a value (--own=VALUE if it begins with -)"),
        (["--other=a\nb"], "--other takes no value"),
    ],
)
def test_words(arguments: list[str], ours: str) -> None:
    """An error in `WORDS` is one of argparse, which is replaced as a whole."""
    with pytest.raises(ValueError, match="argument") as refused:
        parser().parse_args(arguments)
    [replaced] = [
        re.sub(pattern, words, str(refused.value))
        for pattern, words in WORDS.items()
        if re.fullmatch(pattern, str(refused.value))
    ]

    assert replaced == ours
