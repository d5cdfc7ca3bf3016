"""Projections of orders: the order page, and the list of what was ordered."""

from typing import Any

from ..codec import RecordedEvent, to_text
from ..domain import events as e
from .documents import Docs, Document, known


def remember_name(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    """Events of orders name the user by id alone; whoever shows the name must remember it."""
    user = recorded.event
    docs.lookup("users").put(user.user_id, {"user_id": user.user_id, "name": user.name})


def rename_in_documents(docs: Docs, recorded: RecordedEvent[e.UserRenamed]) -> None:
    """The price of denormalization: the name stands in every order of the user."""
    remember_name(docs, recorded)
    user = recorded.event
    for order in docs.find("user_id", user.user_id):
        docs.put(order["order_id"], {**order, "user_name": user.name})


def order_created(docs: Docs, recorded: RecordedEvent[e.OrderCreated]) -> None:
    order: Document = {
        **vars(recorded.event),
        "user_name": known(docs.lookup("users"), recorded.event.user_id)["name"],
        "status": "draft",
        "lines": [],
        "total_cents": 0,
        "shipping_address": None,
        "created_at": to_text(recorded.at),
        "placed_at": None,
        "version": recorded.version,
    }
    docs.put(order["order_id"], order)


def order_changed(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    order = known(docs, recorded.event.order_id)
    order["version"] = recorded.version
    match recorded.event:
        case e.OrderItemAdded() as item:
            _add_to_lines(order["lines"], item)
        case e.OrderItemRemoved() as item:
            order["lines"] = [line for line in order["lines"] if line["sku"] != item.sku]
        case e.ShippingAddressChanged() as change:
            order["shipping_address"] = change.address
        case e.OrderShipped():
            order["status"] = "shipped"
        case e.OrderCancelled():
            order["status"] = "cancelled"
    order["total_cents"] = sum(x["quantity"] * x["unit_price_cents"] for x in order["lines"])
    docs.put(order["order_id"], order)


def order_placed(docs: Docs, recorded: RecordedEvent[e.OrderPlaced]) -> None:
    order = known(docs, recorded.event.order_id)
    order.update(status="placed", placed_at=to_text(recorded.at), version=recorded.version)
    docs.put(order["order_id"], order)


def _add_to_lines(lines: list[Document], item: e.OrderItemAdded) -> None:
    line = next((line for line in lines if line["sku"] == item.sku), None)
    if line is None:
        line = {"sku": item.sku, "name": item.name, "quantity": 0}
        lines.append(line)
    line["quantity"] += item.quantity
    line["unit_price_cents"] = item.unit_price_cents


def enter_history(docs: Docs, recorded: RecordedEvent[e.OrderPlaced]) -> None:
    order = recorded.event
    summary = {
        "order_id": order.order_id,
        "user_id": order.user_id,
        "user_name": known(docs.lookup("users"), order.user_id)["name"],
        "status": "placed",
        "item_count": sum(line.quantity for line in order.lines),
        "total_cents": order.total_cents,
        "placed_at": to_text(recorded.at),
    }
    docs.put(order.order_id, summary)


def mark_shipped(docs: Docs, recorded: RecordedEvent[e.OrderShipped]) -> None:
    order = known(docs, recorded.event.order_id)
    docs.put(order["order_id"], {**order, "status": "shipped"})


def mark_cancelled(docs: Docs, recorded: RecordedEvent[e.OrderCancelled]) -> None:
    order = docs.get(recorded.event.order_id)
    if order:  # a draft that was cancelled never entered the history
        docs.put(order["order_id"], {**order, "status": "cancelled"})
