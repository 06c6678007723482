"""Opening a database: which one is meant, and one that is gone with its server."""

from pathlib import Path

import pytest

from northstar.errors import ConfigurationError
from northstar.history.database import open_passing_database, read_url, shown


@pytest.mark.parametrize(
    ("db", "expected"),
    [
        ("data/northstar.db", "sqlite:///data/northstar.db"),
        ("sqlite:////var/lib/n.db", "sqlite:////var/lib/n.db"),
        ("postgresql://me@host/pnl", "postgresql+psycopg://me@host/pnl"),
        ("postgres://me@host:5433/pnl", "postgresql+psycopg://me@host:5433/pnl"),
    ],
)
def test_database_of(db: str, expected: str) -> None:
    """A path is a file's; an address is PostgreSQL's, by either of its names."""
    assert str(read_url(db)) == expected


@pytest.mark.parametrize("db", ["postgresql://host", "postgresql://host:port/pnl"])
def test_address_that_names_no_database(db: str) -> None:
    """An address that cannot be used is refused in words."""
    with pytest.raises(ConfigurationError, match="the address of the database"):
        read_url(db)


def test_shown_without_password() -> None:
    """What is printed of an address keeps its password back."""
    assert "secret" not in shown(read_url("postgresql://me:secret@host/pnl"))


def test_passing_database() -> None:
    """What is not real is kept in a folder that is gone once the database is closed."""
    engine = open_passing_database()
    file = Path(str(engine.url.database))
    assert file.exists()

    engine.dispose()

    assert not file.parent.exists()
