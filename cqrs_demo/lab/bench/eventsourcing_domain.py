"""The shop's aggregates as users of the package `eventsourcing` write them: the @event decorator.

Their events hold what ours hold, and they check what ours check.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from ...codec import RecordedEvent
from ...domain import events as e

NAMESPACE = UUID("6f2a8f0e-65a6-4a3c-9d9b-2f9a3b7f1c11")


class User(Aggregate):
    @event("Created")
    def __init__(self, user_id: str, name: str, email: str) -> None:
        self.user_id = user_id
        self.name = name
        self.email = email

    @staticmethod
    def create_id(user_id: str) -> UUID:
        return uuid5(NAMESPACE, f"user-{user_id}")


class Order(Aggregate):
    @event("Created")
    def __init__(self, order_id: str, user_id: str) -> None:
        self.order_id = order_id
        self.user_id = user_id
        self.status = "draft"
        self.lines: dict[str, dict[str, Any]] = {}
        self.address = ""

    @staticmethod
    def create_id(order_id: str) -> UUID:
        return uuid5(NAMESPACE, f"order-{order_id}")

    @event("ItemAdded")
    def add_item(self, sku: str, name: str, quantity: int, unit_price_cents: int) -> None:
        line = self.lines.setdefault(sku, {"sku": sku, "name": name, "quantity": 0})
        line["quantity"] += quantity
        line["unit_price_cents"] = unit_price_cents

    @event("AddressChanged")
    def change_address(self, address: str) -> None:
        self.address = address

    def place(self) -> None:
        if self.status != "draft" or not self.lines:
            raise ValueError(f"order {self.order_id!r} is {self.status}")
        lines = list(self.lines.values())
        total = sum(line["quantity"] * line["unit_price_cents"] for line in lines)
        self._place(self.user_id, lines, total)

    @event("Placed")
    def _place(self, user_id: str, lines: list[dict[str, Any]], total_cents: int) -> None:
        self.status = "placed"

    @event("Shipped")
    def ship(self) -> None:
        self.status = "shipped"

    @event("Cancelled")
    def cancel(self, reason: str) -> None:
        self.status = "cancelled"


class Product(Aggregate):
    @event("Added")
    def __init__(self, sku: str, name: str, price_cents: int, stock: int) -> None:
        self.sku = sku
        self.name = name
        self.price_cents = price_cents
        self.stock = stock

    @staticmethod
    def create_id(sku: str) -> UUID:
        return uuid5(NAMESPACE, f"product-{sku}")

    def reserve(self, order_id: str, quantity: int) -> None:
        """Rules are checked before the event, so that replaying it does not check them again."""
        if quantity > self.stock:
            raise ValueError(f"{quantity} of {self.sku!r} wanted, {self.stock} in stock")
        self._reserve(order_id, quantity)

    @event("StockReserved")
    def _reserve(self, order_id: str, quantity: int) -> None:
        self.stock -= quantity

    @event("StockReleased")
    def release(self, order_id: str, quantity: int) -> None:
        self.stock += quantity

    @event("Restocked")
    def restock(self, quantity: int) -> None:
        self.stock += quantity

    @event("PriceChanged")
    def change_price(self, price_cents: int) -> None:
        self.price_cents = price_cents


class Copying:
    """Tells our events anew to aggregates of this package, one by one and in their order."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def copy(self, shop: Any, events: Iterable[RecordedEvent[Any]]) -> None:
        pending: list[Any] = []
        for recorded in events:
            aggregate = self._told(recorded.stream, recorded.event)
            pending.extend(aggregate.collect_events())
            if len(pending) >= 1_000:
                shop.events.put(pending)
                pending = []
        shop.events.put(pending)

    def _told(self, stream: str, told: Any) -> Any:
        match told:
            case e.UserCreated():
                self._known[stream] = User(told.user_id, told.name, told.email)
            case e.ProductAdded():
                self._known[stream] = Product(told.sku, told.name, told.price_cents, told.stock)
            case e.OrderCreated():
                self._known[stream] = Order(told.order_id, told.user_id)
            case e.PriceChanged():
                self._known[stream].change_price(told.price_cents)
            case e.ProductRestocked():
                self._known[stream].restock(told.quantity)
            case e.StockReserved():
                self._known[stream].reserve(told.order_id, told.quantity)
            case e.StockReleased():
                self._known[stream].release(told.order_id, told.quantity)
            case e.OrderItemAdded():
                self._known[stream].add_item(
                    told.sku, told.name, told.quantity, told.unit_price_cents
                )
            case e.ShippingAddressChanged():
                self._known[stream].change_address(told.address)
            case e.OrderPlaced():
                self._known[stream].place()
            case e.OrderShipped():
                self._known[stream].ship()
            case e.OrderCancelled():
                self._known[stream].cancel(told.reason)
        return self._known[stream]
