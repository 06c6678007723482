"""What northstar/settings/environment.py relies on in python-dotenv, hook by hook."""

import logging
from io import StringIO

import pytest
from dotenv import dotenv_values
from dotenv.parser import parse_stream
from dotenv.variables import Variable, parse_variables

TEXT = """\
# a comment
A=1

export B="two
lines"
C
D E
F='${A}'
"""


def test_parse_stream() -> None:
    """`parse_stream` yields what is in a file, in its order, with the line and the text of each."""
    found = [each for each in parse_stream(StringIO(TEXT)) if each.key is not None or each.error]

    assert [(each.key, each.value, each.error) for each in found] == [
        ("A", "1", False),
        ("B", "two\nlines", False),
        ("C", None, False),
        (None, None, True),
        ("F", "${A}", False),
    ]
    places = [(each.original.line, each.original.string.strip()) for each in found]
    assert places[0] == (2, "A=1")
    assert places[1][1] == 'export B="two\nlines"'
    assert places[-1] == (8, "F='${A}'")


def test_dotenv_values() -> None:
    """`dotenv_values` has the names and values that `parse_stream` yields, but for variables."""
    parsed = {each.key: each.value for each in parse_stream(StringIO(TEXT)) if each.key}
    read = dotenv_values(stream=StringIO(TEXT), interpolate=False)

    assert read == parsed


def test_parse_variables() -> None:
    """`parse_variables` yields the variables of a value, with name and default."""
    atoms = parse_variables("a ${B} ${C:-d} ${E:-} $F")
    variables = [atom for atom in atoms if isinstance(atom, Variable)]

    assert [(each.name, each.default) for each in variables] == [("B", None), ("C", "d"), ("E", "")]


def test_logger(caplog: pytest.LogCaptureFixture) -> None:
    """A warning about a line comes from the logger `dotenv`, or one below it."""
    caplog.set_level(logging.WARNING, "dotenv")
    dotenv_values(stream=StringIO(TEXT))

    assert {record.name.partition(".")[0] for record in caplog.records} == {"dotenv"}
