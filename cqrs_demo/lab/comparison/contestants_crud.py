"""CRUD in plain SQL, as short as it can be written and as fast as it can be made.

Three contestants have the same tables and the same statements to change them. They differ in what
is prepared for reading:

keys only        nothing: the primary keys and the unique e-mail
indexed          an index for each planned question, with all the columns that it needs
view             the same, and summaries that triggers keep up to date at each write: what other
                 databases call a materialized view. Its cost is part of every write.
"""

import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from ...codec import to_text, to_time
from ...domain.errors import NotFound, OutOfStock, WrongStatus
from ...domain.queries import OrderLineView, OrderSummary, OrderView, ProductSales
from ..workload.filling import WRITE
from .contestants import FEW, Clock, Entry, Found, Items, summaries
from .crud_schema import FILL_SUMMARIES, INDEXES, NO_INDEXES, SUMMARY_TABLES, TRIGGERS

# An order as lists show it. The orders are chosen first, so that only their lines are added up.
SUMMARY = """SELECT o.order_id, o.user_id, u.name, o.status, SUM(l.quantity),
        SUM(l.quantity * l.unit_price_cents), o.placed_at
    FROM ({}) o
    JOIN users u ON u.user_id = o.user_id JOIN order_lines l ON l.order_id = o.order_id
    GROUP BY o.order_id ORDER BY o.placed_at DESC, o.order_id"""
HISTORY = SUMMARY.format("SELECT * FROM orders WHERE user_id = ? AND placed_at IS NOT NULL")
LAST_ORDERS = SUMMARY.format(
    """SELECT * FROM orders WHERE user_id = ? AND placed_at IS NOT NULL
        ORDER BY placed_at DESC, order_id LIMIT ?"""
)
RECENT_ORDERS = SUMMARY.format(
    """SELECT * FROM orders WHERE placed_at IS NOT NULL
        ORDER BY placed_at DESC, order_id LIMIT ?"""
)
# Few orders do not count, so it is fastest to know those, and to add up the rest by product.
BEST_SELLERS = """SELECT p.sku, p.name, s.quantity, s.revenue
    FROM (SELECT sku, SUM(quantity) AS quantity, SUM(quantity * unit_price_cents) AS revenue
        FROM order_lines WHERE order_id NOT IN
            (SELECT order_id FROM orders WHERE status IN ('draft', 'cancelled'))
        GROUP BY sku ORDER BY revenue DESC, sku LIMIT ?) s
    JOIN products p ON p.sku = s.sku ORDER BY s.revenue DESC, p.sku"""
SEARCH = """SELECT sku, name FROM products
    WHERE instr(' ' || lower(name) || ' ', ' ' || lower(?) || ' ') > 0 ORDER BY sku"""
BUYERS = """SELECT DISTINCT u.user_id, u.name
    FROM order_lines l
    JOIN orders o ON o.order_id = l.order_id JOIN users u ON u.user_id = o.user_id
    WHERE l.sku = ? AND o.placed_at IS NOT NULL ORDER BY u.user_id"""
ORDER = """SELECT o.order_id, o.user_id, u.name, o.status, o.shipping_address, o.created_at,
        o.placed_at, o.version
    FROM orders o JOIN users u ON u.user_id = o.user_id WHERE o.order_id = ?"""
LINES = """SELECT l.sku, p.name, l.quantity, l.unit_price_cents
    FROM order_lines l JOIN products p ON p.sku = l.sku WHERE l.order_id = ? ORDER BY l.line_no"""


