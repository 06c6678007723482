"""Paths of files in which `~` is the home folder."""

from datetime import date
from pathlib import Path

import pytest
import trustme

from northstar.settings.loading import load
from northstar.settings.table import Settings, flag, variable

URL = "ws://host/stream"
HOLIDAY = date(2026, 12, 24)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the home folder with a file of holidays and one of certificates."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "holidays.txt").write_text(f"{HOLIDAY}\n")
    trustme.CA().cert_pem.write_to_path(folder / "ca.pem")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("NORTHSTAR_DB", raising=False)
    return folder


def read(place: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings with one set in one place."""
    source = [] if name == "replay" else ["--ws-url", URL]
    match place:
        case "environment":
            monkeypatch.setenv(variable(name), value)
        case ".env":
            Path(".env").write_text(f"{variable(name)}={value}\n")
        case "command line":
            source.append(f"{flag(name)}={value}")
    return load(source)


@pytest.mark.parametrize("place", ["environment", ".env", "command line"])
@pytest.mark.parametrize(
    ("name", "file", "form"),
    [
        ("db", "pnl.db", "{}"),
        ("db", "pnl.db", "sqlite:///{}"),
        ("record", "pnl.jsonl", "{}"),
        ("replay", "pnl.jsonl", "{}"),
        ("ca_file", "ca.pem", "{}"),
    ],
)
def test_home_folder(  # noqa: PLR0913, PLR0917 (a row, a place, and two fixtures)
    name: str, file: str, form: str, place: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every setting of a path, `~` is the home folder."""
    settings = read(place, name, form.format(f"~/{file}"), monkeypatch)

    assert str(getattr(settings, name)) == form.format(home / file)


@pytest.mark.usefixtures("home")
def test_home_folder_of_holidays() -> None:
    """A file of holidays in the home folder is found, too."""
    settings = load(["--ws-url", URL, "--holidays=US,~/holidays.txt"])

    assert HOLIDAY in settings.holidays


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("path", ["pnl~.db", "a/~/pnl.db", "./~/pnl.db", "~pnl.db", "a$b/pnl.db"])
def test_path_as_it_is(path: str) -> None:
    """A `~` elsewhere in a path is part of a name."""
    assert load(["--ws-url", URL, f"--db={path}"]).db == path
