"""Refuse names and `.env` lines that pydantic-settings and python-dotenv ignore.

An ignored setting may be the one that requires a sign-in. Errors never contain values.

Undocumented parts of python-dotenv used here, and by no other module:

- `parser.parse_stream()`, and `key`, `value`, `original` and `error` of what it yields: the lines
  of `.env`, in their order. Without it, mistakes in them would be ignored.
- `variables.parse_variables()`, and `name` and `default` of a `Variable`: the variables in a value.
  Without it, one that is not set would silently be empty.
- its logger `dotenv`. Without it, each mistake would be reported twice, once without the reason.
"""

import logging
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from dotenv.variables import Variable, parse_variables

from northstar.errors import ConfigurationError
from northstar.settings.parsing import decode
from northstar.settings.paths import read_bytes

ENV_FILE = Path(".env")
PREFIX = "NORTHSTAR_"
NAME = re.compile(r"[A-Z_][A-Z0-9_.-]*", re.ASCII | re.IGNORECASE)
# One of our names at the start of a line in a value: the closing quote is missing or misplaced.
SWALLOWED = re.compile(rf"\n\s*(export\s+)?{PREFIX}", re.IGNORECASE)
# Another of our settings in a value: two settings on one line.
SECOND = re.compile(rf"{PREFIX}\w+\s*=", re.IGNORECASE)
# A value in quotes, as `docker run --env-file` passes it on.
QUOTED = re.compile(r"""'.*'|".*\"""", re.DOTALL)
# Variables that Kubernetes sets for a Service: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
SERVICE_LINK = re.compile(
    r"_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)|_PORT=(tcp|udp|sctp)://", re.IGNORECASE
)
# From this ratio of difflib, a name without the prefix counts as ours with a misspelt prefix.
ALIKE = 0.9


# Its warnings about lines repeat what is checked here, without the reason.
logging.getLogger("dotenv").setLevel(logging.CRITICAL)


class _Entry(NamedTuple):
    """A name, its value (None without `=`), and the place where it is set."""

    name: str
    value: str | None
    place: str


def check_names(known: Collection[str]) -> None:
    """Raise `ConfigurationError` with a line for each mistake in the environment and `.env`.

    `known` has the names that are read, in capitals. As in pydantic-settings, names that differ
    only in case are the same.
    """
    lines = list(_lines())
    broken = [line for line in lines if _is_broken(line, known)]
    environment = [_Entry(*item, "the environment") for item in os.environ.items()]
    problems = [f"{line.place} cannot be parsed: expected NAME=value" for line in broken]
    for entries in (environment, [line for line in lines if line not in broken]):
        ours = [entry for entry in entries if _is_ours(entry.name, known)]
        problems += [*_unknown(ours, known), *_contradictions(ours)]
        problems += _second_settings(ours if entries is environment else entries)
        problems += _quoted(ours if entries is environment else ())
    problems += _unset_variables(lines, known)
    if problems:
        raise ConfigurationError("\n".join(problems))


def check_values(names: Iterable[str]) -> None:
    """Raise `ConfigurationError` if any of `names` is set to an empty value, otherwise ignored.

    An example is `NORTHSTAR_AUTH_TOKEN=$(cat missing-file)`.
    """
    given = [*os.environ.items(), *read_file().items()]
    empty = {name.lower() for name, value in given if not value}
    found = [name for name in names if name.lower() in empty]
    if found:
        raise ConfigurationError(
            f"{' and '.join(found)} has no value, so no sign-in would be required: set it, remove"
            " it, or use --insecure"
        )


def read_file() -> Mapping[str, str | None]:
    """Return the names and values of `.env`. Raises `ConfigurationError` if it cannot be read."""
    return dotenv_values(stream=StringIO(_text()))


def _lines() -> Iterator[_Entry]:
    """Yield the entries of `.env`, without comments; one that cannot be parsed has no name."""
    for binding in parse_stream(StringIO(_text())):
        text, number = binding.original
        number += text[: len(text) - len(text.lstrip())].count("\n")  # blank lines before it
        if binding.key is not None or binding.error:
            yield _Entry(binding.key or "", binding.value, f"line {number} of {ENV_FILE}")


def _text() -> str:
    """Return the text of `.env`, empty if there is none. Raises `ConfigurationError`."""
    try:
        return decode(read_bytes(ENV_FILE), str(ENV_FILE))
    except FileNotFoundError:
        if not ENV_FILE.is_symlink():
            return ""
        raise ConfigurationError(f"{ENV_FILE} cannot be read: the link is broken") from None
    except OSError as error:
        raise ConfigurationError(f"{ENV_FILE} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _is_broken(line: _Entry, known: Collection[str]) -> bool:
    """Return whether a line is no assignment, or its value includes another setting's line."""
    if not NAME.fullmatch(line.name):
        return True
    if line.value is None:
        return _is_ours(line.name, known)
    return bool(SWALLOWED.search(line.value))


def _is_ours(name: str, known: Collection[str]) -> bool:
    """Return whether a name has our prefix, is known, or is similar to a known prefixed name."""
    name, prefix = name.lower(), PREFIX.lower()
    names = [other.lower() for other in known]
    if prefix in name:  # a name such as OLD_NORTHSTAR_PORT is intended
        return name.startswith(prefix)
    ours = filter(lambda other: other.startswith(prefix), names)
    return name in names or bool(get_close_matches(name, ours, 1, ALIKE))


def _unknown(entries: Iterable[_Entry], known: Collection[str]) -> Iterator[str]:
    names = set(map(str.lower, known))
    endings = [name.removeprefix(PREFIX) for name in known if name.startswith(PREFIX)]
    for name, value, place in entries:
        if name.lower() not in names:
            near = get_close_matches(name.upper()[len(PREFIX) :], endings, 1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else "--help lists all settings"
            if SERVICE_LINK.search(f"{name}={value}"):
                hint = "Kubernetes sets it for a Service; set enableServiceLinks: false for the pod"
            yield f"{name} in {place} is not a setting: {hint}"


def _contradictions(entries: Iterable[_Entry]) -> Iterator[str]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        earlier = first.setdefault(entry.name.lower(), entry)
        if earlier.value != entry.value:
            yield (
                f"{earlier.name} in {earlier.place} and {entry.name} in {entry.place} have"
                " different values: remove one"
            )


def _second_settings(entries: Iterable[_Entry]) -> Iterator[str]:
    for name, value, place in entries:
        if SECOND.search(value or ""):
            yield f"{name} in {place} contains another setting: expected one per line"


def _quoted(entries: Iterable[_Entry]) -> Iterator[str]:
    """Yield a problem for each value in quotes: those of a shell or of `.env` are removed there."""
    for name, value, place in entries:
        if QUOTED.fullmatch(value or ""):
            yield f"{name} in {place} is in quotes, which would be part of the value: remove them"


def _unset_variables(lines: Iterable[_Entry], known: Collection[str]) -> Iterator[str]:
    """Yield a problem for each of our values with an unset `${NAME}`, empty in python-dotenv."""
    names = set(os.environ)
    for name, value, place in lines:
        atoms = parse_variables(value or "") if _is_ours(name, known) else ()
        used = {atom.name for atom in atoms if isinstance(atom, Variable) and atom.default is None}
        if used - names:
            yield f"{name} in {place} uses a ${{variable}} that is not set"
        names.add(name)
