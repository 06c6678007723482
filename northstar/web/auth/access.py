"""Check credentials against the settings.

A sign-in is stored only in its cookie, signed with a key derived from the credential: it survives
a restart, and ends when the credential changes or the browser signs out.
"""

import time
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from hashlib import scrypt
from hmac import compare_digest
from itertools import islice
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from itsdangerous import BadData, TimestampSigner, URLSafeSerializer
from starlette.datastructures import Headers

from northstar.settings.table import Settings
from northstar.settings.users import Role
from northstar.web.auth.cookies import NAME, cookies_named, name_by_port
from northstar.web.auth.sessions import Sessions
from northstar.web.auth.throttle import Throttle

_HASHER = PasswordHasher()
# Compared with the password of an unknown user, so that the check takes the same time.
# No password has it: its salt and its digest are zeros.
_DUMMY_HASH = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
# The cookie size that browsers support: RFC 6265, 6.1.
MAX_COOKIE_BYTES = 4096
# Cookies with our name: browsers send one for each path and domain, an older one first.
COOKIES_TRIED = 4


class AuthMethod(StrEnum):
    """How a viewer was authenticated."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 (not a secret)
    USER = "user"
    PROXY = "proxy"
    SCREEN = "screen"


class Viewer(NamedTuple):
    """An authenticated viewer; `until` is when the sign-in expires, in Unix time.

    Only users of the settings have a `role` of their own.
    """

    name: str
    method: AuthMethod = AuthMethod.NONE
    until: float | None = None
    role: Role = Role.OPERATOR

    @property
    def sees_all(self) -> bool:
        """Whether the viewer may see more than the live page."""
        return self.method is not AuthMethod.SCREEN


# Close code of a socket whose viewer has to sign in again: HTTP's 401 in the range for private
# use. The page then reloads, which leads to the sign-in page.
SIGN_IN_AGAIN = 4401

ANONYMOUS = Viewer("anonymous")
TOKEN_VIEWER = Viewer("token", AuthMethod.TOKEN)
SCREEN = Viewer("screen", AuthMethod.SCREEN)


def hash_password(password: str) -> str:
    """Return a password's hash; takes about 50 ms and 64 MB, on purpose."""
    return _HASHER.hash(password)


class Access:
    """The credentials of the settings, and the checks against them.

    `attempts` counts the wrong credentials of each address, wherever they are shown; `sessions`
    ends the sessions of browsers that sign out.
    """

    def __init__(self, settings: Settings, attempts: Throttle | None = None) -> None:
        self.guarded = settings.guarded
        self.attempts = attempts or Throttle(settings.max_attempts)
        self.sessions = Sessions()
        self.users = {
            Viewer(name, AuthMethod.USER, role=user.role): user.hash.get_secret_value()
            for name, user in settings.auth_users.items()
        }
        self._named = {viewer.name: viewer for viewer in self.users}
        self.header = settings.auth_header
        self.session_s = round(settings.session_h * 3600)
        self._old_name = f"northstar-{settings.port}"  # of the cookies of version 0.5
        self._in_cluster = settings.cluster
        self._tokens = {
            viewer: token
            for viewer, secret in (
                (TOKEN_VIEWER, settings.auth_token),
                (SCREEN, settings.screen_token),
            )
            if (token := secret.get_secret_value())
        }
        keys = {viewer: _derive_key(token) for viewer, token in self._tokens.items()}
        keys |= {viewer: hashed.encode() for viewer, hashed in self.users.items()}
        # Keyed by the cookie's payload, which is thus looked up and never parsed.
        self._signers = {
            _payload(viewer): (viewer, TimestampSigner(key, salt="session"))
            for viewer, key in keys.items()
        }

    @property
    def takes_token(self) -> bool:
        return TOKEN_VIEWER in self._tokens

    @property
    def signs_in(self) -> bool:
        """Whether there is a sign-in page; not if a proxy's header is the only credential."""
        return self.takes_token or bool(self.users)

    @property
    def has_screen(self) -> bool:
        return SCREEN in self._tokens

    def by_token(self, token: str) -> Viewer | None:
        """Return the viewer of a token; compares in constant time."""
        for viewer, known in self._tokens.items():
            if compare_digest(token.encode(), known.encode()):
                return viewer
        return None

    def by_password(self, name: str, password: str) -> Viewer | None:
        """Return the user of a correct password; takes about 50 ms and 64 MB for any name."""
        viewer = self._named.get(name)
        try:
            _HASHER.verify(self.users[viewer] if viewer else _DUMMY_HASH, password)
        except VerificationError:
            return None
        return viewer

    def by_proxy(self, names: Collection[str]) -> Viewer | None:
        """Return the viewer that a proxy names; None if it names none or several."""
        if len(names) != 1 or not (name := next(iter(names)).strip()):
            return None
        return Viewer(name, AuthMethod.PROXY, time.time() + self.session_s)

    def by_cookie(self, cookie: str) -> Viewer | None:
        """Return the viewer of a cookie; a screen's cookie is valid as long as its token.

        The payload is looked up among those we sign and never decoded, because anyone could
        send one that decompresses to any size.
        """
        if len(cookie) > MAX_COOKIE_BYTES or self.sessions.has_ended(cookie):
            return None
        known = self._signers.get(cookie.rsplit(".", 2)[0])
        if known is None:
            return None
        viewer, signer = known
        try:
            _, signed_at = signer.unsign(cookie, return_timestamp=True)
        except BadData:
            return None
        if viewer == SCREEN:
            return SCREEN
        until = signed_at.timestamp() + self.session_s
        return viewer._replace(until=until) if time.time() < until else None

    def cookie_name(self, headers: Headers) -> str:
        """Return the name of the session cookie at the address of a request.

        It is the same at all instances of a cluster, which may have ports of their own.
        """
        return NAME if self._in_cluster else name_by_port(headers)

    def valid_cookies(self, headers: Headers) -> Iterator[tuple[str, str, Viewer]]:
        """Yield name, value and viewer of our cookies in a request, only the valid ones."""
        names = {self.cookie_name(headers), name_by_port(headers), self._old_name}
        ours = cookies_named(headers, names)
        for name, value in islice(ours, COOKIES_TRIED):
            if viewer := self.by_cookie(value):
                yield name, value, viewer

    def cookie(self, viewer: Viewer) -> str:
        """Return the session cookie of a viewer."""
        payload = _payload(viewer)
        _, signer = self._signers[payload]
        return signer.sign(payload).decode()


def is_ours(headers: Mapping[str, str], others: Collection[str]) -> bool:
    """Return whether a request comes from our page, an origin in `others`, or a program.

    Browsers let any page open any socket and submit any form. They withhold the origin of a form
    under the policy `no-referrer`, which a proxy may add to our pages, but not whether it is ours.
    """
    origin, host = headers.get("origin"), headers.get("host")
    if origin == "null":
        return headers.get("sec-fetch-site") == "same-origin"
    return origin in {None, f"http://{host}", f"https://{host}", *others}


def _payload(viewer: Viewer) -> str:
    """Return the part of a viewer's cookie that identifies them; a long name is compressed."""
    return URLSafeSerializer("").dumps([viewer.method, viewer.name]).rpartition(".")[0]


def _derive_key(token: str) -> bytes:
    """Derive a key in about 50 ms, which slows guessing the token of a stolen cookie."""
    return scrypt(token.encode(), salt=b"northstar", n=2**14, r=8, p=1)
