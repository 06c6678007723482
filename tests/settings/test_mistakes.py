"""Mistakes in the settings: each ends the start with an exit code and a helpful message.

A row is a variable or a place such as `.env`, its value, the exit code and the expected words.
"""

import os
from pathlib import Path

import pytest

from northstar import cli
from northstar.cli import create
from northstar.settings.loading import load
from northstar.settings.table import flag

URL = "ws://host:8000/pnl-stream"
WORDS_OF_URL = "expected a WebSocket URL such as ws://host:8000/pnl-stream"
SECRET = "0123456789abcdef"  # noqa: S105 (of tests alone)
FLAGS = ("DEMO", "WS_SECURE")  # options without a value
SECRETS = ("AUTH_TOKEN", "AUTH_USERS", "HEADERS")

VALUES = [
    # The source.
    ("WS_URL", "", 2, "no stream to show: give its address with --ws-url"),
    ("WS_URL", "ftp://host/stream", 2, WORDS_OF_URL),
    ("WS_URL", "ws://two..dots/stream", 2, WORDS_OF_URL),
    ("WS_URL", "http//host:8000", 2, WORDS_OF_URL),
    ("WS_URL", "ws:/host:8000", 2, WORDS_OF_URL),
    ("WS_URL", "ws://", 2, WORDS_OF_URL),
    ("WS_URL", "ws:///stream", 2, WORDS_OF_URL),
    ("WS_URL", "ws://host:0/stream", 2, WORDS_OF_URL),
    ("WS_URL", "ws://host:99999/stream", 2, WORDS_OF_URL),
    ("WS_URL", "ws://host:port/stream", 2, WORDS_OF_URL),
    ("WS_URL", "ws://two words/stream", 2, WORDS_OF_URL),
    ("DEMO", "perhaps", 2, "expected true or false"),
    ("WS_SECURE", "perhaps", 2, "expected true or false"),
    ("WS_PROTOCOL", "mqtt", 2, "expected auto, websocket or socketio"),
    ("API_URL", "host/api", 2, "expected a web address such as https://host/api"),
    ("CA_FILE", "missing.pem", 2, "expected a readable PEM file of certificates"),
    ("REPLAY", "missing.jsonl", 2, "cannot replay missing.jsonl: No such file or directory"),
    ("RECORD", "missing/file.jsonl", 2, "cannot record into missing/file.jsonl: No such file"),
    ("SPEED", "0", 2, "expected a number above 0, up to 1000"),
    # The display.
    ("HOST", "0.0.0.0", 2, "no sign-in is configured"),
    ("PORT", "abc", 2, "expected a whole number from 1 to 65535"),
    ("PORT", "8050.5", 2, "expected a whole number from 1 to 65535"),
    ("PORT", "0", 2, "expected a whole number from 1 to 65535"),
    ("PORT", "65536", 2, "expected a whole number from 1 to 65535"),
    ("DEMO_SEED", "one", 2, "expected a whole number"),
    ("DEMO_SEED", "1.5", 2, "expected a whole number"),
    ("DEMO_RATE", "many", 2, "expected a number above 0, up to 1000"),
    ("DEMO_RATE", "nan", 2, "expected a number above 0, up to 1000"),
    ("DEMO_RATE", "-1", 2, "expected a number above 0, up to 1000"),
    ("DEMO_RATE", "1001", 2, "expected a number above 0, up to 1000"),
    (
        "DEMO_SCENE",
        "clam",
        2,
        "expected story, calm, loss, crowd, hostile or offline: did you mean",
    ),
    ("DEMO_SCENE", "clam", 2, "/ --demo-scene is 'clam': expected story,"),
    ("DEMO_SCENE", "x", 2, "crowd, hostile or offline"),
    ("STALE_AFTER", "10s", 2, "expected a number from 1 to 86400"),
    ("STALE_AFTER", "0.5", 2, "expected a number from 1 to 86400"),
    ("STALE_AFTER", "inf", 2, "expected a number from 1 to 86400"),
    ("MAX_FPS", "0.5", 2, "expected a number from 1 to 60"),
    ("MAX_FPS", "61", 2, "expected a number from 1 to 60"),
    ("MAX_ROWS", "0", 2, "expected a whole number from 1 up"),
    ("TITLE", "x" * 61, 2, "expected a name of at most 60 characters, in one line"),
    ("TIMEZONE", "Mars", 2, "expected an IANA time zone such as Europe/Berlin"),
    ("TIMEZONE", "../../etc/passwd", 2, "expected an IANA time zone such as Europe/Berlin"),
    ("LOCALE", "klingon", 2, "expected a locale such as de_DE"),
    ("LOCALE", "de_XX", 2, "expected a locale such as de_DE"),
    ("LOCALE", "de__DE", 2, "expected a locale such as de_DE"),
    ("LOCALE", "../de_DE", 2, "expected a locale such as de_DE"),
    ("CURRENCY", "$", 2, "expected an ISO 4217 currency code such as EUR"),
    ("CURRENCY", "BTC", 2, "or another unit such as BTC together with NORTHSTAR_DECIMALS"),
    ("DECIMALS", "13", 2, "expected a number from 0 to 12"),
    ("DECIMALS", "2.5", 2, "expected a number from 0 to 12"),
    ("CURRENCY", "euro", 2, "expected an ISO 4217 currency code such as EUR"),
    ("DAY_CLOSE", "5pm", 2, "expected a time of day such as 17:00"),
    ("TRADING_DAYS", "mo-fr", 2, "expected all, or weekdays such as mon-fri or mon,wed,fri"),
    ("HOLIDAYS", "DE-XX", 2, "expected a country or market such as US, DE-BY or NYSE"),
    ("RESTATEMENT_TOLERANCE", "-1", 2, "expected an amount of 0 or more, such as 0.5"),
    ("TARGET", "0", 2, "expected an amount above 0, such as 84000"),
    ("TARGET_MONTH", "0", 2, "expected an amount above 0, such as 84000"),
    ("TARGET", "$84,000", 2, "expected an amount above 0, such as 84000"),
    # Authentication.
    ("AUTH_TOKEN", "short", 2, "NORTHSTAR_AUTH_TOKEN / --auth-token is …: expected at least 16"),
    ("AUTH_TOKEN", "", 2, "NORTHSTAR_AUTH_TOKEN has no value, so no sign-in would be required"),
    ("AUTH_USERS", "ann:secret", 2, "as printed by --hash-password NAME"),
    ("AUTH_HEADER", "X-Forwarded-For", 2, "expected the name of an HTTP header"),
    ("AUTH_HEADER", "Remote-User", 2, "set NORTHSTAR_TRUSTED_PROXIES"),
    ("TRUSTED_PROXIES", "proxy.example", 2, "expected addresses or networks such as 10.0.0.0/8"),
    ("ALLOWED_HOSTS", "https://pnl.example.com", 2, "expected host names such as pnl.example.com"),
    ("ALLOWED_ORIGINS", "host:8443", 2, "expected web origins such as https://host:8443"),
    ("BASE_PATH", "/p&l", 2, "expected a path such as /pnl"),
    ("HEADERS", "Upgrade: h2c", 2, "is …: expected no header of the connection itself"),
    ("HEADERS", "Content-Length: 5", 2, "is …: expected no header of the connection itself"),
    ("HEADERS", "Sec-WebSocket-Protocol: x", 2, "are set with NORTHSTAR_WS_SUBPROTOCOLS"),
    # The history.
    ("DB", "mysql://host/pnl", 2, "expected a file path or postgresql://user@host/database"),
    ("DB", "postgresql://me:p@ss@host/pnl", 2, "expected each @ in user or password as %40"),
    ("DB", "postgresql://host", 2, "the database URL does not name a database"),
    ("DB", "$HOME/pnl.db", 2, "expected a path; no variable is replaced in it, only ~"),
    ("DB", "~nobody-here/pnl.db", 2, "expected a path; the folder ~nobody-here is not known"),
    ("RECORD", "%USERPROFILE%/pnl.jsonl", 2, "expected a path; no variable is replaced in it"),
    ("REPLAY", "${HOME}/pnl.jsonl", 2, "expected a path; no variable is replaced in it"),
    ("DB", " ", 2, "expected a path"),
    ("DB", os.fsdecode(b"\xff.db"), 2, "expected text in UTF-8"),
    ("DB", "/dev/null", 2, "cannot store history in /dev/null: it is not a regular file"),
    ("DB", "pipe", 2, "cannot store history in pipe: it is not a regular file"),
    ("RECORD", " ", 2, "expected a path"),
    ("RECORD", "pipe", 2, "cannot record into pipe: not a regular file"),
    ("REPLAY", "/dev/zero", 2, "cannot replay /dev/zero: not a regular file"),
    ("CA_FILE", "/dev/zero", 2, "expected a readable PEM file of certificates"),
    ("CA_FILE", "pipe", 2, "expected a readable PEM file of certificates"),
    ("HOLIDAYS", "/dev/zero", 2, "/dev/zero cannot be read: not a regular file"),
    ("HOLIDAYS", "./pipe", 2, "pipe cannot be read: not a regular file"),
    ("DB", ".", 2, "cannot store history in .: it is a folder; expected a file"),
    (
        "DB",
        "file/history.db",
        2,
        "cannot store history in file/history.db: there is a file in place of the folder file",
    ),
    ("DB", "file/below/history.db", 2, "there is a file in place of the folder file"),
    ("DB", "file", 2, "the file is damaged or not an SQLite database"),
    ("DB", "x" * 300, 2, "File name too long"),
]
FILES = [
    (b"NORTHSTAR_PROT=80\n", "NORTHSTAR_PROT in line 1 of .env is not a setting: did you mean"),
    (b"NORTHSTAR_PORT 80\n", "line 1 of .env cannot be parsed: expected NAME=value"),
    (b"A=1\nB='2\n", "line 2 of .env cannot be parsed: expected NAME=value"),
    (b"NORTHSTAR_PORT=80 NORTHSTAR_HOST=::\n", "contains another setting: expected one per line"),
    (b"NORTHSTAR_PORT=80\nNORTHSTAR_PORT=81\n", "have different values: remove one"),
    (b"NORTHSTAR_DB=${DATA}/n.db\n", "uses a ${variable} that is not set"),
    (b"A=1\n\nB=h\xfcst\n", "line 3 of .env is not UTF-8: save it as UTF-8"),
    ("A=1\n".encode("utf-16"), "line 1 of .env is not UTF-8: save it as UTF-8"),
    ("A=1\n".encode("utf-16-le"), "line 1 of .env is not UTF-8: save it as UTF-8"),
    ("A=1\n".encode("utf-16-be"), "line 1 of .env is not UTF-8: save it as UTF-8"),
    (b"VITE_WS_URL=ftp://host\n", "/ VITE_WS_URL is 'ftp://host': expected a WebSocket URL"),
]
ARGUMENTS = [
    ("--prot 80", "--prot is not an option: did you mean --port?"),
    ("--dem", "--dem is not an option: did you mean --demo?"),
    ("--auth_token " + SECRET, "--auth_token is not an option: did you mean --auth-token?"),
    ("--NORTHSTAR_PORT=80", "--NORTHSTAR_PORT is not an option: did you mean --port?"),
    ("--xyzzy", "--xyzzy is not an option"),
    ("stray", "unexpected argument: stray"),
    ("--demo --port", "--port requires a value (--port=VALUE if it begins with -)"),
    ("--demo=" + SECRET, "--demo takes no value"),
    ("--demo --ws-url " + URL, "give --ws-url or --demo, not both"),
    ("--replay x.jsonl --demo", "give --demo or --replay, not both"),
    ("--replay x.jsonl --record y.jsonl", "give --record or --replay, not both"),
    ("--demo --host=", "NORTHSTAR_HOST / --host is '': expected a value that is not empty"),
    ("--demo --port 80 --port=81", "--port is given twice"),
    ("--demo --port 80 --port 80", "--port is given twice"),
    ("--demo --auth-token a --auth-token " + SECRET, "--auth-token is given twice"),
    ("--demo --demo", "--demo is given twice"),
    *(
        (
            f"--demo --auth-header Remote-User --trusted-proxies {every}",
            "NORTHSTAR_TRUSTED_PROXIES has every address, so that everyone could name any user",
        )
        for every in ("0.0.0.0/0", "10.0.0.1,::/0")
    ),
    ("--demo --insecure --insecure", "--insecure is given twice"),
    ("--demo --locale=", "NORTHSTAR_LOCALE / --locale is '': expected a locale such as de_DE"),
]
SOURCES = [
    {"NORTHSTAR_DEMO": "true", "NORTHSTAR_WS_URL": URL},
    {"NORTHSTAR_REPLAY": "x.jsonl", "NORTHSTAR_WS_URL": URL},
    {"NORTHSTAR_REPLAY": "x.jsonl", "NORTHSTAR_DEMO": "1"},
]


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not change the logging of the tests."""
    monkeypatch.setattr(cli, "configure", lambda *_: None)


def refusal(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """Return the standard error of a start that exits with `code`."""
    with pytest.raises(SystemExit) as end:
        create(arguments, "northstar")
    printed = capsys.readouterr()
    assert (end.value.code, printed.out) == (code, "")
    assert printed.err.startswith("northstar: ")
    assert "Traceback" not in printed.err
    return printed.err


def lay_out() -> None:
    """Create the files that the values name."""
    Path("file").write_text("not a database\n" * 100)
    os.mkfifo("pipe")


@pytest.mark.parametrize(("name", "value", "code", "words"), VALUES)
def test_variable(  # noqa: PLR0913, PLR0917 (a row)
    name: str,
    value: str,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong value is reported with its setting, its value and what was expected."""
    lay_out()
    monkeypatch.setenv(f"NORTHSTAR_{name}", value)

    said = refusal(capsys, code, *source_for(name))

    assert words in said
    assert len(said.splitlines()) <= 2
    if "expected" in words and name not in {"DB", *SECRETS}:
        assert said.startswith(f"northstar: NORTHSTAR_{name} / {flag(name.lower())}")
        assert repr(value) in said


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [row for row in VALUES if row[1] and row[0] not in FLAGS],
)
def test_option(
    name: str, value: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong value of an option has the same message."""
    lay_out()

    said = refusal(capsys, code, *source_for(name), f"{flag(name.lower())}={value}")

    assert words in said


def source_for(name: str) -> list[str]:
    """Return the arguments for a source that this setting can be combined with."""
    if name == "DB":  # a demo does not open it
        return ["--ws-url", URL]
    return [] if name in FLAGS or name in {"WS_URL", "REPLAY"} else ["--demo"]


@pytest.mark.parametrize(("content", "words"), FILES)
def test_file(content: bytes, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in `.env` is reported once with its line."""
    Path(".env").write_bytes(content)
    arguments = [] if b"VITE" in content else ["--demo"]

    said = refusal(capsys, 2, *arguments)

    assert words in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("arguments", "words"), ARGUMENTS)
