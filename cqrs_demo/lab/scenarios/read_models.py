"""Read models of our own, and a few functions that a story needs. Any learner could write these:
a query, its answer, its handler, its projection; and some with a mistake in them."""

from dataclasses import dataclass
from typing import Any

from ... import (
    HANDLERS,
    PROJECTIONS,
    QUERIES,
    AddOrderItem,
    CommandRejected,
    OrderPlaced,
    OutOfStock,
    PlaceOrder,
    RecordedEvent,
    Shop,
    StockReserved,
    UserCreated,
)
from ...domain.order import Order
from ...domain.product import Product
from ...read_model.answering import QueryHandler, ReadModels
from ...read_model.documents import Docs
from ...read_model.projections import Project
from ...write_model.work import Work
from ..reactor import PostOffice
from ..shortcuts import document_of

MOST_PIECES = 4  # of one product in one order, since a rule was tightened


# Who has spent most?


@dataclass(frozen=True)
class GetBigSpenders:
    """Who has spent most? Answers Spender objects."""


@dataclass(frozen=True)
class Spender:
    user_id: str
    spent_cents: int


def get_big_spenders(query: GetBigSpenders, read: ReadModels) -> list[Spender]:
    return [Spender(**found) for found in read["big_spenders"].top("spent_cents", 10)]


def count_spending(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    order = recorded.event
    user = docs.get(order.user_id) or {"user_id": order.user_id, "spent_cents": 0}
    user["spent_cents"] += order.total_cents
    docs.put(order.user_id, user)


def count_spending_with_a_bug(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    order = recorded.event
    user = docs.get(order.user_id) or {"user_id": order.user_id, "spent_cents": 0}
    user["spent_cents"] += order.total  # it is called total_cents
    docs.put(order.user_id, user)


# Is an e-mail still free?


@dataclass(frozen=True)
class IsEmailFree:
    """Is this e-mail still free? Answers an EmailView."""

    email: str


@dataclass(frozen=True)
class EmailView:
    email: str
    is_free: bool


def is_email_free(query: IsEmailFree, read: ReadModels) -> EmailView:
    return EmailView(query.email, read["emails"].get(query.email) is None)


def note_email(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    docs.put(recorded.event.email, {"email": recorded.event.email})


# A handler that decides by what the page shows; a rule that was tightened; a mail.


def place_order_by_the_page(shop: Shop, command: PlaceOrder, work: Work) -> None:
    """What one must not do: the documents may be behind, and nobody asks the product."""
    order = work.get(Order, command.order_id)
    placed = order.place()
    for line in order.lines.values():
        if document_of(shop, "catalogue", line.sku)["stock"] < line.quantity:
            raise OutOfStock(f"the page says that {line.sku!r} is sold out")
        product = work.get(Product, line.sku)
        work.save(product, [StockReserved(line.sku, order.key, line.quantity)])
    work.save(order, placed)


def add_a_few_at_most(command: AddOrderItem, work: Work) -> None:
    if command.quantity > MOST_PIECES:
        raise CommandRejected(f"at most {MOST_PIECES} of one product, since March")
    HANDLERS[AddOrderItem](command, work)


def confirm_by_mail(recorded: RecordedEvent[OrderPlaced], post: PostOffice) -> None:
    order = recorded.event
    post.send(f"confirm {order.order_id}", order.user_id, f"Your order {order.order_id} is placed")


OUR_PROJECTIONS: dict[str, dict[type, Project]] = {
    **PROJECTIONS,
    "big_spenders": {OrderPlaced: count_spending},
    "emails": {UserCreated: note_email},
}
OUR_QUERIES: dict[type, QueryHandler] = {
    **QUERIES,
    GetBigSpenders: get_big_spenders,
    IsEmailFree: is_email_free,
}
