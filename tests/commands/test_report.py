"""The command `northstar report`, on a real database."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from northstar import cli
from northstar.commands import report
from northstar.errors import ConfigurationError, StoreError, StoreUnusable
from support.dailies import db  # noqa: F401


def printed(db: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the output of the command."""
    report.run(["--db", str(db), "--title", "Desk", *arguments], "northstar")
    return capsys.readouterr().out


def test_text(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report of a day is printed in the currency of the settings."""
    lines = printed(db, capsys, "--date", "2026-02-25", "--currency", "EUR").splitlines()
    assert lines[0] == "Desk, 25 Feb: net -€60.00, behind the day before by €210.00"
    assert "Best agent: Ann, €50.00" in lines


def test_today_without_data(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a date the current day is reported."""
    assert "no data today" in printed(db, capsys)


def test_page(db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report is written as a page with its charts."""
    file = tmp_path / "report.html"
    out = printed(db, capsys, "--date", "2026-02-25", "--html", str(file))
    assert out.splitlines()[1] == f"{file} is written"
    content = file.read_text("utf-8")
    assert "<title>Desk, 25 Feb: net -$60.00, behind the day before by $210.00</title>" in content
    assert content.count("<svg ") == 2


def test_database_is_not_changed(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written to the database."""
    before = db.read_bytes()
    printed(db, capsys, "--date", "2026-02-25")
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("2026-2-25", "--date is '2026-2-25': expected a date, YYYY-MM-DD"),
        ("9999-01-01", "--date is 9999-01-01: expected a day no later than today"),
    ],
)
def test_wrong_date(db: Path, given: str, reason: str) -> None:
    """An invalid date is refused with what is expected."""
    with pytest.raises(ConfigurationError, match=reason):
        report.run(["--db", str(db), "--date", given], "northstar")


def test_file_that_cannot_be_written(db: Path, tmp_path: Path) -> None:
    """A page that cannot be written gives an error with the reason."""
    file = tmp_path / "none" / "report.html"
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        report.run(["--db", str(db), "--html", str(file)], "northstar")


def test_no_database(tmp_path: Path) -> None:
    """A missing database is refused and not created."""
    file = tmp_path / "none.db"
    with pytest.raises(StoreUnusable, match=r"cannot read history in .*none.db: there is no such"):
        report.run(["--db", str(file)], "northstar")
    assert not file.exists()


def test_database_of_another_version(db: Path) -> None:
    """A database of another version is refused and not migrated."""
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0004'")
        connection.commit()
    with pytest.raises(StoreUnusable, match=r"its schema is 0004, not"):
        report.run(["--db", str(db)], "northstar")


def test_no_server() -> None:
    """A server that cannot be reached gives a temporary error."""
    url = "postgresql://127.0.0.1:1/none"
    with pytest.raises(StoreError, match="cannot read history") as found:
        report.run(["--db", url], "northstar")
    assert not isinstance(found.value, StoreUnusable)


@pytest.mark.parametrize(("db_name", "code"), [("none.db", 2), ("postgresql://127.0.0.1:1/n", 1)])
def test_command_line(
    db_name: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command runs from the command line, and its errors have an exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["northstar", "report", "--db", db_name])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert "cannot read history" in capsys.readouterr().err
