"""Whose store is this? Opening one for something it was not made for would mix up data."""

from collections.abc import Iterable
from uuid import uuid4

from ..domain.errors import StoreUnavailable
from . import Connection, Store

SCHEMA_VERSION = 1  # of everything this program keeps; a store with a higher one is refused

_STORES_TABLE = """CREATE TABLE IF NOT EXISTS shop_stores (
    side TEXT PRIMARY KEY, architecture TEXT NOT NULL, shop_id TEXT NOT NULL)"""


def prepare_store(
    store: Store, side: str, architecture: str, tables: Iterable[str], shop_id: str
) -> str:
    """Create what is missing in the "write" or "read" store; return the id of its shop.

    The store must belong to the shop `shop_id`, any if that is empty: documents and checkpoints
    mean nothing beside another log. Raises StoreUnavailable if it does not, and for another rung's
    store, a newer schema or another program's database.
    """
    with store.transaction() as connection:
        _check_version(store, connection)
        connection.execute(_STORES_TABLE)
        sql = "INSERT INTO shop_stores VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        connection.execute(sql, (side, architecture, shop_id or uuid4().hex))
        sql = "SELECT architecture FROM shop_stores WHERE architecture <> ?"
        other = connection.execute(sql, (architecture,)).fetchone()
        if other:
            raise StoreUnavailable(f"{store.name}: belongs to a shop on the rung {other[0]!r}")
        found = connection.execute("SELECT DISTINCT shop_id FROM shop_stores").fetchall()
        (found_id,) = found[0]
        if len(found) > 1 or (shop_id and shop_id != found_id):
            raise StoreUnavailable(f"{store.name}: belongs to another shop; use another store")
        for statement in tables:
            connection.execute(statement)
        return str(found_id)


def _check_version(store: Store, connection: Connection) -> None:
    version = store.schema_version(connection)
    if version is None:
        store.set_schema_version(connection, SCHEMA_VERSION)
    elif version == 0:
        raise StoreUnavailable(f"{store.name}: is the database of another program")
    elif version > SCHEMA_VERSION:
        known = f"this program knows up to {SCHEMA_VERSION}"
        raise StoreUnavailable(f"{store.name}: has schema version {version}; {known}")
