"""The key that all instances on one database have in common."""

from sqlalchemy import Engine, select

from northstar.errors import StoreUnusable
from northstar.history.database import translated_errors
from northstar.history.schema import KEYS


def read_key(engine: Engine) -> bytes:
    """Return the key. Blocks on the database; raises `StoreError`."""
    with translated_errors(), engine.connect() as connection:
        key = connection.execute(select(KEYS.c.value)).scalar()
    if not key:
        raise StoreUnusable("its key is missing")
    return bytes(key)
