"""Events: facts about what happened, in the past tense.

An event is never changed and never refused; nothing here checks anything.
"""

from dataclasses import dataclass
from typing import Any

KINDS: dict[str, Any] = {}  # every kind of event by its name


class Event:
    """Something that has happened."""

    def __init_subclass__(cls) -> None:
        known = KINDS.setdefault(cls.__name__, cls)
        if known.__module__ == __name__ != cls.__module__:
            raise TypeError(f"there is an event {cls.__name__} already, and logs are full of it")
        KINDS[cls.__name__] = cls  # the newest, should a notebook cell be run again


@dataclass(frozen=True)
class Unreadable(Event):
    """Stands for an event in the log that this program cannot read, and says why."""

    error: str


@dataclass(frozen=True)
class OrderLine:
    """One product of an order, at the price it had when it was added (whole cents)."""

    sku: str
    name: str
    quantity: int
    unit_price_cents: int

    @property
    def cents(self) -> int:
        return self.quantity * self.unit_price_cents


@dataclass(frozen=True)
class UserCreated(Event):
    user_id: str
    name: str
    email: str


@dataclass(frozen=True)
class UserRenamed(Event):
    user_id: str
    name: str


@dataclass(frozen=True)
class ProductAdded(Event):
    sku: str
    name: str
    price_cents: int
    stock: int


@dataclass(frozen=True)
class PriceChanged(Event):
    sku: str
    price_cents: int


@dataclass(frozen=True)
class ProductRestocked(Event):
    sku: str
    quantity: int


@dataclass(frozen=True)
class StockReserved(Event):
    sku: str
    order_id: str
    quantity: int


@dataclass(frozen=True)
class StockReleased(Event):
    sku: str
    order_id: str
    quantity: int


@dataclass(frozen=True)
class OrderCreated(Event):
    order_id: str
    user_id: str


@dataclass(frozen=True)
class OrderItemAdded(Event):
    """`quantity` more of a product; the whole line now costs `unit_price_cents` a piece."""

    order_id: str
    sku: str
    name: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True)
class OrderItemRemoved(Event):
    order_id: str
    sku: str


@dataclass(frozen=True)
class ShippingAddressChanged(Event):
    order_id: str
    address: str


@dataclass(frozen=True)
class OrderPlaced(Event):
    """The lines travel along, so that whoever listens need not ask back."""

    order_id: str
    user_id: str
    lines: tuple[OrderLine, ...]
    total_cents: int


@dataclass(frozen=True)
class OrderShipped(Event):
    order_id: str


@dataclass(frozen=True)
class OrderCancelled(Event):
    """Its first version had no reason; codec.py tells how such old events are read."""

    order_id: str
    reason: str
