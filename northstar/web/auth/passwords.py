"""Create the `name:hash` lines of `NORTHSTAR_AUTH_USERS`, of users who may change something."""

import re
import sys
from getpass import getpass

from northstar.errors import ConfigurationError
from northstar.web.auth.access import hash_password

SHORTEST = 8  # characters: https://pages.nist.gov/800-63-3/sp800-63b.html, 5.1.1.1


def hash_line(name: str) -> str:
    """Return `name:hash` of a password, entered twice at a terminal, otherwise read as one line.

    Raises `ConfigurationError` for an invalid name or password.
    """
    if not re.fullmatch(r"[^\s:]+", name):
        raise ConfigurationError("a name must not contain spaces or colons")
    password = _prompt() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        raise ConfigurationError(f"a password must have at least {SHORTEST} characters")
    return f"{name}:{hash_password(password)}"


def _prompt() -> str:
    try:
        password = getpass()
        again = getpass("Repeat password: ")
    except (EOFError, KeyboardInterrupt) as error:
        raise ConfigurationError("no password was given") from error
    if again != password:
        raise ConfigurationError("the passwords do not match")
    return password
