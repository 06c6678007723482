"""Settings of authentication: accepted values, and those that refuse the start."""

from ipaddress import ip_network

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load
from northstar.web.auth.access import hash_password
from support.guards import HASH

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone(host: str) -> None:
    """On loopback addresses no sign-in is required."""
    assert not load(["--demo", "--host", host]).guarded


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example"])
def test_another_address_without_a_credential(host: str) -> None:
    """On any other address the start is refused with the possible remedies."""
    with pytest.raises(ConfigurationError) as refusal:
        load(["--demo", "--host", host])

    said = str(refusal.value)
    assert host in said
    assert "NORTHSTAR_AUTH_TOKEN" in said
    assert "NORTHSTAR_AUTH_USERS" in said
    assert "--insecure" in said


@pytest.mark.parametrize(
    "more",
    [
        ["--auth-token", TOKEN],
        ["--auth-users", f"alice:{HASH}"],
        ["--screen-token", TOKEN],
        ["--auth-header", "Remote-User", "--trusted-proxies", "10.0.0.1"],
        ["--insecure"],
    ],
)
def test_another_address_with_a_credential(more: list[str]) -> None:
    """With a credential or --insecure it starts on any address."""
    settings = load(["--demo", "--host", "0.0.0.0", *more])

    assert settings.guarded is ("--insecure" not in more)


def test_header_without_a_proxy() -> None:
    """A user header without trusted proxies is refused, because any client could send it."""
    with pytest.raises(ConfigurationError, match="NORTHSTAR_TRUSTED_PROXIES"):
        load(["--demo", "--auth-header", "Remote-User"])


def test_users() -> None:
    """Users are given one per line, each with a password hash."""
    other = hash_password("battery staple")
    users = load(["--demo", "--auth-users", f"alice:{HASH}\n  bob:{other}\n"]).auth_users

    assert {name: kept.hash.get_secret_value() for name, kept in users.items()} == {
        "alice": HASH,
        "bob": other,
    }


def test_roles() -> None:
    """A user has a role; the default is operator, who may change things."""
    users = load(["--demo", "--auth-users", f"ann:{HASH} bob:viewer:{HASH} cy:operator:{HASH}"])

    roles = {name: str(user.role) for name, user in users.auth_users.items()}
    assert roles == {"ann": "operator", "bob": "viewer", "cy": "operator"}


def test_networks() -> None:
    """Proxies are addresses or networks of either version."""
    proxies = load(
        ["--demo", "--insecure", "--trusted-proxies", "10.0.0.1, 10.1.0.0/16,fd00::/8"]
    ).trusted_proxies

    assert proxies == (ip_network("10.0.0.1/32"), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("path", "read"), [("", ""), ("/", ""), ("pnl", "/pnl"), ("/desk/pnl/", "/desk/pnl")]
)
def test_base_path(path: str, read: str) -> None:
    """A path is written with or without slashes around it."""
    assert load(["--demo", "--insecure", "--base-path", path]).base_path == read


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--auth-token", "short", "at least 16 characters"),
        ("--auth-token", "with a line\nbreak in it", "printable ASCII"),
        ("--auth-token", "                ", "at least 16 characters"),
        ("--screen-token", "short", "at least 16 characters"),
        ("--auth-users", f"'alice:{HASH}'", "--hash-password"),
        ("--auth-users", "alice:$argon2id$v=19$m=65536,t=3,p=4$a$b", "--hash-password"),
        ("--auth-header", "X-Forwarded-For", "name of an HTTP header"),
        ("--auth-header", "Remote_User", "name of an HTTP header"),
        ("--allowed-hosts", "https://pnl.example.com", "without https:// and port"),
        ("--allowed-hosts", "pnl.example.com:8443", "without https:// and port"),
        ("--allowed-hosts", "*.example.com", "without https:// and port"),
        ("--auth-users", "alice:secret", "--hash-password"),
        ("--auth-users", HASH, "--hash-password"),
        ("--auth-users", f":{HASH}", "--hash-password"),
        ("--auth-users", f"alice:{HASH}\nalice:{HASH}", "expected each name once"),
        ("--auth-users", f"alice:viewer:{HASH} alice:{HASH}", "expected each name once"),
        ("--auth-users", f"alice:admin:{HASH}", "expected the role viewer or operator"),
        ("--auth-users", f"alice:viewer:operator:{HASH}", "name:role:hash"),
        ("--auth-header", "Remote User", "name of an HTTP header"),
        ("--trusted-proxies", "proxy.example", "addresses or networks"),
        ("--base-path", "/p&l", "a path such as /pnl"),
        ("--base-path", "/../x", "a path such as /pnl"),
        ("--alive-url", "hc.example/ping", "a web address"),
        ("--frame-ancestors", "desk.example", "web origins"),
        ("--frame-ancestors", "https://a; script-src *", "web origins"),
        ("--frame-ancestors", "https://a;script-src", "web origins"),
        ("--log-format", "xml", "expected text or json"),
        ("--max-viewers", "0", "expected a whole number from 1 up"),
    ],
)
def test_value_that_makes_no_sense(option: str, value: str, expected: str) -> None:
    """A bad value refuses the start with what was expected; a secret is not shown."""
    with pytest.raises(ConfigurationError) as refusal:
        load(["--demo", option, value])

    said = str(refusal.value)
    assert f"NORTHSTAR_{option[2:].replace('-', '_').upper()} / {option} is" in said
    assert expected in said
    if option in {"--auth-token", "--screen-token", "--auth-users"}:
        assert value not in said


def test_secrets_in_a_repr() -> None:
    """Secrets are not printed."""
    told = ["--auth-token", TOKEN, "--screen-token", TOKEN[::-1], "--auth-users", f"alice:{HASH}"]
    shown = repr(load(["--demo", *told, "--alive-url", "https://hc.example/very-secret"]))

    assert TOKEN not in shown
    assert TOKEN[::-1] not in shown
    assert HASH not in shown
    assert "very-secret" not in shown


@pytest.mark.parametrize(
    "more",
    [
        ["--trusted-proxies", "127.0.0.1"],
        ["--allowed-hosts", "pnl.example.com"],
        ["--base-path", "/pnl"],
    ],
)
def test_proxy_without_a_credential(more: list[str]) -> None:
    """A server behind a proxy requires a credential, whatever address it listens on."""
    with pytest.raises(ConfigurationError, match="the proxy in front of it would have"):
        load(["--demo", *more])

    assert load(["--demo", *more, "--insecure"])


def test_screen_with_the_token_of_all() -> None:
    """A screen token equal to the full token is refused."""
    with pytest.raises(ConfigurationError, match="NORTHSTAR_SCREEN_TOKEN"):
        load(["--demo", "--auth-token", TOKEN, "--screen-token", TOKEN])


def test_hosts() -> None:
    """Host names are normalised, and empty ones are ignored."""
    hosts = load(
        ["--demo", "--insecure", "--allowed-hosts", "PNL.example.com., desk,"]
    ).allowed_hosts

    assert hosts == ("pnl.example.com", "desk")


def test_nothing_in_a_list() -> None:
    """An empty list is empty."""
    assert load(["--demo", "--trusted-proxies", ""]).trusted_proxies == ()