def connect(folder: Path, prepared: Iterable[str]) -> sqlite3.Connection:
    """Open the tables, without the rungs' indexes, and with what is `prepared` for reading."""
    connection = sqlite3.connect(folder / WRITE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    with Transaction(connection):
        for statement in (*(f"DROP INDEX {name}" for name in NO_INDEXES), *prepared):
            connection.execute(statement)
    return connection


class PlainCrud:
    """The shop in plain SQL: a function a screen, and a transaction a click."""

    def __init__(self, folder: Path, clock: Clock, prepared: Iterable[str]) -> None:
        self.clock = clock
        self.connection = connect(folder, prepared)

    def transaction(self) -> "Transaction":
        return Transaction(self.connection)

    def last_orders(self, user_id: str) -> list[OrderSummary]:
        return summaries(self.connection.execute(LAST_ORDERS, (user_id, FEW)))

    def history(self, user_id: str) -> list[OrderSummary]:
        return summaries(self.connection.execute(HISTORY, (user_id,)))

    def order(self, order_id: str) -> OrderView:
        found = self.connection.execute(ORDER, (order_id,)).fetchone()
        if found is None:
            raise NotFound(f"there is no order {order_id!r}")
        _, user_id, name, status, address, created, placed, version = found
        lines = tuple(OrderLineView(*x) for x in self.connection.execute(LINES, (order_id,)))
        total = sum(line.quantity * line.unit_price_cents for line in lines)
        at = to_time(created), to_time(placed) if placed else None
        return OrderView(order_id, user_id, name, status, lines, total, address, *at, version)

    def best_sellers(self) -> list[ProductSales]:
        return [ProductSales(*row) for row in self.connection.execute(BEST_SELLERS, (FEW,))]

    def recent_orders(self) -> list[OrderSummary]:
        return summaries(self.connection.execute(RECENT_ORDERS, (FEW,)))

    def search(self, word: str) -> Found:
        return self.connection.execute(SEARCH, (word,)).fetchall()

    def buyers(self, sku: str) -> Found:
        return self.connection.execute(BUYERS, (sku,)).fetchall()

    def draft(self, order_id: str, user_id: str, items: Items) -> None:
        with self.transaction() as connection:
            sql = """INSERT INTO orders (order_id, user_id, status, created_at, version)
                VALUES (?, ?, 'draft', ?, ?)"""
            version = 1 + len(items)
            connection.execute(sql, (order_id, user_id, to_text(self.clock()), version))
            sql = """INSERT INTO order_lines
                SELECT ?, sku, ?, ?, price_cents FROM products WHERE sku = ?"""
            rows = [(order_id, n, pieces, sku) for n, (sku, pieces) in enumerate(items, start=1)]
            connection.executemany(sql, rows)

    def place(self, order_id: str) -> None:
        with self.transaction() as connection:
            sql = "SELECT sku, quantity FROM order_lines WHERE order_id = ? ORDER BY sku"
            for sku, quantity in connection.execute(sql, (order_id,)).fetchall():
                sql = """UPDATE products SET stock = stock - ?1, version = version + 1
                    WHERE sku = ?2 AND stock >= ?1"""
                if connection.execute(sql, (quantity, sku)).rowcount == 0:
                    raise OutOfStock(f"fewer than {quantity} of {sku!r} are in stock")
            sql = """UPDATE orders SET status = 'placed', placed_at = ?, version = version + 1
                WHERE order_id = ? AND status = 'draft'"""
            if connection.execute(sql, (to_text(self.clock()), order_id)).rowcount == 0:
                raise WrongStatus(f"order {order_id!r} is no draft")

    def rename(self, user_id: str, name: str) -> None:
        with self.transaction() as connection:
            sql = "UPDATE users SET name = ?, version = version + 1 WHERE user_id = ?"
            connection.execute(sql, (name, user_id))

    def catch_up(self) -> None:
        """There is nothing that could be behind."""

    def rebuild(self) -> bool:
        return False

    def close(self) -> None:
        self.connection.close()


class CrudWithView(PlainCrud):
    """The same writes, which set off triggers; lists are read from what these keep."""

    def last_orders(self, user_id: str) -> list[OrderSummary]:
        sql = f"{OF_SUMMARIES} WHERE s.user_id = ? ORDER BY s.placed_at DESC, s.order_id LIMIT ?"
        return summaries(self.connection.execute(sql, (user_id, FEW)))

    def history(self, user_id: str) -> list[OrderSummary]:
        sql = f"{OF_SUMMARIES} WHERE s.user_id = ? ORDER BY s.placed_at DESC, s.order_id"
        return summaries(self.connection.execute(sql, (user_id,)))

    def best_sellers(self) -> list[ProductSales]:
        sql = """SELECT s.sku, p.name, s.quantity, s.revenue_cents
            FROM product_sales s JOIN products p ON p.sku = s.sku
            ORDER BY s.revenue_cents DESC, s.sku LIMIT ?"""
        return [ProductSales(*row) for row in self.connection.execute(sql, (FEW,))]

    def recent_orders(self) -> list[OrderSummary]:
        sql = f"{OF_SUMMARIES} ORDER BY s.placed_at DESC, s.order_id LIMIT ?"
        return summaries(self.connection.execute(sql, (FEW,)))

    def search(self, word: str) -> Found:
        sql = """SELECT p.sku, p.name FROM product_words w JOIN products p ON p.sku = w.sku
            WHERE w.word = lower(?) ORDER BY w.sku"""
        return self.connection.execute(sql, (word,)).fetchall()

    def rebuild(self) -> bool:
        with self.transaction() as connection:
            for table in ("order_summaries", "product_sales", "product_words"):
                connection.execute(f"DELETE FROM {table}")
            for statement in FILL_SUMMARIES:
                connection.execute(statement)
        return True


OF_SUMMARIES = """SELECT s.order_id, s.user_id, u.name, s.status, s.item_count, s.total_cents,
        s.placed_at
    FROM order_summaries s JOIN users u ON u.user_id = s.user_id"""


class Transaction:
    """Takes the write lock at once; commits at the end of a `with` block, or rolls back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self.connection.execute("BEGIN IMMEDIATE")
        return self.connection

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.connection.execute("ROLLBACK" if kind else "COMMIT")


ENTRIES = (
    Entry(
        "crud-keys",
        "CRUD, keys only",
        "keys",
        "CRUD",
        "crud",
        "plain SQL on normalized tables that have their keys and nothing else",
        partial(PlainCrud, prepared=()),
    ),
    Entry(
        "crud-indexed",
        "CRUD, indexed",
        "indexed",
        "CRUD",
        "crud",
        "the same, with an index for each planned question",
        partial(PlainCrud, prepared=INDEXES),
    ),
    Entry(
        "crud-view",
        "CRUD, materialized view",
        "view",
        "CRUD",
        "crud",
        "the same, with summary tables that triggers keep up to date",
        partial(CrudWithView, prepared=(*INDEXES, *SUMMARY_TABLES, *FILL_SUMMARIES, *TRIGGERS)),
    ),
)
