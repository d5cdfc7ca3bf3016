"""The normalized tables of rungs 1 to 3: every fact stands in exactly one place.

They are in third normal form (Codd, 1971). `email_key` is the e-mail folded to one case, so that
a unique key can keep two users from sharing one; `line_no` remembers which line came first.
"""

from collections.abc import Collection
from typing import Any

from ..domain.errors import EmailTaken
from . import Connection

NORMALIZED_TABLES = (
    """CREATE TABLE IF NOT EXISTS users (
        user_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE, version BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS products (
        sku TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents BIGINT NOT NULL,
        stock BIGINT NOT NULL CHECK (stock >= 0), version BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS orders (
        order_id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users,
        status TEXT NOT NULL CHECK (status IN ('draft', 'placed', 'shipped', 'cancelled')),
        shipping_address TEXT, cancel_reason TEXT, created_at TEXT NOT NULL, placed_at TEXT,
        version BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS order_lines (
        order_id TEXT NOT NULL REFERENCES orders, sku TEXT NOT NULL REFERENCES products,
        line_no BIGINT NOT NULL, quantity BIGINT NOT NULL, unit_price_cents BIGINT NOT NULL,
        PRIMARY KEY (order_id, sku))""",
    "CREATE INDEX IF NOT EXISTS orders_of_user ON orders (user_id)",
    "CREATE INDEX IF NOT EXISTS orders_by_time ON orders (placed_at)",
    "CREATE INDEX IF NOT EXISTS lines_of_product ON order_lines (sku)",
)

# table -> its key, in the order in which they are shown
TABLES = {
    "users": "user_id",
    "products": "sku",
    "orders": "order_id",
    "order_lines": "order_id, sku",
}


Row = dict[str, Any]


def load_row(connection: Connection, table: str, columns: Collection[str], key: str) -> Row | None:
    """Return some columns of a row, None if there is no such row."""
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {TABLES[table]} = ?"
    found = connection.execute(sql, (key,)).fetchone()
    return dict(zip(columns, found, strict=True)) if found else None


def save_row(connection: Connection, table: str, row: Row, version: int) -> bool:
    """Insert a row if `version` is 0, else change the one that is at `version`.

    Returns False if it is not there in that version. Table and column names are ours, never data.
    """
    if "email" in row:
        row = {**row, "email_key": row["email"].casefold()}
    columns, values = ", ".join(row), tuple(row.values())
    if version == 0:
        marks = ", ".join("?" for _ in row)
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        return connection.execute(sql, values).rowcount == 1
    key = TABLES[table]
    changes = ", ".join(f"{column} = ?" for column in row)
    sql = f"UPDATE {table} SET {changes} WHERE {key} = ? AND version = ?"
    return connection.execute(sql, (*values, row[key], version)).rowcount == 1


def select_lines(connection: Connection, order_id: str) -> list[Any]:
    """Return (sku, name, quantity, unit price in cents) of an order, in the order first added."""
    sql = """SELECT l.sku, p.name, l.quantity, l.unit_price_cents
        FROM order_lines l JOIN products p ON p.sku = l.sku
        WHERE l.order_id = ? ORDER BY l.line_no"""
    return connection.execute(sql, (order_id,)).fetchall()


def require_free_email(connection: Connection, user_id: str, email: str) -> None:
    """Look before leaping, for a clear error; the unique key on `email_key` is the guard."""
    sql = "SELECT 1 FROM users WHERE email_key = ? AND user_id <> ?"
    if connection.execute(sql, (email.casefold(), user_id)).fetchone():
        raise EmailTaken(f"another user has the e-mail {email!r}")
