"""Credentials: tokens, passwords and the cookie of a sign-in."""

import time
from hashlib import scrypt
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr
from starlette.datastructures import Headers

from northstar.settings.table import Settings
from northstar.settings.users import User
from northstar.web.auth.access import (
    MAX_COOKIE_BYTES,
    SCREEN,
    TOKEN_VIEWER,
    Access,
    AuthMethod,
    Viewer,
    is_ours,
)
from support.guards import HASH, quick_hash

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)
SCREEN_TOKEN = "fedcba9876543210"  # noqa: S105
PASSWORD = "correct horse"  # noqa: S105
ALICE = Viewer("alice", AuthMethod.USER)


def access(**told: Any) -> Access:
    """Return the access of these settings: by default a token, a screen token and a user."""
    known: dict[str, Any] = {
        "demo": True,
        "auth_token": SecretStr(TOKEN),
        "screen_token": SecretStr(SCREEN_TOKEN),
        "auth_users": {"alice": User(SecretStr(HASH))},
    }
    return Access(Settings(**(known | told)))


def viewer_of(known: Access, headers: Headers) -> Viewer | None:
    """Return the viewer of the first cookie in a request that is valid."""
    return next((viewer for _, _, viewer in known.valid_cookies(headers)), None)


def test_token() -> None:
    """Each token gives its own access; any other text gives none."""
    known = access()

    assert known.by_token(TOKEN) == TOKEN_VIEWER
    assert known.by_token(SCREEN_TOKEN) == SCREEN
    assert known.by_token(TOKEN[:-1]) is None
    assert known.by_token("") is None
    assert known.by_token("ünïcode, which no comparison may fail on") is None


def test_empty_token_where_none_is_set() -> None:
    """A credential that is not set matches nothing, not even an empty one."""
    known = access(auth_token=SecretStr(""), screen_token=SecretStr(""))

    assert known.by_token("") is None


def test_password() -> None:
    """The right password gives the user; a wrong password or an unknown name gives none."""
    known = access()

    assert known.by_password("alice", PASSWORD) == ALICE
    assert known.by_password("alice", "wrong horse") is None
    assert known.by_password("bob", PASSWORD) is None
    assert known.by_password("bob", "") is None  # as the one that nobody has


def test_cookie() -> None:
    """A cookie identifies the viewer it was issued to until the session expires."""
    known = access(session_h=2)
    before = time.time()

    viewer = known.by_cookie(known.cookie(ALICE))

    assert viewer is not None
    assert viewer.name == "alice"
    assert viewer.sees_all
    assert viewer.until == pytest.approx(before + 7200, abs=5)


@pytest.mark.parametrize("name", ["alice", "Åsa", "山田太郎", "a" * 300, "山" * 300])
def test_cookie_of_version_0_5(name: str) -> None:
    """A cookie of version 0.5 is still valid, even with a compressed name."""
    cookie = str(URLSafeTimedSerializer(HASH.encode(), salt="session").dumps(["user", name]))
    known = access(auth_users={name: User(SecretStr(HASH))})

    viewer = known.by_cookie(cookie)

    assert viewer is not None
    assert (viewer.name, viewer.method) == (name, AuthMethod.USER)
    assert cookie.startswith(".") is (len(name) == 300)
    assert known.by_cookie(known.cookie(Viewer(name, AuthMethod.USER))) is not None


def test_cookie_of_a_token_of_version_0_5() -> None:
    """A cookie of version 0.5 for a token is still valid."""
    key = scrypt(TOKEN.encode(), salt=b"northstar", n=2**14, r=8, p=1)
    cookie = str(URLSafeTimedSerializer(key, salt="session").dumps(["token", "token"]))
    viewer = access().by_cookie(cookie)

    assert viewer is not None
    assert viewer._replace(until=None) == TOKEN_VIEWER


def test_cookie_that_no_browser_keeps() -> None:
    """A cookie longer than browsers store is rejected, whatever its signature."""
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))  # nothing that compresses
    known = access(auth_users={name: User(SecretStr(HASH))})
    cookie = known.cookie(Viewer(name, AuthMethod.USER))

    assert len(cookie) > MAX_COOKIE_BYTES
    assert known.by_cookie(cookie) is None


def test_cookies_of_others() -> None:
    """Our cookie is found among foreign cookies, in any number of headers."""
    known = access()
    ours = f"northstar={known.cookie(ALICE)}"
    others = [(b"cookie", b"a=b; ;=;c"), (b"cookie", b'x="y\\"; ' + f"{ours} ;x=z".encode())]

    assert viewer_of(known, Headers(raw=others)) is not None
    assert viewer_of(known, Headers(raw=others[:1])) is None
    assert viewer_of(known, Headers({"cookie": f"another-{ours}"})) is None


@pytest.mark.parametrize(("old", "valid"), [(1, True), (3, True), (4, False)])
def test_several_cookies_of_ours(old: int, valid: bool) -> None:  # noqa: FBT001
    """A valid cookie is found behind a few old ones; only a limited number is tried."""
    known = access()
    name, good = "northstar", known.cookie(ALICE)
    cookies = [f"{name}={value}" for value in [*[f"{good}x"] * old, good]]

    for headers in ([("; ".join(cookies))], cookies):
        raw = [(b"cookie", header.encode()) for header in headers]
        assert bool(viewer_of(known, Headers(raw=raw))) is valid


