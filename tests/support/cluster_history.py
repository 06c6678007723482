"""The rows that instances of a cluster have written, and which instance did."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

import psycopg
from psycopg import sql

# Records each row written by a connection that does not hold the lease.
WATCH = """
    CREATE TABLE strangers (relation text, writer text, holder text);
    CREATE FUNCTION note_stranger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO strangers SELECT TG_TABLE_NAME, current_setting('application_name'), holder
        FROM lease WHERE holder NOT LIKE '%:' || current_setting('application_name') || '/%';
        RETURN NULL;
    END $$;
"""
WATCHED = ("seconds", "minutes", "latest", "streams", "days", "restatements", "truth")
INTERVALS_S = {"seconds": 1, "minutes": 60}


def watch_writers(db: str) -> None:
    """Record from now on who writes rows that only the leader may write.

    Each table has its own transaction, because the locks of two can conflict with the leader's
    writes.
    """
    with psycopg.connect(db, autocommit=True) as connection:
        connection.execute(WATCH.encode())
        for table in WATCHED:
            trigger = sql.SQL(
                "CREATE TRIGGER note_stranger AFTER INSERT OR UPDATE OR DELETE ON {}"
                " FOR EACH ROW EXECUTE FUNCTION note_stranger()"
            )
            connection.execute(trigger.format(sql.Identifier(table)))


def check_history(db: str, sent: Mapping[int, datetime]) -> None:
    """Check that only leaders wrote, and each row once, as in `sent`."""
    with psycopg.connect(db) as connection:
        strangers = connection.execute("SELECT DISTINCT * FROM strangers").fetchall()
        assert not strangers, f"written by others than the leader: {strangers}"
        for table, interval_s in INTERVALS_S.items():
            select = sql.SQL("SELECT start, revenue FROM {} ORDER BY start")
            found = connection.execute(select.format(sql.Identifier(table)))
            rows = [(start, int(revenue)) for start, revenue in found]
            foreign = [
                (start, revenue)
                for start, revenue in rows
                if not start <= sent[revenue].timestamp() < start + interval_s
            ]
            assert not foreign, f"{table} that were not sent then: {foreign[:3]}"
            twice = [pair for pair in pairwise(rows) if pair[0][1] >= pair[1][1]]
            assert not twice, f"{table} with what was sent before: {twice[:3]}"
