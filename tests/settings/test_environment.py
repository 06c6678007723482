"""Names and lines of the environment and `.env` that would be ignored refuse the start."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load
from support.checkout import ROOT
from support.waiting import SLOWNESS

TOKEN = "0123456789abcdef"  # noqa: S105 (of tests alone)


def dotenv(text: str, encoding: str = "utf-8") -> None:
    """Write the `.env` of the current folder, which is empty in each test."""
    Path(".env").write_bytes(text.encode(encoding))


def refusal() -> list[str]:
    """Return the lines of a refused start without arguments; none has the token."""
    with pytest.raises(ConfigurationError) as refused:
        load(["--demo"])
    assert TOKEN not in str(refused.value)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NORTHSTAR_AUTH_TOKNE", "did you mean NORTHSTAR_AUTH_TOKEN?"),
        ("northstar_auth_tokne", "did you mean NORTHSTAR_AUTH_TOKEN?"),
        ("NORTHSTAR_AUTH-TOKEN", "did you mean NORTHSTAR_AUTH_TOKEN?"),
        ("NORTHSTAR_VIEWERS", "did you mean NORTHSTAR_MAX_VIEWERS?"),
        ("NORTHSTAR_XYZ", "--help lists all settings"),
        ("NORTHSTAR_", "--help lists all settings"),
        ("NORTSHTAR_AUTH_TOKEN", "did you mean NORTHSTAR_AUTH_TOKEN?"),
        ("NORTH_STAR_DB", "did you mean NORTHSTAR_DB?"),
        ("ORTHSTAR_PORT", "did you mean NORTHSTAR_PORT?"),
    ],
)
@pytest.mark.parametrize("written", [False, True], ids=["environment", "file"])
def test_unknown_name(
    name: str,
    hint: str,
    written: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unknown name is refused with its place and the nearest name, or the list."""
    if written:
        dotenv(f"# who may look\n\n\nexport {name}={TOKEN}\n")
    else:
        monkeypatch.setenv(name, TOKEN)

    place = "line 4 of .env" if written else "the environment"
    assert refusal() == [f"{name} in {place} is not a setting: {hint}"]


def test_unknown_name_that_looks_like_ours_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a long s is unknown, because pydantic-settings does not read it as an S."""
    monkeypatch.setenv("NORTH\N{LATIN SMALL LETTER LONG S}TAR_AUTH_TOKEN", TOKEN)

    (line,) = refusal()
    assert "did you mean NORTHSTAR_AUTH_TOKEN?" in line


@pytest.mark.parametrize(
    "name",
    ["NORTHSTAR", "OLD_NORTHSTAR_DB", "POLARIS_PORT", "POSTGRES_PASSWORD", "VITE_WSS_URL", "PORT"],
)
def test_name_of_others(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of other programs and of the old front end are ignored, with or without `=`."""
    monkeypatch.setenv(name, "x")
    dotenv(f"{name}=x\n{name}\n{name}=y\n")

    assert load(["--demo"])


@pytest.mark.parametrize("name", ["northstar_port", "Northstar_Port", "NORTHSTAR_PORT"])
def test_name_in_another_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are read in any case, as by pydantic-settings."""
    monkeypatch.setenv(name, "8123")
    assert load(["--demo"]).port == 8123

    monkeypatch.delenv(name)
    dotenv(f"export {name} = 8124 # ours\n")
    assert load(["--demo"]).port == 8124


def test_several_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One refusal lists all mistakes."""
    monkeypatch.setenv("NORTHSTAR_AUTH_TOKNE", TOKEN)
    monkeypatch.setenv("NORTHSTAR_HOTS", "0.0.0.0")
    dotenv(f"NORTHSTAR_AUTH_USRES=x\nNORTHSTAR_AUTH_TOKEN {TOKEN}\n")

    found = sorted(line.partition(" is not a setting")[0] for line in refusal())
    assert found == [
        "NORTHSTAR_AUTH_TOKNE in the environment",
        "NORTHSTAR_AUTH_USRES in line 1 of .env",
        "NORTHSTAR_HOTS in the environment",
        "line 2 of .env cannot be parsed: expected NAME=value",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "NORTHSTAR_AUTH_TOKEN",
        f"NORTHSTAR_AUTH_TOKEN {TOKEN}",
        f"NORTHSTAR_AUTH_TOKEN:{TOKEN}",
        f"NORTHSTAR_AUTH_TOKEN:{TOKEN}==",
        f"NORTHSTAR_AUTH_TOKEN='{TOKEN}",
        f'NORTHSTAR_AUTH_TOKEN="{TOKEN}" {TOKEN}',
        f"set NORTHSTAR_AUTH_TOKEN={TOKEN}",
        f"$env:NORTHSTAR_AUTH_TOKEN={TOKEN}",
        f"; NORTHSTAR_AUTH_TOKEN={TOKEN}",
        f"\N{ZERO WIDTH SPACE}NORTHSTAR_AUTH_TOKEN={TOKEN}",
        f"={TOKEN}",
        f"bob:$argon2id$v=19$m=65536,t=3,p=4${TOKEN}",
        f"VITE_WS_URL='ws://host\nNORTHSTAR_AUTH_TOKEN={TOKEN}\nNORTHSTAR_EVENT='",
        f"LOCALE='de\n  export NORTHSTAR_AUTH_TOKEN={TOKEN}\n'",
    ],
)
def test_broken_line(line: str) -> None:
    """A line that is no assignment is refused with its number, but not its content."""
    dotenv(f"NORTHSTAR_PORT=8123\n\n{line}\n")

    assert "line 3 of .env cannot be parsed: expected NAME=value" in refusal()


