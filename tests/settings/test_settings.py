"""The settings: where a value comes from, what it becomes, and how a wrong one is refused."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from northstar.errors import ConfigurationError
from northstar.settings.loading import load
from northstar.settings.table import Settings, flag, variable
from northstar.view.shared.money import Notation

# The guide's section "Configuration", letter for letter.
OLD_DOTENV = """\
VITE_WS_URL=ws://your-server.com/pnl-stream
VITE_WS_SECURE=true  # Use wss:// in production
VITE_API_URL=https://your-server.com/api
"""

# Every place a URL can come from; the earlier one wins.
PLACES = (
    "command line",
    "NORTHSTAR_ in the environment",
    "NORTHSTAR_ in .env",
    "VITE_ in the environment",
    "VITE_ in .env",
)


def dotenv(text: str) -> None:
    """Write a `.env` into the folder the test stands in, which is an empty one."""
    Path(".env").write_text(text)


@pytest.mark.parametrize("winner", range(len(PLACES)), ids=PLACES)
def test_url_from_several_places(winner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first place of the list that gives the URL decides it."""
    urls = [f"ws://place-{place}/stream" for place in range(len(PLACES))]
    arguments = ["--ws-url", urls[0]] if winner == 0 else []
    if winner <= 1:
        monkeypatch.setenv("NORTHSTAR_WS_URL", urls[1])
    if winner <= 3:
        monkeypatch.setenv("VITE_WS_URL", urls[3])
    own = f"NORTHSTAR_WS_URL={urls[2]}\n" if winner <= 2 else ""
    dotenv(f"{own}VITE_WS_URL={urls[4]}\n")

    assert load(arguments).ws_url == urls[winner]


