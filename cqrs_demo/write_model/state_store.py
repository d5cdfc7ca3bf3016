"""Rungs 2 and 3: aggregates are stored as they are now, in the normalized tables.

What an aggregate decided becomes rows that replace the old ones. With an outbox (rung 3) the
events are stored too, in the same transaction; without one (rung 2) they are forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from ..codec import to_text
from ..domain import events as e
from ..domain.errors import ConcurrencyConflict
from ..domain.order import Order
from ..domain.product import Product
from ..domain.user import User
from ..storage.tables import load_row, require_free_email, save_row, select_lines
from .event_log import EventLog
from .work import A, Aggregate, Work, stream_of

STORED_IN = {User: "users", Product: "products", Order: "orders"}
# Each attribute has a column of its name, but the lines of an order have a table of their own.
COLUMNS = {kind: [f.name for f in fields(kind) if f.name != "lines"] for kind in STORED_IN}
# These columns are no attributes: they keep the time of an event.
WRITTEN_BY = {e.OrderCreated: "created_at", e.OrderPlaced: "placed_at"}

PUT_LINE = """INSERT INTO order_lines (order_id, sku, line_no, quantity, unit_price_cents)
    SELECT ?, ?, COALESCE(MAX(line_no), 0) + 1, ?, ? FROM order_lines WHERE order_id = ?
    ON CONFLICT (order_id, sku) DO UPDATE SET quantity = excluded.quantity,
        unit_price_cents = excluded.unit_price_cents"""
DELETE_LINE = "DELETE FROM order_lines WHERE order_id = ? AND sku = ?"


@dataclass
class StateWork(Work):
    """One command's transaction on the normalized tables, and on the outbox if there is one."""

    outbox: EventLog | None = None

    def claim_email(self, user_id: str, email: str) -> None:
        require_free_email(self.connection, user_id, email)

    def _load(self, kind: type[A], key: str) -> A:
        row = load_row(self.connection, STORED_IN[kind], COLUMNS[kind], key)
        aggregate = kind(**row) if row else kind(key)
        if isinstance(aggregate, Order):
            lines = select_lines(self.connection, key)
            aggregate.lines = {line[0]: e.OrderLine(*line) for line in lines}
        return aggregate

    def _store(self, aggregate: Aggregate, events: Sequence[e.Event], loaded_version: int) -> None:
        row = {column: getattr(aggregate, column) for column in COLUMNS[type(aggregate)]}
        for event in events:
            if type(event) in WRITTEN_BY:
                row[WRITTEN_BY[type(event)]] = to_text(self.at)
        if not save_row(self.connection, STORED_IN[type(aggregate)], row, loaded_version):
            raise ConcurrencyConflict(f"somebody else changed {aggregate.key!r} first")
        if isinstance(aggregate, Order):
            self._store_lines(aggregate, events)
        if self.outbox:
            self.outbox.append(self, stream_of(aggregate), loaded_version, events)

    def _store_lines(self, order: Order, events: Sequence[e.Event]) -> None:
        """Write only the lines that changed: orders can be long."""
        skus = [x.sku for x in events if isinstance(x, e.OrderItemAdded | e.OrderItemRemoved)]
        for sku in skus:
            line = order.lines.get(sku)
            if line:
                values = (order.key, sku, line.quantity, line.unit_price_cents, order.key)
                self.connection.execute(PUT_LINE, values)
            else:
                self.connection.execute(DELETE_LINE, (order.key, sku))
