"""The audit: a row for every change that a viewer makes, in the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert

from northstar.domain.notes import Author
from northstar.history.schema import AUDIT


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, from which address, and when by our clock, aware."""

    author: Author
    address: str
    at: datetime


def record(connection: Connection, change: Change, action: str, subject: str) -> None:
    """Add a row to the audit, such as `note written` of `note 5 of 2026-02-25`."""
    connection.execute(
        insert(AUDIT),
        {
            "at": change.at,
            "author": change.author.name,
            "method": change.author.method,
            "address": change.address,
            "action": action,
            "subject": subject,
        },
    )


def delete_before(connection: Connection, instant: datetime) -> None:
    """Delete the rows of the audit before a time."""
    connection.execute(delete(AUDIT).where(AUDIT.c.at < instant))
