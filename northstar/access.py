"""Who may look: what somebody shows of themselves, checked against what the settings say.

Nothing is kept of a sign-in but its cookie, which is signed with what the credentials add up to:
it outlives a restart, and ends for everybody when one of them is changed.
"""

import time
from collections.abc import Collection, Mapping
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from itsdangerous import BadData, URLSafeTimedSerializer

from northstar.settings import Settings

_HASHER = PasswordHasher()
# What the password of somebody unknown is compared with, so that it takes as long.
_NOBODY = _HASHER.hash("")


class Reach(StrEnum):
    """What somebody may look at."""

    ALL = "all"
    SCREEN = "screen"  # the live page, and nothing else


class Viewer(NamedTuple):
    """Somebody who may look; `until` is when they have to sign in again, in Unix time."""

    name: str
    reach: Reach = Reach.ALL
    until: float | None = None


ANYBODY = Viewer("anybody")


def hash_password(password: str) -> str:
    """Return what may be kept of a password; takes some 50 ms and 64 MB, as it should."""
    return _HASHER.hash(password)


class Access:
    """Knows the credentials of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.guarded = settings.guarded
        self.users = {name: kept.get_secret_value() for name, kept in settings.auth_users.items()}
        self.header = settings.auth_header
        self._token = settings.auth_token.get_secret_value()
        self._screen_token = settings.screen_token.get_secret_value()
        self.session_s = round(settings.session_h * 3600)
        key = sha256(repr((self._token, self._screen_token, sorted(self.users.items()))).encode())
        self._signer = URLSafeTimedSerializer(key.digest(), salt="session")
        # Browsers do not keep the cookies of two ports apart: two dashboards must.
        self.cookie_name = f"northstar-{sha256(key.digest()).hexdigest()[:8]}"

    @property
    def takes_token(self) -> bool:
        return bool(self._token)

    @property
    def signs_in(self) -> bool:
        """Whether somebody can sign in here, and need not be sent by a proxy that knows them."""
        return self.takes_token or bool(self.users)

    @property
    def has_screen(self) -> bool:
        return bool(self._screen_token)

    def by_token(self, token: str) -> Viewer | None:
        """Return who has a token, compared in constant time."""
        if self._token and _same(token, self._token):
            return Viewer("token")
        if self._screen_token and _same(token, self._screen_token):
            return Viewer("screen", Reach.SCREEN)
        return None

    def by_password(self, name: str, password: str) -> Viewer | None:
        """Return a user who knows their password; takes some 50 ms and 64 MB, known or not."""
        try:
            _HASHER.verify(self.users.get(name, _NOBODY), password)
        except VerificationError:
            return None
        return Viewer(name) if name in self.users else None

    def by_cookie(self, cookie: str) -> Viewer | None:
        """Return who was given a cookie; a screen's lasts as long as its token."""
        try:
            (name, reach), signed_at = self._signer.loads(cookie, return_timestamp=True)
        except BadData:
            return None
        if reach == Reach.SCREEN:
            return Viewer(name, Reach.SCREEN)
        until = signed_at.timestamp() + self.session_s
        return Viewer(name, until=until) if time.time() < until else None

    def cookie(self, viewer: Viewer) -> str:
        """Return what somebody shows from now on."""
        return self._signer.dumps([viewer.name, viewer.reach])


def is_ours(headers: Mapping[str, str], others: Collection[str]) -> bool:
    """Tell whether a request comes from a page of ours, of an origin of `others`, or a program.

    Browsers let any page open any socket and send any form.
    """
    origin, host = headers.get("origin"), headers.get("host")
    return origin in {None, f"http://{host}", f"https://{host}", *others}


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