def test_cookie_that_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in ends after its hours; that of a screen does not."""
    known = access(session_h=2)
    cookie, screen = known.cookie(ALICE), known.cookie(SCREEN)
    now = time.time()
    monkeypatch.setattr("northstar.web.auth.access.time.time", lambda: now + 7201)

    assert known.by_cookie(cookie) is None
    assert known.by_cookie(screen) == SCREEN


@pytest.mark.parametrize(
    ("viewer", "changed"),
    [
        (TOKEN_VIEWER, {"auth_token": SecretStr("another-token-0123")}),
        (SCREEN, {"screen_token": SecretStr("another-screen-012")}),
        (ALICE, {"auth_users": {"alice": User(SecretStr(quick_hash(PASSWORD)))}}),
        (ALICE, {"auth_users": {"bob": User(SecretStr(HASH))}}),
    ],
)
def test_cookie_after_its_credential_has_changed(viewer: Viewer, changed: dict[str, Any]) -> None:
    """Changing a credential ends only the sessions made with it; a restart ends none."""
    cookies = {one: access().cookie(one) for one in (TOKEN_VIEWER, SCREEN, ALICE)}
    still = {one for one, cookie in cookies.items() if access(**changed).by_cookie(cookie)}

    assert all(access().by_cookie(cookie) for cookie in cookies.values())
    assert still == {TOKEN_VIEWER, SCREEN, ALICE} - {viewer}


def test_cookie_where_a_proxy_alone_knows_who_is_there() -> None:
    """Without a credential of our own, no cookie is valid."""
    known = access(auth_token=SecretStr(""), screen_token=SecretStr(""), auth_users={})

    assert known.by_cookie(access().cookie(TOKEN_VIEWER)) is None
    assert known.by_cookie(URLSafeTimedSerializer(b"", salt="session").dumps(["user", "x"])) is None


@pytest.mark.parametrize("names", [[], [""], ["alice", "bob"], ["alice", "alice"]])
def test_proxy_that_names_no_one(names: list[str]) -> None:
    """Several user headers, or an empty one, identify nobody."""
    assert access().by_proxy(names) is None


def test_proxy_that_names_somebody() -> None:
    """A session from a proxy's header expires after the configured hours, as any other."""
    viewer = access(session_h=2).by_proxy(["alice"])

    assert viewer is not None
    assert (viewer.name, viewer.method, viewer.sees_all) == ("alice", AuthMethod.PROXY, True)
    assert viewer.until == pytest.approx(time.time() + 7200, abs=5)


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "WyJhbGljZSIsImFsbCJd.aXu1Zw.AAAA", "\x00"])
def test_cookie_that_was_made_up(cookie: str) -> None:
    """A cookie with a foreign signature is refused."""
    assert access().by_cookie(cookie) is None


def test_cookie_that_was_tampered_with() -> None:
    """A screen's cookie cannot be turned into one with more access."""
    known = access()
    _, rest = known.cookie(SCREEN).split(".", 1)
    for viewer in (ALICE, TOKEN_VIEWER):
        body, _ = known.cookie(viewer).split(".", 1)
        assert known.by_cookie(f"{body}.{rest}") is None


@pytest.mark.parametrize(
    ("host", "name", "valid"),
    [
        ("desk:8051", "northstar-8051", True),  # a mapped port
        ("desk:8051", "northstar-8052", False),  # another dashboard on the same host
        ("desk:8051", "northstar", False),
        ("desk", "northstar", True),
        ("[::1]:8051", "northstar-8051", True),
        ("desk:port", "northstar", True),
        ("[desk", "northstar", True),
        ("desk:8051", "northstar-8050", True),  # of version 0.5, by its own port
    ],
)
def test_name_of_the_cookie(host: str, name: str, valid: bool) -> None:  # noqa: FBT001
    """The cookie's name contains the port of the public address, not the listening port."""
    known = access(port=8050)
    headers = Headers({"host": host, "cookie": f"{name}={known.cookie(ALICE)}"})

    assert bool(viewer_of(known, headers)) is valid


@pytest.mark.parametrize("name", ["northstar", "northstar-8051", "northstar-8050"])
def test_name_of_the_cookie_in_a_cluster(name: str) -> None:
    """In a cluster the cookie's name has no port, and cookies of a single process stay valid."""
    db = "postgresql://host/pnl"
    known = access(port=8050, ws_url="ws://host/stream", demo=False, cluster=True, db=db)
    headers = Headers({"host": "desk:8051", "cookie": f"{name}={known.cookie(ALICE)}"})

    assert known.cookie_name(headers) == "northstar"
    assert viewer_of(known, headers)


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (None, True),  # a program
        ("http://desk:8050", True),
        ("https://desk:8050", True),  # TLS ends at a proxy
        ("https://friend.example", True),
        ("http://desk", False),
        ("http://desk:8050.evil.example", False),
        ("null", False),  # a page without an origin, such as one in a sandbox
        ("", False),
    ],
)
def test_origin(origin: str | None, ours: bool) -> None:  # noqa: FBT001
    """Requests from our own pages, configured origins and programs are accepted; others are not."""
    headers = {"host": "desk:8050"} | ({} if origin is None else {"origin": origin})

    assert is_ours(headers, ("https://friend.example",)) is ours


@pytest.mark.parametrize(
    ("site", "ours"),
    [("same-origin", True), ("same-site", False), ("cross-site", False), ("none", False)],
)
def test_origin_that_a_policy_withholds(site: str, ours: bool) -> None:  # noqa: FBT001
    """Under `no-referrer` a form has no origin; `Sec-Fetch-Site` decides instead."""
    headers = {"host": "desk:8050", "origin": "null", "sec-fetch-site": site}

    assert is_ours(headers, ()) is ours
    assert not is_ours(headers | {"origin": "http://evil.example"}, ())
