"""INSERT … ON CONFLICT statements for SQLite and PostgreSQL."""

from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, and_, or_
from sqlalchemy.dialects import postgresql, sqlite

Rows: TypeAlias = list[dict[str, Any]]


def upsert(connection: Connection, table: Table, rows: Rows, closes_at: Any = None) -> None:
    """Insert rows, or update the row of the same key if it is older and its day is not closed.

    Newer means by the source's clock or by ours, since either may be set back.
    """
    new = (statement := _insert(connection, table)).excluded
    newer = or_(new.accepted_at >= table.c.accepted_at, new.at >= table.c.at)
    open_still = [] if closes_at is None else [closes_at > new.at]
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={name: new[name] for name in rows[0]},
            where=and_(newer, *open_still),
        ),
        rows,
    )


def insert_once(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key exists; return whether it is new."""
    statement = _insert(connection, table).on_conflict_do_nothing()
    return connection.execute(statement.returning(*table.primary_key), row).first() is not None


def replace(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or update the row of the same key."""
    new = (statement := _insert(connection, table)).excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={name: new[name] for name in row}
        ),
        row,
    )


def _insert(connection: Connection, table: Table) -> Any:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
