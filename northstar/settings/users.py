"""The users of `NORTHSTAR_AUTH_USERS`: name, role, and the hash of a password."""

import re
from dataclasses import dataclass
from enum import StrEnum

import argon2
from pydantic import SecretStr

EXPECTED = "expected name:hash or name:role:hash, one a line, as printed by --hash-password NAME"


class Role(StrEnum):
    """What a user may do: read everything, or change something, too."""

    VIEWER = "viewer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class User:
    """The hash of a user's password, and the role."""

    hash: SecretStr
    role: Role = Role.OPERATOR


def read_users(text: object) -> object:
    """Accept `name:hash` or `name:role:hash`, one per line, with argon2id hashes."""
    if not isinstance(text, str):
        return text
    users = [*map(_read_user, text.split())]
    if not users:
        raise ValueError(EXPECTED)
    if len(dict(users)) < len(users):
        raise ValueError("expected each name once")
    return dict(users)


def _read_user(line: str) -> tuple[str, User]:
    name, *roles, hashed = line.split(":") if ":" in line else ("", "")
    if not name or len(roles) > 1 or not _is_hash(hashed):
        raise ValueError(EXPECTED)
    known = [*Role]
    if not set(roles) <= {*known}:
        raise ValueError(f"expected the role {' or '.join(known)}, as in {name}:{known[0]}:hash")
    return name, User(SecretStr(hashed), *map(Role, roles))


def _is_hash(text: str) -> bool:
    try:
        kind = argon2.extract_parameters(text).type
    except argon2.exceptions.InvalidHashError:
        return False
    return kind is argon2.Type.ID and bool(re.fullmatch(r"[\w$=,+/]{60,}", text, re.ASCII))
