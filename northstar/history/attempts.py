"""Failed sign-ins, which the instances of a cluster count together in PostgreSQL.

Methods block, and raise `StoreError`: do not call them on the event loop.
"""

from typing import NamedTuple

from sqlalchemy import Engine, text

from northstar.history.database import translated_errors

MOST_ADDRESSES = 100_000  # 10 MB; beyond that, the least recent are deleted

NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
COUNT = text(f"""
    INSERT INTO attempts AS known (address, until, events)
    VALUES (:address, {NOW} + :window_ms, 1)
    ON CONFLICT (address) DO UPDATE SET
        events = CASE WHEN known.until > {NOW} THEN known.events + 1 ELSE 1 END,
        until = CASE WHEN known.until > {NOW} THEN known.until ELSE excluded.until END
    RETURNING events, until - {NOW} AS left_ms
""")  # noqa: S608 (of constants)
DELETE = text(f"""
    DELETE FROM attempts WHERE until <= greatest({NOW}, coalesce((
        SELECT until FROM attempts ORDER BY until DESC OFFSET :most LIMIT 1
    ), 0))
""")  # noqa: S608 (of constants)


class Counted(NamedTuple):
    """The events of an address on all instances, and the time left of their window in seconds."""

    events: int
    left_s: float


class Attempts:
    """Counts events by address in windows of the database's clock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, address: str, window_s: float) -> Counted:
        """Count one event, the first of a window of `window_s` if none is open."""
        parameters = {"address": address, "window_ms": round(window_s * 1000)}
        with translated_errors(), self._engine.begin() as connection:
            row = connection.execute(COUNT, parameters).one()
        return Counted(row.events, row.left_ms / 1000)

    def forget(self, most: int = MOST_ADDRESSES) -> None:
        """Delete the windows that have ended, and of the others all but `most`."""
        with translated_errors(), self._engine.begin() as connection:
            connection.execute(DELETE, {"most": most})
