"""The parser of the command line, with short errors that contain no values.

Undocumented parts of argparse used here, and by no other module:

- `ArgumentParser._option_string_actions`: the names of all options, with those of parent parsers.
  Without it, an error could not name the option that was probably meant.
- the errors in `WORDS`. Without them, those errors would be in argparse's words.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from northstar.settings.table import Settings, flag, variable

USAGE = "[--ws-url URL | --demo | --replay FILE] [OPTION ...]"

# Messages of argparse about an option, in our words.
WORDS = {
    r"argument (\S+): expected one argument": r"\1 requires a value (\1=VALUE if it begins with -)",
    r"(?s)argument (\S+): ignored explicit argument .*": r"\1 takes no value",
}


class _Once(argparse.Action):
    """Stores a value, or true for an option without one; refuses the option if it is repeated.

    The last one would count, and the first may have been meant.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        if hasattr(namespace, self.dest):
            parser.error(f"{option_string} is given twice")
        setattr(namespace, self.dest, values if self.nargs is None else True)


class CommandLine(argparse.ArgumentParser):
    """A parser whose errors are short and name the option that was probably meant."""

    def error(self, message: str) -> NoReturn:
        for found, ours in WORDS.items():
            message = re.sub(found, ours, message)
        usage = f"{self.format_usage()}--help lists all options"
        self.exit(2, f"northstar: {message}\n{usage}\n")

    def print_help(self, file: Any = None) -> None:
        """Print the help; argparse ignores that it cannot be written."""
        (file or sys.stdout).write(self.format_help())

    def read(self, arguments: Sequence[str]) -> dict[str, Any]:
        """Return the given settings by name; exit with an error for unknown arguments."""
        given, unknown = self.parse_known_args(arguments)
        if unknown:
            self.error("\nnorthstar: ".join(self._explain(unknown)))
        return vars(given)

    def _explain(self, unknown: Sequence[str]) -> Sequence[str]:
        """Return a line for each unknown option; without any, for each stray argument.

        A stray argument after an unknown option may be its value, and a secret.
        """
        options = [each.partition("=")[0] for each in unknown if each.startswith("-")]
        if not options:
            return [f"unexpected argument: {each}" for each in unknown]
        return [f"{option} is not an option{self._hint(option)}" for option in options]

    def _hint(self, option: str) -> str:
        known = list(self._option_string_actions)
        name = f"--{option.lstrip('-').replace('_', '-').lower()}"
        name = name.replace("--northstar-", "--", 1)
        near = get_close_matches(name, known, 1)
        return f": did you mean {near[0]}?" if near else ""


def command_line(program: str | None, others: Sequence[argparse.ArgumentParser]) -> CommandLine:
    """Return the parser of all settings, and of `others`, which are not settings."""
    parser = CommandLine(
        prog=program,
        usage=f"%(prog)s {USAGE}",
        parents=others,
        description="Live profit-and-loss dashboard for one stream of pnl-update messages.",
        epilog="Each option can also be set in the environment or .env, by the name in brackets.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for name, field in Settings.model_fields.items():
        default = f", default {field.default}" if field.default else ""
        text = f"{field.description} [{variable(name)}{default}]"
        nargs = 0 if field.annotation is bool else None
        parser.add_argument(flag(name), help=text, action=_Once, metavar="VALUE", nargs=nargs)
    return parser
