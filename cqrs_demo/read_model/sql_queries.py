"""Query handlers of rungs 1 and 2: joins over the very tables that commands write.

Nothing is stored twice, and every answer is current; each question is worked out anew.
"""

from datetime import date
from typing import Any

from ..codec import to_time
from ..domain import queries as q
from ..domain.errors import NotFound
from ..storage import Connection
from ..storage.tables import select_lines
from .answering import QueryHandler


def get_user_by_id(query: q.GetUserById, connection: Connection) -> q.UserView:
    sql = "SELECT user_id, name, email, version FROM users WHERE user_id = ?"
    row = connection.execute(sql, (query.user_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no user {query.user_id!r}")
    return q.UserView(*row)


def get_order(query: q.GetOrder, connection: Connection) -> q.OrderView:
    sql = """SELECT o.user_id, u.name, o.status, o.shipping_address, o.created_at, o.placed_at,
            o.version
        FROM orders o JOIN users u ON u.user_id = o.user_id WHERE o.order_id = ?"""
    row = connection.execute(sql, (query.order_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no order {query.order_id!r}")
    user_id, name, status, address, created_at, placed_at, version = row
    lines = tuple(q.OrderLineView(*x) for x in select_lines(connection, query.order_id))
    total = sum(line.quantity * line.unit_price_cents for line in lines)
    created, placed = to_time(created_at), to_time(placed_at) if placed_at else None
    return q.OrderView(
        query.order_id, user_id, name, status, lines, total, address, created, placed, version
    )


def get_order_history(query: q.GetOrderHistory, connection: Connection) -> list[q.OrderSummary]:
    return _summaries(connection, "(SELECT * FROM orders WHERE user_id = ?)", query.user_id)


def get_recent_orders(query: q.GetRecentOrders, connection: Connection) -> list[q.OrderSummary]:
    newest = """(SELECT * FROM orders WHERE placed_at IS NOT NULL
        ORDER BY placed_at DESC, order_id LIMIT ?)"""
    return _summaries(connection, newest, query.limit)


def _summaries(connection: Connection, orders: str, value: Any) -> list[q.OrderSummary]:
    sql = f"""SELECT o.order_id, o.user_id, u.name, o.status, CAST(SUM(l.quantity) AS BIGINT),
            CAST(SUM(l.quantity * l.unit_price_cents) AS BIGINT), o.placed_at
        FROM {orders} o
        JOIN users u ON u.user_id = o.user_id
        JOIN order_lines l ON l.order_id = o.order_id
        WHERE o.placed_at IS NOT NULL
        GROUP BY o.order_id, o.user_id, u.name, o.status, o.placed_at
        ORDER BY o.placed_at DESC, o.order_id"""
    found = connection.execute(sql, (value,)).fetchall()
    return [
        q.OrderSummary(order_id, user_id, name, status, count, cents, to_time(at))
        for order_id, user_id, name, status, count, cents, at in found
    ]


def get_catalogue(query: q.GetCatalogue, connection: Connection) -> list[q.ProductView]:
    sql = "SELECT sku, name, price_cents, stock, version FROM products ORDER BY sku"
    return [q.ProductView(*row) for row in connection.execute(sql).fetchall()]


def get_best_sellers(query: q.GetBestSellers, connection: Connection) -> list[q.ProductSales]:
    sql = """SELECT p.sku, p.name, CAST(SUM(l.quantity) AS BIGINT),
            CAST(SUM(l.quantity * l.unit_price_cents) AS BIGINT) AS revenue
        FROM orders o
        JOIN order_lines l ON l.order_id = o.order_id
        JOIN products p ON p.sku = l.sku
        WHERE o.status IN ('placed', 'shipped')
        GROUP BY p.sku, p.name ORDER BY revenue DESC, p.sku LIMIT ?"""
    return [q.ProductSales(*row) for row in connection.execute(sql, (query.limit,)).fetchall()]


def get_sales_by_day(query: q.GetSalesByDay, connection: Connection) -> list[q.DaySales]:
    sql = """SELECT SUBSTR(o.placed_at, 1, 10) AS day, COUNT(DISTINCT o.order_id),
            CAST(SUM(l.quantity * l.unit_price_cents) AS BIGINT)
        FROM orders o JOIN order_lines l ON l.order_id = o.order_id
        WHERE o.status IN ('placed', 'shipped') AND o.placed_at IS NOT NULL
        GROUP BY day ORDER BY day"""
    found = connection.execute(sql).fetchall()
    return [q.DaySales(date.fromisoformat(day), orders, cents) for day, orders, cents in found]


SQL_QUERIES: dict[type, QueryHandler] = {
    q.GetUserById: get_user_by_id,
    q.GetOrder: get_order,
    q.GetOrderHistory: get_order_history,
    q.GetRecentOrders: get_recent_orders,
    q.GetCatalogue: get_catalogue,
    q.GetBestSellers: get_best_sellers,
    q.GetSalesByDay: get_sales_by_day,
}
