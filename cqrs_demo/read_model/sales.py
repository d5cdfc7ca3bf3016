"""Projections for the shopkeeper: what sells best, and how much each day.

A cancelled order does not count. Its event names only the order, so each projection remembers
what an order added until it ships; from then on it cannot be cancelled.
"""

from typing import Any

from ..codec import RecordedEvent
from ..domain import events as e
from .documents import Docs, Document


def count_products(docs: Docs, recorded: RecordedEvent[e.OrderPlaced]) -> None:
    order = recorded.event
    lines = [{**vars(x), "revenue_cents": x.cents} for x in order.lines]
    docs.lookup("placed").put(order.order_id, {"order_id": order.order_id, "lines": lines})
    for line in lines:
        shown = {name: line[name] for name in ("sku", "name", "quantity", "revenue_cents")}
        _add(docs, line["sku"], shown, "quantity")


def discount_products(docs: Docs, recorded: RecordedEvent[e.OrderCancelled]) -> None:
    placed = _take_back(docs, recorded.event.order_id)
    for line in placed["lines"] if placed else ():
        _add(docs, line["sku"], line, "quantity", sign=-1)


def count_day(docs: Docs, recorded: RecordedEvent[e.OrderPlaced]) -> None:
    order = recorded.event
    day = recorded.at.date().isoformat()
    sales = {"day": day, "orders": 1, "revenue_cents": order.total_cents}
    docs.lookup("placed").put(order.order_id, {"order_id": order.order_id, **sales})
    _add(docs, day, sales, "orders")


def discount_day(docs: Docs, recorded: RecordedEvent[e.OrderCancelled]) -> None:
    placed = _take_back(docs, recorded.event.order_id)
    if placed:
        _add(docs, placed["day"], placed, "orders", sign=-1)


def forget_order(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    docs.lookup("placed").delete(recorded.event.order_id)


def _take_back(docs: Docs, order_id: str) -> Document | None:
    """Return what the order had added, and forget it; None for a draft."""
    placed = docs.lookup("placed").get(order_id)
    docs.lookup("placed").delete(order_id)
    return placed


def _add(docs: Docs, key: str, sales: Document, count: str, sign: int = 1) -> None:
    """Add what was sold to a document's numbers, or take it away again if `sign` is -1."""
    total = docs.get(key) or {**sales, count: 0, "revenue_cents": 0}
    total[count] += sign * sales[count]
    total["revenue_cents"] += sign * sales["revenue_cents"]
    if total[count] > 0:
        docs.put(key, total)
    else:
        docs.delete(key)  # nothing is left that counts
