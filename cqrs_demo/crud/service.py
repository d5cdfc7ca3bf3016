"""The same commands on forms: load, change, save, in one transaction.

It is an adapter, so that the same scenarios and tests run on every rung. Look at what became of
the intentions: every function ends in saving a row, and the rules live between the lines.
"""

from typing import Any

from ..codec import to_text
from ..domain import commands as c
from ..domain import errors as x
from ..domain.order import MOST_TOTAL_CENTS
from ..storage.tables import Row
from ..write_model.handlers import Handler
from ..write_model.state_store import STORED_IN
from ..write_model.work import A, Transaction
from .forms import load_form, save_form, version_of


class Service(Transaction):
    """What a form-saving function works with: one transaction on the tables."""

    def load(self, table: str, key: str) -> Row:
        row = load_form(self.connection, table, key)
        if row is None:
            raise x.UnknownId(f"there is no {table.removesuffix('s')} {key!r}")
        self.announce("load", "write_store", "one_model", row)
        return row

    def save(self, table: str, row: Row) -> None:
        save_form(self.connection, table, row)
        self.announce("save", "one_model", "write_store", row)

    def insert(self, table: str, key: str, row: Row) -> None:
        if version_of(self.connection, table, key):
            raise x.AlreadyExists(f"the {table.removesuffix('s')} {key!r} is there already")
        self.save(table, row)

    def update(self, table: str, key: str, **changes: Any) -> None:
        """Load a row, change some of its fields, save it whole; or not, if nothing changes."""
        row = self.load(table, key)
        if any(row[field] != value for field, value in changes.items()):
            self.save(table, {**row, **changes})

    def version(self, kind: type[A], key: str) -> int:
        """Return the version of the row that stands for an aggregate, 0 if it is missing."""
        return version_of(self.connection, STORED_IN[kind], key)


def create_user(command: c.CreateUser, service: Service) -> None:
    service.insert("users", command.user_id, vars(command))


def rename_user(command: c.RenameUser, service: Service) -> None:
    service.update("users", command.user_id, name=command.name)


def add_product(command: c.AddProduct, service: Service) -> None:
    service.insert("products", command.sku, vars(command))


def change_price(command: c.ChangePrice, service: Service) -> None:
    service.update("products", command.sku, price_cents=command.price_cents)


def restock(command: c.Restock, service: Service) -> None:
    product = service.load("products", command.sku)
    service.save("products", {**product, "stock": product["stock"] + command.quantity})


def create_order(command: c.CreateOrder, service: Service) -> None:
    service.load("users", command.user_id)
    row = {**vars(command), "status": "draft", "created_at": to_text(service.at), "lines": []}
    empty = dict.fromkeys(("shipping_address", "cancel_reason", "placed_at"))
    service.insert("orders", command.order_id, row | empty)


def add_order_item(command: c.AddOrderItem, service: Service) -> None:
    order = service.load("orders", command.order_id)
    product = service.load("products", command.sku)
    _require(order, "draft")
    line = next((line for line in order["lines"] if line["sku"] == command.sku), None)
    if line is None:
        line = {"sku": command.sku, "quantity": 0}
        order["lines"].append(line)
    line["quantity"] += command.quantity
    line["unit_price_cents"] = product["price_cents"]
    if _total_cents(order) > MOST_TOTAL_CENTS:
        raise x.CommandRejected(f"the total of order {command.order_id!r} would exceed 2^53 cents")
    service.save("orders", order)


def remove_order_item(command: c.RemoveOrderItem, service: Service) -> None:
    order = service.load("orders", command.order_id)
    _require(order, "draft")
    kept = [line for line in order["lines"] if line["sku"] != command.sku]
    if kept == order["lines"]:
        raise x.UnknownId(f"order {command.order_id!r} has no line for {command.sku!r}")
    service.save("orders", {**order, "lines": kept})


def change_shipping_address(command: c.ChangeShippingAddress, service: Service) -> None:
    _require(service.load("orders", command.order_id), "draft", "placed")
    service.update("orders", command.order_id, shipping_address=command.address)


def place_order(command: c.PlaceOrder, service: Service) -> None:
    order = service.load("orders", command.order_id)
    _require(order, "draft")
    if not order["lines"]:
        raise x.EmptyOrder(f"order {command.order_id!r} has no lines")
    for line in sorted(order["lines"], key=lambda line: line["sku"]):
        product = service.load("products", line["sku"])
        wanted, stock = line["quantity"], product["stock"]
        if wanted > stock:
            raise x.OutOfStock(f"{wanted} of {line['sku']!r} wanted, {stock} in stock")
        service.save("products", {**product, "stock": stock - wanted})
    service.save("orders", {**order, "status": "placed", "placed_at": to_text(service.at)})
    service.payments.charge(command.order_id, _total_cents(order))


def ship_order(command: c.ShipOrder, service: Service) -> None:
    _require(service.load("orders", command.order_id), "placed")
    service.update("orders", command.order_id, status="shipped")


def cancel_order(command: c.CancelOrder, service: Service) -> None:
    order = service.load("orders", command.order_id)
    _require(order, "draft", "placed")
    if order["status"] == "placed":
        for line in sorted(order["lines"], key=lambda line: line["sku"]):
            product = service.load("products", line["sku"])
            service.save("products", {**product, "stock": product["stock"] + line["quantity"]})
    service.save("orders", {**order, "status": "cancelled", "cancel_reason": command.reason})
    if order["status"] == "placed":
        service.payments.refund(command.order_id, _total_cents(order))


def _require(order: Row, *statuses: str) -> None:
    if order["status"] not in statuses:
        allowed = " or ".join(statuses)
        raise x.WrongStatus(f"order {order['order_id']!r} is {order['status']}, not {allowed}")


def _total_cents(order: Row) -> int:
    return sum(line["quantity"] * line["unit_price_cents"] for line in order["lines"])


CRUD_HANDLERS: dict[type, Handler] = {
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