def test_arguments(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option has its reason and the usage in three short lines, without the value."""
    said = refusal(capsys, 2, *arguments.split())

    assert said.startswith(f"northstar: {words}")
    assert len(said.splitlines()) <= 3
    assert SECRET not in said


@pytest.mark.parametrize("given", SOURCES)
@pytest.mark.parametrize("written", [False, True], ids=["environment", "file"])
def test_several_sources(
    given: dict[str, str],
    written: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two sources in one place are refused, because neither has priority."""
    if written:
        Path(".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    else:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
    place = ".env" if written else "the environment"

    said = refusal(capsys, 2)

    assert f" in {place} are several sources: remove all but one" in said
    assert all(name in said for name in given)


@pytest.mark.parametrize(
    ("environment", "written", "url", "demo"),
    [
        ({"NORTHSTAR_WS_URL": URL}, "NORTHSTAR_DEMO=true\n", URL, False),
        ({"NORTHSTAR_DEMO": "1"}, f"NORTHSTAR_WS_URL={URL}\n", "", True),
        ({"NORTHSTAR_DEMO": "0", "NORTHSTAR_WS_URL": URL}, "", URL, False),
        ({"NORTHSTAR_DEMO": "", "NORTHSTAR_WS_URL": URL}, "", URL, False),
        ({}, f"NORTHSTAR_DEMO=1\nVITE_WS_URL={URL}\n", "", True),
        ({"VITE_WS_URL": URL}, "NORTHSTAR_DEMO=1\n", "", True),
    ],
)
def test_source_of_the_first_place(
    environment: dict[str, str],
    written: str,
    url: str,
    demo: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first place with a source decides, whatever the others have."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Path(".env").write_text(written)

    settings = load()

    assert (settings.ws_url, settings.demo) == (url, demo)
