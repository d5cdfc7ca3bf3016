"""A workload made of the orders that a shop has, such as those that were imported into it.

    workload = imported("sqlite:///shop.db")     # filled by: python -m cqrs_demo import ...

The users, products, lines, prices and times are the shop's. Stock is not: what is needed is bought,
as in generated workloads. The shop is only read.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ...codec import to_time
from ...domain import order as domain
from ...domain import product, user
from ...domain.errors import ShopError
from ...hops import Hops
from ...ladder import LADDER
from ...shop import Shop
from ...storage.urls import open_store, split_url
from . import Line, Order, Product, User, Workload, recorded_as
from .ledger import Ledger, LedgerWork, NoMoney


def imported(database: str) -> Workload:
    """Return what a shop has sold as a workload. `database` is a file, or an address.

    Raises ShopError if there is no shop, or none with orders.
    """
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    url = database if "://" in database else f"sqlite:///{database}"
    rung = rung_of(url)
    with open_shop(rung, write=url) as shop:
        return from_events(shop) if rung == "event-sourced" else from_tables(shop)


def rung_of(url: str) -> str:
    """Return the rung of the shop at an address. Raises ShopError if there is none."""
    scheme, path = split_url(url, "database")
    if scheme == "sqlite" and not Path(path.removeprefix("/")).is_file():
        raise ShopError(f"{path.removeprefix('/')}: there is no such file")
    store = open_store(url, "write", "write_store", Hops())
    try:
        with store.reading() as connection:
            sql = "SELECT architecture FROM shop_stores WHERE side = 'write'"
            found = connection.execute(sql).fetchone()
    except ShopError as error:
        raise ShopError(f"{store.name}: holds no shop") from error
    finally:
        store.close()
    if found is None or found[0] not in LADDER:
        raise ShopError(f"{store.name}: holds no shop")
    return str(found[0])


def from_tables(shop: Shop) -> Workload:
    """Read rungs 1 to 3."""
    tables = shop.tables()
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(tables["order_lines"], key=lambda row: row["line_no"]):
        lines[row["order_id"]].append(Line(row["sku"], row["quantity"], row["unit_price_cents"]))
    users = [User(row["user_id"], row["name"], row["email"]) for row in tables["users"]]
    products = [Product(row["sku"], row["name"], row["price_cents"]) for row in tables["products"]]
    orders = [
        as_order(
            (row["order_id"], row["user_id"], tuple(lines[row["order_id"]])),
            row["shipping_address"],
            row["status"],
            row,
        )
        for row in tables["orders"]
        if lines[row["order_id"]]
    ]
    return checked(users, products, orders)


def from_events(shop: Shop) -> Workload:
    """Read rung 4: fold its events."""
    ledger, payments = Ledger(), NoMoney()
    for recorded in shop.events():
        nothing: Any = None
        outside: Any = payments
        ids = recorded.command_id, recorded.correlation_id
        work = LedgerWork(nothing, recorded.at, *ids, outside, Hops(), ledger, [])
        work.replay(recorded)
    users, products, orders = (
        ledger.aggregates[kind].values() for kind in (user.User, product.Product, domain.Order)
    )
    return checked(
        [User(x.user_id, x.name, x.email) for x in users],
        [Product(x.sku, x.name, x.price_cents) for x in products],
        [_folded(x, ledger.times[x.order_id]) for x in orders if x.lines],
    )


def _folded(order: domain.Order, times: Any) -> Order:
    lines = tuple(Line(x.sku, x.quantity, x.unit_price_cents) for x in order.lines.values())
    which = (order.order_id, order.user_id, lines)
    return as_order(which, order.shipping_address, order.status, times)


def as_order(
    which: tuple[str, str, tuple[Line, ...]], address: str | None, status: str, times: Any
) -> Order:
    """Return an order; when it ended is not known, so it ended when it was placed."""
    created: datetime = to_time(times["created_at"])
    placed = to_time(times["placed_at"]) if times.get("placed_at") else None
    ended = (placed or created) if status in ("shipped", "cancelled") else None
    return Order(*which, address, created, placed, status if ended else "", ended)


def checked(users: list[User], products: list[Product], orders: Iterable[Order]) -> Workload:
    """Return the workload, once it is sure that there are orders."""
    found = list(orders)
    if not found:
        raise ShopError("the shop has no orders with anything in them")
    return recorded_as(users, products, found)
