"""Query handlers of rungs 3 and 4: one look-up in documents that already have the right shape.

A query handler is a function of the query and of `read`; `read["orders"]` gives the documents of
the projection "orders". `QUERIES` is a plain dict: copy it, change it and pass it to `open_shop`.
"""

from ..codec import as_dto
from ..domain import queries as q
from ..domain.errors import NotFound
from .answering import QueryHandler, ReadModels


def get_user_by_id(query: q.GetUserById, read: ReadModels) -> q.UserView:
    user = read["users"].get(query.user_id)
    if user is None:
        raise NotFound(f"there is no user {query.user_id!r}")
    return as_dto(user, q.UserView)


def get_order(query: q.GetOrder, read: ReadModels) -> q.OrderView:
    order = read["orders"].get(query.order_id)
    if order is None:
        raise NotFound(f"there is no order {query.order_id!r}")
    return as_dto(order, q.OrderView)


def get_order_history(query: q.GetOrderHistory, read: ReadModels) -> list[q.OrderSummary]:
    orders = read["order_history"].find("user_id", query.user_id)  # by order_id
    newest_first = sorted(orders, key=lambda order: order["placed_at"], reverse=True)
    return as_dto(newest_first, list[q.OrderSummary])


def get_recent_orders(query: q.GetRecentOrders, read: ReadModels) -> list[q.OrderSummary]:
    orders = read["order_history"].top("placed_at", query.limit)
    return as_dto(orders, list[q.OrderSummary])


def get_catalogue(query: q.GetCatalogue, read: ReadModels) -> list[q.ProductView]:
    return as_dto(read["catalogue"].all(), list[q.ProductView])


def get_best_sellers(query: q.GetBestSellers, read: ReadModels) -> list[q.ProductSales]:
    products = read["best_sellers"].top("revenue_cents", query.limit)
    return as_dto(products, list[q.ProductSales])


def get_sales_by_day(query: q.GetSalesByDay, read: ReadModels) -> list[q.DaySales]:
    return as_dto(read["sales_by_day"].all(), list[q.DaySales])


QUERIES: dict[type, QueryHandler] = {
    q.GetUserById: get_user_by_id,
    q.GetOrder: get_order,
    q.GetOrderHistory: get_order_history,
    q.GetRecentOrders: get_recent_orders,
    q.GetCatalogue: get_catalogue,
    q.GetBestSellers: get_best_sellers,
    q.GetSalesByDay: get_sales_by_day,
}
