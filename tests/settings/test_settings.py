"""The settings: places, values and refusals."""

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

# Every place for a URL; earlier ones have priority.
PLACES = (
    "command line",
    "NORTHSTAR_ in the environment",
    "NORTHSTAR_ in .env",
    "VITE_ in the environment",
    "VITE_ in .env",
)


def dotenv(text: str) -> None:
    """Write a `.env` into the current folder, which is empty."""
    Path(".env").write_text(text)


@pytest.mark.parametrize("winner", range(len(PLACES)), ids=PLACES)
def test_url_from_several_places(winner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first place with a URL has priority."""
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
    """Command line, environment, `.env`, default: the first non-empty value counts."""
    if environment is not None:
        monkeypatch.setenv("NORTHSTAR_PORT", environment)
    dotenv(f"NORTHSTAR_PORT={written}\n")

    assert load(["--demo", *arguments]).port == port


def test_dotenv_of_the_old_front_end() -> None:
    """The guide's `.env` works unchanged, including its comment."""
    dotenv(OLD_DOTENV)

    settings = load()

    assert settings.stream_url == "wss://your-server.com/pnl-stream"
    assert settings.api_url == "https://your-server.com/api"
    assert not settings.demo


def test_other_vite_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the old front end's variables only the guide's three are read."""
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
    """Schemes may be missing, http or upper case; `VITE_WS_SECURE` applies."""
    monkeypatch.setenv("VITE_WS_URL", given)
    monkeypatch.setenv("VITE_WS_SECURE", secure)

    assert load().stream_url == opened


def test_no_source() -> None:
    """A start without a source is refused with both remedies."""
    with pytest.raises(ConfigurationError) as refusal:
        load()

    first, second = str(refusal.value).splitlines()
    assert "--ws-url" in first
    assert "NORTHSTAR_WS_URL" in first
    assert "--demo" in second


def test_url_with_a_fragment() -> None:
    """A URL with a fragment is refused without printing it, because it may be a secret."""
    with pytest.raises(ConfigurationError, match="ws://host:8000/pnl-stream") as refusal:
        load(["--ws-url", "ws://host/stream#token=secret"])

    assert "secret" not in str(refusal.value)


def test_allowed_origins() -> None:
    """Origins are separated by commas; a trailing slash is ignored."""
    settings = load(["--demo", "--allowed-origins", "https://a:8443/, http://b"])

    assert settings.allowed_origins == ("https://a:8443", "http://b")


def test_several_bad_values() -> None:
    """Each wrong setting has its line in one refusal."""
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
    """A stream on the command line overrides a demo in the environment."""
    monkeypatch.setenv("NORTHSTAR_DEMO", "1")

    settings = load(["--ws-url", "ws://host/stream"])

    assert not settings.demo
    assert settings.stream_url == "ws://host/stream"


def test_settings_after_the_start() -> None:
    """Settings are immutable."""
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
    """The displayed URL has no user, password or query."""
    assert Settings(ws_url=url).stream_name == name


def test_zone_and_lists_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone is read by name, a list by its commas."""
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
    """A locale has either common spelling; a language without country gets the default one."""
    monkeypatch.setenv("NORTHSTAR_LOCALE", given)

    assert load(["--demo"]).locale == locale


def test_notation_by_default() -> None:
    """Without settings the default notation is used."""
    settings = load(["--demo"])

    assert Notation(settings.locale, settings.currency, settings.decimals) == Notation()


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
