"""Command handlers: one a command. Load, let the aggregate decide, save.

A handler holds no rules itself. It runs in one transaction on the write store and returns
nothing; an exception rolls everything back. `HANDLERS` is a plain dict: copy it, change it and
pass it to `open_shop`.
"""

from collections.abc import Callable
from typing import Any

from ..domain import commands as c
from ..domain.order import Order
from ..domain.product import Product
from ..domain.user import User
from .work import Work


def create_user(command: c.CreateUser, work: Work) -> None:
    user = work.new(User, command.user_id)
    work.claim_email(command.user_id, command.email)
    work.save(user, user.create(command.name, command.email))


def rename_user(command: c.RenameUser, work: Work) -> None:
    user = work.get(User, command.user_id)
    work.save(user, user.rename(command.name))


def add_product(command: c.AddProduct, work: Work) -> None:
    product = work.new(Product, command.sku)
    work.save(product, product.add(command.name, command.price_cents, command.stock))


def change_price(command: c.ChangePrice, work: Work) -> None:
    product = work.get(Product, command.sku)
    work.save(product, product.change_price(command.price_cents))


def restock(command: c.Restock, work: Work) -> None:
    product = work.get(Product, command.sku)
    work.save(product, product.restock(command.quantity))


def create_order(command: c.CreateOrder, work: Work) -> None:
    user = work.get(User, command.user_id)
    order = work.new(Order, command.order_id)
    work.save(order, order.create(user.user_id))


def add_order_item(command: c.AddOrderItem, work: Work) -> None:
    order = work.get(Order, command.order_id)
    product = work.get(Product, command.sku)
    work.save(order, order.add_item(product, command.quantity))


def remove_order_item(command: c.RemoveOrderItem, work: Work) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, order.remove_item(command.sku))


def change_shipping_address(command: c.ChangeShippingAddress, work: Work) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, order.change_address(command.address))


def place_order(command: c.PlaceOrder, work: Work) -> None:
    """Place an order, reserve its stock and charge for it, in one transaction.

    Changing several aggregates at once is done on purpose: overselling must be impossible *now*.
    The alternative, one transaction an aggregate and a process manager that releases the stock
    when a later step fails, lets two customers believe for a while that they got the last piece.

    Products go in sku order, so that two orders never wait for each other in a circle. By the
    time of the charge, the last call before the commit, every conflict has surfaced.
    """
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


def ship_order(command: c.ShipOrder, work: Work) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, order.ship())


def cancel_order(command: c.CancelOrder, work: Work) -> None:
    """Cancel an order; if it was placed, release its stock and give the money back."""
    order = work.get(Order, command.order_id)
    cancelled = order.cancel(command.reason)
    was_placed = order.status == "placed"
    if was_placed:
        for sku in sorted(order.lines):
            product = work.get(Product, sku)
            work.save(product, product.release(order.order_id, order.lines[sku].quantity))
    work.save(order, cancelled)
    if was_placed:
        work.payments.refund(order.order_id, order.total_cents)


Handler = Callable[[Any, Any], object]  # whoever returns anything but None is told so

HANDLERS: dict[type, Handler] = {
    c.CreateUser: create_user,
    c.RenameUser: rename_user,
    c.AddProduct: add_product,
    c.ChangePrice: change_price,
    c.Restock: restock,
    c.CreateOrder: create_order,
    c.AddOrderItem: add_order_item,
    c.RemoveOrderItem: remove_order_item,
    c.ChangeShippingAddress: change_shipping_address,
    c.PlaceOrder: place_order,
    c.ShipOrder: ship_order,
    c.CancelOrder: cancel_order,
}
