"""CQRS in one screen. Run it: python -m cqrs_demo.minimal

A command changes the write model or is refused; an event tells what happened; a projection keeps
a document that has the shape of the answer; a query looks it up and changes nothing.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlaceOrder:  # a command: an instruction, which may be refused
    order_id: str
    product: str
    quantity: int


@dataclass(frozen=True)
class OrderPlaced:  # an event: a fact, which nobody can refuse any more
    order_id: str
    product: str
    quantity: int


@dataclass(frozen=True)
class GetSales:  # a query: a question
    product: str


class Product:
    """The aggregate: it enforces the rule that no more is sold than is there."""

    def __init__(self, stock: int) -> None:
        self.stock = stock

    def sell(self, command: PlaceOrder) -> OrderPlaced:
        if command.quantity > self.stock:
            raise ValueError(f"only {self.stock} left")
        self.stock -= command.quantity
        return OrderPlaced(command.order_id, command.product, command.quantity)


write_store = {"tea": Product(stock=3)}  # normalized: what the rules need
outbox: list[OrderPlaced] = []  # events that wait to be delivered
read_store: dict[str, dict[str, Any]] = {}  # denormalized: what the screen shows


def send(command: PlaceOrder) -> None:
    """The command handler: let the aggregate decide, keep its event, return nothing."""
    outbox.append(write_store[command.product].sell(command))


def deliver() -> None:
    """The projection: bring the document up to date, some time later."""
    while outbox:
        event = outbox.pop(0)
        sales = read_store.setdefault(event.product, {"sold": 0})
        sales["sold"] = sales["sold"] + event.quantity
        sales["last_order"] = event.order_id


def ask(query: GetSales) -> dict[str, Any]:
    """The query handler: answer from the read store alone."""
    return read_store.get(query.product, {})


if __name__ == "__main__":
    send(PlaceOrder("order-1", "tea", 2))
    print("asked too early:", ask(GetSales("tea")))
    deliver()
    print("asked again:    ", ask(GetSales("tea")))
    try:
        send(PlaceOrder("order-2", "tea", 2))
    except ValueError as refusal:
        print("refused:        ", refusal)
