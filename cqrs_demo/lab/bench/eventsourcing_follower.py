"""Our projection "orders" as a Follower of the package `eventsourcing`.

Its SQLite module has no subscriptions, so a Follower that pulls is what there is. The recorder
writes the documents, in the transaction that says how far the Follower has come: the way in which
the package's own examples keep an index.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteProcessRecorder
from eventsourcing.system import Follower

from ...codec import decode_document, encode_document
from .eventsourcing_domain import Order, User

# The decorators have made these classes, which nobody has written down.
orders: Any = Order
users: Any = User


class DocumentsRecorder(SQLiteProcessRecorder):
    """Keeps documents beside what has been processed, in one transaction."""

    UPSERT = "INSERT OR REPLACE INTO documents VALUES (?, ?)"

    def construct_create_table_statements(self) -> list[str]:
        table = "CREATE TABLE IF NOT EXISTS documents (key TEXT PRIMARY KEY, body TEXT NOT NULL)"
        return [*super().construct_create_table_statements(), table]

    def _insert_events(
        self,
        c: Any,
        stored_events: Sequence[StoredEvent],
        documents: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> Sequence[int] | None:
        ids = super()._insert_events(c, stored_events, **kwargs)
        c.executemany(self.UPSERT, documents)
        return ids

    def document(self, key: str) -> dict[str, Any]:
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT body FROM documents WHERE key = ?", (key,))
            return decode_document(c.fetchone()[0])


class Orders(Follower[UUID]):
    """Follows a shop and keeps the documents that our projection "orders" keeps."""

    pull_section_size = 1_000

    def policy(self, domain_event: Any, processing_event: Any) -> None:
        change = CHANGES.get(type(domain_event))
        if change:
            key, document = change(self.recorder, domain_event)
            saved = [(key, encode_document(document))]
            processing_event.collect_events(documents=saved)


def user_created(recorder: Any, event: Any) -> tuple[str, dict[str, Any]]:
    return f"user-{event.user_id}", {"user_id": event.user_id, "name": event.name}


def order_created(recorder: Any, event: Any) -> tuple[str, dict[str, Any]]:
    user = recorder.document(f"user-{event.user_id}")
    return str(event.originator_id), {
        "order_id": event.order_id,
        "user_id": event.user_id,
        "user_name": user["name"],
        "status": "draft",
        "lines": [],
        "total_cents": 0,
        "shipping_address": None,
        "created_at": event.timestamp,
        "placed_at": None,
        "version": event.originator_version,
    }


def order_changed(recorder: Any, event: Any) -> tuple[str, dict[str, Any]]:
    document = recorder.document(str(event.originator_id))
    document["version"] = event.originator_version
    match event:
        case orders.ItemAdded():
            document["lines"].append(
                {
                    "sku": event.sku,
                    "name": event.name,
                    "quantity": event.quantity,
                    "unit_price_cents": event.unit_price_cents,
                }
            )
        case orders.AddressChanged():
            document["shipping_address"] = event.address
        case orders.Placed():
            document.update(status="placed", placed_at=event.timestamp)
        case orders.Shipped():
            document["status"] = "shipped"
        case orders.Cancelled():
            document["status"] = "cancelled"
    lines = document["lines"]
    document["total_cents"] = sum(x["quantity"] * x["unit_price_cents"] for x in lines)
    return str(event.originator_id), document


CHANGES: dict[Any, Any] = {
    users.Created: user_created,
    orders.Created: order_created,
    orders.ItemAdded: order_changed,
    orders.AddressChanged: order_changed,
    orders.Placed: order_changed,
    orders.Shipped: order_changed,
    orders.Cancelled: order_changed,
}