@pytest.mark.parametrize(
    ("arguments", "environment", "written", "port"),
    [
        (["--port", "1"], "2", "3", 1),
        ([], "2", "3", 2),
        ([], None, "3", 3),
        ([], "", "3", 3),
        ([], None, "", 8050),
    ],
)
def test_port_from_several_places(
    arguments: list[str],
    environment: str | None,
    written: str,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Command line, environment, `.env`, default: the first with a value that is not empty."""
    if environment is not None:
        monkeypatch.setenv("NORTHSTAR_PORT", environment)
    dotenv(f"NORTHSTAR_PORT={written}\n")

    assert load(["--demo", *arguments]).port == port


def test_dotenv_of_the_old_front_end() -> None:
    """The guide's `.env` works as it stands, its comment and all."""
    dotenv(OLD_DOTENV)

    settings = load()

    assert settings.stream_url == "wss://your-server.com/pnl-stream"
    assert settings.api_url == "https://your-server.com/api"
    assert not settings.demo


def test_other_vite_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the three names of the guide are taken over from the old front end."""
    monkeypatch.setenv("VITE_PORT", "1")
    monkeypatch.setenv("VITE_HOST", "0.0.0.0")
    dotenv(f"{OLD_DOTENV}VITE_DEMO=true\nVITE_STALE_AFTER=99\n")

    settings = load()

    assert (settings.port, settings.host) == (8050, "127.0.0.1")
    assert (settings.demo, settings.stale_after) == (False, 10)


@pytest.mark.parametrize(
    ("given", "secure", "opened"),
    [
        ("ws://host/stream", "", "ws://host/stream"),
        ("ws://host/stream", "false", "ws://host/stream"),
        ("ws://host/stream", "true", "wss://host/stream"),
        ("wss://host/stream", "false", "wss://host/stream"),
        ("wss://host/stream", "true", "wss://host/stream"),
        ("http://host/stream", "", "ws://host/stream"),
        ("https://host/stream", "", "wss://host/stream"),
        ("http://host/stream", "true", "wss://host/stream"),
        ("host:8000/stream", "", "ws://host:8000/stream"),
        ("host", "true", "wss://host"),
        ("[::1]:8000/stream", "", "ws://[::1]:8000/stream"),
        ("  ws://host/stream ", "", "ws://host/stream"),
        ("WS://host/stream", "", "ws://host/stream"),
        ("ws://ws:8000/stream", "", "ws://ws:8000/stream"),
        ("ws://host/stream?for=http://page", "", "ws://host/stream?for=http://page"),
    ],
)
def test_url_as_it_is_opened(
    given: str, secure: str, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scheme may be missing, of the web or in capitals; `VITE_WS_SECURE` means what it says."""
    monkeypatch.setenv("VITE_WS_URL", given)
    monkeypatch.setenv("VITE_WS_SECURE", secure)

    assert load().stream_url == opened


def test_no_source() -> None:
    """Neither demo nor URL is refused in two lines that name both ways out."""
    with pytest.raises(ConfigurationError) as refusal:
        load()

    first, second = str(refusal.value).splitlines()
    assert "--ws-url" in first
    assert "NORTHSTAR_WS_URL" in first
    assert "--demo" in second


BAD_VALUES = [
    ("demo", "perhaps", "boolean"),
    ("ws_secure", "perhaps", "boolean"),
    *[(name, "many", "number") for name in ("demo_rate", "stale_after", "max_fps")],
    *[(name, "nan", "") for name in ("demo_rate", "stale_after", "max_fps")],
    ("port", "abc", "integer"),
    ("port", "8050.5", "integer"),
    ("port", "0", "1"),
    ("port", "65536", "65535"),
    ("demo_seed", "one", "integer"),
    ("demo_seed", "1.5", "integer"),
    ("demo_rate", "0", "greater than 0"),
    ("demo_rate", "-1", "greater than 0"),
    ("demo_rate", "1001", "1000"),
    ("stale_after", "0.5", "1"),
    ("stale_after", "86401", "86400"),
    ("stale_after", "inf", "86400"),
    ("max_fps", "0.5", "greater than or equal to 1"),
    ("max_fps", "61", "60"),
    ("timezone", "Mars", "Europe/Berlin"),
    ("timezone", "../../etc/passwd", "Europe/Berlin"),
    ("locale", "klingon", "expected a locale such as de_DE"),
    ("locale", "de_XX", "expected a locale such as de_DE"),
    ("locale", "de__DE", "expected a locale such as de_DE"),
    ("locale", "../de_DE", "expected a locale such as de_DE"),
    ("currency", "BTC", "expected an ISO 4217 currency code such as EUR"),
    ("currency", "$", "expected an ISO 4217 currency code such as EUR"),
    ("currency", "euro", "expected an ISO 4217 currency code such as EUR"),
    ("ws_url", "ftp://host/stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws://two..dots/stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "http//host:8000", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws:/host:8000", "ws://host:8000/pnl-stream"),
    ("allowed_origins", "https://a/path", "https://host:8443"),
    ("allowed_origins", "host:8443", "https://host:8443"),
    ("ws_url", "ws://", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws:///stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws://host:0/stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws://host:99999/stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws://host:port/stream", "ws://host:8000/pnl-stream"),
    ("ws_url", "ws://two words/stream", "ws://host:8000/pnl-stream"),
]


@pytest.mark.parametrize(("name", "text", "expected"), BAD_VALUES)
def test_bad_value_in_the_environment(
    name: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal names the variable, the value and what was expected, in one line."""
    monkeypatch.setenv("NORTHSTAR_DEMO", "true")
    monkeypatch.setenv(variable(name), text)

    with pytest.raises(ConfigurationError) as refusal:
        load()

    (line,) = str(refusal.value).splitlines()
    assert variable(name) in line
    assert repr(text) in line
    assert "expected" in line
    assert expected in line


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, text, expected in BAD_VALUES if expected != "boolean"]
)
def test_bad_value_on_the_command_line(name: str, text: str) -> None:
    """The refusal names the flag and the value."""
    with pytest.raises(ConfigurationError, match=re.escape(flag(name))) as refusal:
        load([*([] if name == "ws_url" else ["--demo"]), f"{flag(name)}={text}"])

    assert repr(text) in str(refusal.value)


def test_url_with_a_fragment() -> None:
    """No stream has a fragment, and what stands there may be a secret put in the wrong place."""
    with pytest.raises(ConfigurationError, match="ws://host:8000/pnl-stream") as refusal:
        load(["--ws-url", "ws://host/stream#token=secret"])

    assert "secret" not in str(refusal.value)


def test_bad_value_of_the_old_front_end() -> None:
    """The refusal names the variable as the old `.env` calls it."""
    dotenv("VITE_WS_URL=ftp://host\n")

    with pytest.raises(ConfigurationError, match="VITE_WS_URL"):
        load()


def test_empty_host() -> None:
    """An empty shell variable does not open the dashboard to every network."""
    with pytest.raises(ConfigurationError, match="--host"):
        load(["--demo", "--host", ""])


def test_demo_and_url_together(capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that asks for both is refused, rather than showing invented numbers."""
    with pytest.raises(SystemExit) as end:
        load(["--demo", "--ws-url", "ws://host/stream"])

    assert end.value.code == 2
    assert "not both" in capsys.readouterr().err


def test_dotenv_that_is_no_text() -> None:
    """A `.env` in another encoding is named as what cannot be read."""
    Path(".env").write_bytes(b"VITE_WS_URL=ws://h\xfcst:9110\n")

    with pytest.raises(ConfigurationError, match="env cannot be read"):
        load()


def test_allowed_origins() -> None:
    """Origins stand in a list with commas; a slash at the end is forgiven."""
    settings = load(["--demo", "--allowed-origins", "https://a:8443/, http://b"])

    assert settings.allowed_origins == ("https://a:8443", "http://b")


def test_several_bad_values() -> None:
    """Each wrong setting has its line, so that one start is enough to find them all."""
    with pytest.raises(ConfigurationError) as refusal:
        load(["--demo", "--port", "0", "--timezone", "Mars"])

    assert len(str(refusal.value).splitlines()) == 2


@pytest.mark.parametrize(
    "url",
    [
        "ws://me:secret@host:99999/stream",
        "ws://secret@host/stream",
        "ftp://host/stream?token=secret",
        "ftp://me'secret:se'cret@host/stream",
    ],
)
def test_bad_url_with_a_secret(url: str) -> None:
    """The refusal does not print the secret."""
    with pytest.raises(ConfigurationError, match="NORTHSTAR_WS_URL") as refusal:
        load(["--ws-url", url])

    assert "secret" not in str(refusal.value)


def test_url_on_the_command_line_against_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names a stream on the command line gets it, whatever the environment says of a demo."""
    monkeypatch.setenv("NORTHSTAR_DEMO", "1")

    settings = load(["--ws-url", "ws://host/stream"])

    assert not settings.demo
    assert settings.stream_url == "ws://host/stream"


def test_settings_after_the_start() -> None:
    """No setting can be changed once it is read."""
    settings = Settings(demo=True)

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # that it is an error is the point


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ws://me:secret@host:8000/stream?token=abc", "ws://host:8000/stream"),
        ("wss://me:secret@host/stream", "wss://host/stream"),
        ("host", "ws://host"),
    ],
)
def test_stream_name(url: str, name: str) -> None:
    """What is shown of a URL has neither user nor password nor query."""
    assert Settings(ws_url=url).stream_name == name


def test_zone_and_lists_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone is read by its name, a list by its commas."""
    monkeypatch.setenv("NORTHSTAR_TIMEZONE", "Asia/Kolkata")
    monkeypatch.setenv("NORTHSTAR_ALLOWED_ORIGINS", "https://a.example, https://b.example:8443")

    settings = load(["--demo"])

    assert settings.timezone == ZoneInfo("Asia/Kolkata")
    assert settings.allowed_origins == ("https://a.example", "https://b.example:8443")


@pytest.mark.parametrize(
    ("given", "locale"),
    [
        ("de_DE", "de_DE"),
        ("de-DE", "de_DE"),
        ("DE-de", "de_DE"),
        (" de_DE.UTF-8 ", "de_DE"),
        ("fr", "fr"),
        ("zh_Hant_TW", "zh_Hant_TW"),
        ("zh-hant-tw", "zh_Hant_TW"),
        ("zh_TW", "zh_Hant_TW"),
        ("C", "en_US"),
        ("POSIX", "en_US"),
        ("C.UTF-8", "en_US"),
        ("", "en_US"),
    ],
)
def test_locale_of(given: str, locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A locale may be spelled as the web does, or the system; one of no country is the default."""
    monkeypatch.setenv("NORTHSTAR_LOCALE", given)

    assert load(["--demo"]).locale == locale


@pytest.mark.parametrize("given", ["EUR", "eur", " Eur "])
def test_currency_of(given: str) -> None:
    """A currency may be in small letters."""
    assert load(["--demo", "--currency", given]).currency == "EUR"


def test_notation_by_default() -> None:
    """Settings that nobody made are the notation that nobody chose."""
    settings = load(["--demo"])

    assert Notation(settings.locale, settings.currency) == Notation()


def test_empty_locale() -> None:
    """An empty shell variable is refused on the command line."""
    with pytest.raises(ConfigurationError, match="--locale is '': expected a locale such as de_DE"):
        load(["--demo", "--locale", ""])


def test_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`--help` lists every setting by flag and variable, and ends with exit code 0."""
    monkeypatch.setenv("COLUMNS", "300")

    with pytest.raises(SystemExit) as end:
        load(["--help"])

    printed = capsys.readouterr().out
    assert end.value.code == 0
    for name in Settings.model_fields:
        assert re.search(rf"^  {flag(name)}\b[^\[]*\[{variable(name)}\b", printed, re.MULTILINE), (
            name
        )


@pytest.mark.parametrize("argument", ["--prot", "--dem", "stray"])
def test_unknown_argument(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An argument that does not exist, or is cut short, ends with exit code 2 and is named."""
    with pytest.raises(SystemExit) as end:
        load(["--demo", argument])

    assert end.value.code == 2
    assert argument in capsys.readouterr().err
