"""Load the settings from the command line, the environment and `.env`."""

import argparse
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from northstar.errors import ConfigurationError
from northstar.settings.environment import check_names, check_values
from northstar.settings.parsing import masked
from northstar.settings.table import OldFrontEnd, Settings, flag, variable

# Settings that name the source of updates; exactly one applies.
SOURCES = ("ws_url", "demo", "replay")
# Settings whose value is never printed.
SECRETS = {"token", "headers", "auth_token", "auth_users", "screen_token", "alive_url"}
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
    parser = _parser(program, others)
    given = vars(parser.parse_args(arguments))
    sources = [name for name in SOURCES if name in given]
    if len(sources) > 1:
        parser.error(f"give {' or '.join(map(flag, sources))}, not both")
    if sources:  # the command line overrides the source of the environment
        unset = {"demo": False, "replay": None} | ({"record": None} if "replay" in given else {})
        given = unset | given
    check_names([*map(variable, Settings.model_fields), *map(_old, OldFrontEnd.model_fields)])
    try:
        settings = Settings(**given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigurationError("\n".join(_explain(detail) for detail in details)) from error
    if not (settings.guarded or settings.insecure):
        check_values(map(variable, CREDENTIALS))
    return settings


def _old(name: str) -> str:
    """Return the variable of a setting in the old front end."""
    return f"VITE_{name.upper()}"


def _parser(
    program: str | None, others: Sequence[argparse.ArgumentParser]
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        parents=others,
        description="Live profit-and-loss dashboard for one stream of pnl-update messages.",
        epilog="Each option can also be set in the environment or .env, by the name in brackets.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for name, field in Settings.model_fields.items():
        default = f", default {field.default}" if field.default else ""
        text = f"{field.description} [{variable(name)}{default}]"
        if field.annotation is bool:
            parser.add_argument(flag(name), help=text, action="store_true")
        else:
            parser.add_argument(flag(name), help=text, metavar="VALUE")
    return parser


def _explain(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    names = [variable(name), flag(name)]
    if name in OldFrontEnd.model_fields:
        names.append(_old(name))
    given = "…" if name in SECRETS else repr(masked(str(detail["input"])))
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    return f"{' / '.join(names)} is {given}: {reason}"
