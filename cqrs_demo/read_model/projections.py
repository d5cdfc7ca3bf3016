"""Projections: each maintains one read model from events.

A projection is a name plus `{EventType: function(docs, recorded)}`. It remembers what it needs in
look-up documents of its own, never reads another's, and never refuses: what it is told has
happened. All are told of the same event, so its fields are copied before they are changed, as in
`{**vars(recorded.event)}`. `PROJECTIONS` is a plain dict: copy it, change it and pass it to
`open_shop`.
"""

from collections.abc import Callable
from typing import Any

from ..codec import RecordedEvent
from ..domain import events as e
from . import orders, sales
from .documents import Docs, known

Project = Callable[[Docs, RecordedEvent[Any]], object]  # None, or it stops


def user_created(docs: Docs, recorded: RecordedEvent[e.UserCreated]) -> None:
    docs.put(recorded.event.user_id, {**vars(recorded.event), "version": recorded.version})


def user_renamed(docs: Docs, recorded: RecordedEvent[e.UserRenamed]) -> None:
    user = known(docs, recorded.event.user_id)
    user.update(name=recorded.event.name, version=recorded.version)
    docs.put(user["user_id"], user)


def product_added(docs: Docs, recorded: RecordedEvent[e.ProductAdded]) -> None:
    docs.put(recorded.event.sku, {**vars(recorded.event), "version": recorded.version})


def product_changed(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    product = known(docs, recorded.event.sku)
    product["version"] = recorded.version
    match recorded.event:
        case e.PriceChanged() as change:
            product["price_cents"] = change.price_cents
        case e.ProductRestocked() | e.StockReleased() as more:
            product["stock"] += more.quantity
        case e.StockReserved() as less:
            product["stock"] -= less.quantity
    docs.put(product["sku"], product)


PROJECTIONS: dict[str, dict[type, Project]] = {
    "users": {e.UserCreated: user_created, e.UserRenamed: user_renamed},
    "orders": {
        e.UserCreated: orders.remember_name,
        e.UserRenamed: orders.rename_in_documents,
        e.OrderCreated: orders.order_created,
        e.OrderItemAdded: orders.order_changed,
        e.OrderItemRemoved: orders.order_changed,
        e.ShippingAddressChanged: orders.order_changed,
        e.OrderPlaced: orders.order_placed,
        e.OrderShipped: orders.order_changed,
        e.OrderCancelled: orders.order_changed,
    },
    "order_history": {
        e.UserCreated: orders.remember_name,
        e.UserRenamed: orders.rename_in_documents,
        e.OrderPlaced: orders.enter_history,
        e.OrderShipped: orders.mark_shipped,
        e.OrderCancelled: orders.mark_cancelled,
    },
    "catalogue": {
        e.ProductAdded: product_added,
        e.PriceChanged: product_changed,
        e.ProductRestocked: product_changed,
        e.StockReserved: product_changed,
        e.StockReleased: product_changed,
    },
    "best_sellers": {
        e.OrderPlaced: sales.count_products,
        e.OrderCancelled: sales.discount_products,
        e.OrderShipped: sales.forget_order,
    },
    "sales_by_day": {
        e.OrderPlaced: sales.count_day,
        e.OrderCancelled: sales.discount_day,
        e.OrderShipped: sales.forget_order,
    },
}

# Fields that `find` and `top` are asked for often. Other fields work too, by looking at every
# document.
INDEXED_FIELDS = {
    "orders": ("user_id",),
    "order_history": ("user_id", "placed_at"),
    "best_sellers": ("revenue_cents",),
}
