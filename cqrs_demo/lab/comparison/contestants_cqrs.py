"""CQRS: the rungs of the ladder, each with what its owner would add for these questions.

Rung 2 asks the tables, in the same SQL as CRUD. Rungs 3 and 4 get two more projections, one
document for each new screen: a user's last orders, and the products that have a word in their
name. Nobody planned to ask who bought a product, so there is no document for that.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ... import open_shop
from ...codec import RecordedEvent, as_dto, decode_document, encode_document, to_text
from ...domain import commands as c
from ...domain import events as e
from ...domain import queries as q
from ...domain.fields import Id, Limit, Message, Text
from ...read_model.answering import ReadModels
from ...read_model.document_queries import QUERIES
from ...read_model.documents import Docs, Document, known, table_of
from ...read_model.orders import remember_name
from ...read_model.projections import PROJECTIONS, Project
from ...storage import Connection
from ..workload.filling import READ, WRITE
from .contestants import FEW, Clock, Entry, Found, Items, summaries
from .contestants_crud import BEST_SELLERS, BUYERS, LAST_ORDERS, SEARCH


@dataclass(frozen=True)
class GetLastOrders(Message):
    """What has this user ordered last? Answers OrderSummary objects, newest first."""

    user_id: Id
    limit: Limit = FEW


@dataclass(frozen=True)
class SearchProducts(Message):
    """Which products have this word in their name? Answers (sku, name) pairs."""

    word: Text


@dataclass(frozen=True)
class GetBuyers(Message):
    """Who ever bought this product? Answers (user_id, name) pairs."""

    sku: Id


# A document for each user: the orders that the user placed last, as the screen shows them.


def enter_last_orders(docs: Docs, recorded: RecordedEvent[e.OrderPlaced]) -> None:
    order = recorded.event
    summary = {
        "order_id": order.order_id,
        "status": "placed",
        "item_count": sum(line.quantity for line in order.lines),
        "total_cents": order.total_cents,
        "placed_at": to_text(recorded.at),
    }
    last = docs.get(order.user_id) or _no_orders(docs, order.user_id)
    by_id = sorted([summary, *last["orders"]], key=lambda order: order["order_id"])
    newest = sorted(by_id, key=lambda order: order["placed_at"], reverse=True)
    docs.put(order.user_id, {**last, "orders": newest[:FEW]})
    docs.lookup("placed").put(order.order_id, {"user_id": order.user_id})


def end_last_order(docs: Docs, recorded: RecordedEvent[e.OrderShipped | e.OrderCancelled]) -> None:
    ended = recorded.event
    placed = docs.lookup("placed").get(ended.order_id)
    if placed is None:
        return  # a draft that was cancelled
    docs.lookup("placed").delete(ended.order_id)
    last = known(docs, placed["user_id"])
    for order in last["orders"]:
        if order["order_id"] == ended.order_id:
            order["status"] = "shipped" if isinstance(ended, e.OrderShipped) else "cancelled"
            docs.put(placed["user_id"], last)


def rename_in_last_orders(docs: Docs, recorded: RecordedEvent[e.UserRenamed]) -> None:
    remember_name(docs, recorded)
    last = docs.get(recorded.event.user_id)
    if last:
        docs.put(recorded.event.user_id, {**last, "user_name": recorded.event.name})


def _no_orders(docs: Docs, user_id: str) -> Document:
    return {"user_id": user_id, "user_name": known(docs.lookup("users"), user_id)["name"],
            "orders": []}  # fmt: skip


# A document for each word: the products that have it in their name.


def index_words(docs: Docs, recorded: RecordedEvent[e.ProductAdded]) -> None:
    product = {"sku": recorded.event.sku, "name": recorded.event.name}
    for word in {word for word in lower(recorded.event.name).split(" ") if word}:
        products = (docs.get(word) or {"products": []})["products"]
        by_sku = sorted([*products, product], key=lambda product: product["sku"])
        docs.put(word, {"word": word, "products": by_sku})


def lower(text: str) -> str:
    """Return text in lower case as SQLite sees it: only the letters A to Z have one."""
    return text.encode().lower().decode()


READ_MODELS: dict[str, dict[type, Project]] = {
    **PROJECTIONS,
    "last_orders": {
        e.UserCreated: remember_name,
        e.UserRenamed: rename_in_last_orders,
        e.OrderPlaced: enter_last_orders,
        e.OrderShipped: end_last_order,
        e.OrderCancelled: end_last_order,
    },
    "product_words": {e.ProductAdded: index_words},
}


# Query handlers on documents (rungs 3 and 4)


def get_last_orders(query: GetLastOrders, read: ReadModels) -> list[q.OrderSummary]:
    last = read["last_orders"].get(query.user_id)
    if last is None:
        return []
    user = {"user_id": last["user_id"], "user_name": last["user_name"]}
    orders = [{**order, **user} for order in last["orders"][: query.limit]]
    return as_dto(orders, list[q.OrderSummary])


def search_products(query: SearchProducts, read: ReadModels) -> Found:
    found = read["product_words"].get(lower(query.word))
    return [(x["sku"], x["name"]) for x in found["products"]] if found else []


def get_buyers(query: GetBuyers, read: ReadModels) -> Found:
    """Look at every order, since no document answers this. As text first, which is fastest."""
    line = encode_document({"sku": query.sku})[1:-1]  # "sku":"p-7", as it stands in a document
    sql = f"SELECT body FROM {table_of('orders')} WHERE kind = '' AND instr(body, ?) > 0"
    read["orders"]  # raises StillStale if it is behind what the caller has seen
    bodies = read.connection.execute(sql, (line,)).fetchall()
    orders = [decode_document(body) for (body,) in bodies]
    placed = [order for order in orders if order["placed_at"]]
    buyers = {
        (order["user_id"], order["user_name"])
        for order in placed
        if any(line["sku"] == query.sku for line in order["lines"])
    }
    return sorted(buyers)


# Query handlers on tables (rung 2)


def select_last_orders(query: GetLastOrders, connection: Connection) -> list[q.OrderSummary]:
    found = connection.execute(LAST_ORDERS, (query.user_id, query.limit))
    return summaries(found.fetchall())


def select_best_sellers(query: q.GetBestSellers, connection: Connection) -> list[q.ProductSales]:
    found = connection.execute(BEST_SELLERS, (query.limit,)).fetchall()
    return [q.ProductSales(*row) for row in found]


def select_products(query: SearchProducts, connection: Connection) -> Found:
    return connection.execute(SEARCH, (query.word,)).fetchall()


def select_buyers(query: GetBuyers, connection: Connection) -> Found:
    return connection.execute(BUYERS, (query.sku,)).fetchall()


ON_DOCUMENTS = {
    **QUERIES,
    GetLastOrders: get_last_orders,
    SearchProducts: search_products,
    GetBuyers: get_buyers,
}
ON_TABLES = {
    **QUERIES,
    q.GetBestSellers: select_best_sellers,  # the same SQL as CRUD has, not the rung's own
    GetLastOrders: select_last_orders,
    SearchProducts: select_products,
    GetBuyers: select_buyers,
}


class OnTheLadder:
    """A rung, used as any client uses it: commands are sent, queries are asked."""

    def __init__(self, folder: Path, clock: Clock, rung: str) -> None:
        urls: dict[str, Any] = {"write": f"sqlite:///{folder / WRITE}"}
        if (folder / READ).exists():
            urls["read"] = f"sqlite:///{folder / READ}"
        queries: Any = ON_DOCUMENTS if "read" in urls else ON_TABLES
        self.shop = open_shop(rung, **urls, clock=clock, projections=READ_MODELS, queries=queries)

    def last_orders(self, user_id: str) -> list[q.OrderSummary]:
        answer: list[q.OrderSummary] = self.shop.ask(GetLastOrders(user_id))
        return answer

    def history(self, user_id: str) -> list[q.OrderSummary]:
        answer: list[q.OrderSummary] = self.shop.ask(q.GetOrderHistory(user_id))
        return answer

    def order(self, order_id: str) -> q.OrderView:
        answer: q.OrderView = self.shop.ask(q.GetOrder(order_id))
        return answer

    def best_sellers(self) -> list[q.ProductSales]:
        answer: list[q.ProductSales] = self.shop.ask(q.GetBestSellers(FEW))
        return answer

    def recent_orders(self) -> list[q.OrderSummary]:
        answer: list[q.OrderSummary] = self.shop.ask(q.GetRecentOrders(FEW))
        return answer

    def search(self, word: str) -> Found:
        answer: Found = self.shop.ask(SearchProducts(word))
        return answer

    def buyers(self, sku: str) -> Found:
        answer: Found = self.shop.ask(GetBuyers(sku))
        return answer

    def draft(self, order_id: str, user_id: str, items: Items) -> None:
        self.shop.send(c.CreateOrder(order_id, user_id))
        for sku, quantity in items:
            self.shop.send(c.AddOrderItem(order_id, sku, quantity))

    def place(self, order_id: str) -> None:
        self.shop.send(c.PlaceOrder(order_id))

    def rename(self, user_id: str, name: str) -> None:
        self.shop.send(c.RenameUser(user_id, name))

    def catch_up(self) -> None:
        self.shop.deliver()

    def rebuild(self) -> bool:
        for name in self.shop.projections:
            self.shop.rebuild(name)
        return bool(self.shop.projections)

    def close(self) -> None:
        self.shop.close()


def _rung(rung: str, label: str, short: str, told: str) -> Entry:
    return Entry(rung, label, short, "CQRS", rung, told, partial(OnTheLadder, rung=rung))


ENTRIES = (
    Entry(
        "crud-rung",
        "CRUD, rung 1",
        "rung 1",
        "CRUD",
        "crud",
        "forms that load and save rows, in the same program and with the same checks as the rungs "
        "below: what separates it from them is the pattern alone",
        partial(OnTheLadder, rung="crud"),
    ),
    _rung(
        "one-database",
        "CQRS, one database",
        "one db",
        "commands and aggregates; queries read the tables that commands write",
    ),
    _rung(
        "two-stores",
        "CQRS, two stores",
        "2 stores",
        "the same, with an outbox and documents that projections keep for the queries",
    ),
    _rung(
        "event-sourced",
        "CQRS, event-sourced",
        "events",
        "the same documents, and events instead of tables",
    ),
)
