"""The order: the aggregate with a life cycle, draft -> placed -> shipped, or cancelled."""

from dataclasses import dataclass, field

from . import events as e
from .errors import CommandRejected, EmptyOrder, UnknownId, WrongStatus
from .events import Event, OrderLine
from .product import Product

MOST_TOTAL_CENTS = 2**53  # beyond it, programs that keep numbers as doubles would miscount


@dataclass
class Order:
    """A customer's order. Deciding methods return events; `apply` never checks."""

    order_id: str
    user_id: str = ""
    status: str = "draft"
    lines: dict[str, OrderLine] = field(default_factory=dict)  # by sku, in the order first added
    shipping_address: str | None = None
    cancel_reason: str | None = None
    version: int = 0

    @property
    def key(self) -> str:
        return self.order_id

    @property
    def total_cents(self) -> int:
        return sum(line.cents for line in self.lines.values())

    def create(self, user_id: str) -> list[Event]:
        return [e.OrderCreated(self.order_id, user_id)]

    def add_item(self, product: Product, quantity: int) -> list[Event]:
        self._require("draft")
        added = e.OrderItemAdded(
            self.order_id, product.sku, product.name, quantity, product.price_cents
        )
        others = sum(line.cents for line in self.lines.values() if line.sku != product.sku)
        if others + self._line_with(added).cents > MOST_TOTAL_CENTS:
            raise CommandRejected(f"the total of order {self.order_id!r} would exceed 2^53 cents")
        return [added]

    def remove_item(self, sku: str) -> list[Event]:
        self._require("draft")
        if sku not in self.lines:
            raise UnknownId(f"order {self.order_id!r} has no line for {sku!r}")
        return [e.OrderItemRemoved(self.order_id, sku)]

    def change_address(self, address: str) -> list[Event]:
        self._require("draft", "placed")
        if address == self.shipping_address:
            return []
        return [e.ShippingAddressChanged(self.order_id, address)]

    def place(self) -> list[Event]:
        self._require("draft")
        if not self.lines:
            raise EmptyOrder(f"order {self.order_id!r} has no lines")
        lines = tuple(self.lines.values())
        return [e.OrderPlaced(self.order_id, self.user_id, lines, self.total_cents)]

    def ship(self) -> list[Event]:
        self._require("placed")
        return [e.OrderShipped(self.order_id)]

    def cancel(self, reason: str) -> list[Event]:
        self._require("draft", "placed")
        return [e.OrderCancelled(self.order_id, reason)]

    def apply(self, event: Event) -> None:
        match event:
            case e.OrderCreated():
                self.user_id = event.user_id
            case e.OrderItemAdded():
                self.lines[event.sku] = self._line_with(event)
            case e.OrderItemRemoved():
                del self.lines[event.sku]
            case e.ShippingAddressChanged():
                self.shipping_address = event.address
            case e.OrderPlaced():
                self.status = "placed"
            case e.OrderShipped():
                self.status = "shipped"
            case e.OrderCancelled():
                self.status = "cancelled"
                self.cancel_reason = event.reason

    def _require(self, *statuses: str) -> None:
        if self.status not in statuses:
            allowed = " or ".join(statuses)
            raise WrongStatus(f"order {self.order_id!r} is {self.status}, not {allowed}")

    def _line_with(self, added: e.OrderItemAdded) -> OrderLine:
        """Return the product's line with so many more, all at the newest price."""
        before = self.lines[added.sku].quantity if added.sku in self.lines else 0
        return OrderLine(added.sku, added.name, before + added.quantity, added.unit_price_cents)
