"""Choose the source of updates: that of the first place that names one.

A place that names two is refused, because either may be meant.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from northstar.errors import ConfigurationError
from northstar.settings.environment import ENV_FILE, read_file
from northstar.settings.table import variable

# The settings that name a source, and their values where another one is chosen.
SOURCES: Mapping[str, Any] = {"ws_url": "", "demo": False, "replay": None}
TRUE = {"1", "on", "t", "true", "y", "yes"}  # as in pydantic


def chosen(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings `given` on the command line, and those that disable other sources.

    Raises `ConfigurationError` if the environment or `.env` names two sources, unless a source is
    given on the command line, which has at most one.
    """
    if on_command_line := [name for name in SOURCES if name in given]:
        (source,) = on_command_line
        # A recording of the environment is that of the source there.
        unset = {"record": None} if source == "replay" else {}
        return {**unset, **_without(source), **given}
    for place, values in _places():
        named = [name for name in SOURCES if _is_named(name, values)]
        if len(named) > 1:
            names = " and ".join(map(variable, named))
            raise ConfigurationError(f"{names} in {place} are several sources: remove all but one")
        if named:
            return {**_without(named[0]), **given}
    return given


def _places() -> Iterator[tuple[str, Mapping[str, str | None]]]:
    """Yield the places in order of precedence, each with its values by name in lower case."""
    for place, values in (("the environment", os.environ), (str(ENV_FILE), read_file())):
        yield place, {name.lower(): value for name, value in values.items()}


def _is_named(name: str, values: Mapping[str, str | None]) -> bool:
    value = values.get(variable(name).lower()) or ""
    return value.lower() in TRUE if name == "demo" else bool(value)


def _without(source: str) -> dict[str, Any]:
    """Return the values that disable the sources other than `source`."""
    return {name: unset for name, unset in SOURCES.items() if name != source}
