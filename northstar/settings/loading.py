"""Load the settings from the command line, the environment and `.env`."""

import argparse
from collections.abc import Sequence

from pydantic import ValidationError

from northstar.errors import ConfigurationError
from northstar.settings.command_line import command_line
from northstar.settings.environment import check_names, check_values
from northstar.settings.explanations import explain
from northstar.settings.old_front_end import OldFrontEnd, old_variable
from northstar.settings.sources import SOURCES, chosen
from northstar.settings.table import Settings, flag, variable

# Settings that each require a sign-in.
CREDENTIALS = ("auth_token", "auth_users", "auth_header", "screen_token")


def load(
    arguments: Sequence[str] = (),
    program: str | None = None,
    others: Sequence[argparse.ArgumentParser] = (),
) -> Settings:
    """Read the settings; `arguments` are those of the command line, without the program's name.

    `program` is the name in the help, by default the file that was run; `others` are parsers of
    options that are not settings. Raises `ConfigurationError` with variable, value and expected
    form. `--help` and unknown arguments exit as in argparse.
    """
    parser = command_line(program, others)
    given = parser.read(arguments)
    sources = [name for name in SOURCES if name in given]
    if len(sources) > 1:
        parser.error(f"give {' or '.join(map(flag, sources))}, not both")
    check_names(
        [*map(variable, Settings.model_fields), *map(old_variable, OldFrontEnd.model_fields)]
    )
    try:
        settings = Settings(**chosen(given))
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigurationError("\n".join(map(explain, details))) from error
    if not (settings.guarded or settings.insecure):
        check_values(map(variable, CREDENTIALS))
    return settings
