"""Commands: instructions to the shop, in the imperative.

A command goes to exactly one handler, returns no data, and may be rejected. The client makes the
ids: that is how a command can return nothing. The first field names the aggregate that the
command is about.
"""

from dataclasses import dataclass

from .fields import Cents, Email, Id, Message, Quantity, Reason, Stock, Text


@dataclass(frozen=True)
class CreateUser(Message):
    """Register a user under an e-mail that nobody else has."""

    user_id: Id
    name: Text
    email: Email


@dataclass(frozen=True)
class RenameUser(Message):
    """Call a user by another name, everywhere and in old orders too."""

    user_id: Id
    name: Text


@dataclass(frozen=True)
class AddProduct(Message):
    """Put a product into the catalogue."""

    sku: Id
    name: Text
    price_cents: Cents
    stock: Stock


@dataclass(frozen=True)
class ChangePrice(Message):
    """Sell a product at another price from now on."""

    sku: Id
    price_cents: Cents


@dataclass(frozen=True)
class Restock(Message):
    """Add pieces of a product to the stock."""

    sku: Id
    quantity: Quantity


@dataclass(frozen=True)
class CreateOrder(Message):
    """Open a draft order for a user."""

    order_id: Id
    user_id: Id


@dataclass(frozen=True)
class AddOrderItem(Message):
    """Put pieces of a product into a draft order, at today's price. Stock is not looked at."""

    order_id: Id
    sku: Id
    quantity: Quantity


@dataclass(frozen=True)
class RemoveOrderItem(Message):
    """Take a product's line out of a draft order."""

    order_id: Id
    sku: Id


@dataclass(frozen=True)
class ChangeShippingAddress(Message):
    """Send an order somewhere else, as long as it has not shipped."""

    order_id: Id
    address: Text


@dataclass(frozen=True)
class PlaceOrder(Message):
    """Buy what is in the order: reserve the stock and charge the customer."""

    order_id: Id


@dataclass(frozen=True)
class ShipOrder(Message):
    """Hand a placed order to the carrier."""

    order_id: Id


@dataclass(frozen=True)
class CancelOrder(Message):
    """Give up an order that has not shipped; the reason may be empty."""

    order_id: Id
    reason: Reason