@pytest.mark.parametrize(
    "between",
    [" ", ";", ",", "\f", "\v", "\x85", "\N{NO-BREAK SPACE}", "\N{LINE SEPARATOR}", " export ", ""],
)
@pytest.mark.parametrize(
    "second", [f"NORTHSTAR_AUTH_TOKEN={TOKEN}", f"northstar_auth_tokne ={TOKEN}"]
)
@pytest.mark.parametrize("name", ["NORTHSTAR_DB", "VITE_WS_URL", "LOCALE"])
def test_two_settings_on_one_line(name: str, second: str, between: str) -> None:
    """A second setting on the line is not read as part of the first value, and not printed."""
    dotenv(f"\n{name}=data/n.db{between}{second}\n")

    assert refusal() == [
        f"{name} in line 2 of .env contains another setting: expected one per line"
    ]


def test_two_settings_in_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment this applies to our names only, not to another program's command line."""
    monkeypatch.setenv("SUDO_COMMAND", "/usr/bin/env NORTHSTAR_PORT=8123 northstar")
    dotenv("NORTHSTAR_PORT=8124  # NORTHSTAR_HOST=::1\n")
    assert load(["--demo"]).port == 8124

    monkeypatch.setenv("NORTHSTAR_DB", f"data/n.db NORTHSTAR_AUTH_TOKEN={TOKEN}")
    assert refusal() == [
        "NORTHSTAR_DB in the environment contains another setting: expected one per line"
    ]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_value_in_quotes(quote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes that are part of a value, as from Docker's env-file, are refused."""
    dotenv(f"NORTHSTAR_SCREEN_TOKEN={quote}{TOKEN}{quote}\n")
    assert load(["--demo"]).screen_token.get_secret_value() == TOKEN

    monkeypatch.setenv("NORTHSTAR_AUTH_TOKEN", f"{quote}{TOKEN[::-1]}{quote}")
    (line,) = refusal()
    assert line.startswith("NORTHSTAR_AUTH_TOKEN in the environment is in quotes")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NORTHSTAR_SERVICE_HOST", "10.0.0.1"),
        ("NORTHSTAR_SERVICE_PORT", "80"),
        ("NORTHSTAR_SERVICE_PORT_HTTP", "80"),
        ("NORTHSTAR_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("NORTHSTAR_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("NORTHSTAR_DB_SERVICE_HOST", "10.0.0.2"),
        ("NORTHSTAR_DB_PORT", "tcp://10.0.0.2:5432"),
    ],
)
def test_variable_of_kubernetes(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that Kubernetes sets for a Service with our prefix are refused with the remedy."""
    monkeypatch.setenv(name, value)

    (line,) = refusal()
    assert line.endswith(
        "Kubernetes sets it for a Service; set enableServiceLinks: false for the pod"
    )


def test_byte_order_mark() -> None:
    """A byte order mark before the first name is ignored."""
    dotenv(f"NORTHSTAR_AUTH_TOKEN={TOKEN}\r\nNORTHSTAR_PORT=8123\r\n", "utf-8-sig")
    settings = load(["--demo"])

    assert (settings.auth_token.get_secret_value(), settings.port) == (TOKEN, 8123)


def test_file_that_is_none() -> None:
    """A folder in place of the file, as Docker creates it, or a dangling link is refused."""
    Path(".env").symlink_to("missing")
    assert refusal() == [".env cannot be read: the link is broken"]

    Path(".env").unlink()
    Path(".env").mkdir()
    assert refusal() == [".env cannot be read: Is a directory"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to("/dev/zero")])
def test_file_that_is_not_regular(make: Callable[[str], None]) -> None:
    """A pipe or device is refused, because reading it could block or never end."""
    make(".env")

    assert refusal() == [".env cannot be read: not a regular file"]


def test_large_file() -> None:
    """A file above 4 MB is refused."""
    Path(".env").write_bytes(b"#" * (4 << 20) + b"\n")

    assert refusal() == [".env is larger than 4 MB"]


def test_values_that_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with two different values is refused."""
    monkeypatch.setenv("NORTHSTAR_PORT", "1")
    monkeypatch.setenv("northstar_port", "2")
    dotenv(f"NORTHSTAR_AUTH_TOKEN=x\nVITE_WS_URL=a\nVITE_WS_URL=b\nNORTHSTAR_AUTH_TOKEN={TOKEN}\n")

    environment, *written = refusal()
    assert "NORTHSTAR_PORT in the environment" in environment
    assert "northstar_port in the environment" in environment
    assert written == [
        f"{name} in line {first} of .env and {name} in line {second} of .env have different"
        " values: remove one"
        for name, first, second in (("VITE_WS_URL", 2, 3), ("NORTHSTAR_AUTH_TOKEN", 1, 4))
    ]


def test_value_that_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated equal value is accepted, and so is another value in another place."""
    monkeypatch.setenv("NORTHSTAR_PORT", "8123")
    dotenv("NORTHSTAR_PORT=8124\nNORTHSTAR_PORT=8124\n")

    assert load(["--demo"]).port == 8123


def test_variable_in_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable in a value is replaced if it is set before or has a default, else refused."""
    monkeypatch.setenv("SECRET", TOKEN)
    dotenv("A=1${UNSET}\nNORTHSTAR_AUTH_TOKEN=${SECRET}\nNORTHSTAR_PORT=8${A}${UNSET:-22}\n")
    settings = load(["--demo"])
    assert (settings.auth_token.get_secret_value(), settings.port) == (TOKEN, 8122)

    dotenv(f"NORTHSTAR_AUTH_TOKEN={TOKEN}${{LATER}}\nLATER={TOKEN}\n")
    assert refusal() == [
        "NORTHSTAR_AUTH_TOKEN in line 1 of .env uses a ${variable} that is not set"
    ]


@pytest.mark.parametrize(
    "name", ["AUTH_TOKEN", "AUTH_USERS", "AUTH_HEADER", "SCREEN_TOKEN", "auth_token"]
)
@pytest.mark.parametrize("written", [False, True], ids=["environment", "file"])
def test_sign_in_without_a_value(
    name: str,
    written: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty credential refuses the start unless another one or --insecure is set."""
    if written:
        dotenv(f"NORTHSTAR_{name}= # to be filled in\n")
    else:
        monkeypatch.setenv(f"NORTHSTAR_{name}", "")

    assert f"NORTHSTAR_{name.upper()} has no value, so no sign-in would be required" in refusal()[0]
    assert load(["--demo", "--insecure"])
    assert load(["--demo", "--auth-token" if "SCREEN" in name else "--screen-token", TOKEN])


@pytest.mark.parametrize("option", ["auth_token", "auth_users", "auth_header", "screen_token"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_sign_in_that_is_blank(option: str, blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank credential is refused everywhere."""
    with pytest.raises(ConfigurationError, match=f"NORTHSTAR_{option.upper()} / .* expected"):
        load(["--demo", f"--{option.replace('_', '-')}={blank}"])

    monkeypatch.setenv(f"NORTHSTAR_{option.upper()}", blank)
    assert any(f"NORTHSTAR_{option.upper()} " in line for line in refusal())


@pytest.mark.parametrize(
    "command",
    [
        [str(ROOT / "app.py"), "--demo"],
        ["-m", "northstar", "--demo"],
        ["-m", "uvicorn", "app:server"],
    ],
    ids=["file", "module", "uvicorn"],
)
def test_start(command: list[str]) -> None:
    """However it is started, a misspelt name ends it with exit code 2 and one line."""
    told = {"NORTHSTAR_AUTH_TOKNE": TOKEN, "NORTHSTAR_DEMO": "true", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, *command],
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "northstar: NORTHSTAR_AUTH_TOKNE in the environment is not a setting: did you mean"
        " NORTHSTAR_AUTH_TOKEN?\n"
    )
